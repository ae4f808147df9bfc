package causes

import (
	"fmt"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// RegistrationArgs are the arguments of the registration.* causes.
type RegistrationArgs struct {
	Domain    string    `json:"domain"` // the registrable name
	Registrar string    `json:"registrar,omitempty"`
	Source    string    `json:"source,omitempty"` // "RDAP at rdap.example.net"
	Statuses  []string  `json:"statuses,omitempty"`
	Created   time.Time `json:"created,omitzero"`
	Expires   time.Time `json:"expires,omitzero"`
	When      time.Time `json:"when,omitzero"` // the moment that matters to the cause (eligible from, dropped about)
	Detail    string    `json:"detail,omitempty"`
}

func (a RegistrationArgs) registrar() string {
	if a.Registrar == "" {
		return "the registrar"
	}
	return a.Registrar
}

func (a RegistrationArgs) whois() catalog.Fix {
	return catalog.Fix{Commands: []string{shell.Whois(a.Domain, "", 0)}}
}

func (a RegistrationArgs) fix(lines ...string) catalog.Fix {
	f := a.whois()
	f.Steps = lines
	return f
}

func (a RegistrationArgs) source() string {
	s := a.Source + " says: " + catalog.Join(a.Statuses)
	if len(a.Statuses) == 0 {
		s = a.Source + " says so"
	}
	return s
}

// notResolving is what follows when a name is not in the DNS at all.
var notResolving = []catalog.Link{
	{To: "delegation.*"},
	{To: "dnssec.*"},
	{To: "record.*"},
	{To: "cache.*"},
	{To: "caa.*"},
	{To: "certificate.*"},
	{To: "cdn.*"},
	{To: "http.*"},
}

var exampleRegistration = RegistrationArgs{
	Domain: "example.com", Registrar: "Example Registrar, Inc.", Source: "RDAP at rdap.example.net",
	Statuses: []string{"active"},
	Created:  time.Date(2020, 3, 1, 0, 0, 0, 0, time.UTC), Expires: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC),
}

func exampleStatus(status ...string) RegistrationArgs {
	a := exampleRegistration
	a.Statuses = status
	return a
}

