package api

import (
	"net/http"
	"sync"
)

// The answers that are kept for conditional requests: the service sends the body of an answer again only if it
// changed (RFC 9110 section 13.1.2). A list of 100,000 domains has 1,000 pages of 60 KB.
const (
	maxKeptAnswers = 20_000
	maxKeptBytes   = 96 << 20
)

// keptAnswers are the latest answers with an entity tag, by URL. They are safe for concurrent use.
type keptAnswers struct {
	mu    sync.Mutex
	byURL map[string]keptAnswer
	bytes int // of the bodies
}

type keptAnswer struct {
	tag  string // as sent
	body []byte
}

// KeepAnswers makes the client ask conditionally for what it has read before, as far as the service gives entity
// tags. It is for runs that read the same things again and again. Call it before the first call.
func (c *Client) KeepAnswers() { c.kept = &keptAnswers{byURL: map[string]keptAnswer{}} }

// find returns the kept answer to a request; zero if there is none.
func (k *keptAnswers) find(q asked) keptAnswer {
	if k == nil || q.spec.method != http.MethodGet {
		return keptAnswer{}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.byURL[q.url.String()]
}

// settle completes an answer that says that nothing changed, and keeps one that has an entity tag.
func (k *keptAnswers) settle(q asked, known keptAnswer, ans *answer) {
	switch {
	case k == nil || ans == nil || q.spec.method != http.MethodGet:
	case ans.status == http.StatusNotModified && known.tag != "":
		ans.status, ans.body = http.StatusOK, known.body
	case ans.status == http.StatusOK && !ans.tooLong:
		k.keep(q.url.String(), keptAnswer{ans.header.Get("ETag"), ans.body})
	default: // it may be gone
		k.keep(q.url.String(), keptAnswer{})
	}
}

// keep replaces the kept answer. Without a tag, or where there is no more room, none is kept.
func (k *keptAnswers) keep(url string, a keptAnswer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.bytes -= len(k.byURL[url].body)
	delete(k.byURL, url)
	if a.tag == "" || len(k.byURL) >= maxKeptAnswers || k.bytes+len(a.body) > maxKeptBytes {
		return
	}
	k.byURL[url] = a
	k.bytes += len(a.body)
}
