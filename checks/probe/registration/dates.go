package registration

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/catalog/lazyregexp"
)

// dateOrderKind is the order of day and month in numeric dates.
type dateOrderKind int

const (
	orderUnknown dateOrderKind = iota
	dayFirst
	monthFirst
)

var (
	dateYMD     = lazyregexp.New(`^(\d{4})(?:[-/.]|\. )(\d{1,2})(?:[-/.]|\. )(\d{1,2})\.?(?:\D|$)`)
	dateCompact = lazyregexp.New(`^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})Z?)?(?:\D|$)`)
	dateCJK     = lazyregexp.New(`^(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})`)
	dateNumbers = lazyregexp.New(`^(\d{1,2})([-/.]) ?(\d{1,2})[-/.] ?(\d{4})(?:\D|$)`)
	dateDMonY   = lazyregexp.New(
		`(?i)^(\d{1,2})(?:st|nd|rd|th|\.|º)?(?: of | de |[- /.,]*)([a-zà-ÿ]{3,12})(?: de |[- /.,]+)(\d{4})(?:\D|$)`)
	// two digits of the year, and no hour behind them
	dateShort    = lazyregexp.New(`(?i)^(\d{1,2})[- /.]([a-zà-ÿ]{3,12})[- /.](\d{2})(?:[^\d:]|$)`)
	dateShortNum = lazyregexp.New(`^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{2})(?:[^\d:]|$)`)
	dateYMonD    = lazyregexp.New(`(?i)^(\d{4})[- /.]([a-z]{3,9})[- /.](\d{1,2})(?:\D|$)`)
	dateMonDY    = lazyregexp.New(`(?i)^([a-z]{3,9})[- /.]+(\d{1,2})(?:st|nd|rd|th)?[-,/ ]+(\d{4})(?:\D|$)`)
	dateUnix     = lazyregexp.New(
		`(?i)^([a-z]{3}) +(\d{1,2}) +(\d{1,2}:\d{2}:\d{2})(?: +[a-z]{2,5})?(?: +[+-]\d{4})? +(\d{4})(?:\D|$)`)
	dateBefore  = lazyregexp.New(`(?i)^(?:before|prior to) `)
	dateWeekday = lazyregexp.New(`(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[,.]? +`)
	dateTime    = lazyregexp.New(
		`(?i)(?:^|[t ` +
			`\s])(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d{1,9})?\s*(?:([ap])\.?m\b\.?\s*)?` +
			`(?:\((?:utc|gmt)?\s*([+-]\d{1,2}):?(\d{2})?\)|(?:(?:utc|gmt)\s?)?([+-]\d{1,2}):?(\d{2})?(?:\D|$)|` +
			`\(?(jst|kst|[a-z]{1,5})?\b)`)
)

// monthNames has the first letters of the months in the languages that registries write dates in.
var monthNames = map[string]time.Month{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
	"dec": 12,
	"gen": 1, "mrt": 3, "maa": 3, "mag": 5, "mei": 5, "giu": 6, "lug": 7, "ott": 10,
	"mai": 5, "okt": 10, "dez": 12, "ene": 1, "abr": 4, "ago": 8, "dic": 12, "fev": 2, "avr": 4, "out": 10, "set": 9,
}

// dateOrder finds the order of day and month in a reply: from an unambiguous date in it, else from the registry's
// habit.
func dateOrder(n domainNames, fields []whoisField) dateOrderKind {
	for _, f := range fields {
		switch whoisKeys[f.key] {
		case keyCreated, keyExpires, keyUpdated, keyTransferred, keyRegistrarExpires:
			if o := orderOfNote(f.note); o != orderUnknown {
				return o
			}
			if m := dateNumbers.FindStringSubmatch(f.value); m != nil && m[2] != "." {
				a, _ := strconv.Atoi(m[1])
				b, _ := strconv.Atoi(m[3])
				switch {
				case a > 12 && b <= 12:
					return dayFirst
				case b > 12 && a <= 12:
					return monthFirst
				}
			}
		}
	}
	tld := n.ascii[strings.LastIndexByte(n.ascii, '.')+1:]
	switch {
	case slices.Contains(dayFirstTLDs, tld):
		return dayFirst
	case slices.Contains(monthFirstTLDs, tld):
		return monthFirst
	}
	return orderUnknown
}

// orderOfNote reads a date format given beside a date: "(dd/mm/yyyy)".
func orderOfNote(note string) dateOrderKind {
	note = strings.ToLower(note)
	switch {
	case strings.Contains(note, "dd/mm/yy") || strings.Contains(note, "dd-mm-yy") ||
		strings.Contains(note, "dd.mm.yy") || strings.Contains(note, "jj/mm/aa"):
		return dayFirst
	case strings.Contains(note, "mm/dd/yy") || strings.Contains(note, "mm-dd-yy"):
		return monthFirst
	}
	return orderUnknown
}

// dateField is a date of a registration, and the latest moment that it can mean.
type dateField struct{ at, latest *time.Time }

