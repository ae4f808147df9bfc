package api

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const fullRecord = `{"id":"r-1","type":"CNAME","name":"shop.example.com","value":"d111111abcdef8.cloudfront.net",
"ttl":300,"priority":null}`

func TestRecords(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"bare": `[` + fullRecord + `]`, "data": `{"data":[` + fullRecord + `]}`,
		"data.items": `{"data":{"items":[` + fullRecord + `]}}`, "items": `{"items":[` + fullRecord + `]}`,
		"records": `{"data":{"records":[` + fullRecord + `]}}`,
	} {
		got, err := asking(t, answers(200, body)).Records(t.Context(), "d-1")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := []Record{{
			ID: "r-1", Type: "CNAME", Name: "shop.example.com", Value: "d111111abcdef8.cloudfront.net",
			TTL: ptr(300), Raw: []byte(fullRecord),
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got, err := asking(t, answers(200, `[]`)).Records(t.Context(), "d-1"); err != nil || got == nil ||
		len(got) != 0 {
		t.Errorf("none: %v, %v", got, err)
	}
	_, err := asking(t, answers(404, `{"errorCode":"DOMAIN_001","message":"m"}`)).Records(t.Context(), "d-1")
	failure(t, err, KindNotFound)
}

// TestRecordTTL: what the service holds is judged elsewhere, so a TTL that breaks the rules must come through.
func TestRecordTTL(t *testing.T) {
	t.Parallel()
	for ttl, want := range map[string]*int{
		`0`: ptr(0), `-1`: ptr(-1), `"86401"`: ptr(86401), `59`: ptr(59),
		`null`: nil, `"auto"`: nil,
	} {
		got, err := asking(t, answers(200, strings.Replace(`[`+fullRecord+`]`, `300`, ttl, 1))).Records(t.Context(),
			"d-1")
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %v, %v", ttl, got, err)
		}
		if diff := cmp.Diff(want, got[0].TTL); diff != "" {
			t.Errorf("%s: %s", ttl, diff)
		}
		if got[0].Value == "" {
			t.Errorf("%s: the value is lost", ttl)
		}
	}
	got := decodeRecord([]byte(`{"type":"MX","value":"mx.example.com","priority":"10"}`))
	if diff := cmp.Diff(Record{Type: "MX", Value: "mx.example.com", Priority: ptr(10)}, got,
		cmpopts.IgnoreFields(Record{}, "Raw")); diff != "" {
		t.Error(diff)
	}
}
