package catalog

import (
	"fmt"
	"time"

	"domdoc/catalog/hosts"
)

// CachedAnswer is what resolvers may remember of the time before a change.
type CachedAnswer int

// What can be remembered.
const (
	CachedAbsence CachedAnswer = iota // that there is no such record
	CachedRecord                      // the record as it was
	CachedServers                     // the earlier name servers
)

func (m CachedAnswer) phrase() string {
	switch m {
	case CachedRecord:
		return "the record as it was"
	case CachedServers:
		return "the earlier name servers"
	}
	return "that there was no such record"
}

// Settles is how long a fix takes at most, once it is made, until it is seen everywhere: what resolvers may remember
// until then (RFC 2181 5.2, RFC 2308 5), behind what the DNS host takes to publish.
type Settles struct {
	Cache   time.Duration
	Cached  CachedAnswer
	Host    string // the DNS host
	Publish time.Duration
	From    time.Time // when the change could be made: the time of the diagnosis
}

// SettlesAt adds what is known of a DNS host to what may be remembered.
func SettlesAt(host string, cache time.Duration, m CachedAnswer) Settles {
	return Settles{
		Cache: cache, Cached: m, Host: host,
		Publish: time.Duration(hosts.PanelOf(host).Publish) * time.Second,
	}
}

// Within is the whole of it.
func (s *Settles) Within() time.Duration { return s.Cache + s.Publish }

// Latest is when a change that is made at once is seen everywhere.
func (s *Settles) Latest() time.Time { return s.From.Add(s.Within()) }

// AtMost writes a length of time that is never less than it is.
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

// Reason says why it takes so long.
func (s *Settles) Reason() string {
	text := "until then resolvers may remember " + s.Cached.phrase()
	if hosts.PanelOf(s.Host).Slow() {
		text = fmt.Sprintf("%s takes up to %s to publish a change, and resolvers may remember %s for %s more", s.Host,
			AtMost(s.Publish), s.Cached.phrase(), AtMost(s.Cache))
	}
	return text
}

// SettlesIn says how long a change takes, with the moment for one that is made at once.
func SettlesIn(within time.Duration, latest, reason string) string {
	return fmt.Sprintf("seen everywhere at most %s after the change (made at once: by %s): %s", AtMost(within), latest,
		reason)
}

// ReplySettles says by when a fix is seen that is made now.
func ReplySettles(within time.Duration, latest time.Time) string {
	return fmt.Sprintf(
		"Once that is done, it can take up to %s until it is seen everywhere (done at once: by %s at the latest). "+
			"Then ask for the verification again, or tell us and we will look.", AtMost(within), ReplyTime(latest))
}
