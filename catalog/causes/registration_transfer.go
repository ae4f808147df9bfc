package causes

import (
	"fmt"
	"time"

	"domdoc/catalog"
)

// RegistrationTransferLockedArgs are the arguments of registration.transfer-locked.
type RegistrationTransferLockedArgs struct {
	RegisteredDomain
	Lock string `json:"detail,omitempty"` // the status: "client transfer prohibited" or "server transfer prohibited"
}

var transferCode = []string{"DOMAIN_016"}

// RegistrationTransferLocked is registration.transfer-locked.
var RegistrationTransferLocked = catalog.Declare(catalog.Cause{
	ID: "registration.transfer-locked", Rung: catalog.Registration,
	Who:     []catalog.Actor{catalog.Tenant, catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 7,
	Title: "a lock prevents the transfer",
	Codes: transferCode, Explains: links(RegistrationTransferRefused.ID),
	Description: "The status transfer prohibited is a normal protection. It must be removed at the current registrar " +
		"before a transfer, and only then.",
	Detection: "The registry shows client or server transfer prohibited, and a transfer is intended.",
	Confused: "a healthy domain that is not to be transferred, for which the lock is normal; " +
		"registration.transfer-too-young, which cannot be lifted; registration.update-locked, which prevents changes, " +
		"not " +
		"a transfer.",
	Refs: []string{"RFC 5731 2.3", "RFC 8056 2"},
}, catalog.Text[RegistrationTransferLockedArgs]{
	Summary: func(a RegistrationTransferLockedArgs) string {
		return a.Domain + " is locked against transfers (" + a.Lock + ")"
	},
	Why: func(a RegistrationTransferLockedArgs) string { return a.source() },
	Fix: func(a RegistrationTransferLockedArgs) catalog.Fix {
		const again = "then start the transfer again"
		if a.Lock == "server transfer prohibited" {
			return a.fix("only the registry can remove this lock: ask "+a.registrar()+
				" why it is set (a dispute, a registry lock, or a new registration)", again)
		}
		return a.fix("unlock the domain at "+a.registrar(), again)
	},
	Example: RegistrationTransferLockedArgs{
		RegisteredDomain: exampleRegistration("client transfer prohibited"), Lock: "client transfer prohibited",
	},
})

// RegistrationTransferTooYoungArgs are the arguments of registration.transfer-too-young.
type RegistrationTransferTooYoungArgs struct {
	RegisteredDomain
	From   time.Time `json:"when,omitzero"`    // when a transfer becomes possible
	Detail string    `json:"detail,omitempty"` // what happened when
}

// RegistrationTransferTooYoung is registration.transfer-too-young.
var RegistrationTransferTooYoung = catalog.Declare(catalog.Cause{
	ID: "registration.transfer-too-young", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Wait},
	Verdict: catalog.Fail, Frequency: 4,
	Title:       "registered or transferred too recently to transfer",
	Codes:       transferCode,
	Description: "Registrars refuse to transfer a domain that was registered or transferred in the last 60 days.",
	Detection:   "The registry shows when the domain was registered and last transferred.",
	Confused: "registration.transfer-locked, which the owner can remove; registration.auth-code-malformed: here the " +
		"transfer is refused even with the correct code.",
	Refs: []string{"https://www.icann.org/resources/pages/transfer-policy-2016-06-01-en", "RFC 9083 4.5"},
}, catalog.Text[RegistrationTransferTooYoungArgs]{
	Summary: func(a RegistrationTransferTooYoungArgs) string {
		return fmt.Sprintf("%s cannot be transferred before %s", a.Domain, catalog.Day(a.From))
	},
	Why: func(a RegistrationTransferTooYoungArgs) string { return a.Detail },
	Fix: func(a RegistrationTransferTooYoungArgs) catalog.Fix {
		return catalog.Steps("start the transfer again on " + catalog.Day(a.From))
	},
	Until: func(a RegistrationTransferTooYoungArgs) *catalog.Until {
		return &catalog.Until{Latest: a.From, Reason: "60 days after the registration or the last transfer"}
	},
	Example: RegistrationTransferTooYoungArgs{
		RegisteredDomain: exampleRegistration("active"), From: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC),
		Detail: "it was registered on 2026-03-02",
	},
})

