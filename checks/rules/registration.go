package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/probe"
	"domdoc/checks/probe/registration"
	"domdoc/checks/subject"

	"golang.org/x/net/publicsuffix"
)

// checkRegistration checks that the name is registered and that its status lets it work.
var checkRegistration = &Check{
	ID: "registration", Title: "registration at the registry", Rung: catalog.Registration,
	Needs: []Need{NeedRegistration},
	Reports: []*catalog.Cause{
		causes.RegistrationTaken.Cause, causes.RegistrationNotRegistered.Cause,
		causes.RegistrationNotRegistrable.Cause, causes.RegistrationReserved.Cause, causes.RegistrationOnHold.Cause,
		causes.RegistrationExpired.Cause, causes.RegistrationRedemption.Cause, causes.RegistrationPendingDelete.Cause,
		causes.RegistrationExpiresSoon.Cause,
		causes.RegistrationTransferLocked.Cause, causes.RegistrationTransferTooYoung.Cause,
		causes.RegistrationTransferPending.Cause, causes.RegistrationUpdateLocked.Cause,
		causes.RegistrationParked.Cause, causes.RegistrationUnknown.Cause, causes.RegistrationTransferLosesDNS.Cause,
	},
	Run: runRegistration,
}

// RegistrationSoon is how long before expiry a registration without renewal is worth a warning.
const RegistrationSoon = 30 * 24 * time.Hour

func runRegistration(_ context.Context, p *Pass) {
	name := strings.TrimPrefix(p.Subject.Name.ASCII, "*.")
	if p.Observed.Intent() == subject.Register && notRegistrable(p, name) {
		return
	}
	reg := p.Observed.Registration()
	args := causes.RegisteredDomain{
		Domain: reg.Domain, Registrar: sanitize.Text(reg.Registrar, 120), Source: reg.SourceName(),
		Statuses: printableAll(reg.Statuses),
		Created:  reg.CreatedAt, Expires: reg.ExpiresAt,
	}
	evidence := finding.With(reg.Evidence...)
	unseen := reg.Place == nil || reg.Place.Unknown != ""
	free := reg.State == registration.NotRegistered && p.Observed.Intent() == subject.Register
	if said := saysUnusable(reg); said != "" && unseen && !free {
		p.Report(causes.RegistrationUnknown.With(causes.RegistrationUnknownArgs{
			RegisteredDomain: args,
			Detail:           args.Source + " " + said + ", and the delegation, which decides, could not be queried",
		}), evidence)
		return
	}
	switch reg.State {
	case registration.Unknown:
		unknown := causes.RegistrationUnknownArgs{RegisteredDomain: args, Detail: sanitize.Text(reg.Reason, 400)}
		if reg.RetryAfter > 0 {
			unknown.RetryAt = p.Now().Add(reg.RetryAfter)
		}
		if p.Observed.Intent() == subject.Register && reg.Delegated() {
			// The parent delegates it, so it is registered, whatever the registry's servers say.
			args.Source = "the delegation in the zone " + reg.Place.Zone.Parent
			p.Report(causes.RegistrationTaken.With(causes.RegistrationTakenArgs{
				RegisteredDomain: args, RetryAt: unknown.RetryAt, Detail: unknown.Detail,
			}), finding.With(reg.Place.Zone.Referral))
			return
		}
		if reg.Ending != "" && reg.Delegated() && p.Observed.Intent() == subject.Attach {
			// Nothing that anybody can do makes this known. The delegation shows that the name is registered.
			p.Skip("the registry of .%s is not known, so status and expiry of %s cannot be looked up", reg.Ending,
				reg.Domain)
			p.reportParked(args, reg)
			return
		}
		unknown.Ending = reg.Ending
		if p.Observed.Intent() == subject.Register {
			if how := catalog.HowFree(reg.Domain, saidBy(reg.Sources)); how != "" {
				unknown.Detail += "; " + how
			}
		}
		p.Report(causes.RegistrationUnknown.With(unknown), evidence)
		if p.Observed.Intent() == subject.Attach && reg.Delegated() && reg.Place.Unknown == "" {
			// The rest of the diagnosis stays as it is: the domain is to be used, and its delegation shows that it can be.
			p.Aside()
		}
		p.reportParked(args, reg)
		return
	case registration.Reserved:
		switch ending := p.ending(args, reg); reg.Offer {
		case registration.OfferRedemption:
			p.Report(causes.RegistrationRedemption.With(ending), evidence)
		case registration.OfferDrop:
			p.Report(causes.RegistrationPendingDelete.With(ending), evidence)
		default:
			p.Report(causes.RegistrationReserved.With(causes.RegistrationReservedArgs{
				RegisteredDomain: args, Detail: sanitize.Text(reg.Reason, 200), Offer: string(reg.Offer),
			}), evidence)
		}
		return
	case registration.NotRegistered:
		if p.Observed.Intent() != subject.Register {
			p.Report(causes.RegistrationNotRegistered.With(args),
				finding.With(append(slices.Clone(reg.Evidence), reg.Place.Denial)...))
		} else if how := catalog.HowFree(reg.Domain, saidBy(reg.Sources)); how != "" {
			if reg.Offer == registration.OfferClaims {
				how += "; " + catalog.ClaimsNotice
			}
			p.Remark("%s", how)
		}
		return
	case registration.Registered:
	}
	if p.Observed.Intent() == subject.Register {
		p.Report(causes.RegistrationTaken.With(causes.RegistrationTakenArgs{RegisteredDomain: args, Detail: reg.Note}),
			evidence)
	}
	if reg.Note != "" {
		p.Remark("%s", reg.Note)
	}
	p.lifecycle(args, reg)
	p.transferability(args, reg)
	p.reportParked(args, reg)
}

