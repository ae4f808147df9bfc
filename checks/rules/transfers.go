package rules

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/subject"
)

// Transfers checks the tenant's transfers of the domain.
var Transfers = &Check{
	ID: "transfers", Title: "transfers of the domain", Rung: catalog.Service, Needs: []Need{NeedService},
	Reports: []*catalog.Cause{
		causes.ServiceTransferUnknown.Cause, causes.RegistrationAuthCodeRejected.Cause,
		causes.RegistrationTransferRefused.Cause,
	},
	Run: runTransfers,
}

func runTransfers(ctx context.Context, p *Pass) {
	p.judgeTransferWords(ctx)
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

// judgeTransferWords reports why a transfer was refused, in the words of the registry or registrar: those of the
// domain's last transfer, or of a reported error.
func (p *Pass) judgeTransferWords(ctx context.Context) {
	var said []words
	failing := false
	if p.Subject.Domain != nil {
		list, err := p.Subject.Service.Transfers(ctx)
		if err != nil {
			return // the checks that need the transfers say so
		}
		var last api.Transfer
		for _, t := range list {
			if observe.IsTransferOf(t, p.Subject.Name.ASCII) && !t.CreatedAt.Before(last.CreatedAt) {
				last = t
			}
		}
		failing = transferFailed(last.Status)
		if last.ID != "" && !failing {
			return // a later transfer is under way, or done
		}
		said = append(said, words{text: last.Reason})
	}
	for _, r := range p.Subject.AllReported() {
		if slices.Contains([]string{"DOMAIN_016", "DOMAIN_018", "DOMAIN_020"}, r.Code) {
			said = append(said, words{r.Message, r.Code, r.At})
		}
	}
	for _, w := range slices.Backward(said) { // words with a code before those of the transfer
		phrase, known := catalog.FindPhrase(w.text, cmp.Or(w.code, "DOMAIN_016"))
		if !known || !w.recent(p.Now()) {
			continue
		}
		args := causes.Said{
			Domain: p.Subject.Name.ASCII, Code: w.code, Text: sanitize.Text(w.text, 300),
		}.SaidBy(phrase)
		var opts []finding.Option
		if !failing {
			opts = append(opts, finding.Sure(finding.Likely))
		}
		switch phrase.Cause {
		case causes.RegistrationAuthCodeRejected.ID:
			args.Predicted = []string{"DOMAIN_018"}
			p.Report(causes.RegistrationAuthCodeRejected.With(args), opts...)
		case causes.RegistrationTransferRefused.ID:
			args.Predicted = []string{"DOMAIN_016"}
			p.Report(causes.RegistrationTransferRefused.With(args), opts...)
		default:
			continue
		}
		return
	}
}

// transferFailed reports whether a transfer has ended without success.
func transferFailed(status string) bool {
	status = subject.Upper(status)
	return slices.ContainsFunc([]string{"FAIL", "REJECT", "ERROR", "REFUSED", "DENIED", "EXPIRED"}, func(s string) bool {
		return strings.Contains(status, s)
	})
}
