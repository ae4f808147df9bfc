package registration

import (
	"slices"
	"strings"
	"unicode"

	"domdoc/catalog/lazyregexp"
)

// maxStatusRunes bounds a status that is in no table and is shown as it is.
const maxStatusRunes = 80

var (
	// A status often comes with the page that explains it, bare or in brackets, and sometimes as nothing but that page.
	statusURL      = lazyregexp.New(`(?i)\(?https?://\S*`)
	statusFragment = lazyregexp.New(`(?i)https?://\S*#([a-z]{2,40})`)
	// Notes in brackets: "ok (paid and in zone)", "Connected (2025/03/31)".
	statusNote = lazyregexp.New(`\([^()]*\)`)
	// The Channel Islands and some CoCCA registries say who set the lock in words.
	statusByWhom = lazyregexp.New(`^(delete|update|transfer|renew)(?:al)? prohibited by (registrar|registry)$`)
)

// NormaliseStatus returns a registration status in RDAP's terms (RFC 8056, and RFC 9083 §10.2.2 for those that EPP
// lacks): "clientHold https://icann.org/epp#clientHold", "client hold" and "CLIENT HOLD" are all "client hold".
// Registries' own terms map to the nearest of these. A list ("REGISTERED, NOT DELEGATED, VERIFIED") yields its most
// severe member. An unknown status is returned in lower case, cleaned, at most 80 runes long; an empty one stays
// empty.
func NormaliseStatus(raw string) string {
	text := raw
	if len(text) > 4*whoisMaxValue {
		text = text[:4*whoisMaxValue]
	}
	text = cleanValue(text)
	bare := strings.TrimSpace(statusURL.ReplaceAllString(text, " "))
	if strings.Trim(bare, " .,;:-()") == "" {
		if m := statusFragment.FindStringSubmatch(text); m != nil {
			bare = m[1]
		}
	}
	if s, ok := lookupStatus(bare); ok {
		return s
	}
	noted := strings.TrimSpace(statusNote.ReplaceAllString(bare, " "))
	if s, ok := lookupStatus(noted); ok {
		// "Active (on hold)"
		if note, known := lookupStatus(strings.Trim(statusNote.FindString(bare), "()")); known && s == "active" &&
			slices.Contains(notWithActive, note) {
			return note
		}
		return s
	}
	if parts := splitStatuses(noted); len(parts) > 1 {
		best, rank := "", -1
		for _, p := range parts {
			if s, ok := lookupStatus(p); ok {
				if r := statusRank(s); r > rank {
					best, rank = s, r
				}
			}
		}
		if rank >= 0 {
			return best
		}
	}
	return cutRunes(spellStatus(noted), maxStatusRunes)
}

