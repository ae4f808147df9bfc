package translation_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/catalog"
	_ "domdoc/catalog/causes"
	"domdoc/catalog/translation"
)

// frame returns every sentence of a reply apart from those of its causes.
func frame() []string {
	at := time.Date(2026, 3, 1, 9, 5, 0, 0, time.UTC)
	out := []string{
		"Hello,", catalog.ReplyGone, catalog.ReplyUnsure, catalog.ReplyOther, catalog.ReplyDo, catalog.ReplyNext,
		catalog.ReplyRecord, catalog.ReplyRecords, catalog.ReplyDelete, catalog.ReplyAgain(true),
		catalog.ReplyAgain(false),
		catalog.ReplyWaits("shop.a.example", at), catalog.ReplyBy(at), catalog.ReplyPlatform(catalog.Reader{}),
		catalog.ReplyPlatform(catalog.Reader{As: catalog.ForSupport}),
		catalog.ReplyIntegrations([]string{"DNS"}, catalog.Reader{}),
		catalog.ReplyIntegrations([]string{"registrar", "CDN"}, catalog.Reader{As: catalog.ForSupport}),
		catalog.ReplyUntil(at), catalog.ReplyChecked(at), catalog.ReplyCause(1), catalog.ReplyCause(3),
		catalog.ReplyNotCause([]string{"DOMAIN_004"}), catalog.ReplyNotCause([]string{"DOMAIN_004", "DOMAIN_010"}),
		catalog.ReplyLooked("shop.a.example", 0), catalog.ReplyLooked("shop.a.example", 1),
		catalog.ReplyLooked("shop.a.example", 2), catalog.ReplyHint("shop.a.example", []string{"DOMAIN_004"}),
		catalog.ReplySettles(time.Hour, at, true), catalog.ReplySettles(3*24*time.Hour, at, false),
		catalog.ReplyTried(nil), catalog.ReplyTried([]string{"8.8.8.8", "1.1.1.1"}),
		"Type", "Name", "Value",
	}
	for _, c := range catalog.Codes() {
		out = append(out, catalog.ReplyReported(c.ID, "shop.a.example", at),
			catalog.ReplyReported(c.ID, "shop.a.example", time.Time{}))
	}
	for _, ask := range []catalog.AskBack{
		{Domain: true},
		{Domain: true, Error: true, When: true},
		{Choices: []string{"a.example", "b.example"}},
		{NoCode: "DOMAIN_024"},
	} {
		intro, questions := ask.Sentences()
		out = append(append(out, intro), questions...)
	}
	return out
}

// english are words that no other language has.
var english = regexp.MustCompile(`(?i)\b(?:the|is|are|with|of|not|for|which|and|failed|found)\b`)

// TestFrame: each language has every sentence of a reply's frame, with all of its values, and no English in it.
func TestFrame(t *testing.T) {
	t.Parallel()
	for _, l := range translation.Languages()[1:] {
		for _, s := range frame() {
			text, ok := l.Say(s)
			if !ok {
				t.Errorf("%s has no translation of %q", l, s)
				continue
			}
			if english.MatchString(text) {
				t.Errorf("%s: English in %q", l, text)
			}
			for _, name := range []string{"shop.a.example", "DOMAIN_004", "09:05"} {
				if strings.Contains(s, name) && !strings.Contains(text, name) {
					t.Errorf("%s: %q is missing in %q", l, name, text)
				}
			}
		}
	}
}

