package causes

import (
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// RegisteredDomain is what the registry shows about a domain. Every registration.* cause about a registered name has
// it as arguments, some with one more.
type RegisteredDomain struct {
	Domain    string    `json:"domain"` // the registrable name
	Registrar string    `json:"registrar,omitempty"`
	Source    string    `json:"source,omitempty"` // "RDAP at rdap.example.net"
	Statuses  []string  `json:"statuses,omitempty"`
	Created   time.Time `json:"created,omitzero"`
	Expires   time.Time `json:"expires,omitzero"`
}

// registrar returns the registrar, or "the registrar" if it is unknown.
func (a RegisteredDomain) registrar() string {
	if a.Registrar == "" {
		return "the registrar"
	}
	return a.Registrar
}

// source says what the registry shows.
func (a RegisteredDomain) source() string {
	if len(a.Statuses) == 0 {
		return "reported by " + a.Source
	}
	return a.Source + " shows the status " + catalog.Join(a.Statuses)
}

func (a RegisteredDomain) fix(steps ...string) catalog.Fix { return whoisFix(a.Domain, steps...) }

// whoisFix is a fix that is verified by looking up the registration of a domain.
func whoisFix(domain string, steps ...string) catalog.Fix {
	return catalog.Fix{Steps: steps, Commands: []string{shell.Whois(domain, "", 0)}}
}

// notResolving is what follows if a domain is not in DNS at all.
var notResolving = slices.Concat(links("delegation.*"), unreachableZone)

// exampleRegistration returns a registration with the given statuses.
func exampleRegistration(statuses ...string) RegisteredDomain {
	return RegisteredDomain{
		Domain: "example.com", Registrar: "Example Registrar, Inc.", Source: "RDAP at rdap.example.net",
		Statuses: statuses,
		Created:  time.Date(2020, 3, 1, 0, 0, 0, 0, time.UTC), Expires: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC),
	}
}

// RegistrationOnHoldArgs are the arguments of registration.on-hold.
type RegistrationOnHoldArgs struct {
	RegisteredDomain
	Hold string `json:"detail,omitempty"` // the status: "server hold", "client hold" or "inactive"
}

// RegistrationOnHold is registration.on-hold.
var RegistrationOnHold = catalog.Declare(catalog.Cause{
	ID: "registration.on-hold", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 5,
	Title: "the registration is on hold",
	Codes: []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_019"}, Explains: notResolving,
	Description: "The registrar (client hold) or the registry (server hold) removed the domain from DNS because of " +
		"an " +
		"unverified email address, an unpaid bill or a dispute. The status \"inactive\" means that it has no name " +
		"servers.",
	Detection: "The registry shows the status client hold, server hold or inactive.",
	Confused: "record.missing: while the domain is on hold, none of its records is visible; delegation.missing, " +
		"where " +
		"the registry has no name servers to publish; registration.parked, where other name servers answer.",
	Refs: []string{"RFC 5731 2.3", "RFC 8056 2"},
}, catalog.Text[RegistrationOnHoldArgs]{
	Summary: func(a RegistrationOnHoldArgs) string {
		return a.Domain + " is on hold at its registry (" + a.Hold + ")"
	},
	Why: func(a RegistrationOnHoldArgs) string {
		return a.source() + "; a domain on hold is not in DNS, whatever its records are"
	},
	Fix: func(a RegistrationOnHoldArgs) catalog.Fix {
		const noChange = "no DNS change is needed"
		switch a.Hold {
		case "server hold":
			return a.fix("ask "+a.registrar()+
				" why the registry holds the domain (legal, abuse or missing data) and how to release it", noChange)
		case "inactive":
			return a.fix("set name servers for the domain at " + a.registrar())
		}
		return a.fix("at "+a.registrar()+
			", verify the registrant's email address and pay any open bill: these are the usual reasons for a hold",
			noChange)
	},
	Example: RegistrationOnHoldArgs{RegisteredDomain: exampleRegistration("server hold"), Hold: "server hold"},
})

// RenewedByRegistry is the detail of registration.expired for a domain that the registry renewed automatically.
const RenewedByRegistry = "renewed by the registry"

// RegistrationExpiredArgs are the arguments of registration.expired.
type RegistrationExpiredArgs struct {
	RegisteredDomain
	// "auto renew period" or RenewedByRegistry; empty if only the date has passed
	Grace string `json:"detail,omitempty"`
}