func (r *Registration) created() dateField { return dateField{&r.CreatedAt, &r.CreatedLatest} }
func (r *Registration) updated() dateField { return dateField{&r.UpdatedAt, &r.UpdatedLatest} }
func (r *Registration) transferred() dateField {
	return dateField{&r.TransferredAt, &r.TransferredLatest}
}
func (r *Registration) expires() dateField  { return dateField{&r.ExpiresAt, &r.ExpiresLatest} }
func (r *Registration) suspends() dateField { return dateField{&r.SuspendsAt, &r.SuspendsLatest} }
func (r *Registration) deletes() dateField  { return dateField{&r.DeletesAt, &r.DeletesLatest} }
func (r *Registration) releases() dateField { return dateField{&r.ReleasesAt, &r.ReleasesLatest} }

func (r *Registration) option() dateField { return dateField{&r.OptionUntil, &r.OptionLatest} }

// set sets the field to the date in value unless it is set. It ignores ambiguous and invalid dates.
func (d dateField) set(value string, o dateOrderKind, z clockZone) bool {
	if !d.at.IsZero() {
		return false
	}
	m, ok := parseMoment(value, o, z)
	if ok {
		*d.at = m.at
		if !m.latest.Equal(m.at) {
			*d.latest = m.latest
		}
	}
	return ok
}

// ExpiresBy returns when the registration is over in every reading of its date; zero without a date.
func (r *Registration) ExpiresBy() time.Time {
	if r.ExpiresLatest.IsZero() {
		return r.ExpiresAt
	}
	return r.ExpiresLatest
}

// startsWithDate reports whether a value starts with a date in any order.
func startsWithDate(value string) bool {
	_, ok := parseMoment(value, dayFirst, clockZone{})
	return ok
}

// moment is a date as a registry writes it: a day is no moment, and a time without a zone is one of many.
type moment struct {
	at     time.Time // in UTC where no zone is given; the start of a day
	latest time.Time // the latest moment that is meant
}

// westmost is how far behind UTC a day ends last.
const westmost = 12 * time.Hour

// clockTime is a time of day with its zone, as far as they are given.
type clockTime struct {
	h, mi, s, off int // off is the offset from UTC in minutes
	timed, zoned  bool
}

// buddhistYears are the countries that count years from 543 BC.
var buddhistYears = []string{"th", "la", "kh", "mm"}

// moment places the time of day on a day.
func (c clockTime) moment(y int, mon time.Month, d int, z clockZone) (moment, bool) {
	if y > 2500 && slices.Contains(buddhistYears, z.tld) {
		y -= 543
	}
	if c.timed && !c.zoned && z.stated {
		c.off, c.zoned = z.off, true
	}
	t, ok := makeDate(y, mon, d, c.h, c.mi, c.s, c.off)
	if !ok {
		return moment{}, false
	}
	m := moment{at: t, latest: t}
	switch {
	case c.timed && c.zoned:
	case c.timed:
		m.latest = t.Add(westmost)
	case z.known:
		m.latest = t.Add(24*time.Hour - time.Duration(z.off)*time.Minute)
	default:
		m.latest = t.Add(24*time.Hour + westmost)
	}
	return m, true
}

// parseMoment reads the date at the start of value, with its time and zone if they follow. z is the zone of times
// that give none.
func parseMoment(value string, o dateOrderKind, z clockZone) (moment, bool) {
	if len(value) > 120 {
		value = value[:120]
	}
	v := strings.TrimLeft(strings.TrimSpace(value), "\"'([<. ")
	v = dateBefore.ReplaceAllString(v, "") // SWITCH: "before 01 January 1996"
	v = dateWeekday.ReplaceAllString(v, "")
	var y, d int
	var mon time.Month
	end := 0
	switch {
	case dateYMD.MatchString(v):
		m := dateYMD.FindStringSubmatchIndex(v)
		y, mon, d, end = atoi(v, m, 1), time.Month(atoi(v, m, 2)), atoi(v, m, 3), m[7]
	case dateCompact.MatchString(v):
		m := dateCompact.FindStringSubmatchIndex(v)
		y, mon, d, end = atoi(v, m, 1), time.Month(atoi(v, m, 2)), atoi(v, m, 3), m[7]
		if m[8] >= 0 {
			return clockTime{
				h: atoi(v, m, 4), mi: atoi(v, m, 5), s: atoi(v, m, 6), timed: true,
				zoned: v[m[13]:][:min(1, len(v)-m[13])] == "Z",
			}.moment(y, mon, d, z)
		}
	case dateCJK.MatchString(v):
		m := dateCJK.FindStringSubmatchIndex(v)
		y, mon, d, end = atoi(v, m, 1), time.Month(atoi(v, m, 2)), atoi(v, m, 3), m[7]
	case dateNumbers.MatchString(v):
		m := dateNumbers.FindStringSubmatchIndex(v)
		a, b := atoi(v, m, 1), atoi(v, m, 3)
		y, end = atoi(v, m, 4), m[9]
		switch {
		case v[m[4]:m[5]] == "." || a > 12 || (a == b) || (b <= 12 && o == dayFirst): // nobody writes month.day.year
			d, mon = a, time.Month(b)
		case b > 12 || o == monthFirst:
			d, mon = b, time.Month(a)
		default:
			return moment{}, false
		}
	case dateDMonY.MatchString(v):
		m := dateDMonY.FindStringSubmatchIndex(v)
		d, mon, y, end = atoi(v, m, 1), month(v[m[4]:m[5]]), atoi(v, m, 3), m[7]
	case dateYMonD.MatchString(v):
		m := dateYMonD.FindStringSubmatchIndex(v)
		y, mon, d, end = atoi(v, m, 1), month(v[m[4]:m[5]]), atoi(v, m, 3), m[7]
	case dateUnix.MatchString(v):
		m := dateUnix.FindStringSubmatchIndex(v)
		mon, d, y = month(v[m[2]:m[3]]), atoi(v, m, 2), atoi(v, m, 4)
		return clock(" "+v[m[6]:m[7]]+" "+unixZone(v[m[7]:]), z).moment(y, mon, d, z)
	case dateMonDY.MatchString(v):
		m := dateMonDY.FindStringSubmatchIndex(v)
		mon, d, y, end = month(v[m[2]:m[3]]), atoi(v, m, 2), atoi(v, m, 3), m[7]
	default:
		return shortDate(v, o, z)
	}
	return clock(v[end:], z).moment(y, mon, d, z)
}

