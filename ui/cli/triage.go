package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/translation"
	"domdoc/checks"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/subject"
	"domdoc/checks/ticket"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

// triageOptions are the flags of triage.
type triageOptions struct {
	diagnosisOptions
	domain string
	reply  bool // print replies as plain text, too
	// language and signature are those of the reply.
	language, signature string
}

func newTriage(s *settings) *cobra.Command {
	var o triageOptions
	cmd := &cobra.Command{
		Use:   "triage [FILE|-]...",
		Short: "explain an error in a ticket",
		Long: `Reads an error pasted from a ticket (JSON, JSON in prose or a log line, curl output, quoted and wrapped
email, or just "DOMAIN_010 shop.example.com"), finds the domain, diagnoses it and explains the code from the evidence.
If the text mentions several domains, each is diagnosed with the codes next to it. There are no prompts.

It also reads the service's sentences ("Domain verification failed"), names of codes, codes that text recognition
misread, and the errors of browsers, curl, TLS libraries, Cloudflare and CloudFront. A host of the tenant's zone, such
as www.example.com, stands for the tenant's domain in that zone, if there is only one. Mails are decoded (MIME, HTML);
several files, the mails of an mbox and forwarded mails are one ticket each. Names in signatures, links and disclaimers
are not taken for the domain.

For a ticket that names no domain, it prints what was looked for and found, what the code means, and what to ask the
customer, and exits with 2; with 3 if other tickets could be diagnosed and nothing failed.

--reply prints a reply to the ticket instead, with the record to publish and the time by which it takes effect; -o
markdown prints it as Markdown. A profile in the config file sets its language and signature (reply: {language: de,
signature: "Ann Other, Support"}). The languages are English (en), German (de), French (fr), Spanish (es) and Japanese
(ja). The frame of a reply, the names of the codes and the sentences of the most frequent causes are translated;
a sentence that is not stays in English.`,
		Example: `  echo 'DOMAIN_010 shop.example.com' | domdoc triage
  domdoc triage ticket.txt
  domdoc triage ticket.txt -o markdown
  domdoc triage ticket.txt --reply --language de`,
		Args: cobra.ArbitraryArgs,
		RunE: s.intoFile(func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"-"}
			}
			replies, err := o.replies(cmd, s)
			if err != nil {
				return err
			}
			return runTriage(cmd.Context(), s, &o, args, replies)
		}),
	}
	cmd.Flags().StringVar(&o.domain, "domain", "", "the domain, if the ticket does not name it")
	cmd.Flags().BoolVar(&o.reply, "reply", false, "print a reply to the ticket")
	cmd.Flags().StringVar(&o.language, "language", "",
		"language of the reply: en, de, fr, es or ja (default: the profile's reply language, else en)")
	cmd.Flags().StringVar(&o.signature, "signature", "",
		"last lines of the reply (default: the profile's reply signature)")
	o.addFlags(cmd)
	s.supportReports(cmd)
	return cmd
}

// replies returns how to write replies; nil for reports.
func (o *triageOptions) replies(cmd *cobra.Command, s *settings) (*report.ReplyOptions, error) {
	asked := o.reply || cmd.Flags().Changed("language") || cmd.Flags().Changed("signature")
	switch {
	case s.output == "markdown":
	case !asked:
		return nil, nil
	case s.output != "text":
		return nil, usage.Errorf("domdoc triage ticket.txt --reply", "-o %s: a reply is text or markdown", s.output)
	}
	for _, flag := range []string{"skip", "only"} {
		if cmd.Flags().Changed(flag) { // the reply would call what is left out fine, or unknown
			return nil, usage.Errorf("domdoc triage ticket.txt --reply", "--%s: a reply needs every check", flag)
		}
	}
	out := &report.ReplyOptions{Markdown: s.output == "markdown", Signature: s.reply.Signature}
	code := cmp.Or(o.language, s.reply.Language, string(translation.English))
	var err error
	if out.Language, err = translation.Find(code); err != nil {
		return nil, usage.Errorf("--language de", "--language: %w", err)
	}
	if cmd.Flags().Changed("signature") {
		out.Signature = o.signature
	}
	return out, nil
}

