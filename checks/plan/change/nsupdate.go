package change

import (
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// nsupdate reads the lines of nsupdate (nsupdate(1) of BIND, RFC 2136). All names are absolute there, with a dot at
// the end or without.
type nsupdate struct {
	*reader
	line    string
	offset  int // of the line
	ttlLine *uint32
}

func readNsupdate(file, data, zone string) *reader {
	n := &nsupdate{reader: newReader(file, "nsupdate", zone)}
	n.data = data
	for line := range strings.Lines(data) {
		n.line = strings.TrimRight(line, "\n")
		n.command()
		n.offset += len(line)
		if n.full() {
			break
		}
	}
	switch {
	case len(n.mistakes) > 0:
	case len(n.set.Edits) == 0:
		n.fail(Position{File: file}, "the lines change nothing")
	case n.zone == "":
		n.fail(Position{File: file}, "the lines do not name their zone: add a line zone NAME")
	default:
		for _, e := range n.set.Edits {
			if n.full() {
				break
			}
			n.inside(e.Where, e.Name)
		}
	}
	return n.reader
}

func (n *nsupdate) place(offset int) Position { return n.position(n.offset + offset) }

// ignored are the commands that say how an update is sent. What follows key is a secret.
var ignored = strings.Fields(
	"server local key gsstsig oldgsstsig realm check-names send answer show debug quit help " +
		"version")

// command reads one line.
func (n *nsupdate) command() {
	c := &cursor{text: n.line}
	w, offset := c.word()
	word := strings.ToLower(w)
	switch {
	case w == "" || w[0] == ';' || w[0] == '#':
	case slices.Contains(ignored, word):
	case word == "prereq" || word == "nxdomain" || word == "yxdomain" || word == "nxrrset" || word == "yxrrset":
		n.note("%s: prerequisites are not checked", n.place(offset))
	case word == "zone":
		n.zoneLine(c)
	case word == "class":
		if class, at := c.word(); !strings.EqualFold(class, "IN") {
			n.fail(n.place(at), "the class %s is not IN", quote(class))
		}
	case word == "ttl":
		text, at := c.word()
		if ttl, ok := n.seconds(n.place(at), text); ok {
			n.ttlLine = ttl
		}
	case word == "update":
		w, offset = c.word()
		n.update(strings.ToLower(w), offset, c)
	default:
		n.update(word, offset, c)
	}
}

func (n *nsupdate) zoneLine(c *cursor) {
	w, at := c.word()
	name, err := canonical(w)
	switch {
	case err != nil:
		n.fail(n.place(at), "%s", err)
	case n.zone != "" && name != n.zone:
		n.fail(n.place(at), "the lines change the zone %s, not %s", show(name), show(n.zone))
	default:
		n.zone, n.set.Zone = name, name
	}
}

func (n *nsupdate) update(word string, offset int, c *cursor) {
	removes := word == "delete" || word == "del"
	if !removes && word != "add" {
		n.fail(n.place(offset), "%s is not a command of nsupdate", quote(word))
		return
	}
	w, at := c.word()
	name, err := canonical(w)
	if err != nil {
		if w == "" {
			n.fail(n.place(at), "the line has no name")
			return
		}
		n.fail(n.place(at), "%s", err)
		return
	}
	if !n.count(n.place(at)) {
		return
	}
	n.apply(removes, name, offset, c)
}

func (n *nsupdate) apply(removes bool, name string, offset int, c *cursor) {
	h := readHead(c)
	where := n.place(offset)
	if removes && h.class == dns.ClassNONE { // that of a deletion on the wire (RFC 2136 2.5.4)
		h.class = 0
	}
	if removes && (h.word == "" || strings.EqualFold(h.word, "ANY") && h.data == "") {
		n.remove(where, name, 0, nil)
		return
	}
	if !n.check(n.place, h) {
		return
	}
	if removes && h.data == "" {
		n.remove(where, name, h.rrtype, nil)
		return
	}
	ttl := n.ttlLine
	if h.ttl != "" {
		var ok bool
		if ttl, ok = n.seconds(n.place(h.ttlAt), h.ttl); !ok {
			return
		}
	}
	rr, wrong := n.parse(h.rrtype, literal(h.data), func(rel string) string { return rel + "." })
	switch {
	case wrong != nil:
		n.fail(n.place(h.dataAt+max(wrong.offset, 0)), "%s", strings.Replace(wrong.why, quote(literal(h.data)),
			quote(h.data), 1))
	case removes:
		n.remove(where, name, h.rrtype, rr)
	case ttl == nil:
		n.fail(n.place(h.wordAt),
			"nsupdate adds no record without a TTL: write it after the name, or add a line ttl SECONDS")
	default:
		n.doubled(where, name, rr, false)
		n.words(where, name, h)
		n.add(where, name, record{rr: rr, ttl: ttl})
	}
}

// seconds reads a TTL; nsupdate knows no units.
func (n *nsupdate) seconds(at Position, text string) (*uint32, bool) {
	if strings.Trim(text, "0123456789") != "" {
		n.fail(at, "%s is not a TTL: nsupdate takes seconds", quote(text))
		return nil, false
	}
	return n.ttl(at, text)
}

// literal escapes the semicolons and parentheses outside of quotation marks: in nsupdate, they have no meaning.
func literal(data string) string {
	if outside(data) < 0 {
		return data
	}
	var b strings.Builder
	quoted := false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '\\' && i+1 < len(data):
			b.WriteByte(c)
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ';' || c == '(' || c == ')'):
			b.WriteByte('\\')
		}
		b.WriteByte(data[i])
	}
	return b.String()
}
