package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/rdata"
	"domdoc/checks/subject"
)

// checkHeldRecords applies the service's rules to the records that it holds and to those proposed.
var checkHeldRecords = &Check{
	ID: "held-records", Title: "the service's rules for DNS records", Rung: catalog.Service,
	Reports: []*catalog.Cause{
		causes.ServiceRecordTTLOutOfRange.Cause, causes.ServiceRecordCNAMECoexists.Cause,
		causes.ServiceRecordCNAMEAtApex.Cause, causes.ServiceRecordDuplicate.Cause,
		causes.ServiceRecordInvalid.Cause, causes.ServiceRecordUnknown.Cause,
	},
	Run: runHeldRecords,
}

// heldRecord is a record that the service holds, or one that is proposed.
type heldRecord struct {
	catalog.Record
	id  string
	ttl *int
}

func (h heldRecord) args() causes.HeldRecord {
	return causes.HeldRecord{Record: h.Record, ID: h.id}
}

func runHeldRecords(_ context.Context, p *Pass) {
	held := p.Observed.Held()
	if held.RecordsErr != nil {
		p.Unable("the service's records could not be read: %s", subject.ErrorReason(held.RecordsErr))
	}
	var list []heldRecord
	for _, r := range held.Records {
		h := heldRecord{catalog.Record{
			Role: p.Observed.RoleOf(r, held), Type: strings.ToUpper(strings.TrimSpace(r.Type)),
			Name: p.Observed.OwnerName(r.Name), Value: rdata.FromService(r),
		}, r.ID, r.TTL}
		if r.TTL != nil {
			h.TTL = *r.TTL
		}
		list = append(list, h)
	}
	for _, e := range p.Subject.Expect {
		h := heldRecord{Record: e.Record}
		if e.TTL != 0 {
			h.ttl = &e.TTL
		}
		list = append(list, h)
	}
	if len(list) == 0 && p.Subject.Domain == nil {
		p.Skip("the service has no records, and none are proposed")
		return
	}
	apexes := map[string]bool{}
	if z := p.Observed.Zone(); z.Apex != "" {
		apexes[z.Apex] = true
	}
	for _, h := range list {
		about := finding.About(h.Role, h.Name)
		if h.ttl != nil && (*h.ttl < 60 || *h.ttl > 86400) {
			p.Report(causes.ServiceRecordTTLOutOfRange.With(h.args()), about)
		}
		if why := rdata.Invalid(h.Type, h.Value); why != "" {
			p.Report(causes.ServiceRecordInvalid.With(causes.ServiceRecordInvalidArgs{HeldRecord: h.args(), Detail: why}),
				about)
		}
		if h.Type == "CNAME" && apexes[h.Name] {
			p.Report(causes.ServiceRecordCNAMEAtApex.With(h.args()), about)
		}
	}
	reportCoexisting(p, list)
	reportDuplicates(p, list)
	reportUnknownRecord(p, held)
}

// reportCoexisting reports each CNAME that shares its name with another type.
func reportCoexisting(p *Pass, list []heldRecord) {
	for i, h := range list {
		if h.Type != "CNAME" || slices.ContainsFunc(list[:i], func(o heldRecord) bool {
			return o.Type == "CNAME" && o.Name == h.Name
		}) {
			continue
		}
		var types []string
		for _, o := range list {
			if o.Name == h.Name && o.Type != "CNAME" && !slices.Contains(types, o.Type) {
				types = append(types, o.Type)
			}
		}
		if len(types) > 0 {
			args := causes.ServiceRecordCNAMECoexistsArgs{HeldRecord: h.args(), Types: types}
			p.Report(causes.ServiceRecordCNAMECoexists.With(args), finding.About(h.Role, h.Name))
		}
	}
}

// reportDuplicates reports duplicate records, and second CNAMEs at one name.
func reportDuplicates(p *Pass, list []heldRecord) {
	for i, h := range list {
		for _, o := range list[:i] {
			if o.Name != h.Name || o.Type != h.Type {
				continue
			}
			same := rdata.Same(h.Type, h.Value, o.Value)
			if !same && h.Type != "CNAME" {
				continue
			}
			if h.id == "" && o.id != "" && same { // a proposed record that the service already holds is not a duplicate
				continue
			}
			args := causes.ServiceRecordDuplicateArgs{HeldRecord: h.args()}
			args.Detail = fmt.Sprintf("%s and %s have the same name, type and value", idOr(o.id), idOr(h.id))
			if !same {
				args.Detail = fmt.Sprintf("%s and %s are two CNAMEs at one name (%s and %s)", idOr(o.id), idOr(h.id),
					sanitize.Text(o.Value, 80), sanitize.Text(h.Value, 80))
			}
			p.Report(causes.ServiceRecordDuplicate.With(args), finding.About(h.Role, h.Name))
			break
		}
	}
}

func idOr(id string) string {
	if id == "" {
		return "the proposed record"
	}
	return "record " + sanitize.Text(id, 40)
}

// reportUnknownRecord explains a reported DOMAIN_009 by the id in its path.
func reportUnknownRecord(p *Pass, held observe.Held) {
	r, ok := p.ReportedCode("DOMAIN_009")
	if !ok || p.Subject.Domain == nil || held.RecordsErr != nil {
		return
	}
	id := r.IDAfter("dns")
	if id != "" && slices.ContainsFunc(held.Records, func(rec api.Record) bool { return rec.ID == id }) {
		return // it exists now
	}
	var current []string
	for _, rec := range held.Records {
		current = append(current, sanitize.Text(rec.ID+" "+rec.Name+" "+rec.Type, 80))
	}
	certainty := finding.Conclusive
	if id == "" {
		certainty = finding.Likely
	}
	p.Report(causes.ServiceRecordUnknown.With(causes.UnknownID{
		ID: id, Domain: p.Subject.Name.ASCII,
		Current: current,
	}), finding.Sure(certainty))
}
