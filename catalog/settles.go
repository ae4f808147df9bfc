package catalog

import (
	"fmt"
	"time"

	"domdoc/catalog/hosts"
)

// CachedAnswer is what resolvers may have cached from before a change.
type CachedAnswer int

// The kinds of cached answers.
const (
	CachedAbsence CachedAnswer = iota // that the record does not exist
	CachedRecord                      // the old record
	CachedServers                     // the former name servers
	CachedDS                          // the old DS record
)

func (m CachedAnswer) phrase() string {
	switch m {
	case CachedRecord:
		return "the old record"
	case CachedServers:
		return "the former name servers"
	case CachedDS:
		return "the old DS record"
	}
	return "that the record did not exist"
}

// Settles is how long a fix takes to be visible everywhere once it is made: the time the DNS host takes to publish
// it, plus the time resolvers may cache the old answer (RFC 2181 5.2, RFC 2308 5).
type Settles struct {
	Cache   time.Duration
	Cached  CachedAnswer
	Host    string // the DNS host
	Publish time.Duration
	From    time.Time // the earliest time of the change: the time of the diagnosis
}

// SettlesAt returns how long a change takes at a DNS host, if resolvers may cache the old answer for the given time.
func SettlesAt(host string, cache time.Duration, m CachedAnswer) Settles {
	return Settles{
		Cache: cache, Cached: m, Host: host,
		Publish: time.Duration(hosts.PanelOf(host).Publish) * time.Second,
	}
}

// Within returns the total time.
func (s *Settles) Within() time.Duration { return s.Cache + s.Publish }

// Latest returns when a change that is made immediately is visible everywhere.
func (s *Settles) Latest() time.Time { return s.From.Add(s.Within()) }

// MadeNow returns when a change that is made now is visible everywhere, which is later than latest, the time at the
// diagnosis, if that was a while ago. A zero now is the time of the diagnosis.
func MadeNow(latest time.Time, within time.Duration, now time.Time) time.Time {
	if at := now.Add(within); !now.IsZero() && at.After(latest) {
		return at
	}
	return latest
}

// AtMost formats a duration, rounded up.
func AtMost(d time.Duration) string {
	unit := time.Second
	switch {
	case d >= 48*time.Hour:
		unit = 24 * time.Hour
	case d >= 90*time.Minute:
		unit = time.Hour
	case d >= 90*time.Second:
		unit = time.Minute
	}
	return Span((d + unit - 1).Truncate(unit))
}

// Reason explains the total time.
func (s *Settles) Reason() string {
	text := "until then, resolvers may have cached " + s.Cached.phrase()
	if hosts.PanelOf(s.Host).Slow() {
		text = fmt.Sprintf("%s takes up to %s to publish a change, and resolvers may have cached %s for %s after that",
			s.Host, AtMost(s.Publish), s.Cached.phrase(), AtMost(s.Cache))
	}
	return text
}

// SettlesIn says how long a change takes to be visible everywhere, and when it is if made immediately.
func SettlesIn(within time.Duration, latest, reason string) string {
	return fmt.Sprintf("visible everywhere within %s of the change (by %s if made now): %s", AtMost(within), latest,
		reason)
}

// SettlesBy says how long a change takes to be visible everywhere, and when it is if made when a plan says.
func SettlesBy(within time.Duration, latest, reason string) string {
	return fmt.Sprintf("visible everywhere within %s of the change, by %s: %s", AtMost(within), latest, reason)
}

// ReplySettles says in a reply how long a fix takes, and what comes then, like ReplyAgain.
func ReplySettles(within time.Duration, latest time.Time, verify bool) string {
	then := "Then let us know and we will check."
	if verify {
		then = "Then request the verification again, or let us know and we will check."
	}
	return fmt.Sprintf("Once that is done, it can take up to %s to be visible everywhere (by %s if done now). %s",
		AtMost(within), ReplyTime(latest), then)
}

// NoRecords says that a plan has no changes of records, or none that it compares.
func NoRecords(leftOut, open bool) string {
	switch {
	case leftOut:
		return "no record changes at the names that are compared"
	case open:
		return "no record changes that can be judged"
	}
	return "no record changes"
}
