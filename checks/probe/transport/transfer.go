package transport

import (
	"encoding/binary"
	"io"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// The bounds of a transfer: octets, and records, which a message counts with 16 bits.
const (
	maxTransfer    = 16 << 20
	maxTransferred = 1<<16 - 1
)

// isTransfer reports whether a query is for a zone transfer; end is where its question ends.
func isTransfer(wire []byte, end int) bool {
	return end >= 4 && end <= len(wire) && binary.BigEndian.Uint16(wire[end-4:]) == dns.TypeAXFR
}

// transferred reads the messages of a zone transfer that follow the first (RFC 5936 2.2), and returns all of them as
// one, which is longer than a message can be on the wire. A transfer that breaks off lacks the SOA record at its end.
func transferred(conn io.Reader, first []byte) []byte {
	all, err := exchange.Unpack(first)
	if err != nil || all.Rcode != dns.RcodeSuccess || len(all.Answer) == 0 {
		return first
	}
	soa, ok := all.Answer[0].(*dns.SOA)
	if !ok {
		return first
	}
	left := maxTransfer
	for n := 1; !endsWith(all.Answer[n:], soa.Hdr.Name); n = 0 {
		next := nextMessage(conn, all.Id, &left)
		if next == nil || len(all.Answer)+len(next.Answer) > maxTransferred {
			break
		}
		all.Answer = append(all.Answer, next.Answer...)
	}
	all.Compress = true
	wire, err := all.Pack()
	if err != nil {
		return first
	}
	return wire
}

// endsWith reports whether the last record is the SOA record of a zone.
func endsWith(records []dns.RR, zone string) bool {
	if len(records) == 0 {
		return false
	}
	soa, ok := records[len(records)-1].(*dns.SOA)
	return ok && dns.CanonicalName(soa.Hdr.Name) == dns.CanonicalName(zone)
}

// nextMessage reads a message of a transfer; nil if there is none.
func nextMessage(conn io.Reader, id uint16, left *int) *dns.Msg {
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil
	}
	wire := make([]byte, binary.BigEndian.Uint16(size[:]))
	if *left -= len(wire); *left < 0 {
		return nil
	}
	if _, err := io.ReadFull(conn, wire); err != nil {
		return nil
	}
	m, err := exchange.Unpack(wire)
	if err != nil || m.Id != id || !m.Response || m.Rcode != dns.RcodeSuccess || len(m.Answer) == 0 {
		return nil
	}
	return m
}
