package catalog

import (
	"fmt"
	"strings"
	"time"

	"domdoc/catalog/hosts"
)

// steps is a fix that is words alone.
func Steps(s ...string) Fix { return Fix{Steps: s} }

// the names a record in a sentence: "the verification record _verify.shop.example.com (TXT)".
func Named(r Record) string { return "the " + r.Role.Phrase() + " " + r.Name + " (" + r.Type + ")" }

// at names the place where a zone is edited.
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

// publish is the fix that ends with one record being there, in the words of the DNS host's own pages.
func Publish(r Record, lines ...string) Fix {
	p := hosts.PanelOf(r.Host)
	r.TTL = max(orTTL(r.TTL), p.MinTTL)
	if r.Type == AliasType {
		return Alias(r, p, lines)
	}
	lines = append(lines, fmt.Sprintf("%s%stype %s, %s %s, %s %s, TTL %d", Where(r), AddVerb, r.Type, p.Name,
		p.Label(r.Name, r.Label()),
		p.Value, p.FieldValue(r.Type, r.Value), r.TTL))
	lines = append(lines, panelNotes(p, r)...)
	return Fix{Steps: lines, Records: []Record{r}, Commands: []string{DigResolver(r.Name, r.Type, "")}}
}

// addVerb stands in a step between the place and the record.
const AddVerb = ", add: "

// orTTL is the TTL to publish with: one that the service accepts (60 to 86400 seconds), 300 where nothing was said.
func orTTL(ttl int) int {
	if ttl == 0 {
		return 300
	}
	return min(max(ttl, 60), 86400)
}

// keep says that further records of the same name and type stay.
func DoNotChange(r Record) string {
	return fmt.Sprintf(
		"leave the other %s records at %s as they are: a name can have several, and they belong to other services",
		r.Type, r.Label())
}

// AliasType stands for what a host offers to lead the zone's own name to another name: ALIAS, ANAME, flattening. It
// is no type of the DNS.
const AliasType = "ALIAS"

// alias is the fix for a name that can have no CNAME: the zone's own, and one that has other records.
func Alias(r Record, p hosts.Panel, lines []string) Fix {
	apex := r.Label() == "@"
	why := "a CNAME would hide its other records"
	if apex {
		why = "an ordinary CNAME is not allowed at the zone's own name"
	}
	f := Fix{Records: []Record{r}, Commands: []string{DigResolver(r.Name, "A", "")}}
	switch {
	case p.Alias == "" && !p.NoAlias && apex:
		lines = append(lines, fmt.Sprintf("%s, add an ALIAS, ANAME or flattened record for the zone itself (@) to %s: %s",
			Where(r), r.Value, why),
			"where the host has none of these: attach www."+r.Zone+" and redirect the bare name to it")
	case p.Alias == "" && !p.NoAlias:
		lines = append(lines, fmt.Sprintf("%s, add an ALIAS or ANAME record at %s to %s, where the host has these: %s",
			Where(r), r.Label(), r.Value, why))
	case p.NoAlias:
		lines = append(lines,
			fmt.Sprintf(
				"%s offers no alias for a zone's own name: attach www.%s and redirect the bare name to it, or move the "+
					"zone to a host that does", p.Host, r.Zone))
		f.Records = nil // there is nothing of the kind to type in
	case apex:
		lines = append(lines, fmt.Sprintf("%s, add %s, leading to %s: %s", Where(r), p.Alias, r.Value, why))
		if p.Proxy != "" {
			lines = append(lines, p.Proxy)
		}
	default:
		lines = append(lines, fmt.Sprintf("%s, add at %s %s, leading to %s: %s", Where(r), p.Label(r.Name, r.Label()),
			p.Alias, r.Value,
			why))
	}
	f.Steps = lines
	return f
}

// notes are what to mind in this panel, for this record.
func panelNotes(p hosts.Panel, r Record) []string {
	var out []string
	label := r.Label()
	switch {
	case p.Host == "" && label != r.Name && label != "@":
		out = append(out, fmt.Sprintf("type only %q as the name where the panel adds %s by itself", label, r.Zone))
	case p.Host != "" && !p.Whole && label != "@" && label != r.Name:
		out = append(out, fmt.Sprintf("type only %q into %q: %s adds %s by itself", label, p.Name, p.Host, r.Zone))
	}
	if p.Proxy != "" && (r.Type == "CNAME" || r.Type == "A" || r.Type == "AAAA") {
		out = append(out, p.Proxy)
	}
	if p.Quotes && r.Type == "TXT" {
		out = append(out, "keep the quotation marks around the value: "+p.Host+
			" asks for them, and they do not become part of it")
	}
	if r.Type == "CNAME" && !p.Dot && p.Host != "" {
		out = append(out, "type the target without a dot at its end: "+p.Host+" adds it by itself")
	}
	if r.Role == Certificate && r.Type == "CNAME" && strings.HasPrefix(r.Value, "_") {
		out = append(out,
			"where the value may not begin with an underscore, leave that one out; the name must keep its own")
	}
	if p.Slow() {
		out = append(out,
			fmt.Sprintf(
				"%s publishes a change up to %s later: ask the service to verify only then, or the earlier \"no\" is "+
					"remembered", p.Host, Span(time.Duration(p.Publish)*time.Second)))
	}
	return out
}

// thenDelete is the step that deletes a record which did its work, or never did any.
func ThenDelete(r Record) string {
	return fmt.Sprintf("then delete the %s record at %s with %s, which nothing needs", r.Type, r.Label(),
		Quote(r.Value))
}
