package dashboard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"domdoc/api"
	"domdoc/api/sandbox"
	"domdoc/checks/subject"
	"domdoc/ui/dashboard/setup"
)

// runChild is this test binary as a program of its own, on a terminal that TestTerminal made.
func runChild(what string) int {
	if what == "version" { // a command that shows no dashboard, in a binary that links Bubble Tea
		fmt.Println("domdoc 1.2.3")
		return 0
	}
	if err := showDashboard(what); err != nil {
		if errors.Is(err, context.Canceled) {
			return 130
		}
		fmt.Fprintln(os.Stderr, "error:", err)
		if hinted := (interface{ Hint() string })(nil); errors.As(err, &hinted) {
			fmt.Fprintln(os.Stderr, "hint:", hinted.Hint())
		}
		return 1
	}
	return 0
}

func showDashboard(what string) error {
	box, err := sandbox.Start(sandbox.Options{Domains: 300})
	if err != nil {
		return err
	}
	defer box.Close()
	client, err := api.New(api.Config{
		BaseURL: box.URL(), Token: box.Token(), Now: box.Now,
		OnExchange: subject.OnExchange,
	})
	if err != nil {
		return err
	}
	l := &lab{box: box, client: client, wire: newWire(box)}
	defer l.wire.Close()
	defer client.Close()
	opt := setup.Options{
		Source:   setup.Source{Doctor: l.doctor(), Fresh: l.doctor, Domains: client.Domains, Title: "child"},
		StateDir: os.Getenv("DOMDOC_TEST_STATE"),
	}
	opt.Plain = what == "plain"
	if what == "panic" {
		var calls atomic.Int64
		opt.Now = func() time.Time {
			if calls.Add(1) > 6 {
				panic("a fault of ours")
			}
			return time.Now()
		}
	}
	return Run(context.Background(), opt)
}
