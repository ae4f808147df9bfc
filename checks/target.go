package checks

import (
	"context"
	"errors"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/probe"
	"domdoc/checks/result"
	"domdoc/checks/rules"
	"domdoc/checks/subject"
)

// Target is what to diagnose.
type Target struct {
	Name   string // a name as typed; with ID, as a list of the service has it; or
	ID     string // the service's id; or
	Domain *api.Domain
	// Thorough means that no question is left out, although nothing suggests a fault (see observe.Observations.Spare).
	Thorough bool
	Intent   subject.Intent // empty: inferred from the reported codes, or from a pending transfer
	Reported []subject.Reported
	Expect   []subject.Expected
	AuthCode *string
	// Checks are the checks to run for this target; nil means those of the doctor.
	Checks []*rules.Check
	// Fresh reads the details of a domain from the service again in any case.
	Fresh bool
}

// subject resolves a target. Without a subject there is nothing to check; the findings say why.
func (d *Doctor) subject(ctx context.Context, s *probe.Session, t Target, r *result.Domain) (*subject.Subject,
	[]*finding.Finding,
) {
	sctx := probe.NewContext(ctx, s)
	fail := func(i catalog.Instance) []*finding.Finding {
		return []*finding.Finding{{
			Instance: i, Check: "subject", Verdict: i.Cause.Verdict,
			Certainty: finding.Conclusive,
		}}
	}
	var failed []*finding.Finding
	domain, readNow := t.Domain, false
	typed := t.Name
	if domain == nil && t.ID != "" {
		if d.Service == nil {
			r.ID = t.ID
			return nil, fail(causes.ServiceNameMalformed.With(causes.ServiceNameMalformedArgs{
				Name:   t.ID,
				Detail: "it is an id of the service, but no service is configured",
			}))
		}
		found, err := d.Service.Client.Domain(sctx, t.ID)
		if err != nil {
			r.ID = t.ID
			if t.Name != "" {
				r.Name = nameOf(t.Name)
			}
			if i, ok := serviceFailure(err); ok {
				return nil, fail(i)
			}
			return nil, fail(causes.ServiceDomainNotFound.With(causes.ServiceDomainNotFoundArgs{
				Name:   t.ID,
				Detail: subject.ErrorReason(err),
			}))
		}
		domain, readNow = &found, !t.Fresh
	}
	if domain != nil {
		r.ID, r.ServiceStatus = domain.ID, sanitize.Text(domain.Status, 60)
		typed = domain.Name
		if domain.Raw == nil && d.Service != nil { // a frontend with a long list drops the JSON
			whole := *domain
			whole.Raw = d.Service.RawDomain(whole)
			domain = &whole
		}
	}
	name, err := dnsname.Parse(typed)
	var bad *dnsname.ParseError
	if errors.As(err, &bad) {
		r.Name = dnsname.Name{
			ASCII:   sanitize.Text(typed, dnsname.MaxLength),
			Unicode: sanitize.Text(typed, dnsname.MaxLength),
		}
		r.Domain = domain // the service's data can still be shown
		return nil, fail(causes.ServiceNameMalformed.With(causes.ServiceNameMalformedArgs{
			Name: typed, Other: bad.Meant,
			Detail: bad.Problem,
		}))
	}
	r.Name = name
	d.prefetch(ctx, s, name)
	subj := &subject.Subject{Name: name, Domain: domain, Reported: t.Reported, AuthCode: t.AuthCode, Service: d.Service}
	subj.ReadNow = readNow
	if domain == nil && d.Service != nil {
		found, ok, err := d.Service.Find(sctx, name.ASCII)
		switch {
		case err != nil:
			subj.Service = nil // the checks run without it
			if i, isFailure := serviceFailure(err); isFailure {
				failed = fail(i)
			}
		case ok:
			subj.Domain = &found
			r.ID, r.ServiceStatus = found.ID, sanitize.Text(found.Status, 60)
		}
	}
	r.Domain = subj.Domain
	for _, e := range t.Expect {
		e.Role = orRole(e.Role, subject.RoleOf(name.ASCII, e.Name, e.Type, e.Value))
		subj.Expect = append(subj.Expect, e)
	}
	subj.Intent = t.Intent
	return subj, failed
}

// prefetch starts the queries that every diagnosis of a name needs while the service is being asked. The checks find
// the answers in the session.
func (d *Doctor) prefetch(ctx context.Context, s *probe.Session, name dnsname.Name) {
	if d.Service == nil {
		return // the checks start at once
	}
	quiet := s.Fork()
	early := quiet.Group() // the check that needs the answer reports the same panic
	early.Go(func() { quiet.Registration(ctx, name.ASCII) })
	if !name.Wildcard {
		early.Go(func() { quiet.Addresses(ctx, name.ASCII) })
	}
}

func orRole(r, def catalog.Role) catalog.Role {
	if r == catalog.NoRole {
		return def
	}
	return r
}
