package change

import (
	"strings"

	"github.com/miekg/dns"
)

// head is what is before the data of a record: TTL, class and type.
type head struct {
	ttl    string // as it is written; empty if there is none
	ttlAt  int
	class  uint16 // 0 if there is none
	word   string // the type as it is written, or what is in its place; empty at the end
	wordAt int
	rrtype uint16
	known  bool   // the word is a type
	data   string // the rest
	dataAt int
}

// readHead reads TTL and class in either order, and the type.
func readHead(c *cursor) head {
	var h head
	for {
		w, at := c.word()
		if t, ok := recordType(w); ok {
			h.word, h.wordAt, h.rrtype, h.known = w, at, t, true
			break
		}
		if _, ok := duration(w); ok && h.ttl == "" {
			h.ttl, h.ttlAt = w, at
			continue
		}
		if class, ok := dns.StringToClass[strings.ToUpper(w)]; ok && h.class == 0 && !strings.EqualFold(w, "ANY") {
			h.class = class
			continue
		}
		h.word, h.wordAt = w, at
		break
	}
	h.data, h.dataAt = c.rest()
	return h
}

// words notes a text without quotation marks whose spaces get lost.
func (r *reader) words(at Position, name string, h head) {
	if h.rrtype == dns.TypeTXT && !strings.Contains(h.data, `"`) && len(strings.Fields(h.data)) > 1 &&
		!strings.HasPrefix(h.data, `\#`) {
		r.note("%s: the words of the TXT record of %s have no quotation marks, so they are strings of their own: there are "+
			"no spaces between them", at, show(name))
	}
}

// check fails for a class other than IN and for a word that is no type.
func (r *reader) check(at func(int) Position, h head) bool {
	switch {
	case h.class != 0 && h.class != dns.ClassINET:
		r.fail(at(h.wordAt), "the class %s is not IN", dns.Class(h.class))
	case h.known:
		return true
	case h.word == "":
		r.fail(at(h.wordAt), "the record has no type")
	default:
		r.fail(at(h.wordAt), "%s is not a type of records", quote(h.word))
	}
	return false
}
