package change

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// dnscontrol reads a report of dnscontrol preview --report. Its newer versions list each change of a record as a
// sentence; older ones only count the changes.
func (j *jsonReader) dnscontrol() {
	j.set.Format = "dnscontrol"
	start := j.next()
	var domains []string
	var other *node // the first domain that is not the zone
	var items []*node
	j.list(func() bool {
		n, ok := j.value()
		if !ok {
			return false
		}
		domain, err := canonical(n.get("domain").scalar())
		if n.kind != object || err != nil || n.get("corrections").kind != number {
			j.fail(j.place(n), "the JSON is none of these: %s", kinds)
			return false
		}
		if !slices.Contains(domains, domain) {
			domains = append(domains, domain)
		}
		n.text = domain
		if n.get("corrections").text != "0" {
			items = append(items, n)
		}
		if j.zone != "" && domain != j.zone && other == nil {
			other = n
		}
		return true
	})
	if len(j.mistakes) > 0 {
		return
	}
	if j.zone == "" && len(domains) == 1 {
		j.zone = domains[0]
	}
	switch {
	case len(domains) == 0:
		j.fail(j.position(start), "the report has no domains")
	case j.zone == "":
		j.fail(j.position(start), "the report has %d domains: the zone must be named", len(domains))
	case !slices.Contains(domains, j.zone):
		j.fail(j.place(other.get("domain")), "%s is not the zone %s", show(other.text), show(j.zone))
	default:
		j.set.Zone = j.zone
		for _, n := range items {
			if n.text == j.zone {
				j.corrections(n)
			}
		}
	}
	if other != nil {
		j.note("changes of other domains in the report are left out")
	}
	if len(j.set.Edits) == 0 && len(j.set.Open) == 0 {
		j.note("the report changes no record of %s", show(j.zone))
	}
}

// corrections reads the changes of one provider.
func (j *jsonReader) corrections(n *node) {
	details := n.get("correction_details")
	if details.kind == null {
		j.fail(j.place(n), "the report has no records, only the number of changes: this version of DNSControl writes no "+
			"correction_details; use a newer one, or give the new zone as a zone file (dnscontrol get-zones --format=zone)")
		return
	}
	for _, d := range details.items {
		for line := range strings.Lines(d.scalar()) {
			if line = strings.TrimSpace(colors.ReplaceAllString(line, "")); line != "" && !j.full() {
				j.correction(j.place(d), line)
			}
		}
	}
}

// colors are the escape sequences of colored text.
var colors = regexp.MustCompile("\x1b\\[[0-9;]*m")

// correction reads one sentence: "+ CREATE shop.example.com A 203.0.113.9 ttl=300".
func (j *jsonReader) correction(at Position, line string) {
	c := &cursor{text: line}
	verb, _ := c.word()
	if strings.Trim(verb, "+-±") == "" {
		verb, _ = c.word()
	}
	if !slices.Contains([]string{"CREATE", "DELETE", "MODIFY", "CHANGE", "MODIFY-TTL"}, verb) {
		j.note("%s: %s is no change of a record and is left out", at, quote(line))
		return
	}
	w, _ := c.word()
	name, err := canonical(w)
	if err != nil {
		j.fail(at, "%s", err)
		return
	}
	if !j.inside(at, name) || !j.count(at) {
		return
	}
	kind, _ := c.word()
	rest, _ := c.rest()
	rrtype, ok := recordType(kind)
	switch {
	case isAlias(kind):
		j.correctionAlias(at, verb, name, rest)
		return
	case !ok:
		j.open(at, name, 0, "DNSControl's "+quote(kind)+" is no type of the DNS")
		return
	}
	switch verb {
	case "CREATE":
		if rec, ok := j.sentence(at, name, rrtype, rest); ok {
			j.add(at, name, rec)
		}
	case "DELETE":
		if rec, ok := j.sentence(at, name, rrtype, rest); ok {
			j.remove(at, name, rrtype, rec.rr)
		}
	default:
		j.modify(at, name, rrtype, rest)
	}
}