// RegistrationExpired is registration.expired.
var RegistrationExpired = catalog.Declare(catalog.Cause{
	ID: "registration.expired", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the registration has expired",
	Codes:     []string{"DOMAIN_003", "DOMAIN_019"}, Explains: links(RegistrationParked.ID, RegistrationExpiresSoon.ID),
	Description: "The registration has expired. During the grace period it can be renewed as usual, and the domain " +
		"often still works.",
	Detection: "The registry's expiry date has passed, or it shows the status auto renew period: renewed by the " +
		"registry, not paid by the owner yet.",
	Confused: "registration.expires-soon: during the auto renew period the registry shows an expiry date one year " +
		"ahead, which looks like a paid renewal; registration.redemption, where it is too late for an ordinary renewal.",
	Refs: []string{"RFC 3915 3.1", "RFC 8056 2"},
}, catalog.Text[RegistrationExpiredArgs]{
	Summary: func(a RegistrationExpiredArgs) string {
		switch {
		case a.Grace == RenewedByRegistry:
			return a.Domain + " expired and was renewed automatically by the registry, until " + catalog.Day(a.Expires) +
				"; whether the renewal is paid is not known"
		case a.Expires.IsZero() || a.Grace != "":
			return a.Domain + " has expired and is in its grace period"
		}
		return a.Domain + " expired on " + catalog.Day(a.Expires)
	},
	Why: func(a RegistrationExpiredArgs) string {
		if a.Grace == RenewedByRegistry {
			return a.source() +
				"; the registry shows it for about 45 days after every renewal, paid or not, and then removes domains " +
				"that are " +
				"not paid from DNS"
		}
		return a.source() + "; after the grace period it is removed from DNS and later released"
	},
	Fix: func(a RegistrationExpiredArgs) catalog.Fix {
		if a.Grace == RenewedByRegistry {
			return a.fix("check at " + a.registrar() + " whether the renewal is paid; if it is, no action is needed")
		}
		return a.fix("renew the domain at " + a.registrar() + " now, while the usual price applies")
	},
	Example: RegistrationExpiredArgs{
		RegisteredDomain: exampleRegistration("auto renew period"),
		Grace:            "auto renew period",
	},
})

// RegistrationEndingArgs are the arguments of registration.redemption and registration.pending-delete.
type RegistrationEndingArgs struct {
	RegisteredDomain
	// until when it can be restored, and from when anyone can register it: the earliest and the latest
	RestoreFrom time.Time `json:"restoreFrom,omitzero"`
	RestoreBy   time.Time `json:"restoreBy,omitzero"`
	FreeFrom    time.Time `json:"freeFrom,omitzero"`
	FreeBy      time.Time `json:"freeBy,omitzero"`
	// the dates follow from the registry's rules; the registry does not show them
	Estimated    bool   `json:"estimated,omitempty"`
	AnyRegistrar bool   `json:"anyRegistrar,omitempty"` // any registrar can restore it
	Ending       string `json:"ending,omitempty"`       // "com"
	Detail       string `json:"detail,omitempty"`       // the registry's own words, if it shows no status
}

func (a RegistrationEndingArgs) why() string {
	s := a.source()
	if a.Detail != "" {
		s += " (" + a.Detail + ")"
	}
	if !a.RestoreBy.IsZero() {
		s += "; it can be restored until " + catalog.StageUntil(a.RestoreFrom, a.RestoreBy, true)
	}
	if !a.FreeBy.IsZero() {
		s += "; anyone can register it from " + catalog.StageDate(a.FreeFrom, a.FreeBy, a.Estimated)
	}
	if a.RestoreBy.IsZero() && a.FreeBy.IsZero() {
		s += "; " + catalog.RulesUnknown(a.Ending) + ", so no date can be given"
	}
	return s
}

// restorer is whom the last holder asks.
func (a RegistrationEndingArgs) restorer() string {
	if a.AnyRegistrar && a.Registrar == "" {
		return "a registrar"
	}
	if a.AnyRegistrar {
		return a.registrar() + ", or another registrar,"
	}
	return a.registrar()
}