// saysUnusable returns what a registry says of a name that a delegation would contradict; empty if it says no such
// thing.
func saysUnusable(reg *probe.RegistrationReport) string {
	switch reg.State {
	case registration.Reserved:
		return "reports the name as reserved"
	case registration.NotRegistered:
		return "has no such name"
	case registration.Registered, registration.Unknown:
	}
	return ""
}

// notRegistrable reports a public suffix, or a name below a registrable one.
func notRegistrable(p *Pass, name string) bool {
	registrable := probe.Registrable(name)
	switch {
	case registrable == "":
		suffix, _ := publicsuffix.PublicSuffix(name)
		p.Report(causes.RegistrationNotRegistrable.With(causes.RegistrationNotRegistrableArgs{
			Domain: name,
			Detail: suffix + " is a public suffix",
		}))
	case registrable != name:
		p.Report(causes.RegistrationNotRegistrable.With(causes.RegistrationNotRegistrableArgs{
			Domain: name,
			Detail: "it is below " + registrable + ", the name to register",
		}))
	default:
		return false
	}
	return true
}

// ending returns what is known of the end of a registration that is over, or about to be.
func (p *Pass) ending(args causes.RegisteredDomain, reg *probe.RegistrationReport) causes.RegistrationEndingArgs {
	l := reg.Lifecycle(p.Now())
	out := causes.RegistrationEndingArgs{
		RegisteredDomain: args, Ending: l.Rules.Ending, AnyRegistrar: l.Rules.Restorer == registration.AnyRegistrar,
	}
	if s, ok := l.Stage(registration.StageRestoreEnds); ok {
		out.RestoreFrom, out.RestoreBy = s.At, s.Latest
	} else if s, ok := l.Stage(registration.StageDeleted); ok && s.At.After(p.Now()) {
		out.RestoreFrom, out.RestoreBy = s.At, s.At
	}
	if s, ok := l.Stage(registration.StageFree); ok {
		out.FreeFrom, out.FreeBy, out.Estimated = s.At, s.Latest, s.Estimated
	}
	if reg.State == registration.Reserved {
		out.Detail = sanitize.Text(reg.Reason, 200)
	}
	return out
}

// lifecycle checks the expiry date, and statuses that remove a domain from the DNS.
func (p *Pass) lifecycle(args causes.RegisteredDomain, reg *probe.RegistrationReport) {
	has := func(s ...string) string {
		for _, st := range s {
			if slices.Contains(reg.Statuses, st) {
				return st
			}
		}
		return ""
	}
	evidence := finding.With(reg.Evidence...)
	now := p.Now()
	working := p.working(reg)
	threat := func(opts ...finding.Option) []finding.Option {
		if working { // it will stop; it has not yet
			opts = append(opts, finding.As(catalog.Warn), finding.Sure(finding.Likely))
		}
		return append(opts, evidence)
	}
	course := reg.Lifecycle(now)
	switch course.Phase {
	case registration.InRedemption, registration.Restoring:
		p.Report(causes.RegistrationRedemption.With(p.ending(args, reg)), threat()...)
	case registration.PendingDelete:
		p.Report(causes.RegistrationPendingDelete.With(p.ending(args, reg)), threat()...)
	case registration.NoPhase, registration.Active, registration.InGrace, registration.Creating:
	}
	if hold := has("server hold", "client hold", "inactive"); hold != "" {
		switch {
		// "inactive" means no name servers; a registry that lists some contradicts itself.
		case reg.Delegated(), hold == "inactive" && len(reg.Nameservers) > 0:
		case hold == "server hold" && course.SuspendedByExpiry(now): // it follows, and ends with the renewal
		case reg.Place == nil || reg.Place.Unknown != "":
			p.UnablePartly("%s reports %s, which matters only if %s is not delegated, and that could not be queried",
				args.Source, hold, reg.Domain)
		default:
			p.Report(causes.RegistrationOnHold.With(causes.RegistrationOnHoldArgs{RegisteredDomain: args, Hold: hold}),
				evidence)
		}
	}
	expired := func(grace string, opts ...finding.Option) {
		p.Report(causes.RegistrationExpired.With(causes.RegistrationExpiredArgs{RegisteredDomain: args, Grace: grace}),
			threat(opts...)...)
	}
	switch {
	case has("redemption period", "pending restore", "pending delete") != "":
	case has("auto renew period") != "" && now.Before(reg.ExpiresAt) && p.renews() != off:
		// Registries renew a domain automatically at expiry (RFC 3915 3.1); whether it is paid for is not visible.
		if p.renews() != on {
			expired(causes.RenewedByRegistry, finding.As(catalog.Warn), finding.Sure(finding.Likely))
		}
	case has("auto renew period") != "":
		expired("auto renew period")
	case !reg.ExpiresAt.IsZero() && now.After(reg.ExpiresBy()):
		expired("")
	case !reg.ExpiresAt.IsZero() && reg.ExpiresAt.Sub(now) < RegistrationSoon && p.renews() != on:
		p.Report(causes.RegistrationExpiresSoon.With(args), evidence)
	}
}

