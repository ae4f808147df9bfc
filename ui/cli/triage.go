package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/probe"

	"github.com/spf13/cobra"
)

func newTriage(s *settings) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "triage [FILE|-]",
		Short: "explain an error from a ticket",
		Long: `Reads an error as it is pasted in a ticket (bare JSON, JSON inside prose or a log line, or just "DOMAIN_010 shop.example.com"),
finds the domain, diagnoses it and explains the code from evidence.`,
		Example: `  echo 'DOMAIN_010 shop.example.com' | domdoc triage
  domdoc triage ticket.txt`,
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
	in, closeIn, err := s.input("file", file)
	if err != nil {
		return err
	}
	defer closeIn()
	raw, err := io.ReadAll(io.LimitReader(in, checks.MaxTicket+1))
	if err != nil {
		return usagef("", "reading the ticket: %w", err)
	}
	t := checks.ReadTicket(string(raw))
	if t.Cut {
		fmt.Fprintln(s.env.Stderr, "domdoc: the text is longer than 1 MiB; only its beginning was read")
	}
	if name != "" {
		t.Names = []string{name}
		t.IDs = nil
	}
	if len(t.Reported) == 0 {
		return usagef("echo 'DOMAIN_010 shop.example.com' | domdoc triage", "no code of the service (DOMAIN_001 to DOMAIN_023) is in the text")
	}
	template, err := s.template()
	if err != nil {
		return err
	}
	template.Reported = t.Reported
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
		for _, rep := range t.Reported {
			c, _ := catalog.FindCode(rep.Code)
			fmt.Fprintf(s.env.Stdout, "the ticket reports %s %s: %s\n", c.ID, c.Name, c.Description)
		}
		if len(t.RequestIDs) > 0 {
			fmt.Fprintf(s.env.Stdout, "request id %s\n", clean(strings.Join(t.RequestIDs, ", ")))
		}
		fmt.Fprintln(s.env.Stdout)
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

// maxTicketDomains bounds how many names of a ticket are diagnosed.
const maxTicketDomains = 5

// ticketTargets finds the domains that a ticket is about: the service's ids first, then the names that the tenant has, then any name.
func (s *settings) ticketTargets(ctx context.Context, r *run, t checks.Ticket, template checks.Target) ([]checks.Target, error) {
	var out []checks.Target
	if r.client != nil {
		sctx := probe.NewContext(ctx, r.session)
		for _, id := range t.IDs {
			x := template
			d, err := r.client.Domain(sctx, id)
			switch {
			case err == nil:
				x.Domain = &d
				out = append(out, x)
			case checks.Unusable(err):
				if len(t.Names) == 0 {
					return nil, &serviceError{err}
				}
			case isNotFound(err) && len(t.Names) == 0:
				x.ID = id
				out = append(out, x)
			}
		}
		for _, n := range t.Names {
			d, found, err := r.service.Find(sctx, n)
			if err != nil || !found || hasDomain(out, d.ID) {
				continue
			}
			x := template
			x.Domain = &d
			out = append(out, x)
		}
	}
	if len(out) == 0 {
		for _, n := range t.Names {
			x := template
			x.Name = n
			out = append(out, x)
			if r.client == nil && len(out) == 1 {
				break // without a list to compare with, the first name is what it is about
			}
		}
	}
	if len(out) == 0 {
		hint := "domdoc triage --domain shop.example.com"
		if r.client == nil && len(t.IDs) > 0 {
			return nil, usagef(hint, "the text names the domain by its id %s, and no service is configured to look it up", clean(t.IDs[0]))
		}
		return nil, usagef(hint, "the text has %s, but no domain", t.Reported[0].Code)
	}
	return out[:min(len(out), maxTicketDomains)], nil
}

func hasDomain(list []checks.Target, id string) bool {
	for _, t := range list {
		if t.Domain != nil && t.Domain.ID == id {
			return true
		}
	}
	return false
}

func isNotFound(err error) bool { return api.KindOf(err) == api.KindNotFound }
