package change

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/miekg/dns"
)

// Flags reads changes as they are typed:
//
//	--add    'shop CNAME d1.cloudfront.net', 'shop 300 IN TXT "a" "b"'
//	--remove 'shop A 203.0.113.7', 'shop A', 'shop'
//	--set    'shop A 203.0.113.9' (the RRset is exactly that), 'shop TTL 300', 'shop A TTL 300'
//
// A name that ends with a dot or with the zone is absolute, others are relative to the zone; "@" is the zone. A
// target in a value is absolute if it has a dot. The edits are in the order remove, replace, add, TTL. The error is
// an *Error.
func Flags(zone string, adds, removes, sets []string) (*Set, error) {
	f, err := newFlags(zone)
	if err != nil {
		return nil, err
	}
	for _, v := range removes {
		f.read("--remove", v, f.removed)
	}
	for _, v := range sets {
		f.read("--set", v, f.becomes)
	}
	for _, v := range adds {
		f.read("--add", v, f.added)
	}
	return f.end()
}

// Lines reads changes of which each is a line: the name of a flag and its value, as in Flags. Empty lines, and those
// that begin with "#" or ";", say nothing.
//
//	add shop CNAME d1.cloudfront.net
//	remove shop A 203.0.113.7
//	set shop TTL 300
func Lines(zone string, lines []string) (*Set, error) {
	f, err := newFlags(zone)
	if err != nil {
		return nil, err
	}
	use := map[string]func(string, *cursor){"add": f.added, "remove": f.removed, "set": f.becomes}
	for i, line := range lines {
		c := &cursor{text: line}
		word, _ := c.word()
		if word == "" || word[0] == '#' || word[0] == ';' {
			continue
		}
		verb := strings.ToLower(strings.TrimLeft(word, "-"))
		value, offset := c.rest()
		if q := len(value) - 1; q > 0 && value[0] == '\'' && value[q] == '\'' { // as for a shell
			value = value[1:q]
			offset++
		}
		f.line, f.indent = i+1, utf8.RuneCountInString(line[:offset])
		if use[verb] == nil {
			f.fail(Position{Line: f.line, Column: 1}, "a change begins with add, remove or set, not with %s", quote(word))
			continue
		}
		f.read("", value, use[verb])
	}
	if len(f.set.Edits) == 0 && len(f.mistakes) == 0 {
		f.fail(Position{Line: 1, Column: 1}, "there is no change; an example is add shop A 203.0.113.7")
	}
	return f.end()
}

func newFlags(zone string) (*flags, error) {
	zone, err := zoneName(zone)
	if err == nil && zone == "" {
		err = errors.New("the zone of the changes is not known")
	}
	if err != nil {
		return nil, &Error{Mistakes: []Mistake{{Position{Flag: "zone"}, err.Error()}}}
	}
	return &flags{reader: newReader("", "flags", zone)}, nil
}

// end brings the edits into their order.
func (f *flags) end() (*Set, error) {
	order := []Op{Remove, Replace, Add, TTL}
	slices.SortStableFunc(f.set.Edits, func(a, b Edit) int {
		return slices.Index(order, a.Op) - slices.Index(order, b.Op)
	})
	f.settle()
	f.contradictions()
	return f.finish()
}

type flags struct {
	*reader
	flag, value  string
	line, indent int // of Lines: the number of the line, and the characters before the value; 0 in flags
}

// place is a position in the flag that is read.
func (f *flags) place(offset int) Position {
	column := utf8.RuneCountInString(f.value[:min(offset, len(f.value))]) + 1
	if f.line > 0 {
		return Position{Line: f.line, Column: f.indent + column}
	}
	return Position{Flag: f.flag + " " + f.value, Column: column}
}

func (f *flags) read(flag, value string, use func(name string, c *cursor)) {
	f.flag, f.value = flag, value
	if strings.ContainsAny(value, "\n\r\x00") || !utf8.ValidString(value) {
		f.fail(f.place(0), "the value is not one line of text")
		return
	}
	c := &cursor{text: value}
	w, offset := c.word()
	if w == "" {
		f.fail(f.place(0), "the value is empty; an example is 'shop A 203.0.113.7'")
		return
	}
	name, err := f.name(f.place(offset), w)
	if err != nil {
		f.fail(f.place(offset), "%s", err)
		return
	}
	if f.inside(f.place(offset), name) && f.count(f.place(offset)) {
		use(name, c)
	}
}

// name reads a name as people type it. It is below the zone, unless it ends with a dot or with the zone.
func (r *reader) name(at Position, w string) (string, error) {
	if w == "@" {
		return r.zone, nil
	}
	if i := strings.IndexAny(w, `:/@",;()`); i >= 0 {
		return "", fmt.Errorf("%s is not a name: it has a %q", quote(w), w[i])
	}
	if absolute(w) {
		return canonical(w)
	}
	name, err := canonical(w)
	if err != nil {
		return "", err
	}
	if inZone(name, r.zone) {
		return name, nil
	}
	if classic(name) {
		r.note("%s: %s is taken as %s; with a dot at its end, it is not in the zone", at, show(name),
			show(below(name, r.zone)))
	}
	return canonical(below(name, r.zone))
}

