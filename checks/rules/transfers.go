package rules

import (
	"context"
	"slices"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/subject"
)

// Transfers checks the tenant's transfers of the domain.
var Transfers = &Check{
	ID: "transfers", Title: "transfers of the domain", Rung: catalog.Service, Needs: []Need{NeedService},
	Reports: []*catalog.Cause{causes.ServiceTransferUnknown.Cause},
	Run:     runTransfers,
}

func runTransfers(ctx context.Context, p *Pass) {
	r, reported := p.ReportedCode("DOMAIN_017")
	if !reported {
		p.Skip("no transfer was reported as missing")
		return
	}
	list, err := p.Subject.Service.Transfers(ctx)
	if err != nil {
		p.Unable("the transfers could not be read: %s", subject.ErrorReason(err))
		return
	}
	id := r.IDAfter("transfers")
	for _, t := range list {
		if id != "" && t.ID == id {
			return
		}
	}
	args := causes.ServiceTransferUnknownArgs{ID: id, Domain: p.Subject.Name.ASCII}
	for _, t := range list {
		args.Current = append(args.Current, sanitize.Text(t.ID+" "+t.Domain+" "+t.Status, 80))
	}
	reg := p.Observed.Registration()
	switch {
	case slices.Contains(reg.Statuses, "pending transfer"):
		args.Detail = "the registry shows a pending transfer that was not started in the service"
	case reg.State == "registered":
		args.Detail = "the registry shows no pending transfer: it completed, was cancelled, or " +
			"was never started"
	default:
		args.Detail = "could not determine whether one is pending"
	}
	p.Report(causes.ServiceTransferUnknown.With(args), finding.With(reg.Evidence...))
}
