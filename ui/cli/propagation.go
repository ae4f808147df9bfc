package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/probe"
	"domdoc/ui/render"

	"github.com/spf13/cobra"
)

// propagationOptions are the flags of propagation.
type propagationOptions struct {
	rrtype        string
	expect        string
	file          string
	authoritative bool
	rate          float64
}

// politeRate is how many questions a second a public resolver is asked by default: a small part of what they allow an address.
const politeRate = 100

func newPropagation(s *settings) *cobra.Command {
	var o propagationOptions
	cmd := &cobra.Command{
		Use:   "propagation NAME… --type T",
		Short: "one record on every resolver and authoritative server",
		Long: `Asks every resolver and every authoritative server for one type of record, and compares. Built for lists of names:
it streams one line a name. --authoritative=false asks the resolvers only.`,
		Example: `  domdoc propagation shop.example.com --type CNAME --expect d111111abcdef8.cloudfront.net
  domdoc propagation --type A --authoritative=false --rate 500 -o jsonl -f names.txt`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return runPropagation(cmd.Context(), s, o, args) },
	}
	f := cmd.Flags()
	f.StringVar(&o.rrtype, "type", "A", "record type: A, AAAA, CNAME, TXT, MX, …")
	f.StringVar(&o.expect, "expect", "", "the value that should be there")
	f.StringVarP(&o.file, "file", "f", "", "read names from a file, one a line; - is stdin")
	f.BoolVar(&o.authoritative, "authoritative", true, "also ask the authoritative servers")
	f.Float64Var(&o.rate, "rate", politeRate, "questions a second to each resolver; 0 is no bound")
	f.StringVar(&s.failOn, "fail-on", "fail", "what ends the command with exit code 1: fail (a server differs), inconclusive or never")
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
	in := io.Reader(strings.NewReader(strings.Join(args, "\n")))
	closeIn := func() {}
	if o.file != "" {
		var err error
		var file io.Reader
		if file, closeIn, err = s.input("file", o.file); err != nil {
			return err
		}
		in = io.MultiReader(in, strings.NewReader("\n"), file)
	}
	defer closeIn()
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	p := &propagation{s: s, o: o, run: r, rrtype: rrtype, out: render.NewRows(s.env.Stdout, s.output, render.Style{Color: s.colored(s.env.StdoutTTY), Width: s.env.Width})}
	names := p.names(in)
	if o.authoritative {
		err = p.each(ctx, names)
	} else {
		err = p.sweep(ctx, names)
	}
	if e := p.out.Close(); e != nil && err == nil {
		err = e
	}
	switch {
	case ctx.Err() != nil:
		return exit(ExitInterrupted)
	case err != nil:
		return err
	case p.malformed > 0:
		return usagef("one bare name a line, such as shop.example.com", "%d of the names could not be read; the others were asked", p.malformed)
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
	s         *settings
	o         propagationOptions
	run       *run
	rrtype    uint16
	out       *render.Rows
	malformed int
	differs   atomic.Int64
	failed    atomic.Int64
}

// names yields the names of the input, each checked; what is no name is said and passed over.
func (p *propagation) names(in io.Reader) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line, err := range lines(in) {
			if err != nil {
				fmt.Fprintf(p.s.env.Stderr, "domdoc: error: reading the names: %s\n", clean(err.Error()))
				p.malformed++
				return
			}
			n, err := checks.ParseName(line)
			if err != nil {
				fmt.Fprintf(p.s.env.Stderr, "domdoc: error: %s\n", clean(err.Error()))
				p.malformed++
				continue
			}
			if !yield(n.ASCII) {
				return
			}
		}
	}
}

// sweep asks the resolvers only, as fast as the rate allows.
func (p *propagation) sweep(ctx context.Context, names func(yield func(string) bool)) error {
	stop := p.out.FlushEvery(100 * time.Millisecond)
	defer stop()
	return p.run.session.Sweep(ctx, probe.SweepOptions{Servers: p.run.session.Resolvers(), Type: p.rrtype, Rate: p.o.rate}, names, func(r *probe.SweepResult) {
		states := p.out.Sweep(r, probe.TypeName(p.rrtype), p.o.expect, func(values []string) bool { return checks.AnyValue(p.o.rrtype, values, p.o.expect) })
		if states.Differs {
			p.differs.Add(1)
		}
		if states.Failed {
			p.failed.Add(1)
		}
	})
}

// each asks resolvers and authoritative servers, several names at once.
func (p *propagation) each(ctx context.Context, names func(yield func(string) bool)) error {
	jobs := p.s.jobs
	if jobs <= 0 {
		jobs = checks.Jobs()
	}
	stop := p.out.FlushEvery(100 * time.Millisecond)
	defer stop()
	queue := make(chan string)
	var wg sync.WaitGroup
	for range jobs {
		wg.Go(func() {
			for name := range queue {
				row := p.run.doctor.Row(ctx, catalog.Record{Name: name, Type: probe.TypeName(p.rrtype), Value: p.o.expect})
				if ctx.Err() != nil {
					return
				}
				states := p.out.Row(row)
				if states.Differs {
					p.differs.Add(1)
				}
				if states.Failed {
					p.failed.Add(1)
				}
			}
		})
	}
	names(func(n string) bool {
		select {
		case queue <- n:
			return true
		case <-ctx.Done():
			return false
		}
	})
	close(queue)
	wg.Wait()
	return ctx.Err()
}