// RegistrationTaken is registration.taken.
var RegistrationTaken = catalog.Declare(catalog.Cause{
	ID: "registration.taken", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 8,
	Title:     "the name is registered to somebody",
	Codes:     []string{"DOMAIN_002", "DOMAIN_003"},
	Description: "Somebody has registered the name, so it cannot be registered again. If that is you, attach or " +
		"transfer it.",
	Detection: "The registry's RDAP or WHOIS service shows the registration. Asked only when the name is to be " +
		"registered.",
	Confused: "service.domain-elsewhere and service.already-yours, where the name is held in the service, not at " +
		"the registry; registration.reserved, where nobody has it and nobody can.",
	Refs: []string{"RFC 9083 5.3", "RFC 7480 5.1"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string {
		s := a.Domain + " is already registered"
		if !a.Created.IsZero() {
			s += " since " + catalog.Day(a.Created)
		}
		if a.Registrar != "" {
			s += " at " + strings.TrimSuffix(a.Registrar, ".")
		}
		return s
	},
	Why: RegistrationArgs.source,
	Fix: func(a RegistrationArgs) catalog.Fix {
		return a.fix("if it is yours: attach it as it is, or transfer it, instead of registering it",
			"if it is not: choose another name or another ending")
	},
	Example: exampleRegistration,
})

// RegistrationNotRegistered is registration.not-registered.
var RegistrationNotRegistered = catalog.Declare(catalog.Cause{
	ID: "registration.not-registered", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 4,
	Title: "nobody has registered the domain",
	Codes: []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_019"}, Explains: notResolving,
	Description: "The domain is in use in the service, but the registry knows no such name: a typing error, or the " +
		"registration has lapsed.",
	Detection: "The registry's RDAP service answers that there is no such object, or its WHOIS service that nothing " +
		"matches, and no servers are delegated.",
	Confused: "registration.reserved: unregistered is not the same as available; delegation.missing, where the name " +
		"is registered and has no servers; registration.unknown, where nobody could say.",
	Refs: []string{"RFC 9082 3.1.3", "RFC 7480 5.3"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string { return a.Domain + " is not registered" },
	Why: func(a RegistrationArgs) string {
		return a.Source + " knows no such domain, so nothing under it can work"
	},
	Fix: func(a RegistrationArgs) catalog.Fix {
		return a.fix("check the spelling of " + a.Domain + "; if it is right, register it (or renew it, if it was yours)")
	},
	Example: exampleRegistration,
})

// RegistrationNotRegistrable is registration.not-registrable.
var RegistrationNotRegistrable = catalog.Declare(catalog.Cause{
	ID: "registration.not-registrable", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 3,
	Title: "such a name cannot be registered at all",
	Codes: []string{"DOMAIN_003"}, Explains: []catalog.Link{
		{To: "registration.not-registered"},
		{To: "registration.taken"},
	},
	Description: "The name is a public ending (like co.uk), or lies below a name that can be registered.",
	Detection:   "The Public Suffix List tells where registrable names begin.",
	Confused: "registration.reserved, where the name has the right form and the registry keeps it; " +
		"registration.taken: nobody owns a public ending in that sense.",
	Refs: []string{"https://publicsuffix.org/list/"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string { return a.Domain + " cannot be registered: " + a.Detail },
	Why: func(a RegistrationArgs) string {
		return "registries sell exactly one label below a public ending"
	},
	Fix: func(a RegistrationArgs) catalog.Fix {
		return catalog.Steps("register a name one label below a public ending")
	},
	Example: RegistrationArgs{Domain: "shop.example.co.uk", Detail: "it is a name below example.co.uk, which can be"},
})

// RegistrationReserved is registration.reserved.
var RegistrationReserved = catalog.Declare(catalog.Cause{
	ID: "registration.reserved", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 3,
	Title: "the registry keeps the name back",
	Codes: []string{"DOMAIN_003"}, Explains: append([]catalog.Link{{To: "registration.not-registered"}},
		notResolving...),
	Description: "Nobody has registered the name, and nobody can: the registry reserves or blocks it, or sells it by " +
		"other rules.",
	Detection: "The registry's answer says reserved, blocked or restricted.",
	Confused: `registration.not-registered: "not found" alone does not mean that the name is for sale; ` +
		`registration.taken, where somebody has it.`,
	Refs: []string{"RFC 5731 3.1.1"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string { return a.Domain + " is reserved by the registry" },
	Why: func(a RegistrationArgs) string {
		s := a.Source + " says so"
		if a.Detail != "" {
			s += ": " + a.Detail
		}
		return s
	},
	Fix: func(a RegistrationArgs) catalog.Fix {
		return a.fix("choose another name, or ask the registry on which terms it gives this one away")
	},
	Example: RegistrationArgs{
		Domain: "d.example", Source: "WHOIS at whois.nic.example",
		Detail: "reserved by the registry",
	},
})

// RegistrationOnHold is registration.on-hold.
var RegistrationOnHold = catalog.Declare(catalog.Cause{
	ID: "registration.on-hold", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 5,
	Title: "the registration is on hold",
	Codes: []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_019"}, Explains: notResolving,
	Description: "The registrar (client hold) or the registry (server hold) took the domain out of the DNS: an " +
		"unconfirmed e-mail address, an open bill, or a dispute. \"inactive\" means that it has no name servers.",
	Detection: "The registry shows the status client hold, server hold or inactive.",
	Confused: "record.missing: while the domain is on hold, no record of it can be seen; delegation.missing, where " +
		"the registry has no servers to publish; registration.parked, where other servers answer.",
	Refs: []string{"RFC 5731 2.3", "RFC 8056 2"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string {
		return a.Domain + " is switched off at its registry (" + a.Detail + ")"
	},
	Why: func(a RegistrationArgs) string {
		return a.source() + "; a domain on hold is not in the DNS, whatever its records are"
	},
	Fix: func(a RegistrationArgs) catalog.Fix {
		switch a.Detail {
		case "server hold":
			return a.fix("ask "+a.registrar()+
				" why the registry holds the domain (legal, abuse or missing data), and what ends it",
				"DNS records need no change")
		case "inactive":
			return a.fix("set name servers for the domain at " + a.registrar())
		}
		return a.fix("at "+a.registrar()+
			", confirm the owner's e-mail address and pay what is open: these are the usual reasons for a hold",
			"DNS records need no change")
	},
	Example: func() RegistrationArgs { a := exampleStatus("server hold"); a.Detail = "server hold"; return a }(),
})

// RenewedByRegistry is the detail of a registration that its registry has renewed by itself, with its new end still
// to come.
const RenewedByRegistry = "renewed by the registry"

// RegistrationExpired is registration.expired.
var RegistrationExpired = catalog.Declare(catalog.Cause{
	ID: "registration.expired", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the registration has expired",
	Codes:     []string{"DOMAIN_003", "DOMAIN_019"}, Explains: []catalog.Link{
		{To: "registration.parked"},
		{To: "registration.expires-soon"},
	},
	Description: "The registration's end has passed. For a while (grace) it can be renewed as usual, and often still " +
		"works.",
	Detection: "The registry's expiry date has passed, or it shows auto renew period: renewed by the registry, " +
		"unpaid by the owner.",
	Confused: "registration.expires-soon: during auto renew period the registry shows a date one year ahead, which " +
		"looks like a paid renewal; registration.redemption, where an ordinary renewal comes too late.",
	Refs: []string{"RFC 3915 3.1", "RFC 8056 2"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string {
		switch {
		case a.Detail == RenewedByRegistry:
			return a.Domain + " came to its end and was renewed by the registry itself, until " + catalog.Day(a.Expires) +
				"; nothing shows yet whether that is paid for"
		case a.Expires.IsZero() || a.Detail != "":
			return a.Domain + " has expired and is in its grace period"
		}
		return a.Domain + " expired on " + catalog.Day(a.Expires)
	},
	Why: func(a RegistrationArgs) string {
		if a.Detail == RenewedByRegistry {
			return a.source() +
				"; that stands there for some 45 days after each renewal, paid or not, and a domain that is not paid for " +
				"is taken out of the DNS after them"
		}
		return a.source() + "; after the grace period it is taken out of the DNS, and later released"
	},
	Fix: func(a RegistrationArgs) catalog.Fix {
		if a.Detail == RenewedByRegistry {
			return a.fix("see at " + a.registrar() + " whether the renewal is paid; if it is, there is nothing to do")
		}
		return a.fix("renew the domain at " + a.registrar() + " now, while it costs the usual price")
	},
	Example: exampleStatus("auto renew period"),
})

// RegistrationRedemption is registration.redemption.
var RegistrationRedemption = catalog.Declare(catalog.Cause{
	ID: "registration.redemption", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "the registration was deleted and can still be restored",
	Codes: []string{"DOMAIN_003", "DOMAIN_004", "DOMAIN_019"},
	Explains: append([]catalog.Link{
		{To: "registration.on-hold"},
		{To: "registration.expired"},
		{To: "registration.expires-soon"},
	}, notResolving...),
	Description: "The domain lapsed and is out of the DNS. For 30 days its owner can restore it through the " +
		"registrar, " +
		"for a fee.",
	Detection: "The registry shows redemption period or pending restore.",
	Confused: "registration.not-registered: some tools call such a name available; registration.pending-delete, " +
		"where even a restore comes too late.",
	Refs: []string{"RFC 3915 3.1", "RFC 8056 2"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string { return a.Domain + " has lapsed; its owner can still restore it" },
	Why:     RegistrationArgs.source,
	Fix: func(a RegistrationArgs) catalog.Fix {
		return a.fix("if it is yours: ask "+a.registrar()+
			" to restore it (a fee applies); this is possible for 30 days after the deletion",
			"if it is not: it cannot be registered yet")
	},
	Example: exampleStatus("redemption period"),
})

// RegistrationPendingDelete is registration.pending-delete.
var RegistrationPendingDelete = catalog.Declare(catalog.Cause{
	ID: "registration.pending-delete", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "the registration is about to be deleted",
	Codes: []string{"DOMAIN_003", "DOMAIN_004", "DOMAIN_019"},
	Explains: append([]catalog.Link{
		{To: "registration.on-hold"},
		{To: "registration.expired"},
		{To: "registration.expires-soon"},
	}, notResolving...),
	Description: "The time to restore the domain is over. The registry deletes it within about five days, and then " +
		"anyone can register it.",
	Detection: "The registry shows pending delete without redemption period.",
	Confused: "registration.redemption: EPP shows pendingDelete in both, and the redemption period beside it " +
		"decides; registration.not-registered, which it becomes within days.",
	Refs: []string{"RFC 3915 3.1", "RFC 8056 2"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string {
		return a.Domain + " will be deleted in about five days and cannot be restored"
	},
	Why: RegistrationArgs.source,
	Fix: func(a RegistrationArgs) catalog.Fix {
		return a.fix("it can be registered anew once it is deleted; a back-order at a registrar improves the odds")
	},
	Example: exampleStatus("pending delete"),
})

// RegistrationExpiresSoon is registration.expires-soon.
var RegistrationExpiresSoon = catalog.Declare(catalog.Cause{
	ID: "registration.expires-soon", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Warn, Frequency: 3,
	Title:       "the registration ends in less than 30 days",
	Codes:       []string{"DOMAIN_019"},
	Description: "Unless it is renewed, the domain stops working after its end. No automatic renewal is known of.",
	Detection:   "The registry's expiry date, and the service's autoRenew.",
	Confused: "registration.expired, where the date has passed; certificate.expires-soon, which is about the " +
		"certificate's date.",
	Refs: []string{"RFC 9083 4.5", "https://www.icann.org/resources/pages/errp-2013-02-28-en"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string {
		return fmt.Sprintf("%s must be renewed before %s", a.Domain, catalog.Day(a.Expires))
	},
	Why: func(a RegistrationArgs) string {
		return a.Source + " gives that day, and no automatic renewal is known of"
	},
	Fix: func(a RegistrationArgs) catalog.Fix {
		return a.fix("renew the domain at " + a.registrar() + ", or switch automatic renewal on there")
	},
	Example: exampleRegistration,
})

// RegistrationTransferLocked is registration.transfer-locked.
var RegistrationTransferLocked = catalog.Declare(catalog.Cause{
	ID: "registration.transfer-locked", Rung: catalog.Registration,
	Who: []catalog.Actor{catalog.Tenant, catalog.RegistrarActor}, Verdict: catalog.Fail, Frequency: 7,
	Title: "a lock forbids the transfer",
	Codes: []string{"DOMAIN_016"},
	Description: "The status transfer prohibited is a normal protection. It must be lifted at the present registrar " +
		"before a transfer, and only then.",
	Detection: "The registry shows client or server transfer prohibited, and a transfer is wanted.",
	Confused: "a fault of a domain that is only attached: there the lock is healthy; " +
		"registration.transfer-too-young, which nobody can lift; registration.update-locked, which stops changes, not " +
		"a transfer.",
	Refs: []string{"RFC 5731 2.3", "RFC 8056 2"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string {
		return a.Domain + " is locked against transfers (" + a.Detail + ")"
	},
	Why: RegistrationArgs.source,
	Fix: func(a RegistrationArgs) catalog.Fix {
		if a.Detail == "server transfer prohibited" {
			return a.fix("only the registry can lift this lock: ask "+a.registrar()+
				" why it is there (a dispute, a registry lock, or a new registration)", "then start the transfer again")
		}
		return a.fix("unlock the domain at "+a.registrar(), "then start the transfer again")
	},
	Example: func() RegistrationArgs {
		a := exampleStatus("client transfer prohibited")
		a.Detail = "client transfer prohibited"
		return a
	}(),
})

// RegistrationTransferTooYoung is registration.transfer-too-young.
var RegistrationTransferTooYoung = catalog.Declare(catalog.Cause{
	ID: "registration.transfer-too-young", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Wait},
	Verdict: catalog.Fail, Frequency: 4,
	Title:       "registered or transferred too recently to transfer",
	Codes:       []string{"DOMAIN_016"},
	Description: "Registrars refuse to transfer a domain that was registered or transferred in the last 60 days.",
	Detection:   "The registry's dates of registration and last transfer.",
	Confused: "registration.transfer-locked, which the owner can lift; registration.auth-code-malformed: with the " +
		"right code a transfer is refused all the same.",
	Refs: []string{"https://www.icann.org/resources/pages/transfer-policy-2016-06-01-en", "RFC 9083 4.5"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string {
		return fmt.Sprintf("%s can be transferred from %s on, not before", a.Domain, catalog.Day(a.When))
	},
	Why: func(a RegistrationArgs) string { return a.Detail },
	Fix: func(a RegistrationArgs) catalog.Fix {
		return catalog.Steps("start the transfer again on " + catalog.Day(a.When))
	},
	Until: func(a RegistrationArgs) *catalog.Until {
		return &catalog.Until{Latest: a.When, Reason: "60 days after the registration or the last transfer"}
	},
	Example: func() RegistrationArgs {
		a := exampleRegistration
		a.When, a.Detail = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), "it was registered on 2026-03-02"
		return a
	}(),
})

// RegistrationTransferPending is registration.transfer-pending.
var RegistrationTransferPending = catalog.Declare(catalog.Cause{
	ID: "registration.transfer-pending", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Wait},
	Verdict: catalog.Warn, Frequency: 3,
	Title: "a transfer is already running",
	Codes: []string{"DOMAIN_016"},
	Description: "A transfer of the domain is under way. The present registrar has five days to object; then it goes " +
		"through by itself.",
	Detection: "The registry shows pending transfer.",
	Confused: "registration.transfer-locked: a running transfer refuses a second one; service.transfer-unknown, " +
		"where none is running.",
	Refs: []string{"RFC 5731 3.2.4", "https://www.icann.org/resources/pages/transfer-policy-2016-06-01-en"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string { return "a transfer of " + a.Domain + " is already running" },
	Why:     RegistrationArgs.source,
	Fix: func(a RegistrationArgs) catalog.Fix {
		return a.fix("wait: it completes within five days unless the present registrar objects",
			"do not start a second one")
	},
	Example: exampleStatus("pending transfer"),
})

// RegistrationUpdateLocked is registration.update-locked.
var RegistrationUpdateLocked = catalog.Declare(catalog.Cause{
	ID: "registration.update-locked", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Warn, Frequency: 2,
	Title: "a lock forbids changes at the registry",
	Codes: []string{"DOMAIN_005", "DOMAIN_020"},
	Description: "The registration carries update prohibited: name servers, DS records and contacts cannot be " +
		"changed " +
		"until it is lifted. Traffic is not affected.",
	Detection: "The registry shows client or server update prohibited, and an update was refused.",
	Confused: "registration.transfer-locked, which only stops a transfer; service.status-forbids-update, where the " +
		"service refuses, not the registry.",
	Refs: []string{"RFC 5731 2.3"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string {
		return a.Domain + " is locked against changes at its registry (" + a.Detail + ")"
	},
	Why: RegistrationArgs.source,
	Fix: func(a RegistrationArgs) catalog.Fix {
		if a.Detail == "server update prohibited" {
			return a.fix("this is a registry lock: " + a.registrar() + " lifts it out of band, after checking who asks")
		}
		return a.fix("lift the lock at " + a.registrar() + ", make the change, and set it again")
	},
	Example: func() RegistrationArgs {
		a := exampleStatus("client update prohibited")
		a.Detail = "client update prohibited"
		return a
	}(),
})

// RegistrationParked is registration.parked.
var RegistrationParked = catalog.Declare(catalog.Cause{
	ID: "registration.parked", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "the registrar has parked the domain",
	Codes: []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_019"}, Explains: notResolving,
	Description: "The domain's name servers are those of an expiry or verification page: the registrar replaced them " +
		"because of an unpaid renewal or an unconfirmed e-mail address.",
	Detection: "The delegated name servers belong to a known page of that kind.",
	Confused: "record.missing and record.cname-wrong-target: the records at your own DNS host are as they were; " +
		"delegation.wrong-host, where the owner chose the servers.",
	Refs: []string{"https://www.icann.org/resources/pages/errp-2013-02-28-en"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string {
		return a.Domain + " was parked by its registrar, so its own DNS records are not used"
	},
	Why: func(a RegistrationArgs) string { return "its name servers are now " + a.Detail },
	Fix: func(a RegistrationArgs) catalog.Fix {
		return a.fix("at "+a.registrar()+", renew the domain and confirm the owner's e-mail address",
			"then set the domain's own name servers again, if the registrar does not do it")
	},
	Example: RegistrationArgs{
		Domain: "example.com", Registrar: "Example Registrar, Inc.",
		Detail: "ns1.pendingrenewaldeletion.com",
	},
})

// RegistrationUnknown is registration.unknown.
var RegistrationUnknown = catalog.Declare(catalog.Cause{
	ID: "registration.unknown", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Wait},
	Verdict: catalog.Inconclusive, Frequency: 3,
	Title:  "the registry could not be asked",
	NoCode: "what could not be asked is neither taken nor free",
	Description: "The registry did not answer, refused because of too many questions, answered something that is not " +
		"understood, or no server is known for this ending. The registration's state, locks and dates are unknown.",
	Detection: "Both RDAP and WHOIS were tried as far as servers for the ending are known.",
	Confused: `registration.not-registered: no answer is never "available"; registration.registry-incident, where ` +
		`many domains of one ending show it.`,
	Refs: []string{"RFC 7480 5.5", "RFC 9224 4"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string { return "the registry of " + a.Domain + " could not be asked" },
	Why:     func(a RegistrationArgs) string { return a.Detail },
	Fix: func(a RegistrationArgs) catalog.Fix {
		if !a.When.IsZero() {
			return a.fix("run again after " + catalog.Clock(a.When))
		}
		return a.fix("run again later")
	},
	Example: RegistrationArgs{
		Domain: "example.com",
		Detail: "RDAP at rdap.example.net answered 429 (too many questions); WHOIS at whois.example.net did not " +
			"answer in time",
	},
})

// AuthCodeArgs are the arguments of registration.auth-code-malformed. The code itself is never part of them.
type AuthCodeArgs struct {
	Problems []string `json:"problems"` // what is wrong, by position and kind, without the code's own characters
}

// RegistrationAuthCodeMalformed is registration.auth-code-malformed.
var RegistrationAuthCodeMalformed = catalog.Declare(catalog.Cause{
	ID: "registration.auth-code-malformed", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 6,
	Needs: "the transfer's code",
	Title: "the authorization code was not copied cleanly",
	Codes: []string{"DOMAIN_018"},
	Description: "The code that was entered cannot be what the registrar gave: it is empty, has spaces, quotation " +
		"marks or HTML entities in it, or a length that registries do not use.",
	Detection: "Its form is checked here. The code is never stored, logged, sent or shown.",
	Confused: "registration.transfer-locked: many registries refuse a good code while the lock is on; " +
		"service.transfer-unknown, where no transfer takes the code.",
	Refs: []string{"RFC 5731 2.6", "RFC 9154"},
}, catalog.Text[AuthCodeArgs]{
	Summary: func(a AuthCodeArgs) string {
		return "the authorization code was not copied cleanly: " + catalog.Join(a.Problems)
	},
	Why: func(AuthCodeArgs) string { return "the registry compares it character by character" },
	Fix: func(AuthCodeArgs) catalog.Fix {
		return catalog.Steps(
			"copy the code again from the present registrar's page with its copy button, without typing it",
			"if it still fails, ask for a new code: most expire, and each new one ends the old")
	},
	Example: AuthCodeArgs{Problems: []string{"a space at position 9"}},
})

// RegistrationTransferLosesDNS is registration.transfer-loses-dns.
var RegistrationTransferLosesDNS = catalog.Declare(catalog.Cause{
	ID: "registration.transfer-loses-dns", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Warn, Frequency: 4,
	Title: "the transfer will take the domain's DNS away",
	Codes: []string{"DOMAIN_016"},
	Description: "The domain's name servers belong to the registrar that it is to leave. Many registrars delete the " +
		"zone when a domain goes, and then nothing works.",
	Detection: "The name servers' host is the present registrar, and a transfer is wanted.",
	Confused: "registration.transfer-locked: this does not stop the transfer, it makes it hurt; " +
		"registration.parked, where the registrar has replaced the servers already.",
	Refs: []string{"RFC 6781 4.3.5"},
}, catalog.Text[RegistrationArgs]{
	Summary: func(a RegistrationArgs) string {
		return fmt.Sprintf("the DNS of %s is run by %s, the registrar that it is to leave", a.Domain, a.registrar())
	},
	Why: func(a RegistrationArgs) string {
		return "its name servers are " + a.Detail + "; registrars often delete the zone once a domain has left"
	},
	Fix: func(a RegistrationArgs) catalog.Fix {
		return a.fix("before the transfer, copy all records to another DNS host and set its name servers at "+
			a.registrar(), "wait until the delegation's TTL is over, then start the transfer")
	},
	Example: func() RegistrationArgs {
		a := exampleRegistration
		a.Registrar, a.Detail = "GoDaddy.com, LLC", "ns51.domaincontrol.com and ns52.domaincontrol.com"
		return a
	}(),
})
