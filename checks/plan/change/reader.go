package change

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"domdoc/catalog/sanitize"

	"github.com/miekg/dns"
)

// reader collects the edits, mistakes and notes of one input.
type reader struct {
	file string
	data string // the text, without byte order mark and with "\n" at the ends of lines
	zone string // the zone that all records are in; empty while it is not known
	set  *Set

	mistakes []Mistake
	more     bool
	said     map[string]bool
	hidden   int  // notes beyond maxNotes
	complete bool // a file of a format of changes that has all records of a zone
	records  int
	sets     map[rrset]int       // the index of the Replace edit of an RRset
	seen     map[string]struct{} // the index of a Replace edit with the data of each of its records
	buffer   []byte

	lines []int // where lines begin in data
	at    struct{ offset, line, column int }
}

type rrset struct {
	name   string
	rrtype uint16
}

func newReader(file, format, zone string) *reader {
	return &reader{
		file: file, zone: zone, set: &Set{Format: format},
		said: map[string]bool{}, sets: map[rrset]int{}, seen: map[string]struct{}{},
	}
}

// position converts an offset. Offsets that follow one another cost their distance.
func (r *reader) position(offset int) Position {
	if r.lines == nil {
		r.lines = append(r.lines, 0)
		for i := 0; ; {
			next := strings.IndexByte(r.data[i:], '\n')
			if next < 0 {
				break
			}
			i += next + 1
			r.lines = append(r.lines, i)
		}
		r.at.line = -1
	}
	offset = min(max(offset, 0), len(r.data))
	line := sort.SearchInts(r.lines, offset+1) - 1
	switch {
	case line != r.at.line:
		r.at.column = utf8.RuneCountInString(r.data[r.lines[line]:offset]) + 1
	case offset >= r.at.offset:
		r.at.column += utf8.RuneCountInString(r.data[r.at.offset:offset])
	default:
		r.at.column -= utf8.RuneCountInString(r.data[offset:r.at.offset])
	}
	r.at.offset, r.at.line = offset, line
	return Position{File: r.file, Line: line + 1, Column: r.at.column}
}

// full reports whether there are so many mistakes that the rest is not read.
func (r *reader) full() bool { return r.more }

func (r *reader) fail(at Position, format string, args ...any) {
	if len(r.mistakes) == maxMistakes {
		r.more = true
		return
	}
	r.mistakes = append(r.mistakes, Mistake{at, fmt.Sprintf(format, args...)})
}

// note says a sentence once.
func (r *reader) note(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	switch {
	case r.said[s]:
	case len(r.said) == maxNotes:
		r.hidden++
	default:
		r.said[s] = true
		r.set.Notes = append(r.set.Notes, s)
	}
}

// open notes a change whose outcome the input does not say.
func (r *reader) open(at Position, name string, rrtype uint16, why string) {
	o := Open{Name: name, Type: rrtype, Why: why, Where: at}
	r.set.Open = append(r.set.Open, o)
	r.note("%s", o)
}

// String is the note about it.
func (o Open) String() string {
	who := "a record"
	if o.Name != "" {
		who = show(o.Name)
	}
	if o.Type != 0 {
		who += " " + typeName(o.Type)
	}
	return fmt.Sprintf("%s: %s: %s", o.Where, who, o.Why)
}

// finish returns the set, or all mistakes.
func (r *reader) finish() (*Set, error) {
	if r.hidden > 0 {
		r.set.Notes = append(r.set.Notes, fmt.Sprintf("and %d more", r.hidden))
	}
	r.fit()
	if len(r.mistakes) > 0 {
		sort.SliceStable(r.mistakes, func(i, k int) bool {
			a, b := r.mistakes[i].Where, r.mistakes[k].Where
			return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
		})
		return nil, &Error{Mistakes: r.mistakes, More: r.more}
	}
	return r.set, nil
}