func runTriage(ctx context.Context, s *settings, o *triageOptions, files []string,
	replies *report.ReplyOptions,
) error {
	d, err := o.parse(s)
	if err != nil {
		return err
	}
	tickets, err := readTickets(s, files)
	if err != nil {
		return err
	}
	for _, t := range tickets {
		if o.domain != "" {
			t.About(o.domain)
		}
		if t.AuthCode != nil && d.template.AuthCode == s.authCode {
			d.template.AuthCode = t.AuthCode
		}
	}
	d.replies = replies
	c, err := connect(ctx, s)
	if err != nil {
		return err
	}
	defer c.close()
	var targets []checks.Target
	var named [][]wire.TicketRef // of each target
	var missed error             // why a ticket leads to no domain
	for _, t := range tickets {
		found, why := ticketTargets(ctx, s, c, t, d.template)
		if why != nil && len(t.Domains) == 0 && !isUsage(why) {
			return why
		}
		if missed == nil {
			missed = why
		}
		targets, named = mergeTargets(targets, named, found, t.Ref())
	}
	d.about = func(n int) []wire.TicketRef { return named[n] }
	if replies != nil && len(targets) > 0 {
		for _, t := range tickets {
			to := report.ReplyTicket{TicketRef: t.Ref(), Open: t.Open}
			if ask := t.Ask(); !t.Diagnosed() {
				to.Ask = &ask
			}
			replies.Tickets = append(replies.Tickets, to)
		}
	}
	if err := printTickets(s, tickets, replies); err != nil {
		return err
	}
	for _, t := range tickets {
		d.tickets = append(d.tickets, t.JSON())
		if note := t.NotJudged(); note != "" && t.Diagnosed() {
			d.open = append(d.open, note)
		}
	}
	if len(targets) == 0 && replies == nil && (s.output == "json" || s.output == "jsonl") {
		if err := onlyTickets(s, d, c.session.Now, missed); err != nil {
			return err
		}
	}
	if len(targets) == 0 {
		if o.allowEmpty {
			return nil
		}
		return missed
	}
	err = d.run(ctx, s, len(targets), batch{s, c, listOf(targets)})
	if err == nil && missed != nil && o.failOn != "never" {
		return exit(ExitInconclusive) // some tickets could not be judged, and nothing failed
	}
	return err
}

// onlyTickets prints a report of tickets without a domain; why says what they lack.
func onlyTickets(s *settings, d *diagnosis, now func() time.Time, why error) error {
	out, err := newReporter(s, d, now, 0)
	if err != nil {
		return err
	}
	return out.End(func() string {
		if why == nil {
			return ""
		}
		s.annotated = true
		return usage.Clean(why.Error())
	})
}

// readTickets reads the tickets in files.
func readTickets(s *settings, files []string) ([]*render.Ticket, error) {
	var out []*render.Ticket
	for _, file := range files {
		if file == "-" && s.env.StdinTTY {
			fmt.Fprintln(s.env.Stderr, "paste the error, then press Ctrl-D")
		}
		in, err := s.open("domdoc triage", file)
		if err != nil {
			return nil, err
		}
		raw, err := io.ReadAll(io.LimitReader(in, ticket.MaxSize+1))
		in.Close()
		if err != nil {
			return nil, usage.Errorf("", "reading the ticket: %w", err)
		}
		name := file
		if name == "-" {
			name = ""
		}
		for _, t := range ticket.ReadAll(string(raw)) {
			if t.Cut {
				fmt.Fprintln(s.env.Stderr, "domdoc: the ticket is longer than 1 MiB; the rest was ignored")
			}
			out = append(out, &render.Ticket{Ticket: &t, File: name})
		}
	}
	for i, t := range out {
		t.Number, t.Of = i+1, len(out)
	}
	return out, nil
}

