package report_test

import (
	"regexp"
	"strings"
	"testing"

	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// TestSpans shows which parts of a sentence a ticket has as code, and that nothing of the sentence is lost on the
// way.
func TestSpans(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, sentence, want string }{
		{"plain words", "the record is not published", "The record is not published."},
		{"a name", "shop.example.com leads nowhere", "`shop.example.com` leads nowhere."},
		{
			"a name at the end of a clause", "the zone of shop.example.com: nothing, yet",
			"The zone of `shop.example.com`: nothing, yet.",
		},
		{"in brackets", "an address (192.0.2.1) and a type (TXT)", "An address (`192.0.2.1`) and a type (TXT)."},
		{
			"quoted", `type only "_verify" into "Name": it adds the rest`,
			"Type only `_verify` into `Name`: it adds the rest.",
		},
		{"quoted with a space that matters", `the value is "tok "`, "The value is `\"tok \"`."},
		{
			"the value of a CAA record",
			`add it: CAA 0 issue "amazon.com"; the set is 0 issuewild ";" (0 iodef "mailto:a@b.example")`,
			"Add it: CAA `0 issue \"amazon.com\"`; the set is `0 issuewild \";\"` (`0 iodef \"mailto:a@b.example\"`).",
		},
		{
			"a value to enter with its quotes", `add: type TXT, Record name _verify, Value "tok-1" "tok-2", TTL 300`,
			"Add: type TXT, Record name `_verify`, Value `\"tok-1\"` `\"tok-2\"`, TTL 300.",
		},
		{
			"a value that is only quoted", `type CNAME is right, but the value "tok-1" is not, at 2 servers "a"`,
			"Type CNAME is right, but the value `tok-1` is not, at 2 servers `a`.",
		},
		{"a menu", "at the host (Domains > DNS)", `At the host (Domains \> DNS).`},
		{"a mention", "ask @octocat about #12", "Ask `@octocat` about `#12`."},
		{"a link", "see https://evil.example/x", "See `https://evil.example/x`."},
		{"backticks", "it holds `x``y`", "It holds ``` `x``y` ```."},
		{"an element", "<img src=x> here", "`<img` `src=x>` here."},
		{"emphasis", "*bold* and _this_", "`*bold*` and `_this_`."},
		{"hours and dates", "until 14:32 at the latest, on 2026-02-22", "Until 14:32 at the latest, on 2026-02-22."},
	}
	line := regexp.MustCompile(`(?m)^### .*\n\n(.*)\n`)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := sampleFinding("record.missing", "record", "records", "fail", "tenant")
			f.Summary = tt.sentence
			out := write(t, "markdown", []wire.Domain{domain("a.example", "fail", f)}, func(r *report.Run) {
				r.Tenant = nil
			})
			m := line.FindStringSubmatch(out)
			if m == nil || m[1] != tt.want {
				t.Errorf("%q, want %q", m, tt.want)
			}
			bare := strings.NewReplacer("`", "", `\`, "", `"`, "", " ", "").Replace
			if m != nil && !strings.EqualFold(bare(m[1]), bare(tt.sentence)+".") {
				t.Errorf("%q lost something of %q", m[1], tt.sentence)
			}
		})
	}
}
