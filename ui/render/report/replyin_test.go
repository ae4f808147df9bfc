package report

import (
	"strings"
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/translation"
	"domdoc/ui/render/wire"
)

// replyAbout is a domain with the example of a cause.
func replyAbout(id catalog.ID, status string) *wire.Domain {
	c, ok := catalog.FindCause(string(id))
	if !ok {
		panic("no cause " + id)
	}
	example := c.Example()
	fix := wire.NewFix(example.Fix())
	return &wire.Domain{
		Domain: "shop.example.com", Unicode: "shop.example.com", Verdict: "fail", ServiceStatus: status,
		At: time.Date(2026, 2, 22, 14, 20, 0, 0, time.UTC),
		Findings: []wire.Finding{{
			Cause: string(id), Who: string(c.Who[0]), Verdict: "fail", Summary: example.Summary(), Why: example.Why(),
			Fix: fix,
		}},
	}
}

// TestReplyVerified: a domain that is verified is not to be verified again; one that is not is.
func TestReplyVerified(t *testing.T) {
	t.Parallel()
	settles := &wire.Settles{Within: 300, Latest: time.Date(2026, 2, 22, 14, 25, 0, 0, time.UTC)}
	for _, c := range catalog.Causes() {
		d := replyAbout(c.ID, "VERIFIED")
		for _, s := range []*wire.Settles{nil, settles} {
			d.Findings[0].Fix.Settles = s
			text := Reply(d, catalog.Reader{})
			if strings.Contains(text, "verification again") || strings.Contains(text, "verify again") &&
				c.ID != causes.ServiceRecordUnseen.ID {
				t.Errorf("%s: a verified domain is to be verified again:\n%s", c.ID, text)
			}
		}
	}
	for _, status := range []string{"PENDING", ""} {
		text := Reply(replyAbout("record.missing", status), catalog.Reader{})
		if !strings.Contains(text, "request the verification again") {
			t.Errorf("%q: a domain that is not verified is not to be verified:\n%s", status, text)
		}
	}
}

// TestReplyChangesOrDeletes: a record is either changed or deleted; what is only deleted stays.
func TestReplyChangesOrDeletes(t *testing.T) {
	t.Parallel()
	for id, deletes := range map[catalog.ID]bool{
		"record.value-differs": false, "record.value-quoted": false, "record.name-doubled": false,
		"record.target-is-url": false, "record.wrong-name": true, "record.cname-multiple": true,
		"record.stray-address": true, "record.cname-at-apex": true,
	} {
		d := replyAbout(id, "PENDING")
		if len(d.Findings[0].Fix.Deletes) == 0 {
			t.Fatalf("%s deletes nothing", id)
		}
		for kind, text := range map[string]string{
			"plain": Reply(d, catalog.Reader{}), "markdown": ReplyMarkdown(d, catalog.Reader{}),
		} {
			if strings.Contains(text, catalog.ReplyDelete) != deletes {
				t.Errorf("%s, %s: deletes %t:\n%s", id, kind, !deletes, text)
			}
		}
		var out strings.Builder
		f := format(t, "text").New(&out, Options{})
		if err := f.Begin(nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := f.Domain(d); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "      delete ") != deletes {
			t.Errorf("%s, text: deletes %t:\n%s", id, !deletes, out.String())
		}
	}
}

