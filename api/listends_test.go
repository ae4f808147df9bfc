package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
)

// TestListBreaksOff reads lists of 250 domains that end early, and such that merely look like it: what is missing is
// an error that says how much, and nothing else is.
func TestListBreaksOff(t *testing.T) {
	t.Parallel()
	page := func(from, to, total int) string {
		return fmt.Sprintf(`{"data":%s,"total":%d}`, domainsJSON(from, to), total)
	}
	for _, tt := range []struct {
		name             string
		pages            []string
		received, unread int // domains; unread 0: the list is complete
	}{
		{"an empty page in between", []string{page(0, 100, 250), page(0, 0, 250), page(200, 250, 250)}, 100, 150},
		{"the second page is the first one again", []string{page(0, 100, 250), page(0, 100, 250)}, 100, 150},
		{"two full pages", []string{page(0, 100, 250), page(100, 200, 250), page(0, 0, 250)}, 200, 50},
		{"nothing, of a list with a total", []string{page(0, 0, 250)}, 0, 250},
		{"complete", []string{page(0, 100, 250), page(100, 200, 250), page(200, 250, 250)}, 250, 0},
		{"one was added meanwhile", []string{page(0, 100, 200), page(99, 199, 201), page(199, 200, 201)}, 200, 0},
		{"one was deleted meanwhile", []string{page(0, 100, 201), page(101, 201, 200), page(0, 0, 200)}, 200, 0},
		{"a total that counts too much", []string{page(0, 100, 999), page(100, 150, 999), page(0, 0, 999)}, 150, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := asking(t, func(w http.ResponseWriter, r *http.Request) {
				n, _ := strconv.Atoi(r.URL.Query().Get("page"))
				if n > len(tt.pages) {
					answers(200, page(0, 0, 0))(w, r)
					return
				}
				answers(200, tt.pages[n-1])(w, r)
			})
			ids, err := gather(t, c)
			if len(ids) != tt.received || (err != nil) != (tt.unread > 0) {
				t.Fatalf("%d domains, %v; want %d, and an error: %t", len(ids), err, tt.received, tt.unread > 0)
			}
			if tt.unread == 0 {
				return
			}
			failure(t, err, KindMalformed)
			if e, _ := errors.AsType[*Error](err); e.Unread == nil || e.Unread.Total-e.Unread.Received != tt.unread {
				t.Errorf("unread %+v, want %d", e.Unread, tt.unread)
			}
		})
	}
}

// TestFirstPageFails answers the first page of the list with 500 once, or always: it is requested once more.
func TestFirstPageFails(t *testing.T) {
	t.Parallel()
	for _, fails := range []int32{1, 9} {
		var n atomic.Int32
		c := asking(t, func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) <= fails {
				answers(500, "")(w, r)
				return
			}
			answers(200, `{"data":`+domainsJSON(0, 3)+`,"total":3}`)(w, r)
		})
		ids, err := gather(t, c)
		if asked := n.Load(); asked != 2 || (err == nil) != (fails == 1) || fails == 1 && len(ids) != 3 {
			t.Errorf("500 %d times: %d domains, %v, asked %d times", fails, len(ids), err, asked)
		}
	}
}
