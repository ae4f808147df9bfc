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

// netOutcome names a failure: silence, refusal by the network, and nonsense are three different things.
func Outcome(err error) (exchange.Outcome, string) {
	var ne net.Error
	switch {
	case errors.Is(err, ErrMismatch), errors.Is(err, errOtherID), errors.Is(err, exchange.ErrUnreadable),
		errors.Is(err, exchange.ErrNoQuestion):
		return exchange.Malformed, err.Error()
	case errors.Is(err, errClosed), errors.Is(err, ErrNotAsked), errors.Is(err, context.Canceled):
		return exchange.NotAsked, "the run has ended"
	case errors.Is(err, errTimeout), errors.Is(err, context.DeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		return exchange.Timeout, "no answer in time"
	}
	return exchange.Unreachable, plainNetError(err)
}

// plainNetError drops the addresses and system calls that Go puts before the reason.
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

var (
	errTimeout  = errors.New("no answer in time")
	ErrMismatch = errors.New("answered another question")
	errOtherID  = errors.New("answered under another id, or too late")
	errClosed   = errors.New("the run has ended")
)

// errNotAsked is no fault of anybody's: the run was over before it was a question's turn.
var ErrNotAsked = errors.New("the time for this run is over")

// waitTurn waits until a limiter (nil: there is none) lets the next question pass. Where its turn would come after
// the end of ctx it fails at once.
func Wait(ctx context.Context, limit *rate.Limiter) error {
	if limit == nil {
		return nil
	}
	if err := limit.Wait(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrNotAsked, err)
	}
	return nil
}
