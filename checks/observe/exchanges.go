package observe

import (
	"fmt"
	"slices"
	"time"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// ShortestTTL returns the TTL of the record that expires first.
func ShortestTTL(rrs []dns.RR) uint32 {
	ttl := rrs[0].Header().Ttl
	for _, rr := range rrs {
		ttl = min(ttl, rr.Header().Ttl)
	}
	return ttl
}

// LongestTTL returns the longest TTL of the records.
func LongestTTL(rrs []dns.RR) uint32 {
	var ttl uint32
	for _, rr := range rrs {
		ttl = max(ttl, rr.Header().Ttl)
	}
	return ttl
}

// LatestExpiry returns when a TTL in an answer has expired for certain, in whole seconds. A cache may have read its
// clock as late as the answer arrived, rounds to seconds, and serves the record until the second with TTL 0 is over.
func LatestExpiry(x *exchange.Exchange, ttl uint32) time.Time {
	at := x.At.Add(x.Took + time.Duration(ttl+1)*time.Second)
	if t := at.Truncate(time.Second); !t.Equal(at) {
		return t.Add(time.Second)
	}
	return at
}

// ServerName returns the host name of the server that answered, or its address.
func ServerName(x *exchange.Exchange) string {
	if x.Host != "" {
		return x.Host
	}
	return x.Addr.String()
}

// ServerNames returns the distinct names of the servers that answered.
func ServerNames(xs []*exchange.Exchange) []string {
	var out []string
	for _, x := range xs {
		if n := ServerName(x); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// DescribeFailure returns the server and why it gave no usable answer.
func DescribeFailure(x *exchange.Exchange) string {
	if x.Err != "" {
		return fmt.Sprintf("%s: %s", x.Server(), x.Err)
	}
	if x.Outcome == exchange.OtherRcode && x.Msg != nil {
		return fmt.Sprintf("%s: %s", x.Server(), dns.RcodeToString[x.Msg.Rcode])
	}
	return fmt.Sprintf("%s: %s", x.Server(), x.Outcome.Phrase())
}