func (a RegistrationEndingArgs) restorable() string {
	if a.RestoreBy.IsZero() {
		return "how long this is possible, the registry decides"
	}
	return "this is possible until " + catalog.StageUntil(a.RestoreFrom, a.RestoreBy, true)
}

func (a RegistrationEndingArgs) freeFrom() string {
	if a.FreeBy.IsZero() {
		return ""
	}
	return "; it becomes free " + catalog.StageDate(a.FreeFrom, a.FreeBy, a.Estimated)
}

// deletedExplains is what follows if the registration is deleted.
var deletedExplains = slices.Concat(
	links(RegistrationOnHold.ID, RegistrationExpired.ID, RegistrationExpiresSoon.ID), notResolving)

// RegistrationRedemption is registration.redemption.
var RegistrationRedemption = catalog.Declare(catalog.Cause{
	ID: "registration.redemption", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "the registration was deleted but can still be restored",
	Codes: []string{"DOMAIN_003", "DOMAIN_004", "DOMAIN_019"}, Explains: deletedExplains,
	Description: "The domain expired and is no longer in DNS. For a time (30 days under gTLDs) its owner can " +
		"restore it " +
		"through the registrar, for a fee.",
	Detection: "The registry shows the status redemption period or pending restore.",
	Confused: "registration.not-registered: some tools call such a name available; registration.pending-delete, " +
		"where " +
		"it is too late even for a restore.",
	Refs: []string{"RFC 3915 3.1", "RFC 8056 2"},
}, catalog.Text[RegistrationEndingArgs]{
	Summary: func(a RegistrationEndingArgs) string {
		return a.Domain + " has expired, but its owner can still restore it"
	},
	Why: RegistrationEndingArgs.why,
	Fix: func(a RegistrationEndingArgs) catalog.Fix {
		return a.fix("if it is yours: ask "+a.restorer()+" to restore it (for a fee); "+a.restorable(),
			"if it is not: it cannot be registered yet"+a.freeFrom())
	},
	Example: RegistrationEndingArgs{
		RegisteredDomain: exampleRegistration("redemption period"), Ending: "com",
		RestoreFrom: time.Date(2026, 12, 21, 0, 0, 0, 0, time.UTC),
		RestoreBy:   time.Date(2026, 12, 21, 0, 0, 0, 0, time.UTC),
		FreeFrom:    time.Date(2026, 12, 26, 0, 0, 0, 0, time.UTC),
		FreeBy:      time.Date(2026, 12, 26, 0, 0, 0, 0, time.UTC),
		Estimated:   true,
	},
})

// RegistrationPendingDelete is registration.pending-delete.
var RegistrationPendingDelete = catalog.Declare(catalog.Cause{
	ID: "registration.pending-delete", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "the registration is about to be deleted",
	Codes: []string{"DOMAIN_003", "DOMAIN_004", "DOMAIN_019"}, Explains: deletedExplains,
	Description: "The restore period has ended. The registry deletes the domain within days (five under gTLDs), " +
		"after " +
		"which anyone can register it.",
	Detection: "The registry shows the status pending delete without redemption period.",
	Confused: "registration.redemption: EPP shows pendingDelete in both cases, but there together with " +
		"redemptionPeriod; registration.not-registered, which it becomes within days.",
	Refs: []string{"RFC 3915 3.1", "RFC 8056 2"},
}, catalog.Text[RegistrationEndingArgs]{
	Summary: func(a RegistrationEndingArgs) string {
		return a.Domain + " is about to be deleted and cannot be restored"
	},
	Why: RegistrationEndingArgs.why,
	Fix: func(a RegistrationEndingArgs) catalog.Fix {
		return a.fix("nobody can restore it; it can be registered again once it is deleted" + a.freeFrom() +
			"; a back-order at a registrar improves the chances")
	},
	Example: RegistrationEndingArgs{
		RegisteredDomain: exampleRegistration("pending delete"), Ending: "com",
		FreeFrom:  time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC),
		FreeBy:    time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC),
		Estimated: true,
	},
})

