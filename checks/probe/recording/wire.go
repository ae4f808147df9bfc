package recording

import (
	"encoding/binary"

	"github.com/miekg/dns"
)

// unpacks reports that dns.Msg reads a message without an error. It knows the records that most messages consist of,
// and returns false for all others.
func unpacks(wire []byte) bool {
	const header = 12 // octets
	if len(wire) <= header {
		return false
	}
	at := header
	for range binary.BigEndian.Uint16(wire[4:]) {
		const fixed = 4 // the type and the class
		if at = afterName(wire, at); at < 0 || at+fixed > len(wire) {
			return false
		}
		at += fixed
	}
	records := 0
	for count := 6; count < header; count += 2 {
		records += int(binary.BigEndian.Uint16(wire[count:]))
	}
	for range records {
		if at = afterRecord(wire, at); at < 0 {
			return false
		}
	}
	return at == len(wire)
}

// afterName returns where the name at a place ends; -1 if it is invalid. It follows fewer pointers than a message may
// have.
func afterName(wire []byte, at int) int {
	const longest, most = 254, 16 // octets of the labels with their lengths; pointers
	after, octets, pointers := -1, 0, 0
	for at < len(wire) {
		switch n := int(wire[at]); {
		case n == 0:
			if after < 0 {
				after = at + 1
			}
			return after
		case n < 0x40:
			if at, octets = at+1+n, octets+1+n; octets > longest {
				return -1
			}
		case n >= 0xc0 && at+1 < len(wire) && pointers < most:
			if after < 0 {
				after = at + 2
			}
			at = (n&0x3f)<<8 | int(wire[at+1])
			pointers++
		default:
			return -1
		}
	}
	return -1
}

// afterRecord returns where the record at a place ends; -1 if it is none of those that unpacks knows.
func afterRecord(wire []byte, at int) int {
	const fixed = 10 // octets: type, class, TTL and the length of the data
	if at = afterName(wire, at); at < 0 || at+fixed > len(wire) {
		return -1
	}
	rrtype, size := binary.BigEndian.Uint16(wire[at:]), int(binary.BigEndian.Uint16(wire[at+8:]))
	at += fixed
	end := at + size
	if end > len(wire) {
		return -1
	}
	data := wire[:end] // names in it may not point behind it
	ok := size == 0
	switch {
	case ok:
	case rrtype == dns.TypeA:
		ok = size == 4
	case rrtype == dns.TypeAAAA:
		ok = size == 16
	case rrtype == dns.TypeNS, rrtype == dns.TypeCNAME:
		ok = afterName(data, at) == end
	case rrtype == dns.TypeMX:
		ok = size > 2 && afterName(data, at+2) == end
	case rrtype == dns.TypeSOA:
		host := afterName(data, at)
		ok = host >= 0 && afterName(data, host) == end-20
	case rrtype == dns.TypeTXT:
		for at < end {
			at += 1 + int(wire[at])
		}
		ok = at == end
	case rrtype == dns.TypeDS, rrtype == dns.TypeDNSKEY:
		ok = size > 4
	case rrtype == dns.TypeRRSIG:
		ok = size > 18 && afterName(data, at+18) > 0
	}
	if !ok {
		return -1
	}
	return end
}
