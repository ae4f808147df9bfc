package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/ticket"
	"domdoc/ui/cli/usage"

	"github.com/spf13/cobra"
)

// triageOptions are the flags of triage.
type triageOptions struct {
	diagnosisOptions
	domain string
}

func newTriage(s *settings) *cobra.Command {
	var o triageOptions
	cmd := &cobra.Command{
		Use:   "triage [FILE|-]",
		Short: "explain an error in a ticket",
		Long: `Reads an error pasted from a ticket (JSON, JSON in prose or a log line, curl output, quoted and wrapped
email, or just "DOMAIN_010 shop.example.com"), finds the domain, diagnoses it and explains the code from the evidence.
If the text mentions several domains, each is diagnosed with the codes next to it. There are no prompts.

-o markdown prints a reply to the ticket instead, with the record to publish and the time by which it takes effect.`,
		Example: `  echo 'DOMAIN_010 shop.example.com' | domdoc triage
  domdoc triage ticket.txt
  domdoc triage ticket.txt -o markdown`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file := "-"
			if len(args) == 1 {
				file = args[0]
			}
			return runTriage(cmd.Context(), s, &o, file)
		},
	}
	cmd.Flags().StringVar(&o.domain, "domain", "", "the domain, if the ticket does not name it")
	o.addFlags(cmd)
	supportReports(cmd)
	return cmd
}

func runTriage(ctx context.Context, s *settings, o *triageOptions, file string) error {
	d, err := o.parse(s)
	if err != nil {
		return err
	}
	if file == "-" && s.env.StdinTTY {
		fmt.Fprintln(s.env.Stderr, "paste the error, then press Ctrl-D")
	}
	in, err := s.open("domdoc triage", file)
	if err != nil {
		return err
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, ticket.MaxSize+1))
	if err != nil {
		return usage.Errorf("", "reading the ticket: %w", err)
	}
	t := ticket.Read(string(raw))
	if t.Cut {
		fmt.Fprintln(s.env.Stderr, "domdoc: the ticket is longer than 1 MiB; the rest was ignored")
	}
	if o.domain != "" {
		t.Names, t.IDs = []string{o.domain}, nil
		for i := range t.Reports {
			t.Reports[i].Names, t.Reports[i].IDs, t.Reports[i].Likely = nil, nil, 0
		}
	}
	if len(t.Reported)+len(t.Refusals) == 0 && len(t.Names)+len(t.IDs) == 0 {
		return usage.Errorf("echo 'DOMAIN_010 shop.example.com' | domdoc triage",
			"the ticket has no service error code (DOMAIN_001 to DOMAIN_023) and no domain")
	}
	d.replies = s.output == "markdown"
	if t.AuthCode != nil {
		d.template.AuthCode = t.AuthCode
	}
	c, err := connect(ctx, s)
	if err != nil {
		return err
	}
	defer c.close()
	targets, err := ticketTargets(ctx, s, c, t, d.template)
	if err != nil {
		return err
	}
	if s.output == "text" {
		printTicket(s.env.Stdout, t)
	}
	return d.run(ctx, s, len(targets), batch{s, c, listOf(targets)})
}

// printTicket prints what a ticket reports.
func printTicket(w io.Writer, t ticket.Ticket) {
	for _, rep := range t.Reported {
		c, _ := catalog.FindCode(rep.Code)
		fmt.Fprintf(w, "the ticket reports %s %s: %s\n", c.ID, c.Name, c.Description)
	}
	for _, e := range t.Refusals {
		fmt.Fprintf(w, "the ticket contains an HTTP %d error without a service error code: %s\n", e.HTTPStatus,
			usage.Clean(e.Message))
	}
	if len(t.Reported)+len(t.Refusals) == 0 {
		fmt.Fprintln(w, "the ticket has no service error code; diagnosing the domain")
	}
	if len(t.RequestIDs) > 0 {
		fmt.Fprintf(w, "request id %s\n", usage.Clean(strings.Join(t.RequestIDs, ", ")))
	}
	fmt.Fprintln(w)
}

// ticketTargets returns the domains that a ticket is about as targets, each with its reported codes.
func ticketTargets(ctx context.Context, s *settings, c *connection, t ticket.Ticket, template checks.Target) (
	[]checks.Target, error,
) {
	var lookup ticket.Lookup[*api.Domain]
	if c.client != nil {
		sctx := probe.NewContext(ctx, c.session)
		lookup.ByID = func(id string) (*api.Domain, ticket.IDStatus, error) {
			d, err := c.client.Domain(sctx, id)
			switch {
			case err == nil:
				return &d, ticket.IDFound, nil
			case checks.Unusable(err) && len(t.Names) == 0:
				return nil, ticket.IDFailed, &serviceError{err}
			case isNotFound(err):
				return nil, ticket.IDMissing, nil
			}
			return nil, ticket.IDFailed, nil
		}
		lookup.ByName = func(name string) (*api.Domain, bool) {
			d, found, err := c.service.Find(sctx, name)
			return &d, err == nil && found
		}
		lookup.Names = func(d *api.Domain) []string {
			if n, err := dnsname.Parse(d.Name); err == nil {
				return []string{d.ID, n.ASCII}
			}
			return []string{d.ID}
		}
	}
	matches, err := ticket.Resolve(&t, lookup)
	if err != nil {
		return nil, err
	}
	if len(matches) == 0 {
		hint := "domdoc triage --domain shop.example.com"
		if c.client == nil && len(t.IDs) > 0 {
			return nil, usage.Errorf(hint,
				"the ticket names the domain by its id %s, but no service is configured to look it up",
				usage.Clean(t.IDs[0]))
		}
		found := "an error of a gateway"
		if len(t.Reported) > 0 {
			found = t.Reported[0].Code
		}
		return nil, usage.Errorf(hint, "the ticket has %s, but no domain", found)
	}
	if len(matches) > ticket.MaxDomains {
		fmt.Fprintf(s.env.Stderr, "domdoc: the ticket is about %d domains; only the first %d are diagnosed\n", len(matches),
			ticket.MaxDomains)
		matches = matches[:ticket.MaxDomains]
	}
	targets := make([]checks.Target, len(matches))
	for i, m := range matches {
		noteOther(s, m.Name)
		targets[i] = template
		targets[i].Domain, targets[i].ID, targets[i].Name, targets[i].Reported = m.Domain, m.ID, m.Name, m.Reported
	}
	return targets, nil
}

func isNotFound(err error) bool { return api.KindOf(err) == api.KindNotFound }