// RegistrationExpiresSoon is registration.expires-soon.
var RegistrationExpiresSoon = catalog.Declare(catalog.Cause{
	ID: "registration.expires-soon", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Warn, Frequency: 3,
	Title: "the registration expires in less than 30 days",
	Codes: []string{"DOMAIN_019"},
	Description: "Unless it is renewed, the domain stops working after it expires. Automatic renewal is not known to " +
		"be enabled.",
	Detection: "The registry's expiry date is near, and the service does not show autoRenew.",
	Confused: "registration.expired, where the date has passed; certificate.expires-soon, where only the certificate " +
		"expires.",
	Refs: []string{"RFC 9083 4.5", "https://www.icann.org/resources/pages/errp-2013-02-28-en"},
}, catalog.Text[RegisteredDomain]{
	Summary: func(a RegisteredDomain) string {
		return a.Domain + " must be renewed before " + catalog.Day(a.Expires)
	},
	Why: func(a RegisteredDomain) string {
		return a.Source + " shows that expiry date, and automatic renewal is not known to be enabled"
	},
	Fix: func(a RegisteredDomain) catalog.Fix {
		return a.fix("renew the domain at " + a.registrar() + ", or enable automatic renewal there")
	},
	Example: exampleRegistration("active"),
})

// RegistrationUpdateLockedArgs are the arguments of registration.update-locked.
type RegistrationUpdateLockedArgs struct {
	RegisteredDomain
	Lock string `json:"detail,omitempty"` // the status: "client update prohibited" or "server update prohibited"
}

// RegistrationUpdateLocked is registration.update-locked.
var RegistrationUpdateLocked = catalog.Declare(catalog.Cause{
	ID: "registration.update-locked", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Warn, Frequency: 2,
	Title: "a lock prevents changes at the registry",
	Codes: []string{"DOMAIN_005", "DOMAIN_020"},
	Description: "The registration has the status update prohibited: its name servers, DS records and contacts " +
		"cannot " +
		"be changed until the lock is removed. Traffic is not affected.",
	Detection: "The registry shows client or server update prohibited, and an update was rejected.",
	Confused: "registration.transfer-locked, which only prevents a transfer; service.status-forbids-update, where " +
		"the " +
		"service rejects the change, not the registry.",
	Refs: []string{"RFC 5731 2.3"},
}, catalog.Text[RegistrationUpdateLockedArgs]{
	Summary: func(a RegistrationUpdateLockedArgs) string {
		return a.Domain + " is locked against changes at its registry (" + a.Lock + ")"
	},
	Why: func(a RegistrationUpdateLockedArgs) string { return a.source() },
	Fix: func(a RegistrationUpdateLockedArgs) catalog.Fix {
		if a.Lock == "server update prohibited" {
			return a.fix("this is a registry lock: ask " + a.registrar() +
				" to remove it; they verify the request through another channel first")
		}
		return a.fix("remove the lock at " + a.registrar() + ", make the change, and set the lock again")
	},
	Example: RegistrationUpdateLockedArgs{
		RegisteredDomain: exampleRegistration("client update prohibited"), Lock: "client update prohibited",
	},
})

// RegistrationParkedArgs are the arguments of registration.parked.
type RegistrationParkedArgs struct {
	RegisteredDomain
	Server string `json:"detail,omitempty"` // a name server of the parking page
}

// RegistrationParked is registration.parked.
var RegistrationParked = catalog.Declare(catalog.Cause{
	ID: "registration.parked", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "the registrar has parked the domain",
	Codes: []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_019"}, Explains: notResolving,
	Description: "The domain's name servers are those of an expiry or verification page: the registrar replaced them " +
		"because of an unpaid renewal or an unverified email address.",
	Detection: "The delegated name servers belong to a known page of that kind.",
	Confused: "record.missing and record.cname-wrong-target: the records at your own DNS host are unchanged; " +
		"delegation.wrong-host, where the owner chose the name servers.",
	Refs: []string{"https://www.icann.org/resources/pages/errp-2013-02-28-en"},
}, catalog.Text[RegistrationParkedArgs]{
	Summary: func(a RegistrationParkedArgs) string {
		return a.Domain + " was parked by its registrar, so its own DNS records are not in use"
	},
	Why: func(a RegistrationParkedArgs) string {
		return "its name servers are now those of a parking page (" + a.Server + ")"
	},
	Fix: func(a RegistrationParkedArgs) catalog.Fix {
		return a.fix("at "+a.registrar()+", renew the domain and verify the registrant's email address",
			"then restore the domain's own name servers, if the registrar does not do so")
	},
	Example: RegistrationParkedArgs{
		RegisteredDomain: RegisteredDomain{Domain: "example.com", Registrar: "Example Registrar, Inc."},
		Server:           "ns1.pendingrenewaldeletion.com",
	},
})

