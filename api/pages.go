package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

const (
	pageSize = 100  // the most that the service's siblings allow
	maxPages = 1000 // 100,000 domains; more is a server that turns in a circle
)

// listing describes how one list is requested and read.
type listing[T any] struct {
	op     Operation
	id     string
	paged  bool     // ask for page and limit; else take what comes, and follow it only where it says that there is more
	keys   []string // further names for the array, beside "data" and "items"
	decode func(json.RawMessage) T
	key    func(T) string // what makes an element the same one; empty is unknown
}

// all yields the elements of all pages, those of a page before the next one is requested. An error ends the sequence,
// which is then incomplete.
func all[T any](ctx context.Context, c *Client, l listing[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		p := newPages(c, l)
		for {
			list, more, err := p.next(ctx)
			for _, v := range list {
				if !yield(v, nil) {
					return
				}
			}
			if err != nil {
				var none T
				yield(none, err)
			}
			if err != nil || !more {
				return
			}
		}
	}
}

// pages reads a list page by page.
type pages[T any] struct {
	c    *Client
	l    listing[T]
	w    walk
	seen seenElements[T]
}

func newPages[T any](c *Client, l listing[T]) *pages[T] {
	return &pages[T]{c: c, l: l, w: walk{paged: l.paged, page: 1, maxPages: c.maxPages}, seen: seenElements[T]{}}
}

// next returns the elements of the next page that no earlier page had, and whether there are more pages. After an error
// that the end of ctx caused, it can be called again.
func (p *pages[T]) next(ctx context.Context) (list []T, more bool, err error) {
	w, l := &p.w, p.l
	repeated := false
	for {
		ans, err := p.c.do(ctx, call{op: l.op, id: l.id, query: w.query()})
		if err != nil {
			if w.refused(err) {
				continue
			}
			// A page that fails inside the service is requested once more: it would take the rest of the list along.
			if !repeated && (w.asked > 0 || l.paged) && failedInside(err) && p.c.sleep(ctx, backoff(1)) == nil {
				repeated = true
				continue
			}
			return nil, false, w.cutShort(err)
		}
		items, facts, problem := listBody(ans, l.keys)
		if problem != "" {
			return nil, false, w.cutShort(ans.malformed(problem))
		}
		if facts.total != nil && l.op == OpDomains {
			p.c.total.Store(int64(*facts.total))
		}
		list := p.seen.page(items, l)
		more, problem := w.next(facts, len(items), len(list))
		if !more && problem == "" {
			problem = w.missing()
		}
		if problem != "" {
			return list, false, w.cutShort(ans.malformed(problem))
		}
		return list, more, nil
	}
}

// seenElements are the keys of the elements of earlier pages, as the beginning of their SHA-256: that of 100,000
// domains is kept for the run.
type seenElements[T any] map[[16]byte]struct{}

// page returns the elements of a page that no earlier page had. Pages shift when elements are added meanwhile;
// duplicates on one page are the service's, and kept.
func (seen seenElements[T]) page(items []json.RawMessage, l listing[T]) []T {
	here := make([][16]byte, 0, len(items))
	list := make([]T, 0, len(items))
	for _, raw := range items {
		v := l.decode(raw)
		same := []byte(l.key(v))
		if len(same) == 0 {
			same = raw
		}
		sum := sha256.Sum256(same)
		key := [16]byte(sum[:16])
		if _, known := seen[key]; known {
			continue
		}
		here = append(here, key)
		list = append(list, v)
	}
	for _, key := range here {
		seen[key] = struct{}{}
	}
	return list
}

// failedInside reports whether the service answered 500 without a code of its own.
func failedInside(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && !isServiceCode(e.Code) && e.HTTPStatus == http.StatusInternalServerError
}

// Unread says how much of a list was read before an error ended it.
type Unread struct {
	Received int // elements that were read
	Total    int // elements of the list, as the service says; 0: unknown
}

// cutShort adds to an error how much of the list was read.
func (w *walk) cutShort(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && max(w.received, w.total) > 0 {
		e.Unread = &Unread{Received: w.received, Total: w.total}
	}
	return err
}

// missing says that the list broke off: its total says that there are more, and its last page with elements is full.
// It is empty if the list is complete. After a shorter page the list is at its end, and its total counts too much.
// Elements that were added or deleted meanwhile are not missing.
func (w *walk) missing() string {
	if w.received >= w.leastTotal || w.lastPage < w.first {
		return ""
	}
	return fmt.Sprintf("the list ends after %d elements, but its total is %d", w.received, w.total)
}

