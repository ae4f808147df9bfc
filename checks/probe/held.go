package probe

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/catalog/sanitize"
	"domdoc/checks/probe/registration"
)

// Agreeing returns the sources that say what State says: "rdap", "whois", "dns". WHOIS is asked only if RDAP does not
// show a registration. The DNS agrees with a registration by the delegation, and with a free name by its absence; it
// has no word for a reserved one. Nothing agrees with an unknown state.
func (r *RegistrationReport) Agreeing() []string {
	var out []string
	switch r.State {
	case registration.Registered:
		out = append(out, r.Registration.Source)
		if r.Delegated() && r.Registration.Source != sourceDNS {
			out = append(out, sourceDNS)
		}
	case registration.NotRegistered:
		for _, by := range r.Sources.FreeBy() {
			out = append(out, strings.ToLower(by))
		}
	case registration.Reserved:
		out = append(out, r.Registration.Source)
	case registration.Unknown:
	}
	return out
}

// Judged reports whether the state is known, and the registry's facts are not missing for want of an answer.
func (r *RegistrationReport) Judged() bool { return r.State != registration.Unknown && !r.Silent }

// Denied reports whether the parent says that this name does not exist.
func (r *RegistrationReport) Denied() bool {
	p := r.Place
	return p != nil && p.Unknown == "" && p.Missing != "" && p.Missing == r.Domain
}

// inDNS returns what the parent zone says about the name.
func (r *RegistrationReport) inDNS() registration.Says {
	switch p := r.Place; {
	case p == nil || p.Unknown != "" || p.Zone == nil:
		return registration.Silent
	case r.Delegated():
		return registration.SaysHeld
	case r.Denied():
		return registration.SaysFree
	}
	return registration.Unclear
}

// Lifecycle returns the dated course of the registration.
func (r *RegistrationReport) Lifecycle(now time.Time) registration.Lifecycle {
	_, _, own := registryOf(r.Domain)
	return r.LifecycleOf(registration.RulesOf(r.Domain, own), now)
}

// sourceDNS is the source of a registration that the registry's servers deny, and a delegation shows.
const sourceDNS = "dns"

// switchedOff are the statuses that remove a name from the DNS (RFC 5731 2.3, RFC 3915 3.1).
var switchedOff = []string{"server hold", "client hold", "inactive"}

// Held is Registration beside the delegation of the name. A text may be outdated, or about something else; what the
// parent delegates is registered, not reserved, and not on hold.
func (s *Session) Held(ctx context.Context, name string) *RegistrationReport {
	place, reg := both(s, func() *DelegationPath { return s.Locate(ctx, name) },
		func() *RegistrationReport { return s.Registration(ctx, name) })
	out := *reg
	out.Place = place
	out.Sources.DNS = out.inDNS()
	if out.Delegated() && out.State == registration.Unknown && out.Ending == "" && out.unrelated {
		out.Ending = out.mayHaveOwnRegistry()
	}
	if !out.Delegated() {
		return &out
	}
	says := ""
	switch reg.State {
	case registration.NotRegistered:
		says = "has no such name"
	case registration.Reserved:
		says = "says that the name cannot be registered (" + sanitize.Text(reg.Reason, 120) + ")"
	case registration.Registered:
		if i := slices.IndexFunc(switchedOff, func(st string) bool { return slices.Contains(reg.Statuses, st) }); i >= 0 {
			says = "shows the status " + switchedOff[i]
		}
	case registration.Unknown:
	}
	if says == "" {
		return &out
	}
	out.Note = fmt.Sprintf("%s %s, but the zone %s delegates %s to %s", reg.SourceName(), says, place.Zone.Parent,
		reg.Domain, strings.Join(place.Zone.Hosts(), ", "))
	out.Evidence = append(slices.Clone(reg.Evidence), place.Zone.Referral)
	if reg.State != registration.Registered {
		out.Registration = registration.Registration{
			State: registration.Registered, Source: sourceDNS, Server: place.Zone.Parent, Domain: reg.Domain,
			Reason: out.Note,
		}
	}
	return &out
}