func format(t *testing.T, name string) Format {
	t.Helper()
	f, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestReplyPlain: a reply in plain text has no escapes, also where a value has quotation marks.
func TestReplyPlain(t *testing.T) {
	t.Parallel()
	for _, c := range catalog.Causes() {
		for _, l := range translation.Languages() {
			if text := ReplyIn(replyAbout(c.ID, "PENDING"), ReplyOptions{Language: l}); strings.Contains(text, `\`) {
				t.Errorf("%s, %s: a backslash in plain text:\n%s", c.ID, l, text)
			}
		}
	}
	d := replyAbout("record.missing", "PENDING")
	d.Findings[0].Summary = `the value is "\"tok-1\"" instead`
	if text := Reply(d, catalog.Reader{}); !strings.Contains(text, "“\"tok-1\"” instead") {
		t.Errorf("the value is not as it is:\n%s", text)
	}
}

// TestReplyLanguages writes replies in each language: no English sentence is left in them, the record is the same,
// and the signature is at the end.
func TestReplyLanguages(t *testing.T) {
	t.Parallel()
	hello := map[translation.Language]string{
		"en": "Hello,", "de": "Guten Tag,", "fr": "Bonjour,", "es": "Hola:", "ja": "お世話になっております。",
	}
	for _, l := range translation.Languages() {
		for _, markdown := range []bool{false, true} {
			o := ReplyOptions{Language: l, Markdown: markdown, Signature: "Ann Other\nSupport\n"}
			text := ReplyIn(replyAbout("record.value-differs", "PENDING"), o)
			if !strings.HasPrefix(text, hello[l]+"\n") || !strings.HasSuffix(text, "Support\n") {
				t.Errorf("%s: it begins or ends otherwise:\n%s", l, text)
			}
			if !strings.Contains(text, "tok-1") || !strings.Contains(text, "_verify.shop") {
				t.Errorf("%s: the record is missing:\n%s", l, text)
			}
			if l != translation.English && (strings.Contains(text, " the ") || strings.Contains(text, "Checked")) {
				t.Errorf("%s: English:\n%s", l, text)
			}
			asked := AskBack(catalog.AskBack{Domain: true, Error: true, When: true}, o)
			if !strings.HasPrefix(asked, hello[l]+"\n") ||
				strings.Count(asked, "\n- ")+strings.Count(asked, "\n  - ") != 3 ||
				!strings.HasSuffix(asked, "Support\n") {
				t.Errorf("%s: the question is\n%s", l, asked)
			}
		}
	}
	d := replyAbout("record.missing", "PENDING") // a sentence without a translation stays
	d.Findings[0].Summary = "something that nobody translated"
	if text := ReplyIn(d, ReplyOptions{Language: "de"}); !strings.Contains(text, "Something that nobody translated.") ||
		!strings.Contains(text, "Was zu tun ist:") {
		t.Errorf("German:\n%s", text)
	}
}

// TestReplyHint: a code that only the ticket mentions is no headline where nothing explains it; one that the service
// reported is.
func TestReplyHint(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 22, 14, 0, 0, 0, time.UTC)
	d := &wire.Domain{Domain: "shop.example.com", Unicode: "shop.example.com", Verdict: "pass", At: at}
	d.Codes = []wire.Code{{Code: "DOMAIN_013", State: "reported", Causes: []string{}}}
	text := Reply(d, catalog.Reader{})
	if !strings.Contains(text,
		"Hello,\n\nWe checked shop.example.com and found no problems.\n\nNothing we see now explains "+
			"DOMAIN_013 for shop.example.com") {
		t.Errorf("the code is not a hint:\n%s", text)
	}
	d.Codes[0].ReportedAt = &at
	if text = Reply(d, catalog.Reader{}); !strings.Contains(text, "Hello,\n\nThe service returned DOMAIN_013") {
		t.Errorf("the code that the service reported is a hint:\n%s", text)
	}
}

// TestReplyMentioned: what only the ticket mentions is not called a response of the service, in any language; its
// twin is what the service returned.
func TestReplyMentioned(t *testing.T) {
	t.Parallel()
	d := replyAbout("record.missing", "PENDING")
	d.Codes = []wire.Code{{Code: "DOMAIN_004", State: "explained", Causes: []string{"record.missing"}, Hint: true}}
	for language, words := range map[translation.Language][2]string{
		"en": {"You mentioned DOMAIN_004 (verification failed)", "The service returned"},
		"de": {"Sie erwähnen DOMAIN_004", "Der Dienst hat"}, "fr": {"Vous mentionnez DOMAIN_004", "service a"},
		"es": {"Usted menciona DOMAIN_004", "servicio devolvió"}, "ja": {"とのご連絡", "サービスが"},
	} {
		d.Codes[0].Hint = true
		o := ReplyOptions{Language: language}
		if text := ReplyIn(d, o); !strings.Contains(text, words[0]) || strings.Contains(text, words[1]) {
			t.Errorf("%s: %q is not in the reply, or %q is:\n%s", language, words[0], words[1], text)
		}
		d.Codes[0].Hint = false
		if text := ReplyIn(d, o); strings.Contains(text, words[0]) {
			t.Errorf("%s: the code that the service returned is only mentioned:\n%s", language, text)
		}
	}
}

// TestReplyAsksOrNot: a reply that says that nothing needs to be changed asks for no change of that fault, for every
// cause and reader; a fix that needs records of the customer is asked for.
func TestReplyAsksOrNot(t *testing.T) {
	t.Parallel()
	for _, c := range catalog.Causes() {
		for _, as := range catalog.Audiences() {
			d := replyAbout(c.ID, "PENDING")
			text := Reply(d, catalog.Reader{As: as})
			records := len(d.Findings[0].Fix.Records)+len(d.Findings[0].Fix.Removed()) > 0
			asks := records || strings.Contains(text, catalog.ReplyDo) || strings.Contains(text, catalog.ReplyNext)
			if asks && strings.Contains(text, "you do not need to change anything") {
				t.Errorf("%s for %s asks for a change and says that none is needed:\n%s", c.ID, as, text)
			}
			if d.Findings[0].Who == string(catalog.Platform) && as == catalog.ForSupport && !records &&
				!strings.Contains(text, "We take care of this") {
				t.Errorf("%s for %s does not say who acts:\n%s", c.ID, as, text)
			}
			if d.Findings[0].Who == string(catalog.Tenant) && strings.Contains(text, "take care of this") {
				t.Errorf("%s for %s is not the sender's to fix:\n%s", c.ID, as, text)
			}
		}
	}
}