// renewal is the service's auto-renew setting.
type renewal int

const (
	unsaid renewal = iota
	on
	off
)

func (p *Pass) renews() renewal {
	switch d := p.Subject.Domain; {
	case d == nil || d.AutoRenew == nil:
		return unsaid
	case *d.AutoRenew:
		return on
	}
	return off
}

// transferability checks transfer locks and minimum ages, which matter only for an intended transfer.
func (p *Pass) transferability(args causes.RegisteredDomain, reg *probe.RegistrationReport) {
	evidence := finding.With(reg.Evidence...)
	if p.Observed.Intent() == subject.Transfer {
		for _, lock := range []string{"server transfer prohibited", "client transfer prohibited"} {
			if slices.Contains(reg.Statuses, lock) {
				p.Report(causes.RegistrationTransferLocked.With(causes.RegistrationTransferLockedArgs{
					RegisteredDomain: args, Lock: lock,
				}), evidence)
				break
			}
		}
		youngest, what := reg.CreatedAt, "registered"
		if reg.TransferredAt.After(youngest) {
			youngest, what = reg.TransferredAt, "transferred"
		}
		rules := reg.Lifecycle(p.Now()).Rules
		switch from := youngest.Add(p.MinTransferAge()); {
		case youngest.IsZero() || !p.Now().Before(from):
		case !rules.Generic():
			p.Remark("it was %s on %s; whether the registry of .%s refuses transfers of young names is not known", what,
				youngest.UTC().Format(time.DateOnly), rules.Ending)
		default:
			p.Report(causes.RegistrationTransferTooYoung.With(causes.RegistrationTransferTooYoungArgs{
				RegisteredDomain: args, From: from,
				Detail: fmt.Sprintf("it was %s on %s", what, youngest.UTC().Format(time.DateOnly)),
			}), evidence)
		}
		if slices.Contains(reg.Statuses, "pending transfer") {
			p.Report(causes.RegistrationTransferPending.With(args), evidence)
		}
		if z := p.Observed.Zone(); z.DNSHost != "" && hosts.SameCompany(z.DNSHost, reg.Registrar) {
			p.Report(causes.RegistrationTransferLosesDNS.With(causes.RegistrationTransferLosesDNSArgs{
				RegisteredDomain: args, Servers: strings.Join(z.ParentNS, " and "),
			}),
				finding.With(append(slices.Clone(reg.Evidence), z.Zone.Referral)...), finding.Sure(finding.Likely))
		}
	}
	_, updateFailed := p.ReportedCode("DOMAIN_005")
	_, registrarFailed := p.ReportedCode("DOMAIN_020")
	if updateFailed || registrarFailed {
		for _, lock := range []string{"server update prohibited", "client update prohibited"} {
			if slices.Contains(reg.Statuses, lock) {
				p.Report(causes.RegistrationUpdateLocked.With(causes.RegistrationUpdateLockedArgs{
					RegisteredDomain: args, Lock: lock,
				}), evidence, finding.As(catalog.Fail))
				break
			}
		}
	}
}

// working reports whether the parent delegates the name to servers that serve it, and which are its own.
func (p *Pass) working(reg *probe.RegistrationReport) bool {
	return reg.Delegated() && parkedAt(reg) == "" && len(p.Observed.Zone().Good()) > 0
}

// parkedAt returns the name server of an expiry or verification page that the name is delegated to; empty if there is
// none.
func parkedAt(reg *probe.RegistrationReport) string {
	if !reg.Delegated() {
		return ""
	}
	list := reg.Place.Zone.Hosts()
	if i := slices.IndexFunc(list, hosts.IsParking); i >= 0 {
		return list[i]
	}
	return ""
}

// reportParked reports name servers that serve an expiry or verification page.
func (p *Pass) reportParked(args causes.RegisteredDomain, reg *probe.RegistrationReport) {
	if ns := parkedAt(reg); ns != "" {
		p.Report(causes.RegistrationParked.With(causes.RegistrationParkedArgs{RegisteredDomain: args, Server: ns}),
			finding.With(append([]*exchange.Exchange{reg.Place.Zone.Referral}, reg.Evidence...)...),
			finding.Sure(finding.Likely))
	}
}

func printableAll(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, sanitize.Text(s, 80))
	}
	return out
}

func saidBy(s registration.Sources) catalog.SaidBy {
	return catalog.SaidBy{RDAP: string(s.RDAP), WHOIS: string(s.WHOIS), DNS: string(s.DNS)}
}
