package dashboard

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/api"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/dialog"
	"domdoc/ui/dashboard/inventory"

	tea "github.com/charmbracelet/bubbletea"
)

// service is a real server that answers every write in one way, and a client of it.
func service(t *testing.T, status int, body string) (*api.Client, *atomic.Int64) {
	t.Helper()
	var writes atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			writes.Add(1)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	c, err := api.New(api.Config{
		BaseURL: s.URL, Token: "opaque-token",
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, &writes
}

// TestRequests asks the service for something: nothing is sent before somebody agreed, once it is sent once, and the
// answer is told in words.
func TestRequests(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key, says, path string
		status          int
		body            string
		want            []string
	}{
		"verified": {
			"v", "verify shop.fabrikam.example", "/verify", 200,
			`{"data":{"id":"d-1","domain":"shop.fabrikam.example","status":"VERIFIED"}}`,
			[]string{"✓ the service accepted the request", "HTTP 200", "VERIFIED"},
		},
		"refused": {
			"v", "verify shop.fabrikam.example", "/verify", 422,
			`{"statusCode":422,"errorCode":"DOMAIN_004","message":"Domain verification failed"}`,
			[]string{"✗ ", "domain verification failed (DOMAIN_004, http 422", "DOMAIN_VERIFICATION_FAILED"},
		},
		"issued": {
			"i", "issue a certificate for shop.fabrikam.example", "/ssl", 201,
			`{"data":{"status":"PENDING_VALIDATION","names":["shop.fabrikam.example"]}}`,
			[]string{"✓ the service accepted the request", "HTTP 201", "PENDING_VALIDATION"},
		},
		"no answer in json": {
			"i", "issue a certificate for shop.fabrikam.example", "/ssl", 202, `taken`,
			[]string{"✓ the service accepted the request", "HTTP 202"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, writes := service(t, c.status, c.body)
			b := newBench(t, func(o *options) { o.Client, o.Color = client, "never" })
			b.opt.Fresh = b.l.doctor
			b.load().results()
			b.send(tea.WindowSizeMsg{Width: 120, Height: 40})
			id := b.l.ids["name-doubled"]
			b.list.Grid.Select(id)
			b.press(c.key)
			b.shows(c.says, "POST http://127.0.0.1:", "/domains/v1/"+id+c.path, "Idempotency-Key: (a new one",
				"Authorization: Bearer (the token)", "{}", "y sends this request and nothing else")
			if strings.Contains(b.View(), "opaque-token") {
				t.Error("the token is on the screen")
			}
			b.press("esc", c.key, "enter", "space")
			if writes.Load() != 0 {
				t.Fatal("it was sent without anybody agreeing")
			}
			cmd := b.press("y")
			b.shows("sent; waiting for the answer")
			if again := b.press("y"); again != nil && b.Notice != "the request was already sent" {
				t.Error("it can be sent twice")
			}
			b.Notice = ""
			b.drain(cmd, func() bool { return b.request.State == dialog.Answered })
			b.shows(c.want...)
			b.shows("request sent:", "POST http")
			if b.Notice != "" {
				t.Errorf("the answer is told twice: %q", b.Notice)
			}
			if writes.Load() != 1 {
				t.Errorf("it was sent %d times", writes.Load())
			}
			if b.Single[id] == nil || b.Domains.Find(id).Target(noon, nil).ID != id {
				t.Error("the domain is not diagnosed again, or by what the list had before")
			}
			b.press("esc")
			if b.Screen.Scope() != action.ScopeList {
				t.Errorf("esc leads to %s", b.Screen.Scope())
			}
		})
	}
}

// TestRequestOutlivesItsScreen leaves the screen while the answer is waited for: it is told all the same, and a
// second request is kept from being sent.
func TestRequestOutlivesItsScreen(t *testing.T) {
	t.Parallel()
	client, _ := service(t, 200, `{}`)
	b := newBench(t, func(o *options) { o.Client = client })
	b.opt.Fresh = b.l.doctor
	b.load().results()
	id, other := b.l.ids["name-doubled"], b.l.ids["on-hold"]
	b.list.Grid.Select(id)
	b.press("v", "y", "esc")
	gen := b.request.Gen
	b.press("v")
	if b.request.Gen != gen || b.request.State != dialog.UnderWay {
		t.Error("the request that is under way is not shown again")
	}
	b.press("esc")
	b.list.Grid.Select(other)
	b.press("v", "esc")
	b.list.Grid.Select(id)
	b.press("v", "y")
	if b.request.State != dialog.NotSent || b.Notice != "this request is already in progress" {
		t.Errorf("the same request goes out twice: %q", b.Notice)
	}
	b.press("esc")
	b.send(dialog.AnswerMsg{Gen: gen, Op: api.OpVerify, ID: id, Name: "shop.fabrikam.example"})
	if want := "asked the service to verify shop.fabrikam.example: accepted"; b.Notice != want {
		t.Errorf("it is told as %q", b.Notice)
	}
	if b.Single[id] == nil || len(b.request.Pending) != 0 {
		t.Error("the domain is not diagnosed again")
	}
	b.send(dialog.AnswerMsg{
		Gen: gen, Op: api.OpIssueCertificate, ID: "d-gone", Name: "gone.example",
		Err: errors.New("the connection was refused\x1b[2J"),
	})
	b.send(tea.WindowSizeMsg{Width: 200, Height: 30})
	b.shows("asked the service to issue a certificate for gone.example: the connection was refused")
	if strings.Contains(b.View(), "\x1b") {
		t.Error("an escape sequence reached the screen")
	}
}

// TestRequestsNeedTheService checks when the service cannot be asked, and that it is said why.
func TestRequestsNeedTheService(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().press("v")
	if b.Notice != "no service is connected" || b.Screen.Scope() != action.ScopeList {
		t.Errorf("without a service: %q", b.Notice)
	}
	b = newBench(t, func(o *options) { o.Client = b.l.client })
	b.Domains.Add(inventory.NamedRow("elsewhere.example", ""))
	b.send(b.list.ArrangeNow())
	b.press("i")
	if b.Notice != "the service does not list this domain" {
		t.Errorf("a name that the service does not have: %q", b.Notice)
	}
	b.Domains.Add(inventory.NewRow(api.Domain{ID: "..", Name: "odd.example"}, noon))
	b.send(b.list.ArrangeNow())
	b.list.Grid.Select("..")
	b.press("v")
	b.shows("cannot send", "invalid id")
	if b.press("y"); b.request.State != dialog.NotSent {
		t.Error("it was sent all the same")
	}
}