// fit fails where an RRset has more data than a message can carry (RFC 1035 4.2.2).
func (r *reader) fit() {
	size := map[rrset]int{}
	for _, e := range r.set.Edits {
		set := rrset{e.Name, e.Type}
		if e.Op == Replace || e.Op == Remove && len(e.RRs) == 0 {
			size[set] = 0
		}
		if !e.Makes() || size[set] > dns.MaxMsgSize {
			continue
		}
		for _, rr := range e.RRs {
			const pointer = 2 // to the name
			size[set] += dns.Len(rr) - len(rr.Header().Name) - 1 + pointer
		}
		if size[set] > dns.MaxMsgSize {
			r.fail(e.Where, "the %s records of %s do not fit in a DNS message, which has at most 65535 octets (RFC 1035 4.2.2)",
				typeName(e.Type), show(e.Name))
		}
	}
}

// count counts a record. It returns false, once there are too many.
func (r *reader) count(at Position) bool {
	if r.records++; r.records == MaxRecords+1 {
		r.fail(at, "more than %d records", MaxRecords)
		r.more = true
	}
	return r.records <= MaxRecords
}

// inside reports whether a name is in the zone, and fails otherwise.
func (r *reader) inside(at Position, name string) bool {
	if inZone(name, r.zone) {
		return true
	}
	r.fail(at, "%s is not in the zone %s", show(name), show(r.zone))
	return false
}

// inZone reports whether a name is the zone's or below it. Both are canonical.
func inZone(name, zone string) bool {
	head, ok := strings.CutSuffix(name, zone)
	if !ok || zone == "" {
		return false
	}
	if head == "" {
		return true
	}
	head, ok = strings.CutSuffix(head, ".")
	return ok && !escaped(head)
}

