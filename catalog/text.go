package catalog

import (
	"reflect"
	"strconv"
	"strings"
	"time"

	"domdoc/catalog/lazyregexp"
	"domdoc/catalog/shell"
)

// Join joins items for a sentence: "a", "a and b", "a, b and c"; more than six are abbreviated.
func Join(items []string) string {
	const most = 6
	if len(items) > most {
		return strings.Join(items[:most], ", ") + " and " + strconv.Itoa(len(items)-most) + " more"
	}
	switch len(items) {
	case 0:
		return "nothing"
	case 1:
		return items[0]
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}

// Quote quotes a value from an untrusted source and shortens it to fit in a sentence.
func Quote(s string) string {
	const most = 120
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

// QuoteAll quotes each value.
func QuoteAll(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = Quote(v)
	}
	return out
}

// Plural counts items: "1 server", "3 servers".
func Plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}

// Verb selects the form of a verb that agrees with a list.
func Verb(list []string, one, several string) string {
	if len(list) == 1 {
		return one
	}
	return several
}

// Span formats a duration in one unit: "45 seconds", "5 minutes", "3 hours", "2 days".
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return Span(-d)
	case d < 90*time.Second:
		return Plural(int((d+time.Second/2)/time.Second), "second")
	case d < 90*time.Minute:
		return Plural(int((d+time.Minute/2)/time.Minute), "minute")
	case d < 48*time.Hour:
		return Plural(int((d+time.Hour/2)/time.Hour), "hour")
	}
	return Plural(int((d+12*time.Hour)/(24*time.Hour)), "day")
}

// Seconds formats a number of seconds in one unit.
func Seconds(n uint32) string { return Span(time.Duration(n) * time.Second) }

// Day formats a date as registries do: "2026-01-31".
func Day(t time.Time) string {
	if t.IsZero() {
		return "an unknown date"
	}
	return t.UTC().Format("2006-01-02")
}

// Clock formats a time with its time zone, without which it would be ambiguous in a ticket.
func Clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// clockInText matches what Clock returns, and the same with seconds.
var clockInText = lazyregexp.New(`\b\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC\b`)

// InZone converts the times in a sentence of the catalog, which are in UTC, to another zone.
func InZone(s string, zone *time.Location) string {
	if zone == nil || zone == time.UTC || !strings.Contains(s, " UTC") {
		return s
	}
	return clockInText.ReplaceAllStringFunc(s, func(at string) string {
		for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05"} {
			if t, err := time.Parse(layout+" UTC", at); err == nil {
				return t.In(zone).Format(layout + " MST")
			}
		}
		return at
	})
}

// DigResolver returns the command that queries a resolver; without a server, the command that queries the authoritative
// servers, from the root down: a resolver would remember a name that does not exist yet.
func DigResolver(name, rrtype, server string) string {
	if server == "" {
		return shell.Dig(name, rrtype, trace)
	}
	return shell.Dig(name, rrtype, shell.DigAt(server)...)
}

// Text holds the sentences of a cause as functions of its arguments.
type Text[A any] struct {
	Summary func(A) string // one sentence without jargon
	Why     func(A) string // the evidence, and why it matters
	Fix     func(A) Fix
	Until   func(A) *Until // nil if waiting does not help
	Example A              // the arguments used by explain and the reference
	// ExampleOf returns the example in place of Example, if it is expensive to make.
	ExampleOf func() A
}

// addTexts adds the texts to a cause. One that is missing is empty, so that the tests of the catalog can name it.
func addTexts[A any](c *Cause, t Text[A]) {
	c.texts = texts{t.Summary, t.Why, t.Fix, t.Until, t.Example, t.ExampleOf}
}

// texts are the members of a Text. They are called by reflection: generic code for each type of arguments would be a
// thirtieth of the program.
type texts struct{ summary, why, fix, until, example, exampleOf any }

// call calls a member of texts with the arguments of a finding, if there are any. Its result is the zero value if the
// member is missing.
func call[T any](text any, args ...any) (result T) {
	f := reflect.ValueOf(text)
	if f.IsNil() {
		return result
	}
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = reflect.ValueOf(a)
	}
	result, _ = f.Call(in)[0].Interface().(T)
	return result
}

func (c *Cause) summary(args any) string { return call[string](c.texts.summary, args) }
func (c *Cause) why(args any) string     { return call[string](c.texts.why, args) }
func (c *Cause) fix(args any) Fix        { return call[Fix](c.texts.fix, args) }
func (c *Cause) until(args any) *Until   { return call[*Until](c.texts.until, args) }
