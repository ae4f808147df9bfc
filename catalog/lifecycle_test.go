package catalog

import (
	"testing"
	"time"
)

func TestHowFree(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		said SaidBy
		want string
	}{
		{SaidBy{"free", "free", "free"}, "x.example is free by RDAP, WHOIS and DNS"},
		{
			SaidBy{"free", "no-answer", "free"},
			"x.example is free by RDAP and DNS; WHOIS does not confirm it and a reserved name can look the same",
		},
		{
			SaidBy{"no-answer", "free", "free"},
			"x.example is free by WHOIS and DNS; RDAP does not confirm it and a reserved name can look the same",
		},
		{
			SaidBy{"", "free", "free"},
			"x.example is free by WHOIS and DNS; no RDAP server is known and a reserved name can look the same",
		},
		{
			SaidBy{"free", "free", "no-answer"},
			"x.example is free by RDAP and WHOIS; the DNS could not be asked and a delegation would decide",
		},
		{
			SaidBy{"free", "free", "unclear"},
			"x.example is free by RDAP and WHOIS; the parent zone has the name without a delegation",
		},
		{
			SaidBy{"free", "no-answer", "no-answer"},
			"x.example is free by RDAP alone; WHOIS does not confirm it, the DNS could not be asked and a reserved name " +
				"can " +
				"look the same",
		},
		{
			SaidBy{"no-answer", "no-answer", "free"},
			"x.example is not delegated; RDAP and WHOIS do not confirm that it is free, and a registered or reserved " +
				"name " +
				"without name servers looks the same",
		},
		{
			SaidBy{"no-answer", "", "free"},
			"x.example is not delegated; RDAP and WHOIS do not confirm that it is free, and a registered or reserved " +
				"name " +
				"without name servers looks the same",
		},
		{SaidBy{"no-answer", "no-answer", "no-answer"}, ""},
		{SaidBy{"free", "free", "registered"}, ""},
		{SaidBy{"free", "reserved", "free"}, ""},
		{SaidBy{"registered", "", "free"}, ""},
	} {
		if got := HowFree("x.example", tt.said); got != tt.want {
			t.Errorf("%+v\n got %q\nwant %q", tt.said, got, tt.want)
		}
	}
}

func TestStageDate(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 1, 5, 9, 0, 0, 0, time.UTC)
	for want, got := range map[string]string{
		"2027-01-05":                     StageDate(at, at.AddDate(0, 0, 1), false),
		"about 2027-01-05":               StageDate(at, at.AddDate(0, 0, 1), true),
		"about 2027-01-05 to 2027-02-19": StageDate(at, at.AddDate(0, 0, 45), true),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
