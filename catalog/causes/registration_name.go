package causes

import (
	"slices"

	"domdoc/catalog"
)

// The causes about names that are not registered.

// RegistrationNotRegistered is registration.not-registered.
var RegistrationNotRegistered = catalog.Declare(catalog.Cause{
	ID: "registration.not-registered", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 4,
	Title: "the domain is not registered",
	Codes: []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_019"}, Explains: notResolving,
	Description: "The domain is in use in the service, but the registry has no such name: it is misspelled, or the " +
		"registration has lapsed.",
	Detection: "The registry's RDAP service answers that the object does not exist, or its WHOIS service finds no " +
		"match, and the name is not delegated.",
	Confused: "registration.reserved: not registered does not mean available; delegation.missing, where the name is " +
		"registered but has no name servers; registration.unknown, where the lookup failed.",
	Refs: []string{"RFC 9082 3.1.3", "RFC 7480 5.3"},
}, catalog.Text[RegisteredDomain]{
	Summary: func(a RegisteredDomain) string { return a.Domain + " is not registered" },
	Why: func(a RegisteredDomain) string {
		return a.Source + " has no such domain, so no name under it can work"
	},
	Fix: func(a RegisteredDomain) catalog.Fix {
		return a.fix("check the spelling of " + a.Domain + "; if it is right, register it (or renew it, if it was yours)")
	},
	Example: RegisteredDomain{Domain: "example.com", Source: "RDAP at rdap.example.net"},
})

// RegistrationNotRegistrableArgs are the arguments of registration.not-registrable.
type RegistrationNotRegistrableArgs struct {
	Domain string `json:"domain"`
	Detail string `json:"detail,omitempty"` // the reason
}

// RegistrationNotRegistrable is registration.not-registrable.
var RegistrationNotRegistrable = catalog.Declare(catalog.Cause{
	ID: "registration.not-registrable", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 3,
	Title:       "names like this cannot be registered",
	Codes:       []string{"DOMAIN_003"},
	Explains:    links(RegistrationNotRegistered.ID, RegistrationTaken.ID),
	Description: "The name is a public suffix (such as co.uk), or is below a name that can be registered.",
	Detection:   "The Public Suffix List defines which names can be registered.",
	Confused: "registration.reserved, where the name has the right form but the registry reserves it; " +
		"registration.taken: a public suffix has no owner in that sense.",
	Refs: []string{"https://publicsuffix.org/list/"},
}, catalog.Text[RegistrationNotRegistrableArgs]{
	Summary: func(a RegistrationNotRegistrableArgs) string {
		return a.Domain + " cannot be registered: " + a.Detail
	},
	Why: func(RegistrationNotRegistrableArgs) string {
		return "registries sell names exactly one label below a public suffix"
	},
	Fix: func(RegistrationNotRegistrableArgs) catalog.Fix {
		return catalog.Steps("register a name one label below a public suffix")
	},
	Example: RegistrationNotRegistrableArgs{
		Domain: "shop.example.co.uk", Detail: "it is below example.co.uk, the name to register",
	},
})

// RegistrationReservedArgs are the arguments of registration.reserved.
type RegistrationReservedArgs struct {
	RegisteredDomain
	Detail string `json:"detail,omitempty"` // the registry's own words
	// how the registry gives it out instead: "premium", "auction", "pre-order", "sunrise", "landrush",
	// "release-process"; empty if it does not say
	Offer string `json:"offer,omitempty"`
}

// offered returns how the registry gives the name out, and what to do.
func (a RegistrationReservedArgs) offered() (how, step string) {
	switch a.Offer {
	case "premium":
		return "is sold by the registry at a price of its own", "ask a registrar for the price of this premium name"
	case "auction":
		return "is sold by the registry at auction", "bid for it at the registry's auction"
	case "pre-order":
		return "can only be pre-ordered: registration is not open yet", "pre-order it at a registrar"
	case "sunrise":
		return "can only be registered by holders of trademarks for now",
			"if you hold the trademark: ask a registrar about the sunrise phase; else wait until registration is open"
	case "landrush":
		return "is only available on the terms of a launch phase for now",
			"ask a registrar about the launch phase, or wait until registration is open"
	case "release-process":
		return "is given out in the registry's release process", "apply for it in the registry's release process"
	}
	return "is reserved by the registry", "ask the registry on what terms it releases this one"
}

// RegistrationReserved is registration.reserved.
var RegistrationReserved = catalog.Declare(catalog.Cause{
	ID: "registration.reserved", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 3,
	Title: "the registry reserves the name",
	Codes: []string{"DOMAIN_003"}, Explains: slices.Concat(links(RegistrationNotRegistered.ID), notResolving),
	Description: "The name is not registered and cannot be: the registry reserves or blocks it, or sells it on " +
		"special " +
		"terms.",
	Detection: "The registry's answer says reserved, blocked or restricted.",
	Confused: `registration.not-registered: "not found" alone does not mean that the name is for sale; ` +
		`registration.taken, where it is registered.`,
	Refs: []string{"RFC 5731 3.1.1"},
}, catalog.Text[RegistrationReservedArgs]{
	Summary: func(a RegistrationReservedArgs) string {
		how, _ := a.offered()
		return a.Domain + " " + how
	},
	Why: func(a RegistrationReservedArgs) string {
		s := "reported by " + a.Source
		if a.Detail != "" {
			s += ": " + a.Detail
		}
		return s
	},
	Fix: func(a RegistrationReservedArgs) catalog.Fix {
		_, step := a.offered()
		return a.fix("choose another name, or " + step)
	},
	Example: RegistrationReservedArgs{
		RegisteredDomain: RegisteredDomain{Domain: "d.example", Source: "WHOIS at whois.nic.example"},
		Detail:           "reserved by the registry",
	},
})
