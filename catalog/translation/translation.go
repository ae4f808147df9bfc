// Package translation has the sentences of replies in other languages, one file per language. A file has pairs of
// lines: an English sentence of the catalog, with placeholders for its values, and its translation. What has no
// translation stays in English, sentence by sentence.
package translation

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"domdoc/catalog"
	"domdoc/catalog/order"
)

// Language is a language of replies, as an ISO 639-1 code.
type Language string

// English is the language of the catalog.
const English Language = "en"

// ErrUnknown is the error of Find.
var ErrUnknown = errors.New("no such language")

// Languages returns all languages, English first.
func Languages() []Language { return []Language{English, "de", "fr", "es", "ja"} }

// Find returns a language by its code, in any case; a region after it is ignored ("de-AT").
func Find(code string) (Language, error) {
	short, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(code, "_", "-")), "-")
	if l := Language(short); slices.Contains(Languages(), l) {
		return l, nil
	}
	names := make([]string, len(Languages()))
	for i, l := range Languages() {
		names[i] = string(l)
	}
	return "", fmt.Errorf("%w: %q; use %s", ErrUnknown, code, strings.Join(names, ", "))
}

// entry is a sentence and its translation.
type entry struct {
	english, text string
	is            *regexp.Regexp
	fields        []string // the names of the groups
}

// table holds the entries of one language, the most specific first.
type table struct {
	entries []entry
	phrases map[string]string // entries without placeholders
}

var tables = map[Language]func() *table{
	"de": sync.OnceValue(func() *table { return read("de") }),
	"fr": sync.OnceValue(func() *table { return read("fr") }),
	"es": sync.OnceValue(func() *table { return read("es") }),
	"ja": sync.OnceValue(func() *table { return read("ja") }),
}

// Entries returns the English sentences that a language translates, in the order of its file.
func (l Language) Entries() []string {
	var out []string
	for _, p := range pairs(l) {
		out = append(out, p[0])
	}
	return out
}

// pairs reads the file of a language.
func pairs(l Language) (out [][2]string) {
	raw, err := fs.ReadFile(files(), string(l)+".txt")
	if err != nil {
		return nil
	}
	for _, block := range strings.Split(strings.TrimSpace(string(raw)), "\n\n") {
		english, text, _ := strings.Cut(block, "\n")
		out = append(out, [2]string{english, text})
	}
	return out
}

func read(l Language) *table {
	t := &table{phrases: map[string]string{}}
	for _, p := range pairs(l) {
		if !strings.Contains(p[0], "{") {
			t.phrases[p[0]] = p[1]
			continue
		}
		t.entries = append(t.entries, compile(p[0], p[1]))
	}
	order.StableBy(t.entries, func(a, b entry) int {
		return len(placeholder.ReplaceAllString(b.english, "")) - len(placeholder.ReplaceAllString(a.english, ""))
	})
	return t
}

var placeholder = regexp.MustCompile(`\{[A-Za-z]+\d?\}`)

// The values of placeholders. Values that may be sentences of the catalog are translated in turn.
var kinds = map[string]string{
	"code": `DOMAIN_\d{3}`, "name": `[^\s,;()"]+`, "names": `[^\s,;()"]+(?:(?:, | and )[^\s,;()"]+)*`,
	"n": `\d[\d-]*`, "T": `[A-Z]{1,8}`, "id": `[A-Za-z0-9_-]+`,
	"role":  `(?:verification |routing |certificate validation )?record`,
	"place": `at [^;]+?`, "q": `"(?:[^"\\]|\\.)*"|“[^”]*”`, "v": `.+?`, "host": `[^,;:()]+?`,
	"server": `[^,;]+?`, "label": `[A-Za-z][A-Za-z ]*?`, "phrase": `[^()]+`,
	"span": `\d+ (?:second|minute|hour|day)s?`,
	"time": `\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d [A-Z0-9:+-]+`,
}

func kindOf(field string) string { return strings.TrimRight(field, "0123456789") }

func compile(english, text string) entry {
	e := entry{english: english, text: text}
	var pattern strings.Builder
	at := 0
	for _, m := range placeholder.FindAllStringIndex(english, -1) {
		field := english[m[0]+1 : m[1]-1]
		pattern.WriteString(regexp.QuoteMeta(english[at:m[0]]) + "(" + kinds[kindOf(field)] + ")")
		e.fields = append(e.fields, field)
		at = m[1]
	}
	e.is = regexp.MustCompile("^" + pattern.String() + regexp.QuoteMeta(english[at:]) + "$")
	return e
}

