package dashboard

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"domdoc/checks/finding"

	"domdoc/api"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/reportfile"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/tab"

	"domdoc/catalog"
)

// texts are the texts that can be copied now.
func (b *bench) texts() []string {
	var out []string
	for _, c := range b.copyables() {
		out = append(out, c.Text)
	}
	return out
}

// TestCopyables checks what each tab lets one copy: raw values, the first of which belongs to what is selected.
func TestCopyables(t *testing.T) {
	t.Parallel()
	const record = `_verify.shop.topaz.example. 300 IN TXT "tok-83000004"`
	for name, c := range map[string]struct {
		story string
		keys  []string
		want  []string
		first string
	}{
		"the findings": {
			"combined-two-fixes",
			[]string{"1"},
			[]string{
				"tok-83000004", "_verify.shop", "_verify.shop.topaz.example", record,
				"dig +norecurse @46.4.10.1 _verify.shop.topaz.example TXT",
				"dig @8.8.8.8 _verify.shop.topaz.example TXT", "shop.topaz.example", "d-combined-two-fixes",
			},
			"tok-83000004",
		},
		"the second finding": {
			"combined-two-fixes",
			[]string{"1", "pgdown", "pgdown"},
			[]string{`0 issue "amazon.com"`, `topaz.example. 300 IN CAA 0 issue "amazon.com"`},
			`0 issue "amazon.com"`,
		},
		"propagation": {
			"cache-old-answer",
			[]string{"2"},
			[]string{"tok-20202020", "shop.tailwind.example"},
			"tok-20202020",
		},
		"records":         {"combined-two-fixes", []string{"3"}, []string{"tok-83000004", record}, "tok-83000004"},
		"the certificate": {"certificate-ends-soon", []string{"4"}, []string{"13.32.10.1", "shop.quill.example"}, ""},
		"CAA": {
			"caa-forbids",
			[]string{"4"},
			[]string{`0 issue "letsencrypt.org"`, "_3f2a.shop.treyresearch.example. IN CNAME _9a1b.x.acm-validations.aws."},
			"",
		},
		"the registration": {
			"dnssec-stale-ds",
			[]string{"5"},
			[]string{"maple.example", "Example Registrar, Inc.", "ada.ns.cloudflare.com bob.ns.cloudflare.com"},
			"",
		},
		"routes": {
			"route-shadowed",
			[]string{"6", "down"},
			[]string{"rt-2", "event:42", "shop.crystal.example/tickets"},
			"rt-2",
		},
		"transfers": {"transfer-locked", []string{"6", "down"}, []string{"t-41", "PENDING"}, "t-41"},
		"the service's words": {
			"caa-forbids",
			[]string{"7"},
			[]string{"DOMAIN_011", "SSL certificate issuance failed"},
			"",
		},
		"the ledger": {"caa-forbids", []string{"8"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := deepBench(t, nil)
			b.load().results().open(c.story).press(c.keys...)
			got := b.texts()
			for _, w := range c.want {
				if !slices.Contains(got, w) {
					t.Errorf("%q is not among what can be copied:\n%s", w, strings.Join(got, "\n"))
				}
			}
			if c.first != "" && got[0] != c.first {
				t.Errorf("the first is %q, want %q", got[0], c.first)
			}
			if len(got) > page.MaxCopies {
				t.Errorf("%d things to copy", len(got))
			}
			for _, x := range b.copyables() {
				if x.Label == "" || x.Text == "" || len([]rune(x.Label)) > 80 {
					t.Errorf("%q: %q", x.Label, x.Text)
				}
			}
		})
	}
}

func TestCopyablesOfTheLedgerAndTheList(t *testing.T) {
	t.Parallel()
	b := deepBench(t, nil)
	b.load().results().open("caa-forbids").press("8")
	x := b.detail.ledger.current().x
	got := b.texts()
	if !slices.Contains(got, x.Evidence().Repro) || !slices.Contains(got, strings.Join(x.Verbatim(), "\n")) {
		t.Errorf("the command and the whole answer are not among %q", got)
	}
	json := ""
	b.press("7")
	for _, c := range b.copyables() {
		if c.Label == "the domain as JSON" {
			json = c.Text
		}
	}
	if !strings.Contains(json, "\n  \"domain\": \"shop.treyresearch.example\"") {
		t.Errorf("the domain as JSON is %q", json)
	}
	b.press("esc")
	if got := b.texts(); !slices.Contains(got, "shop.treyresearch.example") {
		t.Errorf("in the list: %q", got)
	}
	b.press("/", "z", "z", "z", "z", "enter")
	if got := b.copyables(); len(got) != 0 {
		t.Errorf("of nothing: %q", got)
	}
}

