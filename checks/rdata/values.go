// Package rdata compares the data of DNS records: it normalizes values by record type and names the mistake in a
// value that differs from the wanted one.
package rdata

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"domdoc/checks/probe/exchange"

	"domdoc/api"
	"domdoc/checks/dnsname"

	"github.com/miekg/dns"
)

// nameTypes are the types whose value is a domain name.
var nameTypes = []string{"CNAME", "NS", "PTR", "DNAME"}

// Target normalizes the target of a CNAME: lower case, no trailing dot.
func Target(s string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(s), "."))
}

// FromService returns the value of a record of the service as one string, including the priority that some types have
// in a field of their own.
func FromService(r api.Record) string {
	value := r.Value
	switch strings.ToUpper(r.Type) {
	case "MX", "SRV":
		if first, _, ok := strings.Cut(strings.TrimSpace(value), " "); r.Priority != nil && (!ok || !isNumber(first)) {
			value = strconv.Itoa(*r.Priority) + " " + value
		}
	}
	return value
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 32)
	return err == nil
}

// Canonical normalizes a value for comparison with others of its type. ok is false if it is not a valid value of the
// type.
func Canonical(rrtype, value string) (string, bool) {
	rrtype = strings.ToUpper(rrtype)
	switch {
	case rrtype == "TXT" || rrtype == "SPF":
		return value, true
	case slices.Contains(nameTypes, rrtype):
		t := Target(value)
		if ascii, err := dnsname.ToASCII(t); err == nil {
			t = ascii
		}
		_, ok := dns.IsDomainName(t)
		return t, ok && t != "" && !strings.ContainsAny(t, " \t/:")
	case rrtype == "A" || rrtype == "AAAA":
		a, err := netip.ParseAddr(strings.TrimSpace(value))
		if err != nil || a.Is4() != (rrtype == "A") || a.Zone() != "" {
			return value, false
		}
		return a.String(), true
	}
	rr, err := dns.NewRR("x. 300 IN " + rrtype + " " + value)
	if err != nil || rr == nil {
		return value, false
	}
	return strings.ToLower(exchange.RData(rr)), true
}

// Unquote removes the quotation marks of a zone file from a expected value: services return TXT values with and without
// them. It must not be used on observed values, where the marks are part of the value.
func Unquote(rrtype, value string) string {
	trimmed := strings.TrimSpace(value)
	if !strings.EqualFold(rrtype, "TXT") && !strings.EqualFold(rrtype, "SPF") || len(trimmed) < 2 ||
		trimmed[0] != '"' || trimmed[len(trimmed)-1] != '"' {
		return value
	}
	rr, err := dns.NewRR("x. 300 IN TXT " + trimmed)
	if err != nil || rr == nil {
		return value
	}
	return exchange.RData(rr)
}

// Same reports whether two values of one type are equal in the DNS.
func Same(rrtype, a, b string) bool {
	x, okX := Canonical(rrtype, a)
	y, okY := Canonical(rrtype, b)
	if !okX || !okY {
		return a == b
	}
	return x == y
}

// Invalid returns why a value is not valid for its type; empty if it is.
func Invalid(rrtype, value string) string {
	if _, ok := Canonical(rrtype, value); ok && strings.TrimSpace(value) != "" {
		return ""
	}
	if strings.TrimSpace(value) == "" {
		return "the value is empty"
	}
	switch rrtype = strings.ToUpper(rrtype); {
	case rrtype == "A":
		return "an A record takes an IPv4 address"
	case rrtype == "AAAA":
		return "an AAAA record takes an IPv6 address"
	case slices.Contains(nameTypes, rrtype):
		return "a " + rrtype + " record takes a bare host name, without scheme, port or path"
	case rrtype == "MX":
		return `an MX record takes a priority and a host name ("10 mail.example.net")`
	case rrtype == "CAA":
		return `a CAA record takes a flag, a tag and a value in quotation marks (0 issue "amazon.com")`
	}
	if _, known := dns.StringToType[rrtype]; !known {
		return "there is no record type " + strconv.Quote(rrtype)
	}
	return "it is not a valid value of a " + rrtype + " record"
}

// AnySame reports whether any of the values equals the wanted one.
func AnySame(rrtype string, values []string, wanted string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return Same(rrtype, v, Unquote(rrtype, wanted)) })
}
