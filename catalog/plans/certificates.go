package plans

import (
	"fmt"
	"strings"
	"time"
)

// Answer is whether something would succeed.
type Answer string

// The answers.
const (
	Yes       Answer = "yes"
	No        Answer = "no"
	NotJudged Answer = "not-judged"
	Nothing   Answer = "none" // there is nothing that could succeed or fail
)

// Phrase returns the answer in words.
func (a Answer) Phrase() string {
	switch a {
	case Yes, No:
		return string(a)
	case Nothing:
		return "nothing to renew"
	}
	return "not judged"
}

// Request is what has been asked of the certificate authority.
type Request string

// The states of a request.
const (
	NotRequested Request = "none"
	Pending      Request = "pending"
	Over         Request = "over"   // it was not validated within 72 hours
	Failed       Request = "failed" // it is never retried
	Issued       Request = "issued"
	Unread       Request = "unknown" // the service did not say
)

// Again reports whether only a new request leads to a certificate.
func (r Request) Again() bool { return r == Over || r == Failed }

// RequestAgain says why a request has to be made again although nothing stands in its way.
func RequestAgain(r Request) string {
	if r == Over {
		return "with a new request: the 72 hours of the pending one are over"
	}
	return "with a new request: the failed one is not tried again"
}

// Validation is the state of the record that validates a name.
type Validation string

// The states of a validation record.
const (
	Listed   Validation = "listed"   // the record is known, and judged
	Unlisted Validation = "unlisted" // nothing says which record it is
)

// OnceValidated is the condition of a certificate whose validation record is not known before its request.
const OnceValidated = "once the validation record that the request shows is published"

// NoValidationRecord says why a renewal is not judged although nothing stands in its way.
func NoValidationRecord(names []string) string {
	return "the validation record of " + strings.Join(names, ", ") +
		" is not known, and a renewal needs it: the service " +
		"does not list it; give it with --expect 'CNAME NAME=VALUE'"
}

// CAADiffers says that the servers of a zone have different CAA records.
func CAADiffers(owner string) string {
	return "the servers of " + owner +
		" have different CAA records: authorities ask from several places, and each may " +
		"get another answer"
}

// PlacesDiffer says why a fault of a part of the servers or resolvers is no answer.
const PlacesDiffer = "authorities ask from several places, and some of them get another answer"

// NotAName says that a name cannot be in a certificate.
func NotAName(problem string) string { return "it is not a name for a certificate: " + problem }

// TooManyNames says that not all names of a certificate were judged.
func TooManyNames(n int) string {
	return fmt.Sprintf("%d more names were not judged: there are too many for one plan", n)
}

// UnreadRequest says why a renewal is not judged if the service does not say whether there is a certificate.
const UnreadRequest = "the service does not say whether there is a certificate"

// RenewsFrom says when a certificate is renewed.
func RenewsFrom(expires time.Time) string {
	return "it expires on " + expires.UTC().Format(time.DateOnly) + "; renewal is attempted from about " +
		expires.AddDate(0, 0, -45).UTC().Format(time.DateOnly)
}
