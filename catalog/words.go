package catalog

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// steps is a fix that is words alone.
func steps(s ...string) Fix { return Fix{Steps: s} }

// list joins words for a sentence: "a", "a and b", "a, b and c"; past six the rest are counted.
func list(items []string) string {
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

// quoted puts quotation marks around a value from outside and cuts it to a length that a sentence bears.
func quoted(s string) string {
	const most = 120
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

func quotedAll(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = quoted(v)
	}
	return out
}

// plural counts things: "1 server", "3 servers".
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}

// Span says a duration as a person would: "45 seconds", "5 minutes", "3 hours", "2 days".
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return Span(-d)
	case d < 90*time.Second:
		return plural(int((d+time.Second/2)/time.Second), "second")
	case d < 90*time.Minute:
		return plural(int((d+time.Minute/2)/time.Minute), "minute")
	case d < 48*time.Hour:
		return plural(int((d+time.Hour/2)/time.Hour), "hour")
	}
	return plural(int((d+12*time.Hour)/(24*time.Hour)), "day")
}

func seconds(n uint32) string { return Span(time.Duration(n) * time.Second) }

// day writes a date in the form that registries use.
func day(t time.Time) string {
	if t.IsZero() {
		return "an unknown date"
	}
	return t.UTC().Format("2006-01-02")
}

// clock writes a moment: the hour alone would be ambiguous in a ticket, so the zone stands behind it.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// dig is the command that shows what one resolver says; with server empty, the tenant's first public one.
func dig(name, rrtype, server string) string {
	if server == "" {
		server = "8.8.8.8"
	}
	return Dig(name, rrtype, DigAt(server)...)
}

// at names the place where a zone is edited.
func at(r Record) string {
	zone := r.Zone
	if zone == "" {
		zone = "your domain"
	}
	if r.Host != "" {
		if p := PanelOf(r.Host); p.Where != "" {
			return "at " + r.Host + " (" + p.Where + "), in the zone " + zone
		}
		return "at " + r.Host + ", in the DNS records of " + zone
	}
	return "at your DNS host, in the DNS records of " + zone
}

// publish is the fix that ends with one record being there, in the words of the DNS host's own pages.
func publish(r Record, lines ...string) Fix {
	p := PanelOf(r.Host)
	r.TTL = max(orTTL(r.TTL), p.MinTTL)
	if r.Type == AliasType {
		return alias(r, p, lines)
	}
	lines = append(lines, fmt.Sprintf("%s%stype %s, %s %s, %s %s, TTL %d", at(r), addVerb, r.Type, p.Name, p.label(r),
		p.Value, p.value(r), r.TTL))
	lines = append(lines, p.notes(r)...)
	return Fix{Steps: lines, Records: []Record{r}, Commands: []string{dig(r.Name, r.Type, "")}}
}

// addVerb stands in a step between the place and the record.
const addVerb = ", add: "

// orTTL is the TTL to publish with: one that the service accepts (60 to 86400 seconds), 300 where nothing was said.
func orTTL(ttl int) int {
	if ttl == 0 {
		return 300
	}
	return min(max(ttl, 60), 86400)
}

// keep says that further records of the same name and type stay.
func keep(r Record) string {
	return fmt.Sprintf(
		"leave the other %s records at %s as they are: a name can have several, and they belong to other services",
		r.Type, r.Label())
}

// AliasType stands for what a host offers to lead the zone's own name to another name: ALIAS, ANAME, flattening. It
// is no type of the DNS.
const AliasType = "ALIAS"

// alias is the fix for a name that can have no CNAME: the zone's own, and one that has other records.
func alias(r Record, p Panel, lines []string) Fix {
	apex := r.Label() == "@"
	why := "a CNAME would hide its other records"
	if apex {
		why = "an ordinary CNAME is not allowed at the zone's own name"
	}
	f := Fix{Records: []Record{r}, Commands: []string{dig(r.Name, "A", "")}}
	switch {
	case p.Alias == "" && !p.NoAlias && apex:
		lines = append(lines, fmt.Sprintf("%s, add an ALIAS, ANAME or flattened record for the zone itself (@) to %s: %s",
			at(r), r.Value, why),
			"where the host has none of these: attach www."+r.Zone+" and redirect the bare name to it")
	case p.Alias == "" && !p.NoAlias:
		lines = append(lines, fmt.Sprintf("%s, add an ALIAS or ANAME record at %s to %s, where the host has these: %s",
			at(r), r.Label(), r.Value, why))
	case p.NoAlias:
		lines = append(lines,
			fmt.Sprintf(
				"%s offers no alias for a zone's own name: attach www.%s and redirect the bare name to it, or move the "+
					"zone to a host that does", p.Host, r.Zone))
		f.Records = nil // there is nothing of the kind to type in
	case apex:
		lines = append(lines, fmt.Sprintf("%s, add %s, leading to %s: %s", at(r), p.Alias, r.Value, why))
		if p.Proxy != "" {
			lines = append(lines, p.Proxy)
		}
	default:
		lines = append(lines, fmt.Sprintf("%s, add at %s %s, leading to %s: %s", at(r), p.label(r), p.Alias, r.Value,
			why))
	}
	f.Steps = lines
	return f
}

// the names a record in a sentence: "the verification record _verify.shop.example.com (TXT)".
func the(r Record) string { return "the " + r.Role.Phrase() + " " + r.Name + " (" + r.Type + ")" }

// ReportedOnly says of a code that the service reported and the evidence does not show.
const ReportedOnly = "the service reported this; nothing that was seen now explains it, so it may be over"

// ReportedOnlyShort is the same as a title.
const ReportedOnlyShort = "reported, and not supported by what is seen now"

// ReportedUnjudged says the same where not everything could be asked.
const ReportedUnjudged = "the service reported this; why cannot be told, because not everything could be asked"

// Healthy is what is said of a domain without findings.
const Healthy = "nothing is wrong"

// Flattened says of a routing record that is right without being visible.
const Flattened = "the addresses of the wanted name: the DNS host follows it by itself (flattening), so no CNAME " +
	"is visible"

// Spent says of a verification record that the service does not need any more.
const Spent = "the service has verified the domain, so the record has done its work and may be gone"
