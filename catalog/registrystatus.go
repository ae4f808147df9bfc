package catalog

import (
	"slices"
	"strings"
	"unicode"
)

// Effect is the effect of a registration status on a use of the domain.
type Effect uint8

// The effects.
const (
	NoEffect Effect = iota
	Threatens
	Prevents
)

// Phrase returns the effect as one or two words.
func (e Effect) Phrase() string {
	switch e {
	case Threatens:
		return "at risk"
	case Prevents:
		return "stopped"
	case NoEffect:
	}
	return "works"
}

// RegistryStatus is a status of a registration and its meaning for the domain.
type RegistryStatus struct {
	Name  string // as in RDAP (RFC 8056): "client hold"
	EPP   string // as in EPP and WHOIS (RFC 5731 2.3, RFC 3915 3.1): "clientHold"; empty if EPP has none
	By    string // who sets it, and can remove it
	Means string // one sentence
	// The effects on resolving the name, attaching it to the platform, and transferring it to another registrar.
	Resolving, Attaching, Transfer Effect
	Refs                           []string
}

const (
	byRegistrar = "the registrar"
	byRegistry  = "the registry"
	byTime      = "no one: it is set and removed automatically"
)

var (
	refEPP   = []string{"RFC 5731 2.3"}
	refGrace = []string{"RFC 3915 3.1"}
	refRDAP  = []string{"RFC 9083 10.2.2"}
)