// printTickets prints what the tickets say: on stdout for people, on stderr where stdout has a format for machines
// and a ticket leads to no domain. With replies, it prints those to such tickets.
func printTickets(s *settings, tickets []*render.Ticket, replies *report.ReplyOptions) error {
	s.reported = s.reported || replies != nil || s.output == "text"
	for _, t := range tickets {
		var err error
		if note := t.NotDiagnosed(); note != "" && t.Diagnosed() && (replies != nil || s.output != "text") {
			fmt.Fprintf(s.env.Stderr, "domdoc: %s\n", note)
		}
		switch {
		case replies != nil && len(replies.Tickets) > 0: // among the others, in order
		case replies != nil:
			text := report.AskBack(t.Ask(), *replies)
			if ref := t.Ref(); t.Of > 1 {
				text = ref.Line() + "\n\n" + text
			}
			if t.Number < t.Of {
				text += replies.Rule()
			}
			_, err = io.WriteString(s.env.Stdout, text)
		case s.output == "text":
			err = render.TicketText(s.env.Stdout, t, s.style())
		case !t.Diagnosed():
			err = render.TicketText(s.env.Stderr, t, layout.Style{})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func isUsage(err error) bool {
	_, ok := errors.AsType[*usage.Error](err)
	return ok
}

// mergeTargets adds the targets of a ticket to a list; a domain of several tickets is one target with the codes of all.
// named holds the tickets of each target.
func mergeTargets(list []checks.Target, named [][]wire.TicketRef, more []checks.Target, ref wire.TicketRef) (
	[]checks.Target, [][]wire.TicketRef,
) {
	for _, t := range more {
		i := slices.IndexFunc(list, func(o checks.Target) bool {
			if t.Domain != nil && o.Domain != nil {
				return t.Domain.ID == o.Domain.ID
			}
			return t.Domain == nil && o.Domain == nil && t.ID == o.ID && t.Name == o.Name
		})
		if i < 0 {
			list, named = append(list, t), append(named, []wire.TicketRef{ref})
			continue
		}
		if last := named[i][len(named[i])-1]; last.Number != ref.Number {
			named[i] = append(named[i], ref)
		}
		for _, r := range t.Reported {
			if !slices.ContainsFunc(list[i].Reported, func(o subject.Reported) bool { return o.Code == r.Code }) {
				list[i].Reported = append(slices.Clone(list[i].Reported), r)
			}
		}
	}
	return list, named
}

// ticketLookup finds the tenant's domains for a ticket; it is empty without a service.
func ticketLookup(ctx context.Context, c *connection, t *ticket.Ticket) (lookup ticket.Lookup[*api.Domain]) {
	if c.client == nil {
		return lookup
	}
	ctx = probe.NewContext(ctx, c.session)
	lookup.ByID = func(id string) (*api.Domain, ticket.IDStatus, error) {
		d, err := c.client.Domain(ctx, id)
		switch {
		case err == nil:
			return &d, ticket.IDFound, nil
		case checks.Unusable(err) && len(t.Names) == 0:
			return nil, ticket.IDFailed, &serviceError{err: err}
		case isNotFound(err):
			return nil, ticket.IDMissing, nil
		}
		return nil, ticket.IDFailed, nil
	}
	lookup.ByWord = func(word string) (*api.Domain, bool) {
		if len(t.Names)+len(t.IDs) == 0 { // else the list is not read for it
			_, _, _ = c.service.Find(ctx, "")
		}
		all, _ := c.service.Names()
		i := slices.IndexFunc(all, func(d api.Domain) bool { return d.ID == word })
		if i < 0 {
			return nil, false
		}
		return &all[i], true
	}
	lookup.ByName = func(name string) (*api.Domain, bool) {
		d, found, err := c.service.Find(ctx, name)
		return &d, err == nil && found
	}
	lookup.InZone = func(zone string) []*api.Domain {
		all, complete := c.service.Names()
		if !complete { // there may be others in the zone
			return nil
		}
		var out []*api.Domain
		for _, d := range all {
			if n, err := dnsname.Parse(d.Name); err == nil && (n.ASCII == zone || strings.HasSuffix(n.ASCII, "."+zone)) {
				out = append(out, &d)
			}
		}
		slices.SortFunc(out, func(a, b *api.Domain) int { return strings.Compare(a.Name, b.Name) })
		return out
	}
	lookup.Names = func(d *api.Domain) []string {
		if n, err := dnsname.Parse(d.Name); err == nil {
			return []string{d.ID, n.ASCII}
		}
		return []string{d.ID}
	}
	return lookup
}

// ticketTargets returns the domains that a ticket is about as targets, each with its reported codes, and notes them
// in the ticket. Its error says why there are none.
func ticketTargets(ctx context.Context, s *settings, c *connection, t *render.Ticket, template checks.Target) (
	[]checks.Target, error,
) {
	resolved, err := ticket.Resolve(t.Ticket, ticketLookup(ctx, c, t.Ticket))
	if err != nil {
		return nil, err
	}
	for _, u := range resolved.Unclear {
		if t.Unclear == nil {
			t.Unclear = map[string][]string{}
		}
		for _, d := range u.Candidates {
			t.Unclear[u.Name] = append(t.Unclear[u.Name], d.Name)
		}
	}
	t.Left, t.Open = resolved.Left, resolved.Open
	t.Open = append(t.Open, slices.Sorted(maps.Keys(t.Unclear))...)
	matches := resolved.Matches
	if len(matches) == 0 {
		return nil, missed(t, c.client != nil)
	}
	if len(matches) > ticket.MaxDomains {
		fmt.Fprintf(s.env.Stderr, "domdoc: the ticket is about %d domains; only the first %d are diagnosed\n",
			len(matches),
			ticket.MaxDomains)
		for _, m := range matches[ticket.MaxDomains:] {
			name := m.Name + m.ID
			if m.Found {
				name = m.Domain.Name
			}
			t.Left, t.Open = append(t.Left, name), append(t.Open, name)
		}
		matches = matches[:ticket.MaxDomains]
	}
	targets := make([]checks.Target, len(matches))
	for i, m := range matches {
		noteOther(s, m.Name)
		targets[i] = template
		targets[i].Domain, targets[i].ID, targets[i].Name, targets[i].Reported = m.Domain, m.ID, m.Name, m.Reported
		name := m.Name + m.ID
		if m.Found {
			name = m.Domain.Name
		}
		t.Domains = append(t.Domains, name)
		if m.Via != "" {
			if t.Via == nil {
				t.Via = map[string]string{}
			}
			t.Via[name] = m.Via
		}
	}
	if note := t.NotJudged(); note != "" {
		return targets, usage.Errorf("domdoc triage --domain "+usage.Clean(t.Open[0]), "%s", note)
	}
	return targets, nil
}

// missed says why a ticket leads to no domain.
func missed(t *render.Ticket, hasService bool) error {
	const hint = "domdoc triage --domain shop.example.com"
	if len(t.Unclear) > 0 {
		host := slices.Sorted(maps.Keys(t.Unclear))[0]
		return usage.Errorf("domdoc triage --domain "+usage.Clean(t.Unclear[host][0]), "%s",
			catalog.TicketUnclear(usage.Clean(host), t.Unclear[host]))
	}
	if !hasService && len(t.IDs) > 0 {
		t.NeedsID = t.IDs[0]
		return usage.Errorf(hint, "the ticket names the domain by its id %s, but no service is configured to look it up",
			usage.Clean(t.IDs[0]))
	}
	switch {
	case len(t.Reported) > 0:
		return usage.Errorf(hint, "the ticket has %s, but no domain", t.Reported[0].Code)
	case len(t.Errors) > 0:
		return usage.Errorf(hint, "the ticket has %s, but no domain", usage.Clean(t.Errors[0].Name))
	case len(t.Refusals) > 0:
		return usage.Errorf(hint, "the ticket has an error of a gateway, but no domain")
	case len(t.NoCodes) > 0:
		return usage.Errorf(hint, "%s, and the ticket has no domain", catalog.TicketNoCode(usage.Clean(t.NoCodes[0])))
	}
	return usage.Errorf("echo 'DOMAIN_010 shop.example.com' | domdoc triage",
		"the ticket has no service error code (DOMAIN_001 to DOMAIN_023) and no domain")
}

func isNotFound(err error) bool { return api.KindOf(err) == api.KindNotFound }