// pasted makes a target absolute that was typed without a dot at its end: it is absolute if it has a dot.
func (r *reader) pasted(rel string) string {
	switch {
	case rel == "@":
		return dns.Fqdn(r.zone)
	case strings.Contains(strings.ReplaceAll(rel, `\.`, ""), "."):
		return rel + "."
	}
	return dns.Fqdn(below(rel, r.zone))
}

// values reads the data of a record as people type it.
func (r *reader) typed(rrtype uint16, text string) (dns.RR, *malformed) {
	if (rrtype == dns.TypeTXT || rrtype == dns.TypeSPF) && !strings.HasPrefix(text, `"`) && text != "" &&
		!strings.HasPrefix(text, `\#`) {
		text = textData(text)
	}
	return r.parse(rrtype, text, r.pasted)
}

// data reads the type and the value of a flag.
func (f *flags) data(c *cursor) (rec record, alias string, ok bool) {
	h := readHead(c)
	if h.ttl != "" {
		if rec.ttl, ok = f.ttl(f.place(h.ttlAt), h.ttl); !ok {
			return rec, "", false
		}
	}
	if isAlias(h.word) {
		name, err := canonical(f.pasted(strings.TrimSuffix(h.data, ".")))
		if err != nil {
			f.fail(f.place(h.dataAt), "%s", err)
		}
		return rec, name, err == nil
	}
	if !f.check(f.place, h) {
		return rec, "", false
	}
	rr, wrong := f.typed(h.rrtype, h.data)
	if wrong != nil {
		f.fail(f.place(h.dataAt+max(wrong.offset, 0)), "%s", wrong.why)
		return rec, "", false
	}
	rec.rr = rr
	return rec, "", true
}

func (f *flags) added(name string, c *cursor) {
	rec, alias, ok := f.data(c)
	switch {
	case alias != "":
		f.alias(f.place(0), name, 0, alias, rec.ttl)
	case ok:
		f.add(f.place(0), name, rec)
	}
}

func (f *flags) removed(name string, c *cursor) {
	before := *c
	h := readHead(c)
	switch {
	case h.word == "" && h.ttl == "" && h.class == 0, strings.EqualFold(h.word, "ANY") && h.data == "":
		f.remove(f.place(0), name, 0, nil)
	case isAlias(h.word):
		f.remove(f.place(0), name, dns.TypeA, nil)
		f.remove(f.place(0), name, dns.TypeAAAA, nil)
	case h.known && h.data == "" && h.class <= dns.ClassINET:
		f.remove(f.place(0), name, h.rrtype, nil)
	default:
		if rec, _, ok := f.data(&before); ok {
			f.remove(f.place(0), name, rec.rr.Header().Rrtype, rec.rr)
		}
	}
}

// becomes reads --set.
func (f *flags) becomes(name string, c *cursor) {
	words, before := *c, *c
	var rrtype uint16
	w, _ := words.word()
	if t, ok := recordType(w); ok {
		rrtype = t
		w, _ = words.word()
	}
	if strings.EqualFold(w, "TTL") {
		w, offset := words.word()
		if rest, extra := words.rest(); rest != "" {
			f.fail(f.place(extra), "%s is after the TTL", quote(rest))
			return
		}
		if n, ok := f.ttl(f.place(offset), w); ok {
			f.set.Edits = append(f.set.Edits, Edit{Op: TTL, Name: name, Type: rrtype, TTL: n, Where: f.place(0)})
		}
		return
	}
	rec, alias, ok := f.data(&before)
	switch {
	case alias != "":
		f.alias(f.place(0), name, 0, alias, rec.ttl)
	case ok:
		f.replace(f.place(0), name, rec)
	}
}

// contradictions fails for records that are both added and removed, and for two TTLs of one RRset.
func (f *flags) contradictions() {
	key := func(e Edit) string { return e.Name + "\x00" + typeName(e.Type) + "\x00" + f.packed(e.RRs[0]) }
	gone, ttls := map[string]bool{}, map[rrset]uint32{}
	for _, e := range f.set.Edits {
		switch {
		case e.Op == Remove && len(e.RRs) > 0:
			gone[key(e)] = true
		case e.Op == Add && gone[key(e)]:
			f.fail(e.Where, "the same record is removed by another flag")
		case e.Op == TTL:
			before, twice := ttls[rrset{e.Name, e.Type}]
			if twice && before != *e.TTL {
				f.fail(e.Where, "another flag sets another TTL of the same records")
			}
			ttls[rrset{e.Name, e.Type}] = *e.TTL
		}
	}
}

// zoneName is the name of a zone in the form of Edit.Name.
func zoneName(zone string) (string, error) {
	if zone = strings.TrimSpace(zone); zone == "" || zone == "." {
		return "", nil
	}
	name, err := canonical(zone)
	if err != nil {
		return "", errors.New("the name of the zone: " + err.Error())
	}
	return name, nil
}