// Say translates a sentence or phrase of the catalog. ok is false, and the text as it was, where there is no
// translation or the language is English.
func (l Language) Say(s string) (text string, ok bool) {
	of, known := tables[l]
	if !known || s == "" {
		return s, false
	}
	t := of()
	if text, ok := t.phrases[s]; ok {
		return text, true
	}
	for i := range t.entries {
		e := &t.entries[i]
		m := e.is.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		return placeholder.ReplaceAllStringFunc(e.text, func(p string) string {
			field := p[1 : len(p)-1]
			return l.value(kindOf(field), m[slices.Index(e.fields, field)+1])
		}), true
	}
	return s, false
}

// Sentence translates a sentence that may begin with a capital letter and end with a period where the catalog's has
// neither, and ends it as the language does.
func (l Language) Sentence(s string) string {
	bare := strings.TrimSuffix(s, ".") // a name at the end must not take the period in
	first, size := utf8.DecodeRuneInString(bare)
	for _, as := range []string{bare, string(unicode.ToLower(first)) + bare[size:]} {
		text, ok := l.Say(as)
		switch {
		case !ok:
		case bare == s:
			return text
		case l == "ja":
			return text + "。"
		default:
			return text + "."
		}
	}
	text, _ := l.Say(s)
	return text
}

// value translates the value of a placeholder.
func (l Language) value(kind, s string) string {
	switch kind {
	case "role", "place", "phrase", "server", "host":
		text, _ := l.Say(s)
		return text
	case "label":
		if s != strings.ToLower(s) {
			return s // as the panel writes it
		}
		text, _ := l.Say(s)
		return text
	case "names":
		return strings.ReplaceAll(s, " and ", l.and())
	case "span":
		return l.span(s)
	case "time":
		return l.time(s)
	}
	return s
}

func (l Language) and() string {
	return map[Language]string{"de": " und ", "fr": " et ", "es": " y ", "ja": "、"}[l]
}

// units are the units of a time span: one and several, in the form after "up to".
var units = map[Language]map[string][2]string{
	"de": {
		"second": {"Sekunde", "Sekunden"}, "minute": {"Minute", "Minuten"}, "hour": {"Stunde", "Stunden"},
		"day": {"Tag", "Tagen"},
	},
	"fr": {
		"second": {"seconde", "secondes"}, "minute": {"minute", "minutes"}, "hour": {"heure", "heures"},
		"day": {"jour", "jours"},
	},
	"es": {
		"second": {"segundo", "segundos"}, "minute": {"minuto", "minutos"}, "hour": {"hora", "horas"},
		"day": {"día", "días"},
	},
	"ja": {"second": {"秒", "秒"}, "minute": {"分", "分"}, "hour": {"時間", "時間"}, "day": {"日間", "日間"}},
}

func (l Language) span(s string) string {
	number, unit, _ := strings.Cut(s, " ")
	form := units[l][strings.TrimSuffix(unit, "s")]
	space := " "
	if l == "ja" {
		space = ""
	}
	if number == "1" {
		return number + space + form[0]
	}
	return number + space + form[1]
}

var englishMonths = []string{
	"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
	"December",
}

var months = map[Language][]string{
	"de": {
		"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
		"Dezember",
	},
	"fr": {
		"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
		"décembre",
	},
	"es": {
		"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
		"diciembre",
	},
}

// time writes a time of catalog.ReplyTime in the language.
func (l Language) time(s string) string {
	f := strings.Fields(strings.ReplaceAll(s, ",", "")) // 2 January 2006 15:04 UTC
	if len(f) != 5 {
		return s
	}
	month := slices.Index(englishMonths, f[1])
	if month < 0 {
		return s
	}
	switch l {
	case "de":
		return fmt.Sprintf("%s. %s %s, %s %s", f[0], months[l][month], f[2], f[3], f[4])
	case "fr":
		if f[0] == "1" {
			f[0] = "1er"
		}
		return fmt.Sprintf("%s %s %s à %s %s", f[0], months[l][month], f[2], f[3], f[4])
	case "es":
		return fmt.Sprintf("%s de %s de %s, %s %s", f[0], months[l][month], f[2], f[3], f[4])
	case "ja":
		return fmt.Sprintf("%s年%d月%s日 %s %s", f[2], month+1, f[0], f[3], f[4])
	}
	return s
}

// Field translates the label of a record's field, if it is not one of a DNS host's panel.
func (l Language) Field(r catalog.Record, label string) string {
	if r.Host != "" && label != "Type" {
		return label
	}
	text, _ := l.Say(label)
	return text
}
