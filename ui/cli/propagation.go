package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/rdata"
	"domdoc/checks/vantage"
	"domdoc/ui/cli/namelist"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render"
	"domdoc/ui/render/layout"

	"github.com/spf13/cobra"
)

// propagationOptions are the flags of propagation.
type propagationOptions struct {
	rrtype        string
	expect        string
	column        string
	file          string
	authoritative bool
	rate          float64
	failOn        string
	allowEmpty    bool
}

// defaultRate is the number of queries per second to a public resolver, well below the limits of those resolvers.
const defaultRate = 100

func newPropagation(s *settings) *cobra.Command {
	var o propagationOptions
	cmd := &cobra.Command{
		Use:   "propagation NAME… --type T",
		Short: "compare a record across resolvers and authoritative servers",
		Long: `Queries every resolver and every authoritative server for one record type and compares the answers. It is
designed for long lists of names and prints one line per name. --authoritative=false queries the resolvers only.

With --expect-column, each line of the file starts with a name and has the expected value in another column. Columns
are separated by commas (CSV with quotes), tabs or spaces, whichever follows the name; with spaces, the last column
takes the rest of the line. The column is given by number, starting at 2, or by its title in the first line. A title
line is skipped. Names without a value are queried but not compared.

Each resolver receives at most 100 queries per second, which public resolvers accept. Raise --rate for your own
resolvers.`,
		Example: `  domdoc propagation shop.example.com --type CNAME --expect d111111abcdef8.cloudfront.net
  domdoc propagation --type A --authoritative=false --rate 500 -o jsonl -f names.txt
  domdoc propagation --type CNAME --expect-column cname -f expected.csv
  domdoc propagation --type TXT --resolver 9.9.9.9 --resolver tls://1.1.1.1 ` +
			`--resolver https://dns.google/dns-query shop.example.com`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return runPropagation(cmd.Context(), s, &o, args) },
	}
	f := cmd.Flags()
	f.StringVar(&o.rrtype, "type", "A", "record type: A, AAAA, CNAME, TXT, MX, …")
	f.StringVar(&o.expect, "expect", "", "expected value")
	f.StringVar(&o.column, "expect-column", "",
		"column of --file with the expected value: a number from 2, or a title in the first line")
	f.StringVarP(&o.file, "file", "f", "", "read names from a file, one per line; - is stdin")
	f.BoolVar(&o.authoritative, "authoritative", true, "query the authoritative servers as well")
	f.Float64Var(&o.rate, "rate", defaultRate, "queries per second to each server; 0: unlimited")
	f.StringVar(&o.failOn, "fail-on", "fail",
		"exit with 1 at this level: fail (a server differs), warn (the same), inconclusive or never")
	addAllowEmptyFlag(cmd, &o.allowEmpty)
	return cmd
}

func runPropagation(ctx context.Context, s *settings, o *propagationOptions, args []string) error {
	if err := checkFailOn(o.failOn); err != nil {
		return err
	}
	rrtype, err := exchange.ParseType(o.rrtype)
	if err != nil {
		return usage.Errorf("--type TXT", "--type: %w", err)
	}
	if o.rate < 0 {
		return usage.Errorf("--rate 100", "--rate must not be negative; 0 means unlimited")
	}
	if len(args) == 0 && o.file == "" {
		return usage.Errorf("domdoc propagation shop.example.com --type CNAME", "propagation needs a name or --file")
	}
	if o.column != "" && o.file == "" || o.column != "" && o.expect != "" {
		return usage.Errorf("domdoc propagation --type CNAME --expect-column 2 -f expected.csv",
			"--expect-column needs --file, and cannot be combined with --expect")
	}
	list := &namelist.List{Args: args, Expect: o.expect}
	if o.column != "" {
		if list.Column, err = namelist.ParseColumn(o.column); err != nil {
			return err
		}
	}
	if o.file != "" {
		file, err := s.open("--file", o.file)
		if err != nil {
			return err
		}
		defer file.Close()
		list.File = file
	}
	rate := o.rate
	if rate == 0 {
		rate = -1
	}
	c, err := connectWith(ctx, s, func(opt *probe.Options) { opt.Rate = rate })
	if err != nil {
		return err
	}
	defer c.close()
	p := &propagation{
		s: s, o: o, conn: c, rrtype: rrtype,
		out: render.NewRows(s.env.Stdout, s.output, layout.Style{Color: s.colored(s.env.StdoutTTY), Width: s.env.Width}),
	}
	c.start()
	limited, cancel := c.limit(ctx)
	defer cancel()
	if o.authoritative {
		err = p.each(limited, list)
	} else {
		err = p.sweep(limited, list)
	}
	cut := err != nil && limited.Err() != nil // by --timeout
	if cut {
		err = nil
	}
	if e := p.out.Close(); e != nil && err == nil {
		err = e
	}
	switch {
	case ctx.Err() != nil:
		return exit(ExitInterrupted)
	case unreachable(err):
		fmt.Fprintf(s.env.Stderr, "domdoc: no resolver could be queried: %s\n", usage.Clean(err.Error()))
		p.rows.Add(1)
		p.failed.Add(1)
	case err != nil:
		return err
	}
	p.reportDistrusted()
	if cut {
		ended := endIncomplete(s, fmt.Sprintf("the run ended by --timeout %s: %s queried completely, and the rest of the "+
			"list was not", s.timeout, layout.Count(int(p.rows.Load()), "name")))
		if o.failOn == "never" || p.differs.Load() == 0 && (o.failOn != "inconclusive" || p.failed.Load() == 0) {
			return ended
		}
	}
	switch {
	case list.Err != nil:
		return list.Err
	case list.Malformed > 0:
		return list.Invalid("queried", "domdoc propagation shop.example.com --type CNAME")
	case p.rows.Load() == 0 && !o.allowEmpty:
		return errEmpty("the list has no names")
	case o.failOn == "never":
		return nil
	case p.differs.Load() > 0 || o.failOn == "inconclusive" && p.failed.Load() > 0:
		return exit(ExitFindings)
	case p.failed.Load() > 0:
		return exit(ExitInconclusive)
	}
	return nil
}

