// Package leave plans two ways to leave: the transfer of a domain to another registrar, and its removal from the
// service.
package leave

import (
	"context"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/moving"
	"domdoc/catalog/plans"
	"domdoc/catalog/shell"
	"domdoc/checks"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/plan/move"
	"domdoc/checks/probe/registration"
	"domdoc/checks/result"
	"domdoc/checks/rules"
	"domdoc/checks/subject"

	"github.com/miekg/dns"
)

// Transfer is what a transfer to another registrar would meet, and the order of its steps.
type Transfer struct {
	// Domain is the registrable name.
	Domain, Registrar string
	// Known means that the registry's data were read.
	Known bool
	// From is when it is old enough; zero if it is, or that is not known. Expires and ExpiresAfter are the ends of the
	// registration before and after the transfer; zero if they are not known.
	From, Expires, ExpiresAfter time.Time
	// Findings are the root causes that refuse the transfer, or make it an outage.
	Findings []*finding.Finding
	// Unjudged and Notes are sentences without the final stop.
	Unjudged, Notes []string
	Steps           []move.Step
}

// Fails reports whether the transfer would be refused now, or would break the DNS.
func (t *Transfer) Fails() bool { return len(t.Findings) > 0 }

// transferDays is how long the old registrar may take (ICANN's Transfer Policy I.A.3.3).
const transferDays = 5 * 24 * time.Hour

// maxTerm is the longest term of a registration of a generic top-level domain, in years from now.
const maxTerm = 10

// Leave plans the transfer of the domain that a target is in. at is when it is started at the earliest.
func Leave(ctx context.Context, d *checks.Doctor, t checks.Target, at time.Time) *Transfer {
	t.Intent, t.Thorough = subject.Transfer, true
	t.Checks = slices.DeleteFunc(rules.All(), func(c *rules.Check) bool {
		return !slices.Contains([]string{"registration", "auth-code", "transfers", "delegation", "dnssec"}, c.ID)
	})
	r := d.Diagnose(ctx, t)
	p := &transferPlan{ctx: ctx, d: d, r: r, at: at, out: &Transfer{}}
	reg := r.Facts.Registration
	if reg == nil || reg.Domain == "" {
		p.out.Domain = r.Name.ASCII
		p.out.Unjudged = []string{plans.RegistrationUnknown(r.Name.ASCII, "")}
		return p.out
	}
	p.out.Domain, p.out.Registrar = reg.Domain, reg.Registrar
	if reg.Registrar == "" {
		p.out.Registrar = "the present registrar"
	}
	p.out.Known = reg.State == registration.Registered && reg.Registration.Source != "dns"
	rules := reg.Lifecycle(at).Rules
	free := reg.State == registration.NotRegistered || reg.State == registration.Reserved // a finding says so
	switch {
	case free:
	case !p.out.Known:
		p.out.Unjudged = append(p.out.Unjudged, plans.RegistrationUnknown(reg.Domain, reg.Reason))
	default:
		p.out.Expires = reg.ExpiresAt
		switch {
		case !rules.Generic():
			p.out.Unjudged = append(p.out.Unjudged, plans.ExtendsUnknown(rules.Ending))
		case reg.CreatedAt.IsZero():
			p.out.Unjudged = append(p.out.Unjudged, plans.AgeUnknown(reg.Domain))
		}
		if rules.Generic() && !reg.ExpiresAt.IsZero() {
			p.out.ExpiresAfter = reg.ExpiresAt.AddDate(1, 0, 0)
			if most := at.AddDate(maxTerm, 0, 0); p.out.ExpiresAfter.After(most) {
				p.out.ExpiresAfter = most
			}
			p.out.Notes = append(p.out.Notes, plans.Extends(p.out.Expires, p.out.ExpiresAfter))
		}
	}
	if r.Facts.TransfersErr != nil {
		p.out.Unjudged = append(p.out.Unjudged, plans.TransfersUnread(subject.ErrorReason(r.Facts.TransfersErr)))
	}
	p.steps()
	if free {
		p.out.Steps = nil
	}
	return p.out
}

type transferPlan struct {
	ctx             context.Context
	d               *checks.Doctor
	r               *result.Domain
	at              time.Time
	out             *Transfer
	losesDNS, young bool
}

