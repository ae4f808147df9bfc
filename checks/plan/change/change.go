// Package change reads the changes of DNS records that a plan is asked about. They come from flags and from the files
// of other software: zone files, nsupdate, Route 53, octoDNS, DNSControl, Terraform.
package change

import (
	"fmt"
	"strconv"
	"strings"

	"domdoc/catalog/sanitize"

	"github.com/miekg/dns"
)

// Op is what an edit does.
type Op string

// The kinds of edits.
const (
	Add     Op = "add"     // the RRset has these records as well
	Remove  Op = "remove"  // a record, an RRset, or all records of a name are gone
	Replace Op = "replace" // the RRset has exactly these records
	TTL     Op = "ttl"     // the RRset, or each RRset of the name, has this TTL
)

// Edit is one change. The edits of a set apply in their order.
type Edit struct {
	Op Op
	// Name is the owner: A-labels in lower case, absolute, without the trailing dot, escaped as in a zone file. A
	// wildcard starts with "*.".
	Name string
	// Type is the type of the RRset. 0 stands for every type of the name: Remove of a whole name, TTL without a type.
	Type uint16
	// RRs are the records of Add and Replace. Remove has the one record that goes, or none for the whole RRset.
	// Each has the name and the type of the edit; its TTL is that of the edit, 0 where that is nil.
	RRs []dns.RR
	// TTL is in seconds. In Add and Replace, nil stands for the TTL that the RRset has before the first edit, or else
	// the zone's default. Of several edits of an RRset that have a TTL, the last one counts.
	TTL *uint32
	// Alias is the target of an alias of the DNS host (ALIAS, ANAME, a Route 53 alias), in the form of Name: the
	// RRset of this type becomes what the target has. The edit is a Replace then, and has no RRs.
	Alias string
	// Proxied says that the DNS host answers with addresses of its own proxy instead of the records (Cloudflare).
	Proxied bool
	// Fresh says that the DNS host refuses the whole change if the RRset exists already (CREATE of Route 53).
	Fresh bool
	Where Position
}

// Makes reports whether the name has a record by the edit.
func (e Edit) Makes() bool {
	return e.Op == Add || e.Op == Replace && (len(e.RRs) > 0 || e.Alias != "")
}

// Removes reports whether the name has fewer records by the edit.
func (e Edit) Removes() bool { return e.Op == Remove || e.Op == Replace && !e.Makes() }

// Open is a change that the file makes, but whose outcome it does not say: a plan cannot judge it.
type Open struct {
	Name  string // in the form of Edit.Name; empty if even that is not known
	Type  uint16 // 0 if it is not known, or no type of the DNS
	Why   string // "its value is known only after apply"
	Where Position
}

// Set is all changes of a file or of the flags.
type Set struct {
	Format string // "flags", "zone", "nsupdate", "route53", "octodns", "dnscontrol", "terraform"
	Zone   string // the zone that the file itself names, in the form of Edit.Name; empty if it names none
	// Whole says that what the file leaves out does not exist afterwards. The SOA record, the NS records of the zone
	// itself, what signing makes (RRSIG, NSEC, ...) and what Open has are not gone then: files leave them out.
	Whole bool
	Edits []Edit
	Open  []Open
	Notes []string // what was left out on purpose, and what may be meant otherwise, in words
}

// Position is a place in a file, or a flag.
type Position struct {
	File         string // empty for lines that were typed, and for flags
	Line, Column int    // from 1; the column counts characters; 0 if not known
	Flag         string // "--add shop A 203.0.113.7"; empty in a file
}

func (p Position) String() string {
	switch {
	case p.Flag != "":
		return sanitize.Text(p.Flag, 120)
	case p.File == "" && p.Line > 0:
		return fmt.Sprintf("line %d, column %d", p.Line, p.Column)
	case p.Line == 0:
		return sanitize.Text(p.File, 200)
	}
	return sanitize.Text(p.File, 200) + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}

// Mistake is one mistake in the input.
type Mistake struct {
	Where   Position
	Problem string // safe to print
}

// Error is returned for input that cannot be read. Nothing of it is used.
type Error struct {
	Mistakes []Mistake // in order of appearance, at most maxMistakes
	More     bool      // there are, or may be, more
}

func (e *Error) Error() string {
	var b strings.Builder
	for i, m := range e.Mistakes {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s", m.Where, m.Problem)
	}
	if e.More {
		b.WriteString("\nand maybe more")
	}
	return b.String()
}

// The bounds of the input.
const (
	MaxBytes    = 64 << 20
	MaxRecords  = 200_000
	maxMistakes = 20
	maxNotes    = 50
)