var registryStatuses = [...]RegistryStatus{
	{
		"active", "ok", byRegistry, "it is registered, not locked, and no operation is pending", NoEffect, NoEffect,
		NoEffect, refEPP,
	},
	{
		"inactive", "inactive", byRegistrar, "it has no name servers, so the domain is not in DNS", Prevents, Prevents,
		NoEffect, refEPP,
	},
	{
		"client hold", "clientHold", byRegistrar,
		"the registrar has removed the domain from DNS, usually because of an unpaid bill or an unverified email address",
		Prevents, Prevents, NoEffect, refEPP,
	},
	{
		"server hold", "serverHold", byRegistry,
		"the registry has removed the domain from DNS, usually because of a dispute or abuse", Prevents, Prevents,
		NoEffect, refEPP,
	},
	{
		"auto renew period", "autoRenewPeriod", byTime,
		"the term ended and the registry renewed it automatically; unless the registrar is paid within about 45 days, " +
			"it " +
			"is deleted", Threatens, Threatens, NoEffect, refGrace,
	},
	{
		"redemption period", "redemptionPeriod", byRegistry,
		"the domain was deleted; for about 30 days, the registrar can restore it for a fee", Prevents,
		Prevents, Prevents, refGrace,
	},
	{
		"pending restore", "pendingRestore", byRegistry, "a restore was requested and is not confirmed yet", Prevents,
		Prevents, Prevents, refGrace,
	},
	{
		"pending delete", "pendingDelete", byRegistry,
		"the domain is about to be deleted and cannot be restored; after that, anyone can register it", Prevents,
		Prevents, Prevents, refEPP,
	},
	{
		"pending create", "pendingCreate", byRegistry, "the registration was requested and is not complete yet", Prevents,
		Prevents, Prevents, refEPP,
	},
	{
		"pending renew", "pendingRenew", byRegistry, "a renewal was requested and is not complete yet", NoEffect,
		NoEffect,
		NoEffect, refEPP,
	},
	{
		"pending update", "pendingUpdate", byRegistry,
		"a change, for example of the name servers, was requested and is not complete yet", NoEffect, NoEffect, NoEffect,
		refEPP,
	},
	{
		"pending transfer", "pendingTransfer", byRegistry,
		"a transfer to another registrar is in progress; another one cannot start until it ends", NoEffect, NoEffect,
		Prevents,
		refEPP,
	},
	{
		"client transfer prohibited", "clientTransferProhibited", byRegistrar,
		"the usual protection against theft; the owner removes it at the registrar, only for a transfer", NoEffect,
		NoEffect,
		Prevents, refEPP,
	},
	{
		"server transfer prohibited", "serverTransferProhibited", byRegistry,
		"the registry has locked the domain against transfers, because of a dispute or as a paid service", NoEffect,
		NoEffect,
		Prevents, refEPP,
	},
	{
		"client update prohibited", "clientUpdateProhibited", byRegistrar,
		"name servers and contacts cannot be changed until the owner removes the lock at the registrar", NoEffect,
		Threatens,
		NoEffect, refEPP,
	},
	{
		"server update prohibited", "serverUpdateProhibited", byRegistry,
		"name servers and contacts cannot be changed until the registry removes the lock", NoEffect, Threatens, NoEffect,
		refEPP,
	},
	{
		"client delete prohibited", "clientDeleteProhibited", byRegistrar, "a protection against accidental deletion",
		NoEffect, NoEffect, NoEffect, refEPP,
	},
	{
		"server delete prohibited", "serverDeleteProhibited", byRegistry,
		"the registry protects the domain against deletion", NoEffect, NoEffect, NoEffect, refEPP,
	},
	{
		"client renew prohibited", "clientRenewProhibited", byRegistrar,
		"the registrar will not renew the domain, so it expires at the end of its term", Threatens, Threatens, NoEffect,
		refEPP,
	},
	{
		"server renew prohibited", "serverRenewProhibited", byRegistry,
		"the registry will not renew the domain, so it expires at the end of its term", Threatens, Threatens, NoEffect,
		refEPP,
	},
	{
		"transfer prohibited", "", byRegistrar, "a lock against transfers to another registrar", NoEffect,
		NoEffect, Prevents, refRDAP,
	},
	{
		"update prohibited", "", byRegistrar, "name servers and contacts cannot be changed until the lock is removed",
		NoEffect,
		Threatens, NoEffect, refRDAP,
	},
	{
		"delete prohibited", "", byRegistrar, "a protection against accidental deletion", NoEffect, NoEffect, NoEffect,
		refRDAP,
	},
	{
		"renew prohibited", "", byRegistrar, "the domain will not be renewed, so it expires at the end of its term",
		Threatens,
		Threatens, NoEffect, refRDAP,
	},
	{
		"locked", "", byRegistry, "the registration cannot be changed until the lock is removed", NoEffect,
		Threatens, Prevents, refRDAP,
	},
	{
		"add period", "addPeriod", byTime,
		"it was registered in the last few days; most registries allow it to be returned",
		NoEffect, NoEffect, NoEffect, refGrace,
	},
	{
		"renew period", "renewPeriod", byTime, "it was renewed in the last few days", NoEffect, NoEffect, NoEffect,
		refGrace,
	},
	{
		"transfer period", "transferPeriod", byTime, "it was transferred to this registrar in the last few days",
		NoEffect, NoEffect,
		NoEffect, refGrace,
	},
	{
		"associated", "linked", byRegistry, "other objects in the registry refer to it", NoEffect, NoEffect, NoEffect,
		refEPP,
	},
	{
		"validated", "", byRegistry, "the registry has verified the registrant's details", NoEffect, NoEffect, NoEffect,
		refRDAP,
	},
	{
		"proxy", "", byRegistrar, "the registrant's details are those of a privacy service", NoEffect, NoEffect, NoEffect,
		refRDAP,
	},
	{"private", "", byRegistrar, "the registrant's details are hidden", NoEffect, NoEffect, NoEffect, refRDAP},
	{"obscured", "", byRegistrar, "some of the registrant's details are hidden", NoEffect, NoEffect, NoEffect, refRDAP},
	{
		"to be suspended", "", byRegistry,
		"it is in DNS until the end of its term, and then suspended unless it is renewed",
		Threatens, Threatens, NoEffect,
		[]string{"https://jprs.jp/about/dom-rule/doc/"},
	},
	{"removed", "", byRegistry, "some details were omitted from the answer", NoEffect, NoEffect, NoEffect, refRDAP},
}

// DeletedRestorably is what "pending delete" means beside "redemption period" (RFC 3915 3.1).
const DeletedRestorably = "the domain was deleted, and can be restored as long as redemption period is shown, too"

// RegistryStatuses returns every known status.
func RegistryStatuses() []RegistryStatus { return slices.Clone(registryStatuses[:]) }

// FindRegistryStatus returns a status by its RDAP or EPP name, in any spacing and case: "client hold",
// "clientHold", "CLIENT_HOLD".
func FindRegistryStatus(s string) (RegistryStatus, bool) {
	key := letters(s)
	for _, st := range registryStatuses {
		if key != "" && (letters(st.Name) == key || letters(st.EPP) == key) {
			return st, true
		}
	}
	return RegistryStatus{}, false
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