// unreachable reports whether an error means that this machine cannot send anything.
func unreachable(err error) bool {
	var e *net.OpError
	return errors.As(err, &e)
}

type propagation struct {
	s       *settings
	o       *propagationOptions
	conn    *connection
	rrtype  uint16
	out     *render.Rows
	differs atomic.Int64 // names with a server that differs
	failed  atomic.Int64 // names with a server that did not answer, or without one that was asked
	rows    atomic.Int64 // names

	distrusted sync.Map // servers whose answers are not used because of this network: why, by the server
}

// reportDistrusted says once which answers were not used, and why.
func (p *propagation) reportDistrusted() {
	var lines []string
	p.distrusted.Range(func(server, why any) bool {
		lines = append(lines, fmt.Sprintf("domdoc: the answers of %s were not used: they %s; see domdoc doctor", server,
			why))
		return true
	})
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Fprintln(p.s.env.Stderr, usage.Clean(line))
	}
}

// reportInvalid reports an invalid line of the input; the others are still queried.
func (p *propagation) reportInvalid(err error) {
	fmt.Fprintf(p.s.env.Stderr, "domdoc: error: %s\n", usage.Clean(err.Error()))
}

// sweep queries the resolvers only, as fast as the rate allows.
func (p *propagation) sweep(ctx context.Context, list *namelist.List) error {
	stop := p.out.FlushEvery(100 * time.Millisecond)
	defer stop()
	expected := func(string) string { return p.o.expect }
	pending := &namelist.Pending{}
	if list.Column != nil {
		expected = pending.Take
	}
	names := func(yield func(string) bool) {
		list.Each(p.reportInvalid, func(e namelist.Entry) bool {
			if list.Column != nil {
				pending.Put(e.Name, e.Expect)
			}
			return yield(e.Name)
		})
	}
	servers := p.conn.session.Resolvers()
	distrusted := p.examine(ctx, servers)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	typeName := exchange.TypeName(p.rrtype)
	return p.conn.session.Sweep(ctx, probe.SweepOptions{
		Servers: servers, Type: p.rrtype,
		Rate: p.o.rate,
	}, names, func(r *probe.SweepResult) {
		expect := expected(r.Name)
		for i := range r.Replies {
			reply := &r.Replies[i]
			if why := distrusted[i]; why != "" && reply.Outcome.Conclusive() {
				p.distrusted.Store(reply.Server.String(), why)
				reply.Outcome, reply.Err, reply.Values, reply.EDE = exchange.Malformed, why, nil, nil
			}
		}
		p.count(p.out.Sweep(r, typeName, expect, func(values []string) bool {
			return rdata.AnySame(p.o.rrtype, values, expect)
		}))
	})
}

// examine returns why the answers of each server cannot be trusted on this network; empty if they can. Resolvers of
// the user's own network need no examination.
func (p *propagation) examine(ctx context.Context, servers []exchange.Server) []string {
	out := make([]string, len(servers))
	if !slices.ContainsFunc(servers, func(s exchange.Server) bool {
		return s.Addr.IsValid() && !s.Addr.Addr().IsLoopback() && !s.Addr.Addr().IsPrivate()
	}) {
		return out
	}
	found := p.conn.doctor.Vantage(ctx)
	for i, s := range servers {
		out[i] = found.Distrusts(s)
	}
	return out
}

// count counts a row for the exit code.
func (p *propagation) count(states render.States) {
	p.rows.Add(1)
	if states.Differs {
		p.differs.Add(1)
	}
	if states.Failed {
		p.failed.Add(1)
	}
}

// each queries resolvers and authoritative servers, several names concurrently.
func (p *propagation) each(ctx context.Context, list *namelist.List) error {
	stop := p.out.FlushEvery(100 * time.Millisecond)
	defer stop()
	checks.Parallel(ctx, p.s.jobs, func(yield func(namelist.Entry) bool) {
		list.Each(p.reportInvalid, yield)
	}, func(e namelist.Entry) {
		row := p.conn.doctor.Row(ctx, catalog.Record{Name: e.Name, Type: exchange.TypeName(p.rrtype), Value: e.Expect})
		if ctx.Err() != nil {
			return
		}
		for _, c := range row.Cells {
			if why := vantage.WhyDistrusted(c); why != "" {
				p.distrusted.Store(c.Server, why)
			}
		}
		p.count(p.out.Row(row))
	})
	return ctx.Err()
}
