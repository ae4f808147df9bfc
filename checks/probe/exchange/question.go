package exchange

import (
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// QueryKey identifies an exchange in caches and recorded cases: the same key, the same answer.
type QueryKey struct {
	Kind   Kind
	Server string
	Asked  string
	Flags  int
}

// Flags of a question. The number of a sample stands above them, so that each sample is a question of its own.
const (
	FlagRD = 1 << iota
	FlagCD
	FlagDO
	FlagSampleShift = iota
)

// SplitAsked splits the text of a DNS question into name and type. A name may contain spaces, a type cannot.
func SplitAsked(asked string) (name, rrtype string) {
	i := strings.LastIndexByte(asked, ' ')
	return asked[:max(i, 0)], asked[i+1:]
}

// PackQuestion writes a query without building a message first; qend is where its question section ends. The id is
// set by the transport.
func PackQuestion(name string, rrtype uint16, flags int, edns bool) (wire []byte, qend int, err error) {
	return AppendQuestion(nil, name, rrtype, flags, edns)
}

// AppendQuestion is PackQuestion into an empty buffer, which is replaced if it is too small.
func AppendQuestion(buf []byte, name string, rrtype uint16, flags int, edns bool) (wire []byte, qend int, err error) {
	const header, most, fixed, opt = 12, 255, 4, 11 // octets; a name has at most 255 (RFC 1035 2.3.4)
	if len(name) > 4*most {                         // each octet escaped: \DDD
		return nil, 0, fmt.Errorf("%w: its name is too long", ErrNoQuestion)
	}
	if size := header + len(name) + 2 + fixed + opt; size <= cap(buf) {
		wire = buf[:size]
		clear(wire)
	} else {
		wire = make([]byte, size)
	}
	off := packPlain(name, wire, header)
	if off == 0 {
		if off, err = dns.PackDomainName(dns.Fqdn(name), wire, header, nil, false); err != nil {
			return nil, 0, fmt.Errorf("%w: %w", ErrNoQuestion, err)
		}
	}
	if off-header > most { // servers drop it, and would be considered unresponsive
		return nil, 0, fmt.Errorf("%w: its name has %d octets, and %d are allowed (RFC 1035 2.3.4)", ErrNoQuestion,
			off-header, most)
	}
	wire[5] = 1 // one question
	if flags&FlagRD != 0 {
		wire[2] |= 1
	}
	if flags&FlagCD != 0 {
		wire[3] |= 0x10
	}
	wire = append(wire[:off], byte(rrtype>>8), byte(rrtype), 0, dns.ClassINET)
	qend = len(wire)
	if !edns {
		return wire, qend, nil
	}
	wire[11] = 1 // one additional record: OPT
	var do byte
	if flags&FlagDO != 0 {
		do = 0x80
	}
	return append(wire, 0, 0, byte(dns.TypeOPT), ednsSize>>8, ednsSize&0xff, 0, 0, do, 0, 0, 0), qend, nil
}

// packPlain writes a name without escapes and returns where it ends; 0 if it is not such a name.
func packPlain(name string, wire []byte, off int) int {
	if name != "." {
		name = strings.TrimSuffix(name, ".")
	}
	length := off // where the length of the label is
	for i := range len(name) {
		switch c := name[i]; {
		case c == '\\':
			return 0
		case c != '.':
			wire[off+1+i] = c
		case off+i == length:
			return 0 // an empty label
		default:
			wire[length], length = byte(off+i-length), off+1+i
		}
		if off+1+i-length > maxLabel {
			return 0
		}
	}
	end := off + len(name)
	if end == length {
		return 0
	}
	wire[length] = byte(end - length)
	return end + 2 // with the root
}

const maxLabel = 63 // octets (RFC 1035 2.3.4)

// ErrNoQuestion is for a question that cannot be written as a message.
var ErrNoQuestion = errors.New("not a valid query")

// TypeName returns the name of a record type as in a zone file ("CNAME", "TYPE65280").
func TypeName(t uint16) string { return dns.Type(t).String() }

// ParseType parses a record type ("cname", "TYPE257"). It rejects types that are not data: OPT, TSIG, AXFR, ANY and
// the like (RFC 6895 3.1).
func ParseType(s string) (uint16, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	t, ok := dns.StringToType[s]
	if !ok {
		if _, err := fmt.Sscanf(s, "TYPE%d", &t); err != nil || fmt.Sprintf("TYPE%d", t) != s {
			return 0, fmt.Errorf("%q is not a record type; use A, AAAA, CNAME, TXT, MX, NS, CAA or another", s)
		}
	}
	if t == dns.TypeNone || t == dns.TypeOPT || t >= 128 && t <= 255 || t == dns.TypeReserved {
		return 0, fmt.Errorf(
			"%s is not a type of record that can be looked up; use A, AAAA, CNAME, TXT, MX, NS, CAA or another", s)
	}
	return t, nil
}

// ednsSize is the size of a UDP answer that no path fragments (DNS flag day 2020).
const ednsSize = 1232

// QuestionEnd returns where the question section of a packed query ends. Our own queries are not compressed.
func QuestionEnd(wire []byte) int {
	i := 12
	for i < len(wire) && wire[i] != 0 {
		i += int(wire[i]) + 1
	}
	return min(i+5, len(wire))
}
