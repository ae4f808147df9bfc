package change

import (
	"strings"

	"github.com/miekg/dns"
)

// zoneFile reads a zone file (RFC 1035 5.1, $TTL of RFC 2308 4). Each RRset of it becomes a Replace edit.
type zoneFile struct {
	*reader
	origin     string // canonical, or "." for the root; empty while it is not known
	owner      string // of the entry before
	directive  *uint32
	last       *uint32 // the TTL that was given last, which counts where there is no $TTL
	named      string  // the first absolute $ORIGIN
	cloudflare bool    // it is an export of Cloudflare
	home       string  // the zone that its head names
}

func readZone(file, data, zone string) *reader {
	z := &zoneFile{reader: newReader(file, "zone", zone), origin: zone}
	z.data = data
	z.cloudflare = strings.Contains(data, "cf_tags=")
	if _, head, ok := strings.Cut(data, ";; Domain:"); ok && strings.Contains(head, ";; Exported:") {
		line, _, _ := strings.Cut(head, "\n")
		z.cloudflare = true
		z.home, _ = zoneName(line)
	}
	if z.origin == "" {
		z.origin = z.home
	}
	entries(data, z.entry, func(offset int, problem string) { z.fail(z.position(offset), "%s", problem) })
	if z.set.Zone == "" {
		z.set.Zone = z.named
	}
	z.settle()
	if z.zone == "" {
		z.zone = z.set.Zone
	}
	switch {
	case len(z.mistakes) > 0:
	case len(z.set.Edits) == 0:
		z.fail(Position{File: file}, "the file has no records")
	case z.zone == "":
		z.fail(Position{File: file}, "the file does not say of which zone it is: it has no SOA record and no $ORIGIN")
	default:
		for _, e := range z.set.Edits {
			if z.full() {
				break
			}
			z.inside(e.Where, e.Name)
		}
	}
	return z.reader
}

// entry reads one entry. It returns false where reading ends.
func (z *zoneFile) entry(e entry) bool {
	c := &cursor{text: e.text}
	at := func(offset int) Position { return z.position(e.offset + offset) }
	if !e.blank {
		w, offset := c.word()
		if w[0] == '$' {
			z.direct(strings.ToUpper(w), offset, c, at)
			return !z.full()
		}
		name, ok := z.name(w, at, offset)
		if !ok {
			z.owner = ""
			return !z.full()
		}
		z.owner = name
	}
	h := readHead(c)
	if z.owner == "" {
		if e.blank && len(z.mistakes) == 0 {
			z.fail(at(0), "the record has no owner: there is none before it")
		}
		return !z.full()
	}
	z.record(e, h, at)
	return !z.full()
}

// name makes an owner absolute.
func (z *zoneFile) name(w string, at func(int) Position, offset int) (string, bool) {
	text := w
	switch {
	case z.atHome(w) && w == "@":
		return z.home, true
	case !absolute(w) && !z.atHome(w):
		if z.origin == "" {
			z.fail(at(offset), "%s is relative, and the zone is not known: there is no $ORIGIN before it", quote(w))
			return "", false
		}
		text = below(w, z.origin)
	}
	name, err := canonical(text)
	if err != nil {
		z.fail(at(offset), "%s", err)
	}
	return name, err == nil
}

// atHome reports whether a name without a dot at its end is absolute: Cloudflare writes that of the SOA record so, or
// as "@" of the root.
func (z *zoneFile) atHome(w string) bool {
	if z.home == "" || absolute(w) {
		return false
	}
	name, err := canonical(w)
	return w == "@" && z.origin == "." || err == nil && inZone(name, z.home)
}

func (z *zoneFile) record(e entry, h head, at func(int) Position) {
	if z.alias(h, at) || !z.check(at, h) || !z.count(at(h.wordAt)) {
		return
	}
	ttl := z.directive
	if ttl == nil {
		ttl = z.last
	}
	if h.ttl != "" {
		n, ok := z.ttl(at(h.ttlAt), h.ttl)
		if !ok {
			return
		}
		ttl, z.last = n, n
	}
	if z.signing(h.rrtype) {
		return
	}
	written := false
	rr, wrong := z.parse(h.rrtype, h.data, func(rel string) string {
		if z.cloudflare && strings.Contains(rel, ".") { // those of its SOA record have no dot at their end
			return rel + "."
		}
		written = true
		if z.origin == "" {
			return ""
		}
		return dns.Fqdn(below(rel, z.origin))
	})
	if wrong != nil {
		z.fail(at(h.dataAt+max(wrong.offset, 0)), "%s", wrong.why)
		return
	}
	owner := at(0)
	if h.rrtype == dns.TypeSOA && !z.apex(owner) {
		return
	}
	rec := record{rr: rr, ttl: ttl}
	if z.cloudflare {
		z.tags(owner, e.comment, &rec)
	}
	if e.cut && h.rrtype == dns.TypeTXT && !strings.Contains(h.data, `"`) {
		z.note("%s: the TXT record of %s ends at its semicolon, which begins a comment outside of quotation marks", owner,
			show(z.owner))
	}
	if strings.Contains(e.comment, "AWS routing=") { // of cli53
		z.open(owner, z.owner, h.rrtype, oneOfSeveral)
		return
	}
	z.doubled(owner, z.owner, rr, written)
	z.words(owner, z.owner, h)
	z.replace(owner, z.owner, rec)
}