// steps lists what is in the way, in the order in which it is to be resolved.
func (p *transferPlan) steps() {
	domain, registrar := p.out.Domain, p.out.Registrar
	looked := []string{shell.Command("domdoc", "registration", domain)}
	var first, locks []move.Step
	for _, f := range p.r.Roots() {
		if f.Verdict != catalog.Fail && f.Verdict != catalog.Warn || f.Rung != catalog.Registration &&
			f.Verdict != catalog.Fail {
			continue
		}
		step := move.Step{Kind: moving.StepKind(f.ID), Commands: looked}
		switch f.ID {
		case causes.RegistrationTransferLosesDNS.ID:
			p.losesDNS = true
		case causes.RegistrationTransferLocked.ID:
			step.Text, step.Expect = plans.Unlock(domain, registrar), plans.ShowsNoLock
			if args, ok := f.Args.(causes.RegistrationTransferLockedArgs); ok && strings.HasPrefix(args.Lock, "server") {
				step.Text = plans.AskRegistry(domain, registrar)
			}
			locks = append(locks, step)
		case causes.RegistrationTransferTooYoung.ID:
			args, _ := f.Args.(causes.RegistrationTransferTooYoungArgs)
			if !args.From.After(p.at) {
				continue // it is old enough by then
			}
			p.out.From, p.young = args.From, true
		case causes.RegistrationTransferPending.ID:
			step.Text, step.Expect = plans.EndPending(domain, f.Summary()), plans.ShowsNone
			first = append(first, step)
		case causes.RegistrationExpiresSoon.ID:
			continue // the transfer extends it
		default:
			step.Text, step.Note = plans.Settle(f.Summary()), strings.Join(f.Fix().Steps, "; ")
			first = append(first, step)
		}
		p.out.Findings = append(p.out.Findings, f)
	}
	for _, tr := range p.r.Facts.Transfers {
		if observe.IsTransferOf(tr, domain) && observe.Running(tr.Status) {
			what := "the service lists it as " + tr.Status
			if says := catalog.TransferStatus(tr.Status); says != "" {
				what += ", " + says
			}
			first = append(first, move.Step{
				Kind: "pending-transfer", Text: plans.EndPending(domain, what), Commands: looked, Expect: plans.ShowsNone,
			})
		}
	}
	list := first
	signed := p.r.Facts.DNSSEC != nil && len(p.r.Facts.DNSSEC.DS) > 0
	if signed && p.losesDNS { // before the keys change
		ttl := p.r.Facts.DNSSEC.DS[0].Hdr.Ttl
		list = append(list, move.Step{
			Kind: "remove-ds", Text: plans.RemoveDS(domain), Wait: time.Duration(ttl) * time.Second, Expect: plans.ShowsNoDS,
			Why: moving.UnsignWhy(time.Duration(ttl) * time.Second), Commands: []string{shell.Dig(domain, "DS")},
		})
	} else if signed {
		p.out.Notes = append(p.out.Notes, plans.DSKept)
	}
	if p.losesDNS {
		list = append(list, move.Step{
			Kind: "move-dns", Text: plans.MoveDNS(domain, registrar), Expect: plans.ShowsServers,
			Note:     shell.Command("domdoc", "plan", domain, "--nameservers", "…"),
			Commands: []string{shell.Dig(domain, "NS", "+trace")},
		})
	}
	if p.young {
		list = append(list, move.Step{
			Kind: "wait", Text: plans.WaitForAge(domain, "60 days after the registration or the last transfer"),
			Wait: p.out.From.Sub(p.at), Why: "the registrar refuses it before", Commands: looked, Expect: plans.ShowsNoLock,
		})
	}
	list = append(list, locks...)
	list = append(list, move.Step{
		Kind: "auth-code", Text: plans.GetCode(registrar), Expect: plans.ShowsCode,
		Commands: []string{"DOMDOC_AUTH_CODE=… " + shell.Command("domdoc", "check", domain, "--intent", "transfer")},
	}, move.Step{
		Kind: "transfer", Text: plans.StartTransfer(domain), Wait: transferDays, Why: plans.FiveDays, Commands: looked,
		Expect: plans.ShowsPending,
	}, move.Step{
		Kind: "compare", Text: plans.AfterTransfer(domain), Expect: plans.ShowsSame,
		Commands: append(looked, shell.Dig(domain, dns.TypeToString[dns.TypeNS]), shell.Dig(domain, "DS")),
	})
	p.out.Steps = timed(list, p.at)
}

// timed sets the times of steps that follow each other.
func timed(list []move.Step, at time.Time) []move.Step {
	for i := range list {
		list[i].At, list[i].Until = at, at.Add(list[i].Wait)
		at = list[i].Until
	}
	return list
}
