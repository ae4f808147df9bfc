package mail_test

import (
	"strings"
	"testing"

	"domdoc/checks/ticket/mail"

	"github.com/google/go-cmp/cmp"
)

// brief writes messages as lines: the subject, then the text in quotes.
func brief(list []mail.Message) []string {
	var out []string
	for _, m := range list {
		line := m.Subject + ": " + strings.Join(strings.Fields(m.Text), " ")
		if m.Cover {
			line = "cover " + line
		}
		out = append(out, line)
	}
	return out
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"no mail", "DOMAIN_004 shop.a.example\n\nthanks", []string{": DOMAIN_004 shop.a.example thanks"}},
		{"a field that is none", "Error: no\n\nNote: again\n", []string{": Error: no Note: again"}},
		{"only a subject", "Subject: one\n\nfirst\n\nSubject: two\n\nsecond\n", []string{"one: first", "two: second"}},
		{
			"an mbox, with lines that begin with From",
			"From a@b Mon Feb 22 10:30:00 2026\nSubject: one\n\nfirst\n\n>From here on\n\nFrom then on it is one mail\n\n" +
				"From a@b Mon Feb 22 10:31:00 2026\nSubject: two\n\nsecond\n",
			[]string{"one: first From here on From then on it is one mail", "two: second"},
		},
		{
			"the message that is answered", "Subject: Re: one\n\nsee below\n\n-----Original Message-----\nFrom: a@b\n" +
				"Sent: Monday\nSubject: one\n\nold\n",
			[]string{"Re: one: see below -----Original Message----- From: a@b Sent: Monday Subject: one old"},
		},
		{
			"an answer with the message below", "Subject: AW: one\nFrom: a@b\n\nnew\n\nSubject: one\nFrom: c@d\n\nold\n",
			[]string{"AW: one: new Subject: one From: c@d old"},
		},
		{
			"two mails with one subject", "Subject: one\nFrom: a@b\n\nfirst\n\nSubject: one\nFrom: c@d\n\nsecond\n",
			[]string{"one: first", "one: second"},
		},
		{
			"fields in a part are not those of another mail",
			"Subject: one\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst\n\nSubject: inner\n\nmore\n--b--\n",
			[]string{"one: first Subject: inner more"},
		},
		{
			"a mail that was cut", "Subject: one\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst\n",
			[]string{"one: first"},
		},
		{
			"an attached mail", "Subject: Fwd\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee there\n--b\n" +
				"Content-Type: message/rfc822\n\nSubject: inner\n\nold\n--b--\n",
			[]string{"Fwd: see there ---------- Forwarded message --------- Subject: inner old"},
		},
		{
			"no transfer encoding", "Subject: one\nContent-Transfer-Encoding: quoted-printable\n\nx =ZZ y",
			[]string{"one: x =ZZ y"},
		},
		{
			"several forwarded mails", "look\n\n---------- Forwarded message ---------\nSubject: one\n\nfirst\n\n" +
				"---------- Forwarded message ---------\nSubject: two\n\nsecond\n",
			[]string{"cover : look", "one: first", "two: second"},
		},
		{"nothing", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := mail.Split(tt.text)
			if diff := cmp.Diff(tt.want, brief(got)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(brief(got), brief(mail.Split(mail.Format(got)))); diff != "" {
				t.Error("formatted, it is split otherwise:", diff)
			}
		})
	}
}

func TestHTML(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want, links string }{
		{"no HTML", "a < b <ann@a.example> <shop.a.example>", "a < b <ann@a.example> <shop.a.example>", ""},
		{
			"tags and addresses", "<p>shop.<b>a</b>.example <ann@a.example></p>x", "\nshop.a.example <ann@a.example>\nx",
			"",
		},
		{
			"links", `<a href="https://a.example/x">b.example</a> <a href="mailto:x@c.example">m</a>`, "b.example m",
			"a.example",
		},
		{"what is not shown", "<div>a<style>b{}</style><script>c</script><!-- d -->e</div>", "\nae\n", ""},
		{"entities", "<p>&lt;b&gt; &amp; &quot;x&quot;</p>", "\n<b> & \"x\"\n", ""},
		{"cut", "<p>a <a href=", "\na <a href=", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, links := mail.HTML(tt.text)
			if text != tt.want || strings.Join(links, " ") != tt.links {
				t.Errorf("got %q and %q, want %q and %q", text, links, tt.want, tt.links)
			}
		})
	}
}

// FuzzSplit: no text makes it fail, and what it returns is bounded by the text.
func FuzzSplit(f *testing.F) {
	f.Add("From a@b Mon Feb 22 10:30:00 2026\nSubject: =?x?B?y?=\nContent-Type: multipart/mixed; " +
		"boundary=b\n\n--b\n\nx\n--b--\n")
	f.Add("Subject: a\nContent-Type: text/html; charset=utf-7\nContent-Transfer-Encoding: base64\n\nPGI+")
	f.Add("---------- Forwarded message ---------\n---------- Forwarded message ---------\nSubject: x\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		list := mail.Split(text)
		size := 0
		for _, m := range list {
			size += len(m.Text)
		}
		if len(list) > 200 || size > 8*len(text)+100000 {
			t.Errorf("%d octets became %d messages with %d", len(text), len(list), size)
		}
	})
}
