package exchange

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/miekg/dns"
)

// ReadAddresses reads the most common replies, addresses of the name itself, without building a message: the name,
// which is in lower case and without a dot at its end, is the question, and the owner of each answer. It puts the
// addresses in dst, each once, and returns the smallest TTL in seconds. ok is false for all other replies.
func ReadAddresses(dst []string, wire []byte, name string, rrtype uint16) (values []string, ttl uint32, ok bool) {
	// octets; bits; octets of a record between its owner and its data
	const header, rcode, tc, fixed = 12, 0x0f, 0x02, 10
	size := 4
	switch rrtype {
	case dns.TypeA:
	case dns.TypeAAAA:
		size = 16
	default:
		return dst, 0, false
	}
	if len(wire) < header || wire[3]&rcode != dns.RcodeSuccess || wire[2]&tc != 0 || wire[4] != 0 || wire[5] != 1 {
		return dst, 0, false
	}
	at := afterOwner(wire, header, name)
	if at < 0 {
		return dst, 0, false
	}
	at += 4 // the type and the class of the question
	values = dst[:0]
	for range binary.BigEndian.Uint16(wire[6:]) {
		if at+1 < len(wire) && wire[at] == 0xc0 && wire[at+1] == header {
			at += 2
		} else if at = afterOwner(wire, at, name); at < 0 {
			return dst, 0, false
		}
		data := at + fixed
		if data+size > len(wire) || binary.BigEndian.Uint16(wire[at:]) != rrtype ||
			binary.BigEndian.Uint16(wire[at+2:]) != dns.ClassINET || int(binary.BigEndian.Uint16(wire[at+8:])) != size {
			return dst, 0, false
		}
		least := binary.BigEndian.Uint32(wire[at+4:])
		if len(values) == 0 || least < ttl {
			ttl = least
		}
		at = data + size
		a, _ := netip.AddrFromSlice(wire[data:at])
		if s := a.String(); !slices.Contains(values, s) {
			values = append(values, s)
		}
	}
	return values, ttl, len(values) > 0 && plainEnd(wire, at)
}

// afterOwner returns where the name at a place ends, if it is written in full and is a name in lower case, without
// regard to its own case; else -1.
func afterOwner(wire []byte, at int, name string) int {
	for i := 0; at < len(wire); {
		n := int(wire[at])
		at++
		switch {
		case n == 0 && i == len(name)+1:
			return at
		case n == 0 || n >= 0x40 || at+n > len(wire) || i+n > len(name):
			return -1
		}
		for k, c := range wire[at : at+n] {
			if c >= 'A' && c <= 'Z' {
				c |= 0x20
			}
			if c != name[i+k] || c == '.' {
				return -1
			}
		}
		at, i = at+n, i+n
		if i < len(name) && name[i] != '.' {
			return -1
		}
		i++
	}
	return -1
}

// plainEnd reports whether all records that the message counts after its answers are present and do not change the
// response code (RFC 6891 6.1.3).
func plainEnd(wire []byte, at int) bool {
	const fixed = 10 // octets of a record between its owner and its data
	authority, additional := int(binary.BigEndian.Uint16(wire[8:])), int(binary.BigEndian.Uint16(wire[10:]))
	for i := range authority + additional {
		if i >= authority && !isName(wire, at) {
			return false
		}
		if at = afterName(wire, at); at < 0 || at+fixed > len(wire) {
			return false
		}
		if i >= authority && binary.BigEndian.Uint16(wire[at:]) == dns.TypeOPT && wire[at+4] != 0 {
			return false
		}
		if at += fixed + int(binary.BigEndian.Uint16(wire[at+8:])); at > len(wire) {
			return false
		}
	}
	return true
}

// afterName returns where the name at a place ends; -1 if it is none. Where a pointer leads is not looked at.
func afterName(wire []byte, at int) int {
	for at < len(wire) {
		n := int(wire[at])
		at++
		switch {
		case n == 0:
			return at
		case n >= 0xc0:
			if at++; at > len(wire) {
				return -1
			}
			return at
		case n >= 0x40:
			return -1
		}
		at += n
	}
	return -1
}

// isName reports whether a name at a place can be read, wherever its pointers lead.
func isName(wire []byte, at int) bool {
	const longest, most = 254, 10 // octets of the labels with their lengths; pointers
	for octets, pointers := 0, 0; at < len(wire); {
		n := int(wire[at])
		switch {
		case n == 0:
			return true
		case n >= 0xc0 && at+1 < len(wire) && pointers < most:
			at, pointers = (n&0x3f)<<8|int(wire[at+1]), pointers+1
		case n >= 0x40:
			return false
		default:
			if at, octets = at+1+n, octets+1+n; octets > longest {
				return false
			}
		}
	}
	return false
}
