package rules

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/catalog/spelling"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
)

// checkService checks the domain's entry in the service.
var checkService = &Check{
	ID: "service", Title: "the domain's entry in the service", Rung: catalog.Service, Needs: []Need{NeedService},
	Reports: []*catalog.Cause{
		causes.ServiceDomainNotFound.Cause, causes.ServiceNearMiss.Cause, causes.ServiceDomainElsewhere.Cause,
		causes.ServiceAlreadyYours.Cause, causes.ServiceWildcardOverlap.Cause,
		causes.ServiceStatusForbidsUpdate.Cause,
	},
	Run: runService,
}

func runService(ctx context.Context, p *Pass) {
	d := p.Subject.Domain
	if d == nil {
		runNotFound(ctx, p)
		return
	}
	status := strings.ToUpper(strings.TrimSpace(d.Status))
	if status != "" && status != "VERIFIED" && status != "PENDING" {
		v := catalog.Warn
		if _, reported := p.ReportedCode("DOMAIN_005"); reported {
			v = catalog.Fail
		}
		p.Report(causes.ServiceStatusForbidsUpdate.With(causes.ServiceStatusForbidsUpdateArgs{
			Name:   p.Subject.Name.ASCII,
			Status: sanitize.Text(d.Status, 40),
		}), finding.As(v))
	}
	if r, reported := p.ReportedCode("DOMAIN_002"); reported {
		// Read the whole list: another entry may cover the name.
		_, _, _ = p.Subject.Service.Find(probe.NewContext(ctx, p.Session),
			"*."+dnsname.Parent(strings.TrimPrefix(p.Subject.Name.ASCII, "*.")))
		// an error from before the domain was attached is about another attempt
		if r.At.IsZero() || !r.At.Before(d.CreatedAt) {
			p.Report(causes.ServiceAlreadyYours.With(causes.ServiceAlreadyYoursArgs{
				Name:   p.Subject.Name.ASCII,
				Status: sanitize.Text(d.Status, 40),
			}))
		}
	}
	if other, ok := p.Subject.Service.Overlap(p.Subject.Name); ok {
		p.Report(causes.ServiceWildcardOverlap.With(causes.ServiceWildcardOverlapArgs{
			Name:  p.Subject.Name.ASCII,
			Other: other,
		}),
			finding.Sure(finding.Likely))
	}
}

// runNotFound explains why a name is not in the tenant's list.
func runNotFound(_ context.Context, p *Pass) {
	if p.Subject.ToBeRegistered() {
		p.Skip("a name to be registered is not in the list yet")
		return
	}
	if other, ok := p.Subject.Service.Overlap(p.Subject.Name); ok && !p.Subject.Name.Wildcard {
		p.Skip("%s in the tenant's list covers the name", other)
		return
	}
	names, complete := p.Subject.Service.Names()
	if !complete {
		p.Unable("the tenant's list of domains could not be read completely")
		return
	}
	p.Report(causes.ServiceDomainNotFound.With(causes.ServiceDomainNotFoundArgs{
		Name:   p.Subject.Name.ASCII,
		Detail: strconv.Itoa(len(names)) + " domains",
	}))
	if near, ok := nearest(p.Subject.Name.ASCII, names); ok {
		p.Report(causes.ServiceNearMiss.With(causes.ServiceNearMissArgs{
			Name: p.Subject.Name.ASCII, Other: near.Name,
			Status: sanitize.Text(near.Status, 40),
		}), finding.Sure(finding.Likely))
		return
	}
	v4 := p.Observed.Addresses().V4
	for _, hop := range v4.Names()[1:] {
		if !observe.IsCloudFront(hop) {
			continue
		}
		for _, h := range p.Observed.Handshakes() {
			if h.Shown() && h.Verified.NameOK {
				p.Report(causes.ServiceDomainElsewhere.With(causes.ServiceDomainElsewhereArgs{
					Name:   p.Subject.Name.ASCII,
					Detail: fmt.Sprintf("its CNAME points to %s, which serves a certificate for it", hop),
				}), finding.Sure(finding.Likely),
					finding.With(append(v4.Evidence(), h.Exchange)...))
				return
			}
		}
	}
}

// nearest returns the listed name that was most likely intended: with or without www, or at most two edits away.
func nearest(name string, list []api.Domain) (api.Domain, bool) {
	best, found := api.Domain{}, false
	least := 3
	for _, d := range list {
		n, err := dnsname.Parse(d.Name)
		if err != nil {
			continue
		}
		if "www."+n.ASCII == name || "www."+name == n.ASCII {
			d.Name = n.ASCII
			return d, true
		}
		// Names of a series ("shop-1", "shop-2") are one edit apart but not typos, so digits must match.
		if digits(n.ASCII) != digits(name) {
			continue
		}
		if e := spelling.Distance(n.ASCII, name, least); e < least {
			least, best, found = e, d, true
			best.Name = n.ASCII
		}
	}
	return best, found
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