// RegistrationTransferPending is registration.transfer-pending.
var RegistrationTransferPending = catalog.Declare(catalog.Cause{
	ID: "registration.transfer-pending", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Wait},
	Verdict: catalog.Warn, Frequency: 3,
	Title: "a transfer is already in progress",
	Codes: transferCode, Explains: links(RegistrationTransferRefused.ID),
	Description: "A transfer of the domain is in progress. The current registrar has five days to object; otherwise " +
		"it " +
		"completes without further action.",
	Detection: "The registry shows the status pending transfer.",
	Confused: "registration.transfer-locked: a transfer in progress blocks a second one; service.transfer-unknown, " +
		"where none is in progress.",
	Refs: []string{"RFC 5731 3.2.4", "https://www.icann.org/resources/pages/transfer-policy-2016-06-01-en"},
}, catalog.Text[RegisteredDomain]{
	Summary: func(a RegisteredDomain) string { return "a transfer of " + a.Domain + " is already in progress" },
	Why:     RegisteredDomain.source,
	Fix: func(a RegisteredDomain) catalog.Fix {
		return a.fix("wait: it completes within five days unless the current registrar objects",
			"do not start a second one")
	},
	Example: exampleRegistration("pending transfer"),
})

// AuthCodeArgs are the arguments of registration.auth-code-malformed. They never contain the code itself.
type AuthCodeArgs struct {
	Problems []string `json:"problems"` // the mistakes by kind and position, without characters of the code
}

// RegistrationAuthCodeMalformed is registration.auth-code-malformed.
var RegistrationAuthCodeMalformed = catalog.Declare(catalog.Cause{
	ID: "registration.auth-code-malformed", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 6,
	Needs: "the transfer code",
	Title: "the authorization code was not copied correctly",
	Codes: []string{"DOMAIN_018"}, Explains: links(RegistrationAuthCodeRejected.ID),
	Description: "The code that was entered cannot be the one from the registrar: it is empty, contains whitespace, " +
		"quotation marks or HTML entities, or has a length that registries do not use.",
	Detection: "The syntax of the code is checked locally. The code is never stored, logged, sent or printed.",
	Confused: "registration.transfer-locked: many registries reject a correct code while the lock is set; " +
		"service.transfer-unknown, where there is no transfer to use the code for.",
	Refs: []string{"RFC 5731 2.6", "RFC 9154"},
}, catalog.Text[AuthCodeArgs]{
	Summary: func(a AuthCodeArgs) string {
		return "the authorization code was not copied correctly: " + catalog.Join(a.Problems)
	},
	Why: func(AuthCodeArgs) string { return "the registry compares the code character by character" },
	Fix: func(AuthCodeArgs) catalog.Fix {
		return catalog.Steps(
			"copy the code again from the current registrar's page with its copy button, without typing it",
			"if it still fails, request a new code: most codes expire, and each new one invalidates the last")
	},
	Example: AuthCodeArgs{Problems: []string{"a space at position 9"}},
})

// RegistrationTransferLosesDNSArgs are the arguments of registration.transfer-loses-dns.
type RegistrationTransferLosesDNSArgs struct {
	RegisteredDomain
	Servers string `json:"detail,omitempty"` // the registrar's name servers, joined
}

// RegistrationTransferLosesDNS is registration.transfer-loses-dns.
var RegistrationTransferLosesDNS = catalog.Declare(catalog.Cause{
	ID: "registration.transfer-loses-dns", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Warn, Frequency: 4,
	Title: "the transfer will end the domain's DNS service",
	Codes: transferCode, Explains: links(RegistrationTransferRefused.ID),
	Description: "The domain's name servers belong to the current registrar. Many registrars delete the zone when a " +
		"domain is transferred away, and the domain then stops working.",
	Detection: "The DNS host is the current registrar, and a transfer is intended.",
	Confused: "registration.transfer-locked: this does not prevent the transfer, but causes an outage after it; " +
		"registration.parked, where the registrar has already replaced the name servers.",
	Refs: []string{"RFC 6781 4.3.5"},
}, catalog.Text[RegistrationTransferLosesDNSArgs]{
	Summary: func(a RegistrationTransferLosesDNSArgs) string {
		return fmt.Sprintf("the DNS of %s is hosted by %s, the registrar it is to be transferred from", a.Domain,
			a.registrar())
	},
	Why: func(a RegistrationTransferLosesDNSArgs) string {
		return "its name servers are " + a.Servers +
			"; registrars often delete the zone once a domain has been transferred"
	},
	Fix: func(a RegistrationTransferLosesDNSArgs) catalog.Fix {
		return a.fix("before the transfer, copy all records to another DNS host and set its name servers at "+
			a.registrar(), "wait until the delegation's TTL has passed, then start the transfer")
	},
	Example: func() RegistrationTransferLosesDNSArgs {
		a := RegistrationTransferLosesDNSArgs{
			RegisteredDomain: exampleRegistration("active"), Servers: "ns51.domaincontrol.com and ns52.domaincontrol.com",
		}
		a.Registrar = "GoDaddy.com, LLC"
		return a
	}(),
})
