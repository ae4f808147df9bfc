package exchange

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// FormatRR formats a record as evidence shows it: owner without its final dot, TTL, type, data.
func FormatRR(rr dns.RR) string {
	h := rr.Header()
	return fmt.Sprintf("%s %d %s %s", Bare(h.Name), h.Ttl, dns.Type(h.Rrtype), RData(rr))
}

// RData returns a record's data as text: names without their final dot, TXT strings joined and unescaped (as in RFC
// 7208 3.3).
func RData(rr dns.RR) string {
	switch rr := rr.(type) {
	case *dns.CNAME:
		return Bare(rr.Target)
	case *dns.NS:
		return Bare(rr.Ns)
	case *dns.A:
		return rr.A.String()
	case *dns.AAAA:
		if a, ok := netip.AddrFromSlice(rr.AAAA); ok { // in the form of IPv6, even if it contains an IPv4 address
			return a.String()
		}
	case *dns.TXT:
		return JoinTXT(rr.Txt)
	case *dns.MX:
		return fmt.Sprintf("%d %s", rr.Preference, Bare(rr.Mx))
	}
	// The rest as in a zone file, after owner, TTL, class and type. Types that the parser does not know have a header of
	// another length.
	s := rr.String()
	if fields := strings.SplitN(s, "\t", 5); len(fields) == 5 {
		return fields[4]
	}
	return s
}

// JoinTXT joins the strings of a TXT record without a separator and undoes the parser's escapes.
func JoinTXT(parts []string) string { return unescape(strings.Join(parts, "")) }

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		if i+3 < len(s) && isDigit(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3]) {
			b = append(b, (s[i+1]-'0')*100+(s[i+2]-'0')*10+(s[i+3]-'0'))
			i += 3
			continue
		}
		i++
		b = append(b, s[i])
	}
	return string(b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// Bare returns a domain name in lower case without its final dot; the root stays ".".
func Bare(name string) string {
	if name == "." {
		return name
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// ExtendedError returns the extended error of an answer (RFC 8914), or nil.
func ExtendedError(m *dns.Msg) *dns.EDNS0_EDE {
	if m == nil {
		return nil
	}
	opt := m.IsEdns0()
	if opt == nil {
		return nil
	}
	for _, o := range opt.Option {
		if ede, ok := o.(*dns.EDNS0_EDE); ok {
			return ede
		}
	}
	return nil
}

// EDE returns the extended error of an answer as text, or "". It is a hint, never proof.
func EDE(m *dns.Msg) string {
	ede := ExtendedError(m)
	if ede == nil {
		return ""
	}
	s := fmt.Sprintf("%d (%s)", ede.InfoCode, dns.ExtendedErrorCodeToString[ede.InfoCode])
	if ede.ExtraText != "" {
		s += ": " + ede.ExtraText
	}
	return s
}

// EDECode returns the code of the extended error of an answer (RFC 8914 5.2).
func EDECode(m *dns.Msg) (uint16, bool) {
	ede := ExtendedError(m)
	if ede == nil {
		return 0, false
	}
	return ede.InfoCode, true
}

// InZone reports whether a name is a zone's name or below it. A dot after a backslash is part of a label
// (RFC 1035 5.1).
func InZone(name, zone string) bool {
	if zone == "." || name == zone {
		return true
	}
	above, ok := strings.CutSuffix(name, zone)
	if above, dot := strings.CutSuffix(above, "."); ok && dot {
		return (len(above)-len(strings.TrimRight(above, `\`)))%2 == 0
	}
	return false
}
