package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/sanitize"

	"github.com/spf13/cobra"
)

func newDomains(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "domains", Short: "list the tenant's domains", Args: cobra.NoArgs,
		Long:    "Lists the tenant's domains as stored by the service, without diagnosing them.",
		Example: "  domdoc domains\n  domdoc domains -o jsonl | jq -r .domain",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDomains(cmd.Context(), s) },
	}
}

type jsonDomains struct {
	Domains []jsonListed `json:"domains"`
}

type jsonListed struct {
	ID        string     `json:"id"`
	Domain    string     `json:"domain"`
	Status    string     `json:"status"`
	CDNTarget string     `json:"cdnTarget,omitempty"`
	LastError *jsonError `json:"lastError"`
	CreatedAt *time.Time `json:"createdAt"`
	ExpiresAt *time.Time `json:"expiresAt"`
}

type jsonError struct {
	Code    string     `json:"code"`
	Message string     `json:"message"`
	At      *time.Time `json:"at"`
}

func runDomains(ctx context.Context, s *settings) error {
	if err := s.needService("domains"); err != nil {
		return err
	}
	c, err := connect(ctx, s)
	if err != nil {
		return err
	}
	defer c.close()
	e := json.NewEncoder(s.env.Stdout)
	e.SetEscapeHTML(false)
	tw := tabwriter.NewWriter(s.env.Stdout, 0, 8, 2, ' ', 0)
	list := []jsonListed{}
	n := 0
	c.start()
	limited, cancel := c.limit(ctx)
	defer cancel()
	for d, err := range c.client.Domains(limited) {
		if err != nil {
			_ = tw.Flush() // print the domains before the error
			switch {
			case ctx.Err() != nil:
				return exit(ExitInterrupted)
			case limited.Err() != nil:
				return endIncomplete(s, cutList(s, err, "listed"))
			}
			return &serviceError{err: err, did: "listed"}
		}
		n++
		switch s.output {
		case "jsonl":
			if err := e.Encode(listed(d)); err != nil {
				return err
			}
		case "json":
			list = append(list, listed(d))
		default:
			if n == 1 {
				fmt.Fprintln(tw, "DOMAIN\tSTATUS\tLAST ERROR\tID")
			}
			last := ""
			if d.LastError != nil {
				last = d.LastError.Code
				if !d.LastError.Timestamp.IsZero() {
					last += ", " + catalog.Span(c.session.Now().Sub(d.LastError.Timestamp)) + " ago"
				}
			}
			fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", sanitize.Text(d.Name, 80), sanitize.Text(d.Status, 30),
				sanitize.Text(last, 60), sanitize.Text(d.ID, 60))
		}
	}
	switch {
	case s.output == "json":
		return s.printJSON(jsonDomains{list})
	case s.output == "text" && n == 0:
		_, err := fmt.Fprintln(s.env.Stdout, "the tenant has no domains")
		return err
	}
	return tw.Flush()
}

func listed(d api.Domain) jsonListed {
	out := jsonListed{ID: d.ID, Domain: d.Name, Status: d.Status}
	if d.CDN != nil {
		out.CDNTarget = d.CDN.Target
	}
	if d.LastError != nil {
		out.LastError = &jsonError{Code: d.LastError.Code, Message: d.LastError.Message}
		if t := d.LastError.Timestamp; !t.IsZero() {
			out.LastError.At = &t
		}
	}
	if !d.CreatedAt.IsZero() {
		out.CreatedAt = &d.CreatedAt
	}
	if !d.ExpiresAt.IsZero() {
		out.ExpiresAt = &d.ExpiresAt
	}
	return out
}
