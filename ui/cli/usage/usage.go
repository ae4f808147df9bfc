// Package usage has the error of a mistake in the command line or the configuration.
package usage

import (
	"errors"
	"fmt"

	"domdoc/catalog/sanitize"
)

// Error is a mistake in the command line or the configuration. The program prints it with its hint and exits 2.
type Error struct {
	Err  error
	Hint string // a valid example; may be empty
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an [Error] with a hint; the rest is as for [fmt.Errorf].
func Errorf(hint, format string, args ...any) error {
	return &Error{fmt.Errorf(format, args...), hint}
}

// Each returns the errors that [errors.Join] joined, or the error itself.
func Each(err error) []error {
	if e, ok := err.(*Error); ok {
		err = e.Err
	}
	if j, ok := err.(interface{ Unwrap() []error }); ok && err.Error() == errors.Join(j.Unwrap()...).Error() {
		return j.Unwrap()
	}
	return []error{err}
}

// Clean returns a text from outside as it may be printed in a message: bounded, without control characters.
func Clean(s string) string { return sanitize.Text(s, 2000) }
