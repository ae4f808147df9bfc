package cli

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/probe"
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
}

// politeRate is how many questions a second a public resolver is asked by default: a small part of what they allow an
// address.
const politeRate = 100

func newPropagation(s *settings) *cobra.Command {
	var o propagationOptions
	cmd := &cobra.Command{
		Use:   "propagation NAME… --type T",
		Short: "one record on every resolver and authoritative server",
		Long: `Asks every resolver and every authoritative server for one type of record, and compares. Built for lists of names:
it streams one line a name. --authoritative=false asks the resolvers only.

With --expect-column each line of the file has a name first, and in a column of it the value that should be there. The separator is
what stands behind the name: a comma (CSV, with quotes where a value has commas), a tab, or spaces, where the last column takes the rest
of the line. A column is a number from 2, or a title of the first line; a first line of titles is passed over. A line without a value is
looked up and not judged.

A resolver is asked 100 questions a second at the most, which public ones bear well; --rate raises it for those of your own.`,
		Example: `  domdoc propagation shop.example.com --type CNAME --expect d111111abcdef8.cloudfront.net
  domdoc propagation --type A --authoritative=false --rate 500 -o jsonl -f names.txt
  domdoc propagation --type CNAME --expect-column cname -f expected.csv
  domdoc propagation --type TXT --resolver 9.9.9.9 --resolver tls://1.1.1.1 --resolver https://dns.google/dns-query shop.example.com`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return runPropagation(cmd.Context(), s, o, args) },
	}
	f := cmd.Flags()
	f.StringVar(&o.rrtype, "type", "A", "record type: A, AAAA, CNAME, TXT, MX, …")
	f.StringVar(&o.expect, "expect", "", "the value that should be there")
	f.StringVar(&o.column, "expect-column", "",
		"the column of --file with the value that should be there: a number from 2, or a title of the first line")
	f.StringVarP(&o.file, "file", "f", "", "read names from a file, one a line; - is stdin")
	f.BoolVar(&o.authoritative, "authoritative", true, "also ask the authoritative servers")
	f.Float64Var(&o.rate, "rate", politeRate, "questions a second to each server; 0 is no bound")
	f.StringVar(&s.failOn, "fail-on", "fail",
		"what ends the command with exit code 1: fail (a server differs), inconclusive or never")
	return cmd
}

func runPropagation(ctx context.Context, s *settings, o propagationOptions, args []string) error {
	rrtype, err := probe.ParseType(o.rrtype)
	if err != nil {
		return usagef("--type TXT", "--type: %w", err)
	}
	if o.rate < 0 {
		return usagef("--rate 100", "--rate must not be negative; 0 is no bound")
	}
	if len(args) == 0 && o.file == "" {
		return usagef("domdoc propagation shop.example.com --type CNAME", "propagation needs a name, or --file")
	}
	if o.column != "" && o.file == "" || o.column != "" && o.expect != "" {
		return usagef("domdoc propagation --type CNAME --expect-column 2 -f expected.csv",
			"--expect-column goes with --file, and not with --expect")
	}
	list := &nameList{args: args, expect: o.expect}
	if o.column != "" {
		if list.column, err = parseColumn(o.column); err != nil {
			return err
		}
	}
	if o.file != "" {
		file, closeIn, err := s.input("--file", o.file)
		if err != nil {
			return err
		}
		defer closeIn()
		list.file = file
	}
	if s.rate = o.rate; o.rate == 0 {
		s.rate = -1
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	p := &propagation{
		s: s, o: o, run: r, rrtype: rrtype,
		out: render.NewRows(s.env.Stdout, s.output, layout.Style{Color: s.colored(s.env.StdoutTTY), Width: s.env.Width}),
	}
	if o.authoritative {
		err = p.each(ctx, list)
	} else {
		err = p.sweep(ctx, list)
	}
	if e := p.out.Close(); e != nil && err == nil {
		err = e
	}
	switch {
	case ctx.Err() != nil:
		return exit(ExitInterrupted)
	case err != nil:
		return err
	case list.failed != nil:
		return list.failed
	case list.malformed > 0:
		return usagef("one bare name a line, such as shop.example.com",
			"%d of the names could not be read; the others were asked", list.malformed)
	case s.failOn == "never":
		return nil
	case p.differs.Load() > 0 || s.failOn == "inconclusive" && p.failed.Load() > 0:
		return exit(ExitFindings)
	case p.failed.Load() > 0:
		return exit(ExitInconclusive)
	}
	return nil
}

type propagation struct {
	s       *settings
	o       propagationOptions
	run     *run
	rrtype  uint16
	out     *render.Rows
	differs atomic.Int64
	failed  atomic.Int64
}

// complain says what is wrong with a line of the input; the others are asked all the same.
func (p *propagation) complain(err error) {
	fmt.Fprintf(p.s.env.Stderr, "domdoc: error: %s\n", clean(err.Error()))
}

// sweep asks the resolvers only, as fast as the rate allows.
func (p *propagation) sweep(ctx context.Context, list *nameList) error {
	stop := p.out.FlushEvery(100 * time.Millisecond)
	defer stop()
	expected := func(string) string { return p.o.expect }
	wanted := &pendingValues{}
	if list.column != nil {
		expected = wanted.take
	}
	names := func(yield func(string) bool) {
		list.each(p.complain, func(e expectation) bool {
			if list.column != nil {
				wanted.put(e.name, e.expect)
			}
			return yield(e.name)
		})
	}
	return p.run.session.Sweep(ctx, probe.SweepOptions{
		Servers: p.run.session.Resolvers(), Type: p.rrtype,
		Rate: p.o.rate,
	}, names, func(r *probe.SweepResult) {
		expect := expected(r.Name)
		p.count(p.out.Sweep(r, probe.TypeName(p.rrtype), expect, func(values []string) bool {
			return checks.AnyValue(p.o.rrtype, values, expect)
		}))
	})
}

// count gathers what the exit code needs of a row.
func (p *propagation) count(states render.States) {
	if states.Differs {
		p.differs.Add(1)
	}
	if states.Failed {
		p.failed.Add(1)
	}
}

// each asks resolvers and authoritative servers, several names at once.
func (p *propagation) each(ctx context.Context, list *nameList) error {
	jobs := p.s.jobs
	if jobs <= 0 {
		jobs = checks.Jobs()
	}
	stop := p.out.FlushEvery(100 * time.Millisecond)
	defer stop()
	queue := make(chan expectation)
	var wg sync.WaitGroup
	for range jobs {
		wg.Go(func() {
			for e := range queue {
				row := p.run.doctor.Row(ctx, catalog.Record{Name: e.name, Type: probe.TypeName(p.rrtype), Value: e.expect})
				if ctx.Err() != nil {
					return
				}
				p.count(p.out.Row(row))
			}
		})
	}
	list.each(p.complain, func(e expectation) bool {
		select {
		case queue <- e:
			return true
		case <-ctx.Done():
			return false
		}
	})
	close(queue)
	wg.Wait()
	return ctx.Err()
}