// shortDate reads a date with two digits of the year. In numbers alone the first can be the year as well, so that the
// latest moment is the later of both.
func shortDate(v string, o dateOrderKind, z clockZone) (moment, bool) {
	var first, last, end int
	var mon time.Month
	named := true
	if m := dateShort.FindStringSubmatchIndex(v); m != nil {
		first, mon, last, end = atoi(v, m, 1), month(v[m[4]:m[5]]), atoi(v, m, 3), m[7]
	} else if m := dateShortNum.FindStringSubmatchIndex(v); m != nil && (o == dayFirst || v[m[4]:m[5]] == ".") {
		first, mon, last, end, named = atoi(v, m, 1), time.Month(atoi(v, m, 3)), atoi(v, m, 4), m[9], false
	} else {
		return moment{}, false
	}
	century := func(yy int) int {
		if yy >= 80 {
			return 1900 + yy
		}
		return 2000 + yy
	}
	c := clock(v[end:], z)
	out, ok := c.moment(century(last), mon, first, z)
	other, otherOK := c.moment(century(first), mon, last, z)
	switch {
	case !ok:
		return other, otherOK
	case otherOK && !named && other.latest.After(out.latest):
		out.latest = other.latest
	}
	return out, true
}

// unixZone returns the zone between the time and the year of a date as Unix writes it: " CET 2027".
func unixZone(rest string) string {
	f := strings.Fields(rest)
	if len(f) < 2 {
		return ""
	}
	return f[0]
}

// clock reads the time of day that follows a date.
func clock(rest string, z clockZone) (c clockTime) {
	if len(rest) > 48 {
		rest = rest[:48]
	}
	m := dateTime.FindStringSubmatch(rest)
	if m == nil {
		return c
	}
	c.h, _ = strconv.Atoi(m[1])
	c.mi, _ = strconv.Atoi(m[2])
	c.s, _ = strconv.Atoi(m[3])
	if c.h > 23 || c.mi > 59 || c.s > 59 {
		return clockTime{}
	}
	c.timed = true
	switch half := strings.ToLower(m[4]); {
	case half == "p" && c.h < 12:
		c.h += 12
	case half == "a" && c.h == 12:
		c.h = 0
	}
	hours, minutes := m[5], m[6]
	if hours == "" {
		hours, minutes = m[7], m[8]
	}
	if hours != "" {
		oh, _ := strconv.Atoi(hours)
		om, _ := strconv.Atoi(minutes)
		if strings.HasPrefix(hours, "-") {
			om = -om
		}
		c.off, c.zoned = oh*60+om, true
	} else {
		c.off, c.zoned = z.named(m[9])
	}
	if c.off > 14*60 || c.off < -14*60 {
		c.off, c.zoned = 0, false
	}
	return c
}

// makeDate returns the date if it exists and is plausible for a domain.
func makeDate(y int, mon time.Month, d, h, mi, s, off int) (time.Time, bool) {
	if y < 1970 || y > 2200 || mon < 1 || mon > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 59 {
		return time.Time{}, false
	}
	t := time.Date(y, mon, d, h, mi, s, 0, time.UTC)
	if t.Day() != d {
		return time.Time{}, false
	}
	return t.Add(-time.Duration(off) * time.Minute), true
}

func month(name string) time.Month {
	name = strings.ToLower(name)
	name = strings.NewReplacer("é", "e", "û", "u", "ä", "a", "ç", "c").Replace(name)
	if len(name) < 3 {
		return 0
	}
	return monthNames[name[:3]]
}

// atoi is the number in the i-th group of a match of digits.
func atoi(s string, m []int, i int) int {
	n, _ := strconv.Atoi(s[m[2*i]:m[2*i+1]])
	return n
}
