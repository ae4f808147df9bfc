// Package exchange holds the types shared by the network packages: a query to a server (QueryKey, HTTPAsk), its
// outcome (Outcome), the response (Exchange), and its printed form (Evidence).
package exchange

import (
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

// Kind is the kind of an exchange.
type Kind string

// The kinds.
const (
	KindDNS     Kind = "dns"
	KindRDAP    Kind = "rdap"
	KindWHOIS   Kind = "whois"
	KindTLS     Kind = "tls"
	KindHTTP    Kind = "http"
	KindService Kind = "service"
)

// Outcome is how an exchange ended. A missing answer is never treated as a negative one.
type Outcome string

// The outcomes. Answered, NoData and NXDomain are answers about the name; the rest say that the server did not or
// could not answer.
const (
	// Answered, NoData and NXDomain are answers about the name; with the others the server did not or could not
	// answer.
	Answered    Outcome = "answered"    // the server returned the requested records
	Referral    Outcome = "referral"    // the server points to the servers of a zone below
	NoData      Outcome = "NODATA"      // the name exists, without this type
	NXDomain    Outcome = "NXDOMAIN"    // the name does not exist
	Refused     Outcome = "REFUSED"     //
	ServFail    Outcome = "SERVFAIL"    //
	OtherRcode  Outcome = "rcode"       // NOTIMP, FORMERR and the like
	Timeout     Outcome = "timeout"     // no answer in time
	Unreachable Outcome = "unreachable" // the network or the host refused
	Malformed   Outcome = "malformed"   // the answer does not belong to this query
	Truncated   Outcome = "truncated"   // the rest of a long answer could not be fetched over TCP
	NotAsked    Outcome = "not-asked"   // the run ended before the query, or before there was time for an answer
)

// Conclusive reports whether the outcome is an answer about the name itself.
func (o Outcome) Conclusive() bool { return o == Answered || o == NoData || o == NXDomain }

// Phrase returns the outcome in words.
func (o Outcome) Phrase() string {
	switch o {
	case Answered:
		return "an answer"
	case Referral:
		return "a referral"
	case NoData:
		return "no record of this type"
	case NXDomain:
		return "no such name"
	case Refused:
		return "refused"
	case ServFail:
		return "server failure"
	case Timeout:
		return "no answer in time"
	case Unreachable:
		return "not reachable"
	case Malformed:
		return "an answer that does not match the query"
	case Truncated:
		return "a truncated answer, and none over TCP"
	case NotAsked:
		return "not asked"
	}
	return string(o)
}

// Exchange is one query and its outcome. It is immutable once it is in a ledger.
type Exchange struct {
	Kind      Kind
	Host      string         // the server's name, if it has one
	Addr      netip.AddrPort // the address that was queried; invalid if a URL or a name was queried
	Transport string         // "udp", "tcp", "tls", "https", "http"
	Asked     string         // "shop.example.com CNAME", "GET https://…"
	At        time.Time
	Took      time.Duration
	Outcome   Outcome
	Err       string // the error, in the words of the system
	RD, CD    bool   // flags of a DNS question
	DO        bool   // it requested signatures

	Msg  *dns.Msg   // the DNS answer; nil if none came
	Text []byte     // a WHOIS reply
	Cut  bool       // it is incomplete; Err has the reason
	HTTP *HTTPReply // an HTTP (or RDAP, or service) answer
	TLS  *TLSReply  // a handshake
}

// Server names the server: "ns1.example.net (192.0.2.1:53)".
func (x *Exchange) Server() string {
	switch {
	case !x.Addr.IsValid():
		return x.Host
	case x.Host == "":
		return x.Addr.String()
	}
	return x.Host + " (" + x.Addr.String() + ")"
}