// splitStatuses splits a list of statuses in one value. A hyphen separates only with spaces around it: "ok - Normal
// state.".
func splitStatuses(s string) []string {
	var out []string
	if a, b, ok := strings.Cut(s, "/"); ok && !strings.ContainsAny(b, "/:") { // "pendingDelete/redemptionPeriod"
		_, first := lookupStatus(a)
		if _, second := lookupStatus(b); first && second {
			s = a + "," + b
		}
	}
	for _, p := range strings.FieldsFunc(strings.NewReplacer(" - ", ",", " / ", ",", ";", ",", "|", ",").Replace(s),
		func(r rune) bool { return r == ',' }) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// statusDated matches a status with a date behind it: "To be suspended (2026/12/31)", "in quarantine until
// 2026-12-20".
var statusDated = lazyregexp.New(
	`^(.*?[\pL])[ (]+(?:(?i:on|until|till|by|since|from|after|as of) )?(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ` +
		`][\d:.]+Z?)?|` +
		`\d{1,2}[-/. ][\pL\d]{2,9}[-/. ]\d{4})\)?$`)

// datedStatus parts a status from the date behind it.
func datedStatus(value string) (status, date string) {
	m := statusDated.FindStringSubmatch(strings.TrimSpace(value))
	if m == nil {
		return value, ""
	}
	return m[1], m[2]
}

// statusEnds sets the date that a status says.
func (r *Registration) statusEnds(status, date string, o dateOrderKind, z clockZone) bool {
	words := strings.ToLower(status)
	switch s, _ := lookupStatus(status); {
	case date == "":
		return false
	case s == "to be suspended":
		return r.suspends().set(date, o, z)
	case strings.Contains(words, "delet"):
		return r.deletes().set(date, o, z)
	case s == "pending delete", s == "redemption period" && strings.Contains(words, "quarant"):
		return r.releases().set(date, o, z)
	}
	return false
}

// lookupStatus finds a status by its letters and digits alone, ignoring spacing, case and punctuation.
func lookupStatus(s string) (string, bool) {
	words := strings.Join(strings.Fields(strings.ToLower(strings.Trim(s, " .!:;*"))), " ")
	if m := statusByWhom.FindStringSubmatch(words); m != nil {
		who := "client"
		if m[2] == "registry" {
			who = "server"
		}
		return who + " " + m[1] + " prohibited", true
	}
	v, ok := statusWords[compact(words)]
	return v, ok
}

// compact returns the letters and digits of s in lower case.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// spellStatus writes an unknown status in lower-case words, splitting camel case
// ("serverRegistrantChangeProhibited").
func spellStatus(s string) string {
	s = strings.Trim(s, " .,;:*\"'")
	if compact(s) == "" {
		return ""
	}
	if !strings.ContainsAny(s, " ") && strings.ToUpper(s) != s {
		var b strings.Builder
		for i, r := range s {
			if i > 0 && unicode.IsUpper(r) {
				b.WriteByte(' ')
			}
			b.WriteRune(r)
		}
		s = b.String()
	}
	return strings.Join(strings.Fields(strings.ToLower(s)), " ")
}

// statusRank orders statuses by how much they keep a name from resolving; higher is more severe.
func statusRank(s string) int {
	if i := slices.Index(statusByGravity, s); i >= 0 {
		return len(statusByGravity) - i
	}
	return 0
}

// statusByGravity lists the statuses that outrank "active", the most severe first.
var statusByGravity = []string{
	"pending delete", "redemption period", "pending restore", "server hold", "client hold", "inactive",
	"auto renew period", "to be suspended",
	"pending transfer", "pending create", "locked", "server transfer prohibited", "client transfer prohibited",
	"active",
}

// notWithActive are the statuses that contradict "active": EPP's ok stands alone (RFC 5731 §2.3).
var notWithActive = []string{
	"inactive", "client hold", "server hold", "pending delete", "redemption period",
	"pending restore",
}

// addStatus adds a status to a sorted set of at most maxStatuses.
func addStatus(set []string, s string) []string {
	if s == "" || len(set) >= maxStatuses {
		return set
	}
	i, found := slices.BinarySearch(set, s)
	if found {
		return set
	}
	return slices.Insert(set, i, s)
}

// settleStatuses drops "active" if another status contradicts it, as in "REGISTERED, NOT DELEGATED".
func settleStatuses(set []string) []string {
	for _, s := range notWithActive {
		if slices.Contains(set, s) {
			return slices.DeleteFunc(set, func(v string) bool { return v == "active" })
		}
	}
	return set
}

// statusWords maps the letters of a status to RDAP's term. The first block is RFC 8056 §2 and RFC 9083 §10.2.2; the
// rest are registries' own.
var statusWords = map[string]string{
	"addperiod":                "add period",
	"autorenewperiod":          "auto renew period",
	"clientdeleteprohibited":   "client delete prohibited",
	"clienthold":               "client hold",
	"clientrenewprohibited":    "client renew prohibited",
	"clienttransferprohibited": "client transfer prohibited",
	"clientupdateprohibited":   "client update prohibited",
	"inactive":                 "inactive",
	"linked":                   "associated",
	"ok":                       "active",
	"pendingcreate":            "pending create",
	"pendingdelete":            "pending delete",
	"pendingrenew":             "pending renew",
	"pendingrestore":           "pending restore",
	"pendingtransfer":          "pending transfer",
	"pendingupdate":            "pending update",
	"redemptionperiod":         "redemption period",
	"renewperiod":              "renew period",
	"serverdeleteprohibited":   "server delete prohibited",
	"serverhold":               "server hold",
	"serverrenewprohibited":    "server renew prohibited",
	"servertransferprohibited": "server transfer prohibited",
	"serverupdateprohibited":   "server update prohibited",
	"transferperiod":           "transfer period",
	"active":                   "active",
	"associated":               "associated",
	"deleteprohibited":         "delete prohibited",
	"locked":                   "locked",
	"obscured":                 "obscured",
	"private":                  "private",
	"proxy":                    "proxy",
	"removed":                  "removed",
	"renewprohibited":          "renew prohibited",
	"transferprohibited":       "transfer prohibited",
	"updateprohibited":         "update prohibited",
	"validated":                "validated",

	// In use.
	"connect": "active", "connected": "active", "registered": "active", "delegated": "active", "published": "active",
	"taken": "active", "busy": "active", "activated": "active", "live": "active", "inuse": "active", "normal": "active",
	"normalstate": "active", "200active": "active", "registereduntilexpirydate": "active",
	"registereduntilcancelled":   "active",
	"registereduntilrenewaldate": "active", "paidandinzone": "active", "inzone": "active", "paid": "active",
	"enabled": "active",
	"granted": "active", "allocated": "active", "assigned": "active", "occupied": "active", "reg": "active",
	"transferallowed":               "active",
	"thedomainisunlockedtotransfer": "active", "unlocked": "active", "okpaidandinzone": "active",
	"domainregistered": "active",
	"activo":           "active", "ativo": "active", "actif": "active", "attivo": "active", "aktiv": "active",
	"aktywna": "active", "aktif": "active",
	"publicado": "active", "registrado": "active", "enregistre": "active", "registriert": "active",
	"zarejestrowana": "active",
	"bekapcsolt":     "active", "verified": "validated",
	// DNS Belgium and EURid: it is registered.
	"notavailable": "active",
	// Registered, but not in the zone.
	"notdelegated": "inactive", "undelegated": "inactive", "nodelegation": "inactive", "notinzone": "inactive",
	"outzone":   "inactive",
	"outofzone": "inactive", "failed": "inactive", "deactivated": "inactive", "unpublished": "inactive",
	"waiting":       "inactive",
	"nonameservers": "inactive", "techpro": "inactive", "thedomainisnotdelegated": "inactive",
	"expiredoutofzone": "inactive", "inactivo": "inactive",
	"inativo": "inactive", "inactif": "inactive", "inattivo": "inactive",
	// Stopped by the registry, and by the registrar.
	"suspended": "server hold", "onhold": "server hold", "hold": "server hold", "disabled": "server hold",
	"registryhold": "server hold",
	"registrylock": "locked", "registrarhold": "client hold", "registrarlock": "client transfer prohibited",
	"frozen": "server hold", "thisregistrationhasbeensuspended": "server hold",
	"suspendedbyregistry": "server hold", "administrativelykeptoutofzone": "server hold",
	"keptoutofzone": "server hold",
	"seized":        "server hold", "suspendido": "server hold", "suspenso": "server hold", "congelado": "server hold",
	"suspendu": "server hold",
	"gesperrt": "server hold", "domainsuspended": "server hold", "adminhold": "server hold",
	"domainblocked": "locked", "lock": "locked", "registrylocked": "locked",
	// Past its end.
	"expired": "auto renew period", "graceperiod": "auto renew period", "ingraceperiod": "auto renew period",
	"grace":                "auto renew period",
	"autorenewgraceperiod": "auto renew period", "renewalrequired": "auto renew period",
	"expiredinzone":                "auto renew period",
	"renewalrequestbeingprocessed": "pending renew", "vencido": "auto renew period", "caducado": "auto renew period",
	"quarantine": "redemption period", "inquarantine": "redemption period", "quarantaine": "redemption period",
	"redemption":            "redemption period",
	"redemptiongraceperiod": "redemption period", "redemptionnoprovider": "redemption period",
	"pendingdeleterestorable": "redemption period",
	"outofservice":            "redemption period",
	// JPRS: it is in the DNS until the end of its term.
	"tobesuspended": "to be suspended",
	"restorable":    "redemption period",
	"recoverable":   "redemption period", "cuarentena": "redemption period", "quarantena": "redemption period",
	"pendingdeletion": "pending delete", "pendingrelease": "pending delete",
	// InternetNZ: 90 days, in which it can be restored.
	"210pendingrelease": "redemption period",
	"tobedeleted":       "pending delete",
	"deletecandidate":   "pending delete", "todelete": "pending delete", "pendingpurge": "pending delete",
	"pendingremoval": "pending delete",
	"tobereleased":   "pending delete", "willbereleased": "pending delete", "willbedeleted": "pending delete",
	"deletionscheduled": "pending delete", "scheduledfordeletion": "pending delete",
	"deletionrequested": "pending delete", "deleted": "pending delete", "expiredpendingdelete": "pending delete",
	"pendingdeletescheduled": "pending delete",
	"260willbeavailable":     "pending delete",
	// Moving, or being made.
	"intransfer": "pending transfer", "transferpending": "pending transfer", "transferinprogress": "pending transfer",
	"transferring":                      "pending transfer",
	"registrationrequestbeingprocessed": "pending create", "pending": "pending create",
	"pendingregistration": "pending create",
	// Locks; the abbreviated ones are of the former .io, .ac and .sh, and of .tm.
	"clientupdtlock": "client update prohibited", "clientxferlock": "client transfer prohibited",
	"clientdeltlock":     "client delete prohibited",
	"clientupdtdeltlock": "client update prohibited", "clientxferdeltupdtlock": "client transfer prohibited",
	"delegatedok":    "active",
	"transferlocked": "client transfer prohibited", "agentchangelocked": "client transfer prohibited",
	"transferlock":                "client transfer prohibited",
	"thedomainislockedtotransfer": "client transfer prohibited", "registrantchangelocked": "client update prohibited",
	"sponsoringregistrarchangeprohibited": "server transfer prohibited",
	"sponsoringregistrarchangeforbidden":  "server transfer prohibited",
	"registrationrenewalprohibited":       "server renew prohibited",
	"registrationrenewalforbidden":        "server renew prohibited",
	"deletionprohibited":                  "server delete prohibited", "deletionforbidden": "server delete prohibited",
	"updateforbidden":          "server update prohibited",
	"objectdeletionprohibited": "server delete prohibited", "objecttransferprohibited": "server transfer prohibited",
}
