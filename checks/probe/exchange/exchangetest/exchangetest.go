// Package exchangetest has hostile texts, and the checks that they do no harm in what domdoc shows.
package exchangetest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/miekg/dns"
)

// HostileTexts are texts that a terminal, a shell or a reader could misinterpret.
var HostileTexts = []string{
	"\x1b[2J\x1b[1;1H",                    // clears the screen
	"\x1b]52;c;cm0gLXJmIC8K\x07",          // writes to the clipboard
	"\x1b]8;;http://evil.example\x1b\\ok", // a link
	"\x1b]0;title\x07",
	"\u009b31mred\u009d52;c;eA\u009c", // the same with C1 controls
	"\x9b2J",
	"\x00nul", "bell\x07", "back\x08space", "line\r\nfeed\x0b\x0c\x85", "\x7fdel",
	"\u202egpj.exe", "\u2066isolated\u2069", "\u200b\u200d\ufeffzero width", "a\u2028b\u2029c", "\U000e0041tag",
	"\ufe0f",
	"\xff\xfe\xc3\x28 broken", "\xed\xa0\x80 half a surrogate", "\xf4\x90\x80\x80 too high",
	"'; reboot; '", "$(reboot)", "`reboot`", "a b", "\"", "\\", "!history", "~root", "*?[x]{a,b}", "-rf", "#x", "|cat",
	"&", ">x", "<x", "%s%n",
	strings.Repeat("long", 5000),
}

// harmless fails on anything that a terminal would obey, or that hides or turns round what a person reads.
func harmless(t testing.TB, what, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("%s is no UTF-8: %q", what, s)
	}
	for _, r := range s {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Cs,
			unicode.Variation_Selector) {
			t.Errorf("%s has %U: %.200q", what, r, s)
			return
		}
	}
}

// CheckEvidence fails on an exchange.Evidence with an unbounded or harmful text in any of its fields.
func CheckEvidence(t testing.TB, e any) {
	t.Helper()
	const maxLines, maxLine = 24, 400
	total := 0
	see := func(what, s string) {
		harmless(t, what, s)
		total += len(s)
		if n := utf8.RuneCountInString(s); n > 2*maxLine {
			t.Errorf("%s has %d characters", what, n)
		}
	}
	v := reflect.ValueOf(e)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		switch f := v.Field(i).Interface().(type) {
		case string:
			see(name, f)
		case *string:
			if f != nil {
				see(name, *f)
			}
		case []string:
			if f == nil {
				t.Errorf("%s is null in JSON", name)
			}
			if len(f) > maxLines+1 {
				t.Errorf("%s has %d lines", name, len(f))
			}
			for _, s := range f {
				see(name, s)
			}
		case int64, time.Time:
		default:
			t.Errorf("a field of a new type: %s %T", name, f)
		}
	}
	if total > 4*maxLine*(2*maxLines+8) {
		t.Errorf("%d octets of evidence", total)
	}
	if _, err := json.Marshal(e); err != nil {
		t.Error(err)
	}
}

// Reply builds an answer from lines: flags ("aa", "tc"), a response code, and records, those of the authority section
// after "ns ", the additional ones after "ar ".
func Reply(q *dns.Msg, lines ...string) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(q)
	for _, l := range lines {
		rcode, isRcode := dns.StringToRcode[l]
		section, text := &m.Answer, l
		if rest, ok := strings.CutPrefix(l, "ns "); ok {
			section, text = &m.Ns, rest
		} else if rest, ok := strings.CutPrefix(l, "ar "); ok {
			section, text = &m.Extra, rest
		}
		switch {
		case l == "aa":
			m.Authoritative = true
		case l == "tc":
			m.Truncated = true
		case isRcode:
			m.Rcode = rcode
		default:
			rr, err := dns.NewRR(text)
			if err != nil || rr == nil {
				panic("test: " + l + " is no record")
			}
			*section = append(*section, rr)
		}
	}
	return m
}
