package move

import (
	"slices"
	"strconv"
	"strings"

	"domdoc/catalog/moving"

	"github.com/miekg/dns"
)

// onlyOne are the beginnings of policies of which a name may have one only: with two, none counts (RFC 7208 4.5, RFC
// 7489 6.6.3, RFC 8461 3.1, RFC 8460 3).
var onlyOne = []string{"v=spf1", "v=dmarc1", "v=stsv1", "v=tlsrptv1"}

// doubled returns the kind of policy that a name would have twice: "v=spf1". It is empty if there is none.
func doubled(before, gained []string) string {
	for _, kind := range onlyOne {
		is := func(v string) bool {
			return strings.HasPrefix(strings.ToLower(strings.TrimPrefix(v, `"`)), kind)
		}
		if slices.ContainsFunc(before, is) && slices.ContainsFunc(gained, is) {
			return kind
		}
	}
	return ""
}

// caaTags are the tags of CAA records that authorities know (RFC 8659 4, RFC 9495, RFC 9115, and those of the
// CA/Browser Forum).
var caaTags = strings.Fields("issue issuewild iodef issuemail issuevmc contactemail contactphone")

// caaTag reads the presentation of a CAA record: `0 issue "amazon.com"`.
func caaTag(value string) (critical bool, tag string) {
	f := strings.Fields(value)
	if len(f) < 2 {
		return false, ""
	}
	flag, _ := strconv.Atoi(f[0])
	return flag&128 != 0, strings.ToLower(f[1])
}

// allowsLess reports whether certificates that authorities issue today may be refused by a set of CAA records that
// has other values: because it limits what was not limited, or lists a critical tag that authorities do not know (RFC
// 8659 4.1 to 4.3). Records that say only whom to tell about a problem limit nothing.
func allowsLess(before, lost, gained []string) bool {
	has := func(values []string, want string) bool {
		return slices.ContainsFunc(values, func(v string) bool {
			_, tag := caaTag(v)
			return tag == want
		})
	}
	for _, v := range gained {
		critical, tag := caaTag(v)
		switch {
		case critical && !slices.Contains(caaTags, tag):
			return true
		case (tag == "issue" || tag == "issuewild") && !has(before, tag):
			return true
		}
	}
	return has(lost, "issue") || has(lost, "issuewild")
}

// aliasMode reports whether an HTTPS record sends browsers to another name (RFC 9460 2.4.2).
func aliasMode(values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return strings.HasPrefix(v, "0 ") })
}

// fitsBelow reports whether a DS record of a zone below matches one of its keys.
func (c *comparison) fitsBelow(cut string, n answer) bool {
	keys := c.s.Lookup(c.ctx, cut, dns.TypeDNSKEY).First()
	if keys == nil {
		return false
	}
	for _, rr := range keys.Records(cut, dns.TypeDNSKEY) {
		key, ok := rr.(*dns.DNSKEY)
		if ok && slices.ContainsFunc(n.x.Records(cut, dns.TypeDS), func(rr dns.RR) bool {
			ds, is := rr.(*dns.DS)
			return is && matches(ds, key)
		}) {
			return true
		}
	}
	return false
}

// glueBelow compares the addresses of the servers of a zone below that are inside it: without them, nobody reaches it
// (RFC 1034 4.2.1).
func (c *comparison) glueBelow(cut string, b *both) {
	glue := func(a answer, host string, rrtype uint16) []string {
		var out []string
		for _, rr := range a.x.Msg.Extra {
			if h := rr.Header(); h.Rrtype != rrtype || !strings.EqualFold(h.Name, dns.Fqdn(host)) {
				continue
			}
			switch rr := rr.(type) {
			case *dns.A:
				out = append(out, rr.A.String())
			case *dns.AAAA:
				out = append(out, rr.AAAA.String())
			}
		}
		return tidy(out)
	}
	o := b.old[0]
	for _, host := range o.values {
		if !dns.IsSubDomain(dns.Fqdn(cut), dns.Fqdn(host)) {
			continue
		}
		for _, n := range b.new {
			if n.cut != cut || !slices.Contains(n.values, host) {
				continue
			}
			for _, rrtype := range webTypes {
				was, is := glue(o, host, rrtype), glue(n, host, rrtype)
				if slices.Equal(was, is) || len(was) == 0 {
					continue
				}
				d := c.difference(question{host, rrtype}, moving.Other, answer{x: o.x, values: was},
					answer{x: n.x, values: is})
				if len(is) == 0 {
					d.Kind = moving.Missing
				}
				d.Matters, d.Breaks, d.Why = true, moving.Delegation, moving.GlueBelow(cut)
				c.add(d)
			}
		}
	}
}