// TestPasteable checks that what goes to a clipboard holds nothing that a terminal would obey.
func TestPasteable(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"plain", " spaced ", "a\x1b]52;c;ZXZpbA==\x07b", "two\nlines\n\x1b[2J", "\u202egnp.exe",
		"\x00\x9b31m", strings.Repeat("x", 8*page.MaxCopyText), "\xff\xfe",
	} {
		got := page.Pasteable(s)
		if strings.ContainsFunc(got, func(r rune) bool {
			return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
		}) {
			t.Errorf("%q became %q", s[:min(len(s), 40)], got[:min(len(got), 40)])
		}
		if len([]rune(got)) > page.MaxCopyText {
			t.Errorf("a text of %d characters", len([]rune(got)))
		}
	}
	if got := page.Pasteable(" tok-1 "); got != " tok-1 " {
		t.Errorf("a space that counts is gone: %q", got)
	}
}

// TestSecretsAreHidden checks that codes that let one take a domain away are not shown, however the service writes
// them.
func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"plain":      `{"id":"d","authCode":"S3CRET-1","verification":{"token":"tok-1"}}`,
		"snake case": `{"auth_code": "S3CRET-1", "token":"tok-1"}`,
		"nested":     `{"transfer":{"eppCode":"S3\"CRET-1"},"value":"tok-1"}`,
		"an object":  `{"authCode":{"a":["S3CRET-1"],"b":{"c":"S3CRET-1"}},"value":"tok-1"}`,
		"a list":     `{"passwords":["S3CRET-1",["S3CRET-1"]],"value":"tok-1"}`,
		"a number":   `{"authInfo":5333, "value":"tok-1 S3CRE"}`,
		"cut":        `{"value":"tok-1","pad":"` + strings.Repeat("x", 2*tab.MaxJSON) + `","password":"S3CRET-1"}`,
	} {
		got := strings.Join(tab.PrettyJSON([]byte(raw), tab.MaxJSON), "\n")
		if strings.Contains(got, "S3CRET-1") || strings.Contains(got, "CRET-1") || strings.Contains(got, "5333") {
			t.Errorf("%s: the secret is shown: %.200q", name, got)
		}
		if !strings.Contains(got, "tok-1") {
			t.Errorf("%s: what is no secret is gone: %.200q", name, got)
		}
	}
	cut := tab.PrettyJSON([]byte(`{"authorizationCode":"S3CRET-1","value":"tok-1"`), tab.MaxJSON)
	if strings.Contains(strings.Join(cut, ""), "S3CRET") {
		t.Errorf("invalid JSON is shown: %q", cut)
	}
	b := deepBench(t, nil)
	b.load()
	id := b.l.ids["caa-forbids"]
	r := *reportfile.Snapshot(b.l.reports[id])
	r.Domain = &api.Domain{ID: id, Name: r.Name.ASCII, Raw: []byte(`{"authCode":"S3CRET-1"}`)}
	b.Run = runner.RunState{Gen: 3, Cancel: func() {}, Total: 1}
	b.send(batchMsg{{Gen: 3, ID: id, Report: &r, Sum: inventory.Summarise(&r)}})
	b.open("caa-forbids").press("7")
	b.shows("(hidden)")
	for _, c := range b.copyables() {
		if strings.Contains(c.Text, "S3CRET") {
			t.Errorf("%s can be copied", c.Label)
		}
	}
}

// TestFindingText checks the finding as it would be pasted into a ticket.
func TestFindingText(t *testing.T) {
	t.Parallel()
	b := deepBench(t, nil)
	r := b.l.reports[b.l.ids["caa-forbids"]]
	var root *finding.Finding
	for _, f := range r.Roots() {
		root = f
		break
	}
	got := tab.FindingText(r, root, catalog.Reader{})
	for _, w := range []string{
		"shop.treyresearch.example: CAA records at treyresearch.example forbid", "\nwhy: ",
		"\nowner: you", "\n1. ", "\nrecord: treyresearch.example. 300 IN CAA 0 issue \"amazon.com\"",
	} {
		if !strings.Contains(got, w) {
			t.Errorf("%q is not in:\n%s", w, got)
		}
	}
	if got := tab.FindingText(r, root, catalog.Reader{As: catalog.ForSupport}); strings.Contains(got, "you") ||
		!strings.Contains(got, "\nowner: the customer") {
		t.Errorf("for support:\n%s", got)
	}
	if strings.HasSuffix(got, "\n") {
		t.Error("it ends with an empty line")
	}
}