// modify reads what follows MODIFY, "(OLD ttl=60) -> (NEW ttl=300)", and MODIFY-TTL, "VALUE ttl=(60->300)". Some
// versions leave out the TTLs of the former, or have the TTLs of the latter before the value.
func (j *jsonReader) modify(at Position, name string, rrtype uint16, rest string) {
	if end := strings.LastIndexByte(rest, ')'); end >= 0 && !slices.ContainsFunc(strings.Fields(rest[end+1:]),
		func(w string) bool { return !metadata.MatchString(w) }) {
		rest = rest[:end+1] // without "id=..."
	}
	if before, after, ok := strings.Cut(rest, ") -> ("); ok && strings.HasPrefix(before, "(") &&
		strings.HasSuffix(after, ")") {
		gone, okGone := j.sentence(at, name, rrtype, before[1:])
		comes, okComes := j.sentence(at, name, rrtype, strings.TrimSuffix(after, ")"))
		if okGone && okComes {
			j.remove(at, name, rrtype, gone.rr)
			j.add(at, name, comes)
		}
		return
	}
	m := newTTL.FindStringSubmatch(rest)
	if m == nil {
		j.fail(at, "%s is no change that is known of DNSControl", quote(rest))
		return
	}
	ttl, ok := j.ttl(at, m[1])
	if !ok {
		return
	}
	e := Edit{Op: TTL, Name: name, Type: rrtype, TTL: ttl, Where: at}
	if n := len(j.set.Edits); n > 0 { // once for the records of one RRset
		last := j.set.Edits[n-1]
		if last.Op == TTL && last.Name == name && last.Type == rrtype && *last.TTL == *ttl {
			return
		}
	}
	j.set.Edits = append(j.set.Edits, e)
}

var newTTL = regexp.MustCompile(`(?:^| )\(?ttl[= ]\(?[0-9]+->([0-9]+)\)`)

// metadata are the words that DNSControl adds to the data of a record.
var metadata = regexp.MustCompile(`^(ttl|proxy|flatten|id)=([^\s"]*)$`)

// otherWord is one that it adds for a provider of which nothing is known here.
var otherWord = regexp.MustCompile(` [a-z0-9_]+=[^\s"]*$`)

// sentence reads the data of a record, with the words before and after it that are not part of it.
func (j *jsonReader) sentence(at Position, name string, rrtype uint16, text string) (record, bool) {
	var rec record
	for {
		text = strings.TrimSpace(text)
		first, last := strings.IndexByte(text, ' '), strings.LastIndexByte(text, ' ')
		var word string
		switch {
		case first > 0 && metadata.MatchString(text[:first]):
			word, text = text[:first], text[first:]
		case last > 0 && metadata.MatchString(text[last+1:]):
			word, text = text[last+1:], text[:last]
		default:
			rr, wrong := j.typedAbsolute(rrtype, text)
			switch {
			case wrong == nil:
				rec.rr = rr
			case otherWord.MatchString(text):
				j.open(at, name, rrtype, "DNSControl's words in "+quote(text)+" are not known")
			default:
				j.fail(at, "%s", wrong.why)
			}
			return rec, wrong == nil
		}
		m := metadata.FindStringSubmatch(word)
		switch {
		case m[1] == "ttl":
			n, err := strconv.ParseUint(m[2], 10, 31)
			if err != nil {
				j.fail(at, "%s is not a TTL", quote(m[2]))
				return rec, false
			}
			ttl := uint32(n)
			rec.ttl = &ttl
			j.automaticTTL(&rec)
		case m[1] == "proxy":
			value, _, _ := strings.Cut(m[2], ",") // "true,flatten=false"
			rec.proxied = value == "true" || value == "on" || value == "full"
		}
	}
}

// correctionAlias reads the change of an ALIAS.
func (j *jsonReader) correctionAlias(at Position, verb, name, rest string) {
	word, _, _ := strings.Cut(rest, " ")
	if verb == "DELETE" {
		for _, t := range aliasTypes {
			j.remove(at, name, t, nil)
		}
		return
	}
	if verb != "CREATE" {
		if _, after, ok := strings.Cut(rest, ") -> ("); ok {
			word, _, _ = strings.Cut(strings.TrimSuffix(after, ")"), " ")
		} else {
			j.note("%s: the TTL of an alias is left out", at)
			return
		}
	}
	target, err := canonical(word)
	if err != nil {
		j.fail(at, "%s", err)
		return
	}
	j.alias(at, name, 0, target, nil)
}
