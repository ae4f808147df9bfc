package catalog

import (
	"strings"
	"time"
)

// SaidBy is what each source says about whether a name is registered: "free", "registered", "reserved", "no-answer",
// "unclear", or empty if it was not asked.
type SaidBy struct{ RDAP, WHOIS, DNS string }

// HowFree says by which sources a name is free, and what keeps that from being certain; empty if none says so.
func HowFree(domain string, s SaidBy) string {
	var by, not []string
	for _, x := range []struct{ name, says string }{{"RDAP", s.RDAP}, {"WHOIS", s.WHOIS}} {
		switch x.says {
		case "free":
			by = append(by, x.name)
		case "no-answer":
			not = append(not, x.name+" does not confirm it")
		case "":
			not = append(not, "no "+x.name+" server is known")
		default:
			return ""
		}
	}
	registry := len(by)
	switch s.DNS {
	case "free":
		by = append(by, "DNS")
	case "registered":
		return ""
	case "unclear":
		not = append(not, "the parent zone has the name without a delegation")
	default:
		not = append(not, "the DNS could not be asked")
	}
	switch {
	case len(by) == 0:
		return ""
	case registry == 0:
		return domain +
			" is not delegated; RDAP and WHOIS do not confirm that it is free, and a registered or reserved " +
			"name without name servers looks the same"
	case registry == 1:
		not = append(not, "a reserved name can look the same")
	case s.DNS == "no-answer" || s.DNS == "":
		not = append(not, "a delegation would decide")
	}
	if len(not) == 0 {
		return domain + " is free by " + Join(by)
	}
	alone := ""
	if len(by) == 1 {
		alone = " alone"
	}
	return domain + " is free by " + Join(by) + alone + "; " + Join(not)
}

// StageWords names a date in the life of a registration, by its JSON value.
func StageWords(kind string) string {
	switch kind {
	case "transfer-lock-ends":
		return "transfer lock until"
	case "option-ends":
		return "option of another until"
	case "out-of-dns":
		return "leaves the DNS"
	case "grace-ends":
		return "grace until"
	case "redemption-ends":
		return "redemption until"
	}
	return kind // created, transferred, expires, deleted, free
}

// StageDate formats a date in the life of a registration: a day, "about" for an estimate, two days for a range.
func StageDate(at, latest time.Time, estimated bool) string {
	from, to := Day(at), Day(latest)
	switch {
	case !estimated:
		return from
	case from == to || latest.Sub(at) < 48*time.Hour:
		return "about " + from
	}
	return "about " + from + " to " + to
}

// StageUntil formats the end of a period: the latest day of an estimate.
func StageUntil(at, latest time.Time, estimated bool) string {
	if estimated && latest.Sub(at) >= 48*time.Hour {
		return "about " + Day(latest) + " at the latest"
	}
	return StageDate(at, latest, estimated)
}

// CertaintyWords describes how sure it is that a name is free, by its JSON value; empty if it is not.
func CertaintyWords(certainty string) string {
	switch certainty {
	case "conclusive":
		return "certain"
	case "likely":
		return "likely"
	case "hint":
		return "not sure"
	}
	return ""
}

// PhaseWords describes where in its life a registration is, by its JSON value; empty for an active one.
func PhaseWords(phase string) string {
	switch phase {
	case "pending-create":
		return "requested, and not complete yet"
	case "grace":
		return "past its term, and can be renewed as usual"
	case "redemption":
		return "deleted or suspended, and can be restored"
	case "pending-restore":
		return "being restored"
	case "pending-delete":
		return "about to be deleted, and cannot be restored"
	}
	return ""
}

// ClaimsNotice says what a registrant of a free name has to accept.
const ClaimsNotice = "its registrant must accept a notice about a trademark first"

// RulesUnknown says that the dates of a registration's end cannot be estimated.
func RulesUnknown(ending string) string {
	return "the rules of the registry of ." + strings.TrimPrefix(ending, ".") + " are not known"
}