// alias reads what is no record of the DNS: ALIAS, ANAME, and "AWS ALIAS A target zone-id false" of cli53.
func (z *zoneFile) alias(h head, at func(int) Position) bool {
	c := &cursor{text: h.data}
	var rrtype uint16
	word := h.word
	if strings.EqualFold(word, "AWS") {
		word, _ = c.word()
		t, _ := c.word()
		rrtype, _ = recordType(t)
	}
	if !isAlias(word) {
		return false
	}
	to, offset := c.word()
	name, ok := z.name(to, at, h.dataAt+offset)
	if ok && z.count(at(0)) {
		z.reader.alias(at(0), z.owner, rrtype, name, nil)
	}
	return true
}

// apex takes the owner of the SOA record as the zone's name. It returns false if the file is of another zone.
func (z *zoneFile) apex(at Position) bool {
	if z.set.Zone == "" {
		z.set.Zone = z.owner
	}
	if z.zone == "" || z.zone == z.owner {
		return true
	}
	z.fail(at, "this is a zone file of %s, not of %s", show(z.owner), show(z.zone))
	z.more = true
	return false
}

// tags reads what Cloudflare says in its comments, and its TTL "automatic".
func (z *zoneFile) tags(at Position, comment string, rec *record) {
	if strings.Contains(comment, "cf-proxied:true") {
		rec.proxied = true
	}
	z.automatic(at, z.owner, rec)
}

// automatic replaces the TTL 1, with which Cloudflare says "automatic": 300 seconds.
func (r *reader) automatic(at Position, name string, rec *record) {
	if rec.ttl != nil && *rec.ttl == 1 {
		rec.ttl = new(uint32)
		*rec.ttl = 300
		r.note("a TTL of 1 is Cloudflare's automatic one: 300 seconds")
	}
	if rec.proxied {
		r.note("%s: %s is proxied by Cloudflare, which answers with addresses of its own instead of the value", at,
			show(name))
	}
}

// direct follows a directive.
func (z *zoneFile) direct(word string, offset int, c *cursor, at func(int) Position) {
	switch word {
	case "$ORIGIN":
		w, argument := c.word()
		if w == "" {
			z.fail(at(offset), "$ORIGIN has no name")
			return
		}
		name, ok := ".", true
		if w != "." { // BIND writes names below the root
			name, ok = z.name(w, at, argument)
		}
		if !ok {
			return
		}
		z.origin = name
		if z.named == "" && absolute(w) && w != "." {
			z.named = name
		}
	case "$TTL":
		w, argument := c.word()
		if n, ok := z.ttl(at(argument), w); ok {
			z.directive = n
		}
	case "$INCLUDE":
		z.fail(at(offset), "$INCLUDE is not followed: put the records of that file here")
	case "$GENERATE":
		z.generate(c, offset, at)
		return
	default:
		z.fail(at(offset), "%s is not a directive of zone files", quote(word))
		return
	}
	if rest, extra := c.rest(); rest != "" && word != "$INCLUDE" {
		z.fail(at(extra), "%s is after the end of %s", quote(rest), word)
	}
}

// generate makes the records of a $GENERATE, which is BIND's.
func (z *zoneFile) generate(c *cursor, offset int, at func(int) Position) {
	steps, _ := c.word()
	left, _ := c.word()
	h := readHead(c)
	if !z.check(at, h) {
		return
	}
	ttl := z.directive
	if ttl == nil {
		ttl = z.last
	}
	if h.ttl != "" {
		n, ok := z.ttl(at(h.ttlAt), h.ttl)
		if !ok {
			return
		}
		ttl = n
	}
	if z.origin == "" && !absolute(left) {
		z.fail(at(offset), "$GENERATE has a relative name, and the zone is not known")
		return
	}
	// The parser makes the names. It does not use $TTL there, so the TTL is set afterwards.
	text := "$GENERATE " + steps + " " + left + " 0 IN " + typeName(h.rrtype) + " " + h.data + "\n"
	zp := dns.NewZoneParser(strings.NewReader(text), dns.Fqdn(z.origin), "")
	n := 0
	for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
		name, err := canonical(rr.Header().Name)
		_, size := -1, 0
		if err == nil {
			err = names(rr, target)
			rr.Header().Name = "."
			_, size = z.pack(rr)
		}
		if err != nil || size <= 0 || rr.Header().Rrtype != h.rrtype {
			z.fail(at(offset), "$GENERATE makes a record that is not valid")
			return
		}
		if !z.count(at(offset)) {
			return
		}
		z.replace(at(offset), name, record{rr: rr, ttl: ttl})
		n++
	}
	if err := zp.Err(); err != nil || n == 0 {
		z.fail(at(offset), "$GENERATE is not valid, or has more than 65536 steps: %s", quote(steps+" "+left))
	}
}
