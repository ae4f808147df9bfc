package sandbox

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
)

// resolverBehaviors are the words of a story's line about a resolver.
var resolverBehaviors = []string{
	"blocked",    // it reports a policy
	"filters",    // it denies every type by a local rule, without an SOA record
	"stale",      // it marks every answer as expired
	"stale-old",  // it serves the answers from before the change, marked as expired
	"stale-once", // it serves each of those once, unmarked (Unbound's serve-expired)
	"renews",     // it gets the answers from before the change anew each time
	"fails",      // it answers SERVFAIL, to questions without validation as well
	"silent",     // it does not answer
	"trusting",   // it does not validate
	"vouches",    // it accepts signatures that others reject, and says that they validate
	"cuts",       // it takes a denial, also of an unsigned zone, for one of all names below (RFC 8020)
}

// codedBehaviors are the words that an extended DNS error code follows, as in denies:17; 0 is no code.
var codedBehaviors = []string{
	"denies", // it denies every name, without an SOA record
	"fails",  // it answers SERVFAIL
	"marks",  // its answers are right
	"sinks",  // it answers with an address that leads nowhere
}

// checkResolver returns an error if a word is not the behavior of a resolver.
func checkResolver(word string) error {
	what, code, ok := strings.Cut(word, ":")
	if !ok {
		return story.OneOf("behavior of a resolver", word, resolverBehaviors...)
	}
	if _, err := strconv.ParseUint(code, 10, 16); err != nil {
		return err
	}
	return story.OneOf("behavior of a resolver", what, codedBehaviors...)
}

// answerCoded modifies a response as one of codedBehaviors says.
func answerCoded(m *dns.Msg, what, code string) {
	switch what {
	case "denies":
		m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, nil
	case "fails":
		m.Rcode, m.Answer, m.Ns = dns.RcodeServerFailure, nil, nil
	case "sinks":
		q := m.Question[0]
		m.Rcode, m.Answer, m.Ns = dns.RcodeSuccess, nil, nil
		hdr := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: 60}
		switch q.Qtype {
		case dns.TypeA:
			m.Answer = []dns.RR{&dns.A{Hdr: hdr, A: net.IPv4zero.To4()}}
		case dns.TypeAAAA:
			m.Answer = []dns.RR{&dns.AAAA{Hdr: hdr, AAAA: net.IPv6zero}}
		}
	}
	if n, _ := strconv.ParseUint(code, 10, 16); n > 0 {
		addEDE(m, &dns.EDNS0_EDE{InfoCode: uint16(n)})
	}
}

// staleTTL is the TTL of an expired answer (RFC 8767 5.11).
const staleTTL = 30

// hint modifies a response as the story says.
func (r *resolver) hint(m *dns.Msg, name string) {
	told := r.told(name)
	if word, code, ok := strings.Cut(told, ":"); ok {
		answerCoded(m, word, code)
		return
	}
	switch told {
	case "blocked":
		m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, nil
		addEDE(m, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeCensored, ExtraText: "by order of a court"})
	case "filters":
		m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, nil
	case "stale":
		addEDE(m, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeStaleAnswer})
	case "stale-old":
		r.former(m, name, staleTTL)
		addEDE(m, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeStaleAnswer})
	case "stale-once":
		if r.first(name, m.Question[0].Qtype) {
			r.former(m, name, staleTTL)
		}
	case "renews":
		r.former(m, name, 0)
	case "fails":
		fails(m, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeNetworkError})
	}
}

// told returns what a story has the resolver do with its names; empty for nothing.
func (r *resolver) told(name string) string {
	in := r.w.b.find(name)
	if in == nil {
		return ""
	}
	for addr, what := range in.hints {
		if h := r.w.hosts[addr]; h != nil && r.w.resolvers[h.name] == r {
			return what
		}
	}
	return ""
}

// former replaces a response by what the servers answered before the change. ttl is that of all its records; 0 leaves
// theirs.
func (r *resolver) former(m *dns.Msg, name string, ttl uint32) {
	m.Rcode, m.Answer, m.Ns = dns.RcodeSuccess, nil, nil
	then := &resolver{w: r.w, reverse: r.reverse, resolverCache: &resolverCache{cache: map[cacheKey]cached{}}}
	then.resolve(m, name, m.Question[0].Qtype, r.w.b.Now(), beforeChange, true)
	if ttl == 0 {
		return
	}
	for _, rr := range slices.Concat(m.Answer, m.Ns) {
		rr.Header().Ttl = ttl
	}
}

// first reports whether a question has not been asked before.
func (r *resolver) first(name string, rrtype uint16) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := cacheKey{name, rrtype}
	r.turns[key]++
	return r.turns[key] == 1
}

func addEDE(m *dns.Msg, ede *dns.EDNS0_EDE) {
	if m.IsEdns0() == nil {
		m.SetEdns0(1232, false)
	}
	m.IsEdns0().Option = append(m.IsEdns0().Option, ede)
}

func trimDot(s string) string {
	s = dns.CanonicalName(s)
	return s[:len(s)-1]
}
