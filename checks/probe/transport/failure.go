package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"domdoc/checks/probe/exchange"

	"golang.org/x/time/rate"
)

// Outcome classifies an error of this package: no answer, an unreachable server, and an invalid answer are different
// outcomes.
func Outcome(err error) (exchange.Outcome, string) {
	var ne net.Error
	switch {
	case errors.Is(err, ErrMismatch), errors.Is(err, errOtherID), errors.Is(err, exchange.ErrUnreadable),
		errors.Is(err, exchange.ErrNoQuestion):
		return exchange.Malformed, err.Error()
	case errors.Is(err, errClosed), errors.Is(err, ErrNotAsked), errors.Is(err, context.Canceled):
		return exchange.NotAsked, "the run has ended"
	case errors.Is(err, ErrBusy), errors.Is(err, ErrUnforeseen):
		return exchange.NotAsked, err.Error()
	case errors.Is(err, ErrTimeout), errors.Is(err, context.DeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		return exchange.Timeout, "no answer in time"
	}
	return exchange.Unreachable, plainNetError(err)
}

// plainNetError returns the reason of a network error without the addresses and system calls that Go prefixes.
func plainNetError(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	s := err.Error()
	for _, prefix := range []string{
		"connect: ", "read: ", "write: ", "recvmsg: ", "sendmsg: ", "recvmmsg: ",
		"sendmmsg: ",
	} {
		s = strings.TrimPrefix(s, prefix)
	}
	return s
}

// What kept a question from an answer. ErrBusy is this machine's own doing.
var (
	ErrTimeout  = errors.New("no answer in time")
	ErrBusy     = errors.New("not asked in time: this machine is too busy")
	ErrMismatch = errors.New("answered a different query")
	errOtherID  = errors.New("answered under another id, or too late")
	errClosed   = errors.New("the run has ended")
)

// ErrNotAsked is for a query whose turn did not come before the end of the run.
var ErrNotAsked = errors.New("the run ended first")

// ErrUnforeseen is for a question about the future to which nobody knows the answer.
var ErrUnforeseen = errors.New("what will be answered after the change is not known")

// Wait blocks until the limiter (nil means no limit) permits the next query. It fails at once if that would be after
// the end of ctx.
func Wait(ctx context.Context, limit *rate.Limiter) error {
	if limit == nil {
		return nil
	}
	if err := limit.Wait(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrNotAsked, err)
	}
	return nil
}
