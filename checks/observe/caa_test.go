package observe

import (
	"strings"
	"testing"

	"github.com/miekg/dns"

	"domdoc/catalog/causes"
)

func TestCAAVerdicts(t *testing.T) {
	t.Parallel()
	const account = "amazon.com; accounturi="
	for _, tt := range []struct {
		wildcard bool
		set      string // records, separated by "|"
		want     causes.CAAVerdict
		detail   string
	}{
		{false, `0 issue "amazon.com"`, causes.CAAAllowed, ""},
		{false, `0 issue "pki.goog; a_b=1"`, causes.CAAForbidden, ""},
		{false, `0 issue "amazon.com; a_b=1"`, causes.CAAMalformed, "position 14"},
		{false, `0 issue "amazon.com; a_b=1"|0 issue "awstrust.com"`, causes.CAAAllowed, ""},
		{false, `0 issue "awstrust.com"|0 issue "amazon.com; a_b=1"`, causes.CAAAllowed, ""},
		{false, `0 issue ";"|0 issue "amazon.com letsencrypt.org"`, causes.CAAMalformed, "a space"},
		{true, `0 issue "amazon.com"|0 issuewild "amazon.com."`, causes.CAAMalformed, "ends in a dot"},
		{false, `0 issue "` + account + `https://acme.example/1"`, causes.CAAParameters, "acme.example"},
		{false, `0 issue "` + account + `https://acme.amazontrust.com/acct/1"`, causes.CAAAllowed, ""},
		{false, `0 issue "` + account + `arn:aws:acm:123"`, causes.CAAAllowed, ""},
		{false, `0 issue "` + account + `x; accounturi=y"`, causes.CAAParameters, "several accounturi"},
		{false, `0 issue "amazon.com; validationmethods=http-01"`, causes.CAAParameters, "http-01"},
		{false, `0 issue "amazon.com; validationmethods="`, causes.CAAParameters, "empty"},
		{false, `0 issue "amazon.com; validationmethods=http-01,dns-01"`, causes.CAAAllowed, ""},
		{false, `0 issue "amazon.com; validationmethods=ca-dns"`, causes.CAAAllowed, ""},
		{false, `0 issue "amazon.com; validationmethods=http-01"|0 issue "amazon.com"`, causes.CAAAllowed, ""},
		{false, `1 isue "x"|0 issue "amazon.com"`, causes.CAAAllowed, ""},
		{false, `129 isue "x"|0 issue "amazon.com"`, causes.CAACritical, ""},
	} {
		c := &CAA{Owner: "z.example"}
		for v := range strings.SplitSeq(tt.set, "|") {
			rr, err := dns.NewRR("z.example. 300 IN CAA " + v)
			if err != nil {
				t.Fatal(err)
			}
			c.Records = append(c.Records, rr.(*dns.CAA))
		}
		c.judge(tt.wildcard)
		if c.Verdict != tt.want || !strings.Contains(c.Detail, tt.detail) || tt.detail == "" && c.Detail != "" {
			t.Errorf("%s: %s, %q; want %s, %q", tt.set, c.Verdict, c.Detail, tt.want, tt.detail)
		}
		if hint := strings.Contains(c.Sentence(), "the critical flag is 128"); hint != strings.HasPrefix(tt.set, "1 ") {
			t.Errorf("%s: %s", tt.set, c.Sentence())
		}
	}
}