// collect returns a short list. With an error it returns nothing: elements missing from half a list would look
// deleted.
func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	list := []T{}
	for v, err := range seq {
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// facts is what a response states about its place in the list; nil: not stated.
type facts struct {
	limit, total, pages *int
	hasNext             *bool
	cursor              string
	cursorEnds          bool // nextCursor is there and null or empty
}

// walk is the state of reading the pages of one list.
type walk struct {
	paged    bool
	page     int
	asked    int // pages so far
	received int // elements so far, each once
	total    int // what the service says that the list has; 0: it does not say
	// leastTotal is the smallest total that a page stated, and lastPage how many elements the last page with any held.
	leastTotal, lastPage int
	limit                int // what the service says that its pages hold
	first                int // how many elements the first page held
	cursor               string
	cursors              []string
	empty                int // empty pages in a row
	maxPages             int
}

func (w *walk) query() url.Values {
	q := url.Values{}
	if w.paged {
		q.Set("limit", strconv.Itoa(pageSize))
	} else if w.limit > 0 && w.asked > 0 {
		q.Set("limit", strconv.Itoa(w.limit)) // the size of the first page, or this one would begin elsewhere
	}
	if w.cursor != "" {
		q.Set("cursor", w.cursor)
	} else if w.paged || w.asked > 0 {
		q.Set("page", strconv.Itoa(w.page))
	}
	return q
}

// refused reports whether the service rejected the query: support for page and limit is only assumed. Then the list
// is requested without them.
func (w *walk) refused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || !w.paged || w.asked > 0 || isServiceCode(e.Code) || e.HTTPStatus != http.StatusBadRequest &&
		e.HTTPStatus != http.StatusUnprocessableEntity {
		return false
	}
	w.paged = false
	return true
}

// next processes a page of count elements, fresh of which are new, and reports whether there is another one. A
// problem is a response that would never end.
func (w *walk) next(f facts, count, fresh int) (more bool, problem string) {
	w.asked++
	w.received += fresh
	if f.total != nil && *f.total > 0 {
		w.total = *f.total
		if w.leastTotal == 0 || w.total < w.leastTotal {
			w.leastTotal = w.total
		}
	}
	if w.asked == 1 {
		w.first = count
	}
	if f.limit != nil && *f.limit > 0 && *f.limit <= 10*pageSize {
		w.limit = *f.limit
	}
	if count == 0 {
		w.empty++
	} else {
		w.empty, w.lastPage = 0, count
	}
	more, promised := w.claims(f, count)
	switch {
	case !more:
		return false, ""
	case f.cursor != "" && slices.Contains(w.cursors, f.cursor):
		return false, "the response repeats an earlier page cursor: the list would never end"
	case promised && count > 0 && fresh == 0:
		return false, "the response repeats the previous page and claims that there are more"
	case promised && w.empty > 2:
		return false, "the service returns only empty pages and claims that there are more"
	case !promised && fresh == 0:
		return false, ""
	case w.asked >= w.maxPages:
		return false, fmt.Sprintf("the list has more than %d pages", w.maxPages)
	}
	w.page++
	w.cursor = f.cursor
	if f.cursor != "" {
		w.cursors = append(w.cursors, f.cursor)
	}
	return true, ""
}

// claims reads whether there is another page; promised reports whether the service states that, rather than that it
// follows from a count.
func (w *walk) claims(f facts, count int) (more, promised bool) {
	switch {
	case f.cursor != "":
		return f.hasNext == nil || *f.hasNext, true
	case f.hasNext != nil:
		return *f.hasNext, true
	case f.pages != nil:
		return w.page < *f.pages && count > 0, true
	case f.total != nil:
		return w.received < *f.total && count > 0, false
	case f.cursorEnds || !w.paged:
		return false, false
	}
	if w.asked > 1 {
		return count >= w.first, false
	}
	size := pageSize
	if w.limit > 0 {
		size = min(size, w.limit)
	}
	// A service that ignores the limit uses its own page size. One more call is cheap; domains that are silently left
	// out would look deleted.
	return count >= size || slices.Contains([]int{10, 20, 25, 30, 50}, count), false
}

// listBody finds the array in any of the known shapes of lists, and what the response states about pages.
func listBody(ans *answer, keys []string) (items []json.RawMessage, f facts, problem string) {
	body, problem := jsonBody(ans)
	if problem != "" {
		return nil, facts{}, problem
	}
	if items, ok := elements(body); ok {
		return items, facts{}, ""
	}
	top, ok := knownObject(body, "", nil)
	if !ok {
		return nil, facts{}, "the response is not a list: " + ans.excerpt()
	}
	holders := []object{}
	if meta, ok := top.object("meta"); ok {
		holders = append(holders, meta)
		if inner, ok := meta.object("pagination"); ok {
			holders = append(holders, inner)
		}
	}
	if pagination, ok := top.object("pagination"); ok {
		holders = append(holders, pagination)
	}
	lists := []object{top}
	if data, ok := top.object("data"); ok {
		for _, key := range []string{"meta", "pagination"} {
			if inner, ok := data.object(key); ok {
				holders = append(holders, inner)
			}
		}
		holders = append(holders, data)
		lists = append(lists, data)
	}
	holders = append(holders, top)
	for _, h := range holders {
		f.merge(h)
	}
	for _, l := range lists {
		for _, key := range append([]string{"data", "items", "results"}, keys...) {
			if items, ok := elements(l.get(key)); ok {
				return items, f, ""
			}
		}
	}
	return nil, facts{}, "the response contains no list: " + ans.excerpt()
}

// merge adds what is not known yet; the innermost object comes first.
func (f *facts) merge(o object) {
	if f.limit == nil {
		f.limit = o.int("limit", "perPage", "pageSize")
	}
	if f.total == nil {
		f.total = o.int("total", "totalCount", "totalItems")
	}
	if f.pages == nil {
		f.pages = o.int("totalPages", "pages", "pageCount")
	}
	if f.hasNext == nil {
		f.hasNext = o.bool("hasNext", "hasNextPage", "hasMore")
	}
	if f.cursor == "" {
		f.cursor = o.text("nextCursor")
		if _, there := o.find("nextCursor"); there && f.cursor == "" {
			f.cursorEnds = true
		}
	}
}
