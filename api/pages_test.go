package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// domainsJSON is an array of the domains d-<from> to d-<to-1>.
func domainsJSON(from, to int) string {
	var list []string
	for i := from; i < to; i++ {
		list = append(list, fmt.Sprintf(`{"id":"d-%d","domain":"d%d.example.com"}`, i, i))
	}
	return "[" + strings.Join(list, ",") + "]"
}

// gather collects a listing and its error.
func gather(t *testing.T, c *Client) (ids []string, err error) {
	t.Helper()
	for d, e := range c.Domains(t.Context()) {
		if err != nil {
			t.Fatal("something follows an error")
		}
		if e != nil {
			err = e
			continue
		}
		ids = append(ids, d.ID)
	}
	return ids, err
}

func TestListShapes(t *testing.T) {
	t.Parallel()
	one := domainsJSON(1, 3)
	for name, body := range map[string]string{
		"bare":               one,
		"data":               `{"data":` + one + `}`,
		"data.items":         `{"data":{"items":` + one + `}}`,
		"items":              `{"items":` + one + `}`,
		"data.domains":       `{"data":{"domains":` + one + `}}`,
		"items beside facts": `{"statusCode":200,"message":"ok","items":` + one + `,"total":2}`,
		"byte order mark":    "\xef\xbb\xbf" + one,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			c := asking(t, func(w http.ResponseWriter, r *http.Request) {
				n.Add(1)
				if r.URL.RawQuery != "limit=100&page=1" {
					t.Errorf("query %q", r.URL.RawQuery)
				}
				answers(200, body)(w, r)
			})
			ids, err := gather(t, c)
			if err != nil || len(ids) != 2 || ids[0] != "d-1" || n.Load() != 1 {
				t.Errorf("%v, %v, asked %d times", ids, err, n.Load())
			}
		})
	}
	for name, body := range map[string]string{
		"data null": `{"data":null}`, "no list": `{"data":{"id":"d-1"}}`, "text": `"domains"`, "not json": `<html>`,
		"null": `null`, "empty": ``, "items not a list": `{"items":{"a":1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := gather(t, asking(t, answers(200, body)))
			failure(t, err, KindMalformed)
		})
	}
}

// TestPagings lets a server page 250 domains in every way that the contract knows, and in some that nobody promised.
func TestPagings(t *testing.T) {
	t.Parallel()
	const total = 250
	type page struct {
		number, limit int
		cursor        string
	}
	slice := func(number, limit int) (string, int) {
		from := min((number-1)*limit, total)
		to := min(from+limit, total)
		return domainsJSON(from, to), to
	}
	tests := []struct {
		name  string
		reply func(p page) string
		asked int32
	}{
		{"meta.hasNext", func(p page) string {
			list, to := slice(p.number, p.limit)
			return fmt.Sprintf(`{"data":%s,"meta":{"page":%d,"hasNext":%t}}`, list, p.number, to < total)
		}, 3},
		{"pagination.has_next", func(p page) string {
			list, to := slice(p.number, p.limit)
			return fmt.Sprintf(`{"data":%s,"pagination":{"has_next":%t}}`, list, to < total)
		}, 3},
		{"totalPages at the top", func(p page) string {
			list, _ := slice(p.number, p.limit)
			return fmt.Sprintf(`{"items":%s,"totalPages":3}`, list)
		}, 3},
		{"pages in data.meta", func(p page) string {
			list, _ := slice(p.number, p.limit)
			return fmt.Sprintf(`{"data":{"items":%s,"meta":{"pages":"3"}}}`, list)
		}, 3},
		{"total beside data.items", func(p page) string {
			list, _ := slice(p.number, p.limit)
			return fmt.Sprintf(`{"data":{"items":%s,"total":250,"page":%d}}`, list, p.number)
		}, 3},
		{"total, and pages of 20 whatever is asked", func(p page) string {
			list, _ := slice(p.number, 20)
			return fmt.Sprintf(`{"data":%s,"meta":{"total":250}}`, list)
		}, 13},
		{"a total that counts too much", func(p page) string {
			list, _ := slice(p.number, p.limit)
			return fmt.Sprintf(`{"data":%s,"meta":{"total":999}}`, list)
		}, 4},
		{"nextCursor", func(p page) string {
			n := 1
			if p.cursor != "" {
				n, _ = strconv.Atoi(strings.TrimPrefix(p.cursor, "c/+="))
			}
			list, to := slice(n, p.limit)
			next := "null"
			if to < total {
				next = fmt.Sprintf(`"c/+=%d"`, n+1)
			}
			return fmt.Sprintf(`{"data":%s,"meta":{"nextCursor":%s}}`, list, next)
		}, 3},
		{"nothing said, bare", func(p page) string {
			list, _ := slice(p.number, p.limit)
			return list
		}, 3},
		{"nothing said, pages of 20 whatever is asked", func(p page) string {
			list, _ := slice(p.number, 20)
			return list
		}, 13},
		{"a limit that is lower than asked", func(p page) string {
			list, _ := slice(p.number, 40)
			return `{"data":` + list + `,"meta":{"limit":40}}`
		}, 7},
		{"all at once, whatever is asked", func(page) string { return domainsJSON(0, total) }, 2},
		{"all at once with an honest total", func(page) string {
			return `{"data":` + domainsJSON(0, total) + `,"total":250}`
		}, 1},
		{"shifting pages", func(p page) string {
			from := max(0, (p.number-1)*100-5) // five were added in front since the last page
			return domainsJSON(from, min(from+100, total))
		}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			c := asking(t, func(w http.ResponseWriter, r *http.Request) {
				n.Add(1)
				q := r.URL.Query()
				p := page{cursor: q.Get("cursor")}
				p.number, _ = strconv.Atoi(q.Get("page"))
				p.limit, _ = strconv.Atoi(q.Get("limit"))
				if p.limit != 100 || (p.number == 0) == (p.cursor == "") {
					t.Errorf("query %q", r.URL.RawQuery)
				}
				answers(200, tt.reply(p))(w, r)
			})
			ids, err := gather(t, c)
			if err != nil {
				t.Fatal(err)
			}
			if len(ids) != total {
				t.Fatalf("%d domains, want %d", len(ids), total)
			}
			for i, id := range ids {
				if id != fmt.Sprintf("d-%d", i) {
					t.Fatalf("domain %d is %s", i, id)
				}
			}
			if n.Load() != tt.asked {
				t.Errorf("asked %d times, want %d", n.Load(), tt.asked)
			}
		})
	}
}

func TestPagingThatNeverEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		reply func(n int) string
		asked int32
		yield int
		want  string
	}{
		{
			"same page, hasNext", func(int) string {
				return `{"data":` + domainsJSON(0, 100) + `,"meta":{"hasNext":true}}`
			},
			2, 100, "repeats the previous page",
		},
		{"same cursor", func(n int) string {
			return `{"data":` + domainsJSON(n*10, n*10+10) + `,"nextCursor":"again"}`
		}, 2, 20, "would never end"},
		{"cursors that alternate", func(n int) string {
			return fmt.Sprintf(`{"data":%s,"nextCursor":"c%d"}`, domainsJSON(n*10, n*10+10), n%2)
		}, 3, 30, "would never end"},
		{"empty pages, hasNext", func(int) string { return `{"data":[],"hasNext":true}` }, 3, 0, "only empty pages"},
		{"endless", func(n int) string {
			return fmt.Sprintf(`{"data":%s,"nextCursor":"c%d"}`, domainsJSON(n*10, n*10+10), n)
		}, 7, 70, "more than 7 pages"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			c := asking(t, func(w http.ResponseWriter, r *http.Request) { answers(200, tt.reply(int(n.Add(1)-1)))(w, r) })
			c.maxPages = 7
			ids, err := gather(t, c)
			if e := failure(t, err, KindMalformed); !strings.Contains(e.Error(), tt.want) {
				t.Errorf("error = %v, want %q", e, tt.want)
			}
			if n.Load() != tt.asked || len(ids) != tt.yield {
				t.Errorf("asked %d times and yielded %d, want %d and %d", n.Load(), len(ids), tt.asked, tt.yield)
			}
		})
	}
}

// TestFirstPageComesFirst: the dashboard shows the first hundred while the rest is on its way.
func TestFirstPageComesFirst(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		i := int(n.Add(1))
		answers(200, `{"data":`+domainsJSON(i*100, i*100+100)+`,"hasNext":true}`)(w, r)
	})
	got := 0
	for _, err := range c.Domains(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if got++; got == 100 {
			break
		}
	}
	if n.Load() != 1 {
		t.Errorf("asked %d times for the first page", n.Load())
	}
}

func TestErrorInTheMiddle(t *testing.T) {
	t.Parallel()
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "2" {
			answers(403, `{"message":"Forbidden"}`)(w, r)
			return
		}
		answers(200, `{"data":`+domainsJSON(0, 100)+`,"hasNext":true}`)(w, r)
	})
	ids, err := gather(t, c)
	failure(t, err, KindForbidden)
	if len(ids) != 100 {
		t.Errorf("%d domains before the error, want 100", len(ids))
	}
	lists := asking(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "2" {
			answers(403, `{"message":"Forbidden"}`)(w, r)
			return
		}
		answers(200, `{"data":[{"id":"r-1"}],"hasNext":true}`)(w, r)
	})
	if records, err := lists.Records(t.Context(), "d-1"); KindOf(err) != KindForbidden || records != nil {
		t.Errorf("half a list: %v, %v", records, err)
	}
}

// TestPageThatFails checks a page that fails inside the service: it is requested once more, and an error says how much
// of the list was read.
func TestPageThatFails(t *testing.T) {
	t.Parallel()
	for fails, want := range map[int32]int{1: 150, 2: 100} {
		var n atomic.Int32
		c := asking(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Query().Get("page") != "2":
				answers(200, `{"data":`+domainsJSON(0, 100)+`,"total":150}`)(w, r)
			case n.Add(1) <= fails:
				answers(500, `{"message":"Internal error"}`)(w, r)
			default:
				answers(200, `{"data":`+domainsJSON(100, 150)+`,"total":150}`)(w, r)
			}
		})
		ids, err := gather(t, c)
		if len(ids) != want || (err != nil) != (want < 150) {
			t.Errorf("page 2 fails %d times: %d domains, error %v; want %d", fails, len(ids), err, want)
		}
		if err == nil {
			continue
		}
		if u := failure(t, err, KindUnavailable).Unread; u == nil || *u != (Unread{Received: 100, Total: 150}) {
			t.Errorf("unread: %+v, want 100 of 150", u)
		}
	}
}

// TestServiceWithoutPaging: that page and limit are taken is assumed only.
func TestServiceWithoutPaging(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 422} {
		var n atomic.Int32
		c := asking(t, func(w http.ResponseWriter, r *http.Request) {
			n.Add(1)
			if r.URL.RawQuery != "" {
				answers(status, `{"statusCode":400,"message":["property page should not exist"],"error":"Bad Request"}`)(w, r)
				return
			}
			answers(200, domainsJSON(0, 100))(w, r)
		})
		ids, err := gather(t, c)
		if err != nil || len(ids) != 100 || n.Load() != 2 {
			t.Errorf("%d: %d domains, asked %d times: %v", status, len(ids), n.Load(), err)
		}
	}
	var n atomic.Int32
	_, err := gather(t, asking(t, func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		answers(400, `{"message":"no"}`)(w, r)
	}))
	if failure(t, err, KindService); n.Load() != 2 {
		t.Errorf("asked %d times, want 2", n.Load())
	}
	n.Store(0)
	_, err = gather(t, asking(t, func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		answers(422, `{"errorCode":"DOMAIN_004","message":"no"}`)(w, r)
	}))
	if failure(t, err, KindService); n.Load() != 1 {
		t.Errorf("an answer with a code was asked again: %d times", n.Load())
	}
}

// TestListsThatArePagedUnasked: records are asked for without a page, and followed where the service pages them all
// the same.
func TestListsThatArePagedUnasked(t *testing.T) {
	t.Parallel()
	var queries []string
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.RawQuery)
		page := max(1, len(queries))
		answers(200, fmt.Sprintf(`{"data":[{"id":%d},{"id":%d}],"meta":{"page":%d,"limit":2,"totalPages":3}}`, page*2,
			page*2+1, page))(w, r)
	})
	records, err := c.Records(t.Context(), "d-1")
	if err != nil || len(records) != 6 {
		t.Errorf("%d records, %v", len(records), err)
	}
	if diff := cmp.Diff([]string{"", "limit=2&page=2", "limit=2&page=3"}, queries); diff != "" {
		t.Error(diff)
	}
}

func TestTwinsOnOnePageAreShown(t *testing.T) {
	t.Parallel()
	c := asking(t, answers(200, `[{"id":"r-1","ttl":1},{"id":"r-1","ttl":2},{"type":"A"},{"type":"A"}]`))
	if records, err := c.Records(t.Context(), "d-1"); err != nil || len(records) != 4 {
		t.Errorf("%d records, %v", len(records), err)
	}
}

func TestWalkQuery(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		w    walk
		want string
	}{
		"first, paged":             {walk{paged: true, page: 1}, "limit=100&page=1"},
		"second, paged":            {walk{paged: true, page: 2, asked: 1, limit: 20}, "limit=100&page=2"},
		"cursor, paged":            {walk{paged: true, page: 2, asked: 1, cursor: "a b"}, "cursor=a+b&limit=100"},
		"first, not paged":         {walk{page: 1}, ""},
		"second, not paged":        {walk{page: 2, asked: 1}, "page=2"},
		"second, a limit known":    {walk{page: 2, asked: 1, limit: 20}, "limit=20&page=2"},
		"a cursor, and not paged":  {walk{page: 2, asked: 1, cursor: "c"}, "cursor=c"},
		"first again, a new try's": {walk{page: 1, limit: 20}, ""},
	} {
		if got := tt.w.query().Encode(); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// FuzzList: any body is a list or a refusal, every element is kept as it was sent, and the walk comes to an end.
func FuzzList(f *testing.F) {
	for _, s := range []string{
		domainsJSON(0, 2),
		`{"data":{"items":[1,null,"x"]},"meta":{"hasNext":true,"pagination":{"total":"9"}}}`,
		`{"items":[],"nextCursor":null}`, `{"data":null}`, `[[[]]]`, `{"total":-1,"data":[{}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		items, facts, problem := listBody(&answer{body: body}, []string{"domains"})
		if (problem == "") != (items != nil) {
			t.Fatalf("%d items and the problem %q", len(items), problem)
		}
		for _, raw := range items {
			if !json.Valid(raw) {
				t.Fatalf("element %q", raw)
			}
			d := decodeDomain(raw)
			if string(d.Raw) != string(raw) {
				t.Fatalf("raw %q of %q", d.Raw, raw)
			}
		}
		w := walk{paged: true, page: 1, maxPages: 5}
		for n := 0; ; n++ {
			more, problem := w.next(facts, len(items), len(items))
			if !more || problem != "" {
				break
			}
			if n > 5 {
				t.Fatal("the walk does not end")
			}
			if _, err := url.ParseQuery(w.query().Encode()); err != nil {
				t.Fatal(err)
			}
		}
	})
}
