package catalog

import (
	"fmt"
	"strings"
	"time"

	"domdoc/catalog/hosts"
)

// Steps returns a fix that consists of steps only.
func Steps(s ...string) Fix { return Fix{Steps: s} }

// Named returns a record as it is named in a sentence: "the verification record _verify.shop.example.com (TXT)".
func Named(r Record) string { return "the " + r.Role.Phrase() + " " + r.Name + " (" + r.Type + ")" }

// Where says where the zone of a record is edited.
func Where(r Record) string {
	zone := r.Zone
	if zone == "" {
		zone = "your domain"
	}
	if r.Host != "" {
		if p := hosts.PanelOf(r.Host); p.Where != "" {
			return "at " + r.Host + " (" + p.Where + "), in the zone " + zone
		}
		return "at " + r.Host + ", in the DNS records of " + zone
	}
	return "at your DNS host, in the DNS records of " + zone
}

// Publish returns the fix that publishes a record, in the terms of the DNS host's own panel. The given steps come
// first. If the panel cannot hold the record, the fix says so and what to do instead; it then publishes nothing.
func Publish(r Record, lines ...string) Fix {
	if no := hosts.PanelOf(r.Host).Refuses(r.Type, r.Label()); no != nil {
		return cannotHold(r, no)
	}
	return Enter(r, lines...)
}

// Enter is Publish for a record that the DNS host is known to accept, because it has a similar one.
func Enter(r Record, lines ...string) Fix {
	p := hosts.PanelOf(r.Host)
	r.TTL = p.TTL(orTTL(r.TTL))
	if r.Type == AliasType {
		return Alias(r, p, lines)
	}
	lines = append(lines, fmt.Sprintf("%s%stype %s, %s %s, %s %s, TTL %d", Where(r), AddVerb, r.Type, p.Name,
		p.Label(r.Name, r.Label()),
		p.Value, p.FieldValue(r.Type, r.Value), r.TTL))
	lines = append(lines, panelNotes(p, r)...)
	return Fix{Steps: lines, Records: []Record{r}, Commands: []string{DigResolver(r.Name, r.Type, "")}}
}

// AddVerb separates the place from the record in a step of Publish.
const AddVerb = ", add: "

// orTTL returns a TTL that the service accepts (60 to 86400 seconds), 300 by default.
func orTTL(ttl int) int {
	if ttl == 0 {
		return 300
	}
	return min(max(ttl, 60), 86400)
}

// DoNotChange returns the step that keeps unrelated records of the same name and type.
func DoNotChange(r Record) string {
	return fmt.Sprintf(
		"keep the other %s records at %s: a name can have several, and they belong to other services",
		r.Type, r.Label())
}

// AliasType stands for a DNS host's substitute for a CNAME at the zone apex: ALIAS, ANAME or flattening. It is not a
// DNS record type.
const AliasType = "ALIAS"

// Alias returns the fix for a name that cannot have a CNAME: the zone apex, or a name with other records. The given
// steps come first.
func Alias(r Record, p hosts.Panel, lines []string) Fix {
	apex := r.Label() == "@"
	why := "a CNAME would hide the other records there"
	if apex {
		why = "a CNAME is not allowed at the zone apex"
	}
	f := Fix{Records: []Record{r}, Commands: []string{DigResolver(r.Name, "A", "")}}
	switch {
	case p.Alias == "" && !p.NoAlias && apex:
		lines = append(lines, fmt.Sprintf("%s, add an ALIAS, ANAME or flattened record at the zone apex (@) to %s: %s",
			Where(r), r.Value, why),
			"if the host supports none of these: attach www."+r.Zone+" and redirect the bare name to it")
	case p.Alias == "" && !p.NoAlias:
		lines = append(lines, fmt.Sprintf("%s, add an ALIAS or ANAME record at %s to %s, if the host supports these: %s",
			Where(r), r.Label(), r.Value, why))
	case p.NoAlias:
		lines = append(lines,
			fmt.Sprintf(
				"%s does not support aliases at the zone apex: attach www.%s and redirect the bare name to it, or move "+
					"the zone "+
					"to a host that does", p.Host, r.Zone))
		f.Records = nil // there is no record to enter
	case apex:
		lines = append(lines, fmt.Sprintf("%s, add %s, pointing to %s: %s", Where(r), p.Alias, r.Value, why))
		if p.Proxy != "" {
			lines = append(lines, p.Proxy)
		}
	default:
		lines = append(lines, fmt.Sprintf("%s, add %[3]s at %[2]s, pointing to %[4]s: %[5]s", Where(r),
			p.Label(r.Name, r.Label()),
			p.Alias, r.Value,
			why))
	}
	f.Steps = lines
	return f
}

// panelNotes returns what to note when entering the record in this panel.
func panelNotes(p hosts.Panel, r Record) []string {
	var out []string
	label := r.Label()
	switch {
	case p.Host == "" && label != r.Name && label != "@":
		out = append(out, fmt.Sprintf("enter only %q as the name if the panel appends %s automatically", label, r.Zone))
	case p.Host != "" && !p.Whole && label != "@" && label != r.Name:
		out = append(out, fmt.Sprintf("enter only %q in %q: %s appends %s automatically", label, p.Name, p.Host, r.Zone))
	}
	if p.Proxy != "" && (r.Type == "CNAME" || r.Type == "A" || r.Type == "AAAA") {
		out = append(out, p.Proxy)
	}
	if p.Quotes && r.Type == "TXT" {
		out = append(out, "keep the quotation marks around the value: "+p.Host+
			" requires them, and they do not become part of it")
	}
	if r.Type == "CNAME" && !p.Dot && p.Host != "" {
		out = append(out, "enter the target without a trailing dot: "+p.Host+" adds it automatically")
	}
	switch {
	case r.Role != Certificate || r.Type != "CNAME" || !strings.HasPrefix(r.Value, "_"):
	case p.FieldValue(r.Type, r.Value) != r.Value && p.NoUnderscoreValue:
		out = append(out, "enter the value without its leading underscore, which "+p.Host+
			" refuses there; the name must keep its underscore")
	default:
		out = append(out,
			"if the panel does not accept a leading underscore in the value, omit it there; the name must keep its "+
				"underscore")
	}
	if from := p.BySupport(r.Type, label); from != nil {
		out = append(out,
			fmt.Sprintf("if the panel refuses the underscore in the name (reported in %s: %s), ask the support of %s to "+
				"enter the record", from.AsOf, from.URL, p.Host))
	}
	if p.Shared != "" {
		from := p.SharedSource()
		out = append(out, fmt.Sprintf("if %s, its records are edited at %s instead, whose form differs (as of %s: %s)",
			p.SharedBy, p.Shared, from.AsOf, from.URL))
	}
	if p.Slow() {
		out = append(out,
			fmt.Sprintf(
				"%s takes up to %s to publish a change: ask the service to verify only after that, or resolvers cache the "+
					"negative answer", p.Host, Span(time.Duration(p.Publish)*time.Second)))
	}
	return out
}

// ThenDelete returns the step that deletes a record that is not needed.
func ThenDelete(r Record) string {
	return fmt.Sprintf("then delete the %s record at %s with %s, which is not needed", r.Type, r.Label(),
		Quote(r.Value))
}
