package catalog

import (
	"slices"
	"strings"
	"unicode"
)

// Effect is what a status of a registration does to something that somebody wants of the domain.
type Effect uint8

// The effects.
const (
	NoEffect Effect = iota
	Threatens
	Prevents
)

// Phrase says the effect in a word, for a table.
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

// RegistryStatus is one status of a registration, with what it means for whoever uses the domain.
type RegistryStatus struct {
	Name  string // in the words of RDAP (RFC 8056): "client hold"
	EPP   string // as EPP and WHOIS spell it (RFC 5731 2.3, RFC 3915 3.1): "clientHold"; empty where EPP has none
	By    string // who sets it, and so who can lift it
	Means string // one sentence
	// What it does to resolving the name, to attaching it to the platform, and to moving it to another registrar.
	Resolving, Attaching, Transfer Effect
	Refs                           []string
}

const (
	byRegistrar = "the registrar"
	byRegistry  = "the registry"
	byTime      = "nobody: it comes and goes with time"
)

var (
	refEPP   = []string{"RFC 5731 2.3"}
	refGrace = []string{"RFC 3915 3.1"}
	refRDAP  = []string{"RFC 9083 10.2.2"}
)

var registryStatuses = [...]RegistryStatus{
	{
		"active", "ok", byRegistry, "it is registered; no lock is set and nothing is pending", NoEffect, NoEffect,
		NoEffect, refEPP,
	},
	{
		"inactive", "inactive", byRegistrar, "no name server is set, so the domain is not in the DNS", Prevents, Prevents,
		NoEffect, refEPP,
	},
	{
		"client hold", "clientHold", byRegistrar,
		"the registrar has taken the domain out of the DNS, mostly for an unpaid bill or an unconfirmed address",
		Prevents, Prevents, NoEffect, refEPP,
	},
	{
		"server hold", "serverHold", byRegistry,
		"the registry has taken the domain out of the DNS, mostly for a dispute or for abuse", Prevents, Prevents,
		NoEffect, refEPP,
	},
	{
		"auto renew period", "autoRenewPeriod", byTime,
		"the term ended and the registry renewed it by itself; unless the registrar is paid within some 45 days, it " +
			"is deleted", Threatens, Threatens, NoEffect, refGrace,
	},
	{
		"redemption period", "redemptionPeriod", byRegistry,
		"the domain was deleted; for some 30 days only a restore at the registrar brings it back, at a price", Prevents,
		Prevents, Prevents, refGrace,
	},
	{
		"pending restore", "pendingRestore", byRegistry, "a restore was asked for and is not confirmed yet", Prevents,
		Prevents, Prevents, refGrace,
	},
	{
		"pending delete", "pendingDelete", byRegistry,
		"the domain is about to be deleted, and nothing brings it back; after it anybody can register it", Prevents,
		Prevents, Prevents, refEPP,
	},
	{
		"pending create", "pendingCreate", byRegistry, "the registration was asked for and is not done yet", Prevents,
		Prevents, Prevents, refEPP,
	},
	{
		"pending renew", "pendingRenew", byRegistry, "a renewal was asked for and is not done yet", NoEffect, NoEffect,
		NoEffect, refEPP,
	},
	{
		"pending update", "pendingUpdate", byRegistry,
		"a change, of the name servers perhaps, was asked for and is not done yet", NoEffect, NoEffect, NoEffect, refEPP,
	},
	{
		"pending transfer", "pendingTransfer", byRegistry,
		"a move to another registrar is under way; until it is done no other can begin", NoEffect, NoEffect, Prevents,
		refEPP,
	},
	{
		"client transfer prohibited", "clientTransferProhibited", byRegistrar,
		"the usual lock against theft; the owner lifts it at the registrar, for a transfer only", NoEffect, NoEffect,
		Prevents, refEPP,
	},
	{
		"server transfer prohibited", "serverTransferProhibited", byRegistry,
		"the registry has locked the domain against transfers, for a dispute or by a paid service", NoEffect, NoEffect,
		Prevents, refEPP,
	},
	{
		"client update prohibited", "clientUpdateProhibited", byRegistrar,
		"name servers and contacts cannot be changed until the owner lifts it at the registrar", NoEffect, Threatens,
		NoEffect, refEPP,
	},
	{
		"server update prohibited", "serverUpdateProhibited", byRegistry,
		"name servers and contacts cannot be changed until the registry lifts it", NoEffect, Threatens, NoEffect, refEPP,
	},
	{
		"client delete prohibited", "clientDeleteProhibited", byRegistrar, "a protection against deleting by mistake",
		NoEffect, NoEffect, NoEffect, refEPP,
	},
	{
		"server delete prohibited", "serverDeleteProhibited", byRegistry,
		"the registry protects the domain against being deleted", NoEffect, NoEffect, NoEffect, refEPP,
	},
	{
		"client renew prohibited", "clientRenewProhibited", byRegistrar,
		"the registrar will not renew the domain, so it ends with its term", Threatens, Threatens, NoEffect, refEPP,
	},
	{
		"server renew prohibited", "serverRenewProhibited", byRegistry,
		"the registry will not renew the domain, so it ends with its term", Threatens, Threatens, NoEffect, refEPP,
	},
	{
		"transfer prohibited", "", byRegistrar, "a lock against moving the domain to another registrar", NoEffect,
		NoEffect, Prevents, refRDAP,
	},
	{
		"update prohibited", "", byRegistrar, "name servers and contacts cannot be changed until it is lifted", NoEffect,
		Threatens, NoEffect, refRDAP,
	},
	{
		"delete prohibited", "", byRegistrar, "a protection against deleting by mistake", NoEffect, NoEffect, NoEffect,
		refRDAP,
	},
	{
		"renew prohibited", "", byRegistrar, "the domain will not be renewed, so it ends with its term", Threatens,
		Threatens, NoEffect, refRDAP,
	},
	{
		"locked", "", byRegistry, "nothing about the registration can be changed until the lock is lifted", NoEffect,
		Threatens, Prevents, refRDAP,
	},
	{
		"add period", "addPeriod", byTime, "it was registered within the last days; most registries let it be given back",
		NoEffect, NoEffect, NoEffect, refGrace,
	},
	{
		"renew period", "renewPeriod", byTime, "it was renewed within the last days", NoEffect, NoEffect, NoEffect,
		refGrace,
	},
	{
		"transfer period", "transferPeriod", byTime, "it came to this registrar within the last days", NoEffect, NoEffect,
		NoEffect, refGrace,
	},
	{
		"associated", "linked", byRegistry, "other objects of the registry refer to it", NoEffect, NoEffect, NoEffect,
		refEPP,
	},
	{
		"validated", "", byRegistry, "the registry has checked the holder's details", NoEffect, NoEffect, NoEffect,
		refRDAP,
	},
	{"proxy", "", byRegistrar, "the holder's details are a privacy service's", NoEffect, NoEffect, NoEffect, refRDAP},
	{"private", "", byRegistrar, "the holder's details are not shown", NoEffect, NoEffect, NoEffect, refRDAP},
	{"obscured", "", byRegistrar, "some of the holder's details are hidden", NoEffect, NoEffect, NoEffect, refRDAP},
	{"removed", "", byRegistry, "some details were left out of the answer", NoEffect, NoEffect, NoEffect, refRDAP},
}

// RegistryStatuses returns every status that is known, the commonest families together.
func RegistryStatuses() []RegistryStatus { return slices.Clone(registryStatuses[:]) }

// FindRegistryStatus looks a status up by RDAP's or EPP's word for it, whatever the spacing and case: "client hold",
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