// mostFrequent returns the causes that tickets have most often.
func mostFrequent(n int) []*catalog.Cause {
	all := slices.Clone(catalog.Causes())
	slices.SortStableFunc(all, func(a, b *catalog.Cause) int {
		if a.Frequency != b.Frequency {
			return b.Frequency - a.Frequency
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return all[:n]
}

// TestCauses: each language has the summary and the steps of the 40 most frequent causes.
func TestCauses(t *testing.T) {
	t.Parallel()
	for _, c := range mostFrequent(40) {
		example := c.Example()
		sentences := []string{catalog.ReplyWords(example.Summary())}
		for _, step := range example.Fix().Steps {
			if !strings.Contains(step, "--") && !strings.Contains(step, "domdoc ") {
				sentences = append(sentences, catalog.ReplyWords(step))
			}
		}
		for _, s := range sentences {
			for _, l := range translation.Languages()[1:] {
				if text, ok := l.Say(s); !ok {
					t.Errorf("%s: %s has no translation of %q", c.ID, l, s)
				} else if english.MatchString(regexp.MustCompile(`\([^)]*\)`).ReplaceAllString(text, "")) {
					t.Errorf("%s: English in %q", c.ID, text)
				}
			}
		}
	}
}

// TestFiles: all languages translate the same sentences, with the same placeholders, each once.
func TestFiles(t *testing.T) {
	t.Parallel()
	field := regexp.MustCompile(`\{\w+\}`)
	want := translation.Languages()[1].Entries()
	if len(want) < 150 {
		t.Fatalf("there are only %d sentences", len(want))
	}
	sorted := slices.Sorted(slices.Values(want))
	if len(slices.Compact(sorted)) != len(want) {
		t.Error("a sentence is there twice")
	}
	for _, l := range translation.Languages()[1:] {
		if !slices.Equal(l.Entries(), want) {
			t.Errorf("%s translates other sentences", l)
		}
		for _, p := range l.Pairs() {
			if p[1] == "" || strings.Contains(p[1], "\n") {
				t.Errorf("%s: %q has %q", l, p[0], p[1])
			}
			in, out := slices.Sorted(slices.Values(field.FindAllString(p[0], -1))),
				slices.Sorted(slices.Values(field.FindAllString(p[1], -1)))
			if !slices.Equal(in, out) {
				t.Errorf("%s: %q has the values %v and its translation %v", l, p[0], in, out)
			}
		}
	}
}

func TestSay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		l         translation.Language
		say, want string
	}{
		{
			"de", "The verification record _verify.shop.a.example (TXT) does not exist.",
			"Der Bestätigungseintrag _verify.shop.a.example (TXT) existiert nicht.",
		},
		{"ja", "The routing record shop.a.example (CNAME) does not exist.", "ルーティング用レコード shop.a.example（CNAME）が存在しません。"},
		{
			"de", "at your DNS host, in the DNS records of a.example, add: type TXT, name _verify.shop, value tok-1, " +
				"TTL 300",
			"Fügen Sie bei Ihrem DNS-Anbieter in den DNS-Einträgen von a.example hinzu: Typ TXT, Name _verify.shop, " +
				"Wert tok-1, TTL 300",
		},
		{
			"fr", "at Cloudflare (DNS > Records), in the zone a.example, add: type CNAME, Name shop, Content or Target " +
				"d1.cloudfront.net, TTL 300",
			"Ajoutez chez Cloudflare (DNS > Records), dans la zone a.example : type CNAME, Name shop, Content or Target " +
				"d1.cloudfront.net, TTL 300",
		},
		{
			"es", "It will work by 1 March 2026, 09:05 UTC at the latest.",
			"Funcionará como muy tarde el 1 de marzo de 2026, 09:05 UTC.",
		},
		{"en", "Hello,", "Hello,"},
		{"de", "A sentence that nobody translated.", "A sentence that nobody translated."},
		{
			"de", "shop.a.example is not among this tenant's domains.",
			"shop.a.example gehört nicht zu den Domains dieses Kontos.",
		},
	} {
		if got := tt.l.Sentence(tt.say); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.l, got, tt.want)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]translation.Language{
		"de": "de", "DE": "de", "de-AT": "de", "ja_JP": "ja",
		"en": "en",
	} {
		if l, err := translation.Find(code); err != nil || l != want {
			t.Errorf("%s: %s, %v", code, l, err)
		}
	}
	for _, code := range []string{"", "it", "german"} {
		if _, err := translation.Find(code); !errors.Is(err, translation.ErrUnknown) {
			t.Errorf("%q: %v", code, err)
		}
	}
}
