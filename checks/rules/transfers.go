package rules

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

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
		args.Detail = "the registry shows no pending transfer: it completed, was cancelled, or was never started"
	default:
		args.Detail = "could not determine whether one is pending"
	}
	p.Report(causes.ServiceTransferUnknown.With(args), finding.With(reg.Evidence...))
}

// judgeTransferWords reports why a transfer was refused, in the words of the registry or registrar: from the domain's
// last transfer, or from a reported error.
func (p *Pass) judgeTransferWords(ctx context.Context) {
	var said []words
	failing := false
	if p.Subject.Domain != nil {
		list, err := p.Subject.Service.Transfers(ctx)
		if err != nil {
			return // the checks that need the transfers report that
		}
		var last api.Transfer
		for _, t := range list {
			if observe.IsTransferOf(t, p.Subject.Name.ASCII) && !t.CreatedAt.Before(last.CreatedAt) {
				last = t
			}
		}
		failing = transferFailed(last.Status)
		if last.ID != "" && !failing {
			return // a later transfer is in progress or completed
		}
		said = append(said, words{text: last.Reason})
	}
	for _, r := range p.Subject.AllReported() {
		if slices.Contains([]string{"DOMAIN_016", "DOMAIN_018", "DOMAIN_020"}, r.Code) {
			said = append(said, words{r.Message, r.Code, r.At, r.Customers})
		}
	}
	for _, w := range slices.Backward(said) { // a message with a code takes precedence over that of the transfer
		phrase, known := catalog.FindPhrase(w.text, cmp.Or(w.code, "DOMAIN_016"))
		if !known || !w.recent(p.Now()) {
			continue
		}
		args := causes.Said{
			Domain: p.Subject.Name.ASCII, Code: w.code, Text: sanitize.Text(w.text, 300), Ticket: w.ticket,
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
	return slices.ContainsFunc([]string{"FAIL", "REJECT", "ERROR", "REFUSED", "DENIED", "EXPIRED"},
		func(s string) bool {
			return strings.Contains(status, s)
		})
}

// checkAuthCode checks the syntax of a transfer's authorization code.
var checkAuthCode = &Check{
	ID: "auth-code", Title: "the syntax of the authorization code", Rung: catalog.Registration,
	Reports: []*catalog.Cause{causes.RegistrationAuthCodeMalformed.Cause},
	Run:     runAuthCode,
}

// Lengths of authorization codes that registries accept (RFC 5731 sets none).
const (
	minAuthCode = 6
	maxAuthCode = 64
)

func runAuthCode(_ context.Context, p *Pass) {
	if p.Subject.AuthCode == nil {
		p.SkipUnasked("no authorization code was given")
		return
	}
	if problems := authCodeProblems(*p.Subject.AuthCode, p.Subject.Name.ASCII); len(problems) > 0 {
		p.Report(causes.RegistrationAuthCodeMalformed.With(causes.AuthCodeArgs{Problems: problems}))
	}
}

// authCodeProblems describes what is wrong with a code without repeating any of it.
func authCodeProblems(code, domain string) []string {
	var out []string
	if strings.TrimSpace(code) == "" {
		return []string{"it is empty"}
	}
	pos := 0
	for _, r := range code {
		pos++
		switch {
		case unicode.IsSpace(r) || catalog.IsInvisible(r):
			out = append(out, fmt.Sprintf("%s at position %d", catalog.CharacterName(r), pos))
		case strings.ContainsRune("“”„‘’«»", r) || (r == '"' || r == '\'') && (pos == 1 || pos == len([]rune(code))):
			out = append(out, fmt.Sprintf("%s at position %d", catalog.CharacterName(r), pos))
		case r > 0x7e:
			out = append(out, fmt.Sprintf("an invalid character at position %d", pos))
		}
		if len(out) == 4 {
			return out
		}
	}
	for _, entity := range []string{"&amp;", "&lt;", "&gt;", "&quot;", "&#"} {
		if i := strings.Index(code, entity); i >= 0 {
			out = append(out, fmt.Sprintf("an HTML entity at position %d: it was copied from the source of a page or mail",
				i+1))
			break
		}
	}
	if n := len([]rune(strings.TrimSpace(code))); n < minAuthCode || n > maxAuthCode {
		out = append(out, fmt.Sprintf("it has %d characters; codes have %d to %d", n, minAuthCode, maxAuthCode))
	}
	if strings.EqualFold(strings.TrimSpace(code), domain) {
		out = append(out, "it is the domain's name")
	}
	return out
}
