package subject

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/checks/dnsname"
	"domdoc/checks/rdata"
)

// RoleOf infers the purpose of a record from its name, type and value.
func RoleOf(domain, name, rrtype, value string) catalog.Role {
	first, _, _ := strings.Cut(name, ".")
	switch {
	case strings.Contains(strings.ToLower(value), "acm-validations.aws"):
		return catalog.Certificate
	case rrtype == "TXT" && strings.HasPrefix(first, "_") &&
		!slices.Contains([]string{"_dmarc", "_domainkey", "_mta-sts", "_smtp"}, first) &&
		!strings.Contains(name, "._domainkey."):
		return catalog.Verification
	case rrtype == "CNAME" && strings.Contains(first, "verif"):
		return catalog.Verification
	case name == domain && (rrtype == "CNAME" || rrtype == "A" || rrtype == "AAAA"):
		return catalog.Routing
	}
	return catalog.Configured
}

// ParseExpected parses a record that should be published: "TYPE NAME=VALUE", or "TYPE TTL NAME=VALUE".
func ParseExpected(s string) (Expected, error) {
	head, value, ok := strings.Cut(s, "=")
	words := strings.Fields(head)
	if !ok || len(words) < 2 || len(words) > 3 {
		return Expected{}, errors.New("want TYPE NAME=VALUE")
	}
	t, err := exchange.ParseType(words[0])
	if err != nil {
		return Expected{}, err
	}
	n, err := dnsname.Parse(words[len(words)-1])
	if err != nil {
		return Expected{}, err
	}
	e := Expected{Record: catalog.Record{
		Type: exchange.TypeName(t), Name: n.ASCII,
		Value: rdata.Unquote(exchange.TypeName(t), value),
	}, Source: FromFlag}
	if len(words) == 3 {
		if e.TTL, err = strconv.Atoi(words[1]); err != nil {
			return Expected{}, fmt.Errorf("invalid TTL %q; want seconds", words[1])
		}
	}
	return e, nil
}
