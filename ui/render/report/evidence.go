package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"domdoc/checks/probe/exchange"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

// EvidenceLine describes one exchange on one line: server, question, transport and outcome.
func EvidenceLine(e *wire.Evidence) string {
	return fmt.Sprintf("%s, asked %s over %s: %s (%d ms)", e.Server, e.Asked, e.Transport, evidenceOutcome(e), e.TookMs)
}

// evidenceOutcome is the outcome of an exchange.
func evidenceOutcome(e *wire.Evidence) string {
	s := ""
	switch kind := exchange.Kind(e.Kind); {
	case kind == exchange.KindWHOIS && len(e.Answer) > 0:
		s = layout.Count(len(e.Answer), "line") + ": " + strconv.Quote(firstLine(e.Answer))
	case len(e.Answer) > 0:
		s = strings.Join(firstFew(e.Answer), "; ")
	case kind == exchange.KindDNS && e.Rcode != nil:
		s = *e.Rcode
		switch {
		case s != "NOERROR":
		case isReferral(e):
			s += ", a referral"
		default:
			s += " without records (NODATA)"
		}
	default:
		s = e.Error
	}
	if e.EDE != nil {
		s += " (hint: EDE " + *e.EDE + ")"
	}
	return s
}

// isReferral reports whether a DNS response is a referral: not authoritative, with NS records and without a SOA
// record in the authority section (RFC 2308 2.2).
func isReferral(e *wire.Evidence) bool {
	if slices.Contains(e.Flags, "aa") {
		return false
	}
	ns, soa := false, false
	for _, l := range e.Authority {
		if f := strings.Fields(l); len(f) > 2 {
			ns, soa = ns || f[2] == "NS", soa || f[2] == "SOA"
		}
	}
	return ns && !soa
}

func firstFew(s []string) []string {
	if len(s) > 3 {
		return append(slices.Clone(s[:3]), "…")
	}
	return s
}

func firstLine(s []string) string {
	for _, l := range s {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "%") {
			return l
		}
	}
	return s[0]
}