// RegistrationUnknownArgs are the arguments of registration.unknown.
type RegistrationUnknownArgs struct {
	RegisteredDomain
	RetryAt time.Time `json:"when,omitzero"` // when the registry accepts queries again, if it said so
	Detail  string    `json:"detail,omitempty"`
	Ending  string    `json:"ending,omitempty"` // the ending, if its registry is not known
}

// RegistrationUnknown is registration.unknown.
var RegistrationUnknown = catalog.Declare(catalog.Cause{
	ID: "registration.unknown", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Wait},
	Verdict: catalog.Inconclusive, Frequency: 3,
	Title:  "the registration could not be looked up",
	NoCode: "a failed lookup says nothing about the registration",
	Description: "The registry did not answer, limited the rate of queries, gave an answer that is not understood, " +
		"or " +
		"has no known server for this TLD. The registration's status, locks and dates are unknown.",
	Detection: "Both RDAP and WHOIS were tried, as far as servers for the TLD are known.",
	Confused: `registration.not-registered: a failed lookup never means "available"; registration.registry-incident, ` +
		`where many domains of one TLD are affected.`,
	Refs: []string{"RFC 7480 5.5", "RFC 9224 4"},
}, catalog.Text[RegistrationUnknownArgs]{
	Summary: func(a RegistrationUnknownArgs) string {
		return "the registration of " + a.Domain + " could not be looked up"
	},
	Why: func(a RegistrationUnknownArgs) string { return a.Detail },
	Fix: func(a RegistrationUnknownArgs) catalog.Fix {
		if !a.RetryAt.IsZero() {
			return a.fix("run again after " + catalog.Clock(a.RetryAt))
		}
		if a.Ending != "" {
			return a.fix("look it up at the registry of ." + a.Ending +
				", on its web pages: no server that domdoc can ask is known")
		}
		return a.fix("run again later")
	},
	Example: RegistrationUnknownArgs{
		RegisteredDomain: RegisteredDomain{Domain: "example.com"},
		Detail: "RDAP at rdap.example.net answered 429 (too many requests); WHOIS at whois.example.net did not answer " +
			"in " +
			"time",
	},
})

// RegistrationTakenArgs are the arguments of registration.taken.
type RegistrationTakenArgs struct {
	RegisteredDomain
	RetryAt time.Time `json:"when,omitzero"`
	// what the registry's servers say instead, if only the delegation shows it
	Detail string `json:"detail,omitempty"`
}

// RegistrationTaken is registration.taken.
var RegistrationTaken = catalog.Declare(catalog.Cause{
	ID: "registration.taken", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 8,
	Title:     "the name is already registered",
	Codes:     []string{"DOMAIN_002", "DOMAIN_003"},
	Description: "The name is already registered, so it cannot be registered again. If it is yours, attach or " +
		"transfer " +
		"it instead.",
	Detection: "The registry's RDAP or WHOIS service shows a registration. It is queried only if the name is to be " +
		"registered.",
	Confused: "service.domain-elsewhere and service.already-yours, where the name is attached in the service; " +
		"registration.reserved, where it is not registered but cannot be.",
	Refs: []string{"RFC 9083 5.3", "RFC 7480 5.1"},
}, catalog.Text[RegistrationTakenArgs]{
	Summary: func(a RegistrationTakenArgs) string {
		s := a.Domain + " is already registered"
		if a.Registrar != "" {
			s += " at " + strings.TrimSuffix(a.Registrar, ".")
		}
		if !a.Created.IsZero() {
			s += " (since " + catalog.Day(a.Created) + ")"
		}
		return s
	},
	Why: func(a RegistrationTakenArgs) string {
		if a.Detail != "" {
			return a.source() + "; " + a.Detail
		}
		return a.source()
	},
	Fix: func(a RegistrationTakenArgs) catalog.Fix {
		return a.fix("if it is yours: attach it as it is, or transfer it, instead of registering it",
			"if it is not: choose another name or another TLD")
	},
	Example: RegistrationTakenArgs{RegisteredDomain: exampleRegistration("active")},
})
