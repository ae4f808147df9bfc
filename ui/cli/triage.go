package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/probe"
	"domdoc/checks/ticket"

	"github.com/spf13/cobra"
)

func newTriage(s *settings) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "triage [FILE|-]",
		Short: "explain an error from a ticket",
		Long: `Reads an error as it is pasted in a ticket (bare JSON, JSON inside prose or a log line, curl's output, quoted
and wrapped e-mail, or just "DOMAIN_010 shop.example.com"), finds the domain, diagnoses it and explains the code from evidence. Where a
text is about several domains, each is explained the codes that stand beside it. It asks nothing.

-o markdown writes a reply to send instead: in plain words, with the record and the latest time.`,
		Example: `  echo 'DOMAIN_010 shop.example.com' | domdoc triage
  domdoc triage ticket.txt
  domdoc triage ticket.txt -o markdown`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file := "-"
			if len(args) == 1 {
				file = args[0]
			}
			return runTriage(cmd.Context(), s, file, name)
		},
	}
	cmd.Flags().StringVar(&name, "domain", "", "the domain that the ticket is about, where it does not say")
	s.diagnosisFlags(cmd)
	reportFormats(cmd)
	return cmd
}

func runTriage(ctx context.Context, s *settings, file, name string) error {
	if file == "-" && s.env.StdinTTY {
		fmt.Fprintln(s.env.Stderr, "paste the error, then press ctrl-d")
	}
	in, closeIn, err := s.input("domdoc triage", file)
	if err != nil {
		return err
	}
	defer closeIn()
	raw, err := io.ReadAll(io.LimitReader(in, ticket.MaxSize+1))
	if err != nil {
		return usagef("", "reading the ticket: %w", err)
	}
	t := ticket.Read(string(raw))
	if t.Cut {
		fmt.Fprintln(s.env.Stderr, "domdoc: the text is longer than 1 MiB; only its beginning was read")
	}
	if name != "" {
		t.Names, t.IDs = []string{name}, nil
		for i := range t.Reports {
			t.Reports[i].Names, t.Reports[i].IDs, t.Reports[i].Likely = nil, nil, 0
		}
	}
	if len(t.Reported)+len(t.Refusals) == 0 && len(t.Names)+len(t.IDs) == 0 {
		return usagef("echo 'DOMAIN_010 shop.example.com' | domdoc triage",
			"no code of the service (DOMAIN_001 to DOMAIN_023) is in the text, and no domain")
	}
	s.replies = s.output == "markdown"
	template, err := s.template()
	if err != nil {
		return err
	}
	if t.AuthCode != nil {
		template.AuthCode = t.AuthCode
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	targets, err := s.ticketTargets(ctx, r, t, template)
	if err != nil {
		return err
	}
	if s.output == "text" {
		s.sayTicket(t)
	}
	return s.diagnose(ctx, len(targets), batch{s, r, func(yield func(checks.Target) bool) error {
		for _, x := range targets {
			if !yield(x) {
				break
			}
		}
		return nil
	}})
}

// sayTicket says what was read.
func (s *settings) sayTicket(t ticket.Ticket) {
	w := s.env.Stdout
	for _, rep := range t.Reported {
		c, _ := catalog.FindCode(rep.Code)
		fmt.Fprintf(w, "the ticket reports %s %s: %s\n", c.ID, c.Name, c.Description)
	}
	for _, e := range t.Refusals {
		fmt.Fprintf(w, "the ticket shows an answer without a code of the service: http %d %s\n", e.HTTPStatus,
			clean(e.Message))
	}
	if len(t.Reported)+len(t.Refusals) == 0 {
		fmt.Fprintln(w, "the ticket has no code of the service; this is what can be seen of the domain")
	}
	if len(t.RequestIDs) > 0 {
		fmt.Fprintf(w, "request id %s\n", clean(strings.Join(t.RequestIDs, ", ")))
	}
	fmt.Fprintln(w)
}

// maxTicketDomains bounds how many domains of a ticket are diagnosed.
const maxTicketDomains = 10

// ticketTargets finds the domains that a ticket is about, each with the codes that the text has it about: the
// service's ids first, then the names that the tenant has, then those that stand beside a code. A code that is about
// none of them is everybody's.
func (s *settings) ticketTargets(ctx context.Context, r *run, t ticket.Ticket,
	template checks.Target,
) ([]checks.Target, error) {
	list := &ticketDomains{template: template}
	if r.client != nil {
		sctx := probe.NewContext(ctx, r.session)
		for _, id := range t.IDs[:min(len(t.IDs), maxTicketDomains)] {
			d, err := r.client.Domain(sctx, id)
			switch {
			case err == nil:
				list.add(id, &d, "")
			case checks.Unusable(err):
				if len(t.Names) == 0 {
					return nil, &serviceError{err}
				}
			case isNotFound(err) && len(t.Names) == 0:
				list.add(id, nil, "")
			}
		}
		for _, n := range t.Names {
			if d, found, err := r.service.Find(sctx, n); err == nil && found {
				list.add("", &d, "")
			}
		}
	}
	for _, rep := range t.Reports {
		if list.about(append(slices.Clone(rep.IDs), rep.Names...)) || r.client != nil && !rep.Near &&
			len(list.targets) > 0 {
			continue
		}
		for _, n := range rep.Names[:rep.Likely] {
			list.add("", nil, n)
		}
	}
	if len(list.targets) == 0 && len(t.Names) > 0 {
		list.add("", nil, t.Names[0]) // without a list to compare with, the first name is what it is about
	}
	if len(list.targets) == 0 {
		hint := "domdoc triage --domain shop.example.com"
		if r.client == nil && len(t.IDs) > 0 {
			return nil, usagef(hint, "the text names the domain by its id %s, and no service is configured to look it up",
				clean(t.IDs[0]))
		}
		said := "an answer of a gateway"
		if len(t.Reported) > 0 {
			said = t.Reported[0].Code
		}
		return nil, usagef(hint, "the text has %s, but no domain", said)
	}
	targets := list.report(&t)
	if len(targets) > maxTicketDomains {
		fmt.Fprintf(s.env.Stderr, "domdoc: the text is about %d domains; the first %d are diagnosed\n", len(targets),
			maxTicketDomains)
		targets = targets[:maxTicketDomains]
	}
	return targets, nil
}

// ticketDomains are the domains of a ticket, each by every name and id that the text may have for it.
type ticketDomains struct {
	template checks.Target
	targets  []checks.Target
	called   [][]string
}

// add adds a domain that is not there yet: one of the service's, an id that the service does not know, or a name.
func (l *ticketDomains) add(id string, d *api.Domain, name string) {
	x := l.template
	var called []string
	switch {
	case d != nil:
		x.Domain = d
		called = []string{d.ID}
		if n, err := checks.ParseName(d.Name); err == nil {
			called = append(called, n.ASCII)
		}
	case name != "":
		x.Name, called = name, []string{name}
	default:
		x.ID, called = id, []string{id}
	}
	if !l.about(called) {
		l.targets, l.called = append(l.targets, x), append(l.called, called)
	}
}

// about reports whether any of the domains is called so.
func (l *ticketDomains) about(names []string) bool {
	return slices.ContainsFunc(l.called, func(called []string) bool {
		return slices.ContainsFunc(called, func(c string) bool { return slices.Contains(names, c) })
	})
}

// report gives the domains their codes; those that are only named beside others are left out.
func (l *ticketDomains) report(t *ticket.Ticket) []checks.Target {
	for i, list := range t.Assign(l.called) {
		l.targets[i].Reported = list
	}
	if said := slices.DeleteFunc(slices.Clone(l.targets), func(t checks.Target) bool { return len(t.Reported) == 0 }); len(said) > 0 {
		return said
	}
	return l.targets
}

func isNotFound(err error) bool { return api.KindOf(err) == api.KindNotFound }