// escaped reports whether a backslash takes the meaning of what follows a text.
func escaped(before string) bool {
	return (len(before)-len(strings.TrimRight(before, `\`)))%2 == 1
}

// record is a record with what the input says about its TTL.
type record struct {
	rr      dns.RR // without name and TTL
	ttl     *uint32
	proxied bool
}

// replace adds a record to the RRset that the input gives a name. Its other records come with further calls.
func (r *reader) replace(at Position, name string, rec record) {
	r.own(name, &rec)
	rrtype := rec.rr.Header().Rrtype
	i, ok := r.sets[rrset{name, rrtype}]
	fresh := !ok || r.set.Edits[i].Alias != ""
	if fresh {
		i = len(r.set.Edits)
	}
	key := strconv.Itoa(i) + " " + r.packed(rec.rr)
	if _, twice := r.seen[key]; twice {
		r.note("%s: the %s record of %s is there twice, with the same value", at, typeName(rrtype), show(name))
		return
	}
	r.seen[key] = struct{}{}
	if fresh {
		r.sets[rrset{name, rrtype}] = i
		r.set.Edits = append(r.set.Edits, Edit{
			Op: Replace, Name: name, Type: rrtype, RRs: []dns.RR{rec.rr}, TTL: rec.ttl, Proxied: rec.proxied, Where: at,
		})
		return
	}
	e := &r.set.Edits[i]
	e.RRs = append(e.RRs, rec.rr)
	e.Proxied = e.Proxied || rec.proxied
	if rec.ttl == nil || e.TTL != nil && *rec.ttl == *e.TTL {
		return
	}
	if e.TTL != nil {
		r.note("%s: the %s records of %s have different TTLs; the lowest counts, as they are one RRset (RFC 2181 5.2)",
			at, typeName(rrtype), show(name))
	}
	if e.TTL == nil || *rec.ttl < *e.TTL {
		e.TTL = rec.ttl
	}
}

// add appends an edit of one record.
func (r *reader) add(at Position, name string, rec record) {
	r.own(name, &rec)
	r.set.Edits = append(r.set.Edits, Edit{
		Op: Add, Name: name, Type: rec.rr.Header().Rrtype, RRs: []dns.RR{rec.rr}, TTL: rec.ttl, Proxied: rec.proxied,
		Where: at,
	})
}

// remove appends an edit that removes a record, or with nil the RRset.
func (r *reader) remove(at Position, name string, rrtype uint16, rr dns.RR) {
	e := Edit{Op: Remove, Name: name, Type: rrtype, Where: at}
	if rr != nil {
		r.own(name, &record{rr: rr})
		e.RRs = []dns.RR{rr}
	}
	delete(r.sets, rrset{name, rrtype})
	r.set.Edits = append(r.set.Edits, e)
}

// alias appends an edit for an alias of the DNS host; without a type, both types of addresses.
func (r *reader) alias(at Position, name string, rrtype uint16, target string, ttl *uint32) {
	types := []uint16{rrtype}
	if rrtype == 0 {
		types = []uint16{dns.TypeA, dns.TypeAAAA}
	}
	for _, t := range types {
		r.set.Edits = append(r.set.Edits, Edit{Op: Replace, Name: name, Type: t, Alias: target, TTL: ttl, Where: at})
		r.sets[rrset{name, t}] = len(r.set.Edits) - 1
	}
	r.note("%s: %s is an alias: its DNS host answers with the addresses of %s", at, show(name), show(target))
}

// own gives a record its header.
func (r *reader) own(name string, rec *record) {
	h := rec.rr.Header()
	h.Name, h.Class = dns.Fqdn(name), dns.ClassINET
	h.Ttl = 0
	if rec.ttl != nil {
		h.Ttl = *rec.ttl
	}
}

// settle gives the records of each edit the TTL that counts for their RRset.
func (r *reader) settle() {
	for _, e := range r.set.Edits {
		if e.TTL == nil {
			continue
		}
		for _, rr := range e.RRs {
			rr.Header().Ttl = *e.TTL
		}
	}
}

// packed returns the data of a record in wire format.
func (r *reader) packed(rr dns.RR) string {
	name := rr.Header().Name
	rr.Header().Name = "."
	defer func() { rr.Header().Name = name }()
	wire, n := r.pack(rr)
	if n < 0 {
		return rr.String()
	}
	return wire
}

// pack returns the data of a record in wire format and its length; -1 if it is not valid.
func (r *reader) pack(rr dns.RR) (string, int) {
	const header = 11 // of a record of the root
	if r.buffer == nil {
		r.buffer = make([]byte, 1<<16)
	}
	n, err := dns.PackRR(rr, r.buffer, 0, nil, false)
	if err != nil || n < header {
		return "", -1
	}
	return string(r.buffer[header:n]), n - header
}

// show is a name as people may read it, safe to print.
func show(name string) string {
	if name == "" {
		return "."
	}
	return sanitize.Text(name, 80)
}

// quote is a piece of the input in quotation marks, safe to print.
func quote(s string) string { return strconv.Quote(sanitize.Text(strings.TrimSpace(s), 60)) }

// plainText checks that a file is text, and returns it without a byte order mark and with "\n" at the ends of lines.
func plainText(file string, data []byte) (string, error) {
	refuse := func(at Position, format string, args ...any) (string, error) {
		at.File = file
		return "", &Error{Mistakes: []Mistake{{at, fmt.Sprintf(format, args...)}}}
	}
	whole := Position{}
	switch {
	case len(data) > MaxBytes:
		return refuse(whole, "the file has more than %d MB", MaxBytes>>20)
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}),
		len(data) > 3 && data[0] != 0 && data[1] == 0 && data[2] != 0 && data[3] == 0,
		len(data) > 3 && data[0] == 0 && data[1] != 0 && data[2] == 0 && data[3] != 0:
		return refuse(whole, "the file is UTF-16; save it as UTF-8")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return refuse(whole, "the file is an archive; of a Terraform plan, give the output of terraform show -json FILE")
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(data, '\r') >= 0 {
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		r := &reader{file: file, data: string(data)}
		return refuse(r.position(i), "the file is not text: it has a zero byte")
	}
	return string(data), nil
}

// typeName is a type as a zone file writes it.
func typeName(rrtype uint16) string { return dns.Type(rrtype).String() }

// made are the types of records that a server makes itself while it signs a zone.
var made = []uint16{dns.TypeRRSIG, dns.TypeNSEC, dns.TypeNSEC3, dns.TypeNSEC3PARAM}

// signing reports whether a record is one that a server makes itself, and notes that it is left out.
func (r *reader) signing(rrtype uint16) bool {
	if !slices.Contains(made, rrtype) {
		return false
	}
	r.note("%s records are left out: the server that signs the zone makes them", typeName(rrtype))
	return true
}
