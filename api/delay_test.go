package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/api"
)

// TestDelayOfALimit has the service ask to wait: the client says until when, and nothing once the call is over.
func TestDelayOfALimit(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 2, 22, 14, 20, 0, 0, time.UTC)
	var clock atomic.Pointer[time.Time]
	clock.Store(&noon)
	n := atomic.Int32{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) == 1 {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"id":"d-1","domain":"shop.example.com"}`))
	}))
	defer srv.Close()
	var said []string
	var c *api.Client
	c, err := api.New(api.Config{
		BaseURL: srv.URL, Token: "t", Now: func() time.Time { return *clock.Load() },
		Sleep: func(_ context.Context, wait time.Duration) error {
			if d, ok := c.Delay(); ok {
				said = append(said, d.Text(*clock.Load()))
			}
			later := clock.Load().Add(wait)
			clock.Store(&later)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Domain(t.Context(), "d-1"); err != nil {
		t.Fatal(err)
	}
	if len(said) != 1 || said[0] != "the service asks to wait: next request in 30 seconds" {
		t.Errorf("it says %q", said)
	}
	if d, ok := c.Delay(); ok {
		t.Errorf("after the call it still waits: %+v", d)
	}
}

// TestDelayOfAnAnswer has the service hang: the client says so after a second, and not before.
func TestDelayOfAnAnswer(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 2, 22, 14, 20, 0, 0, time.UTC)
	var clock atomic.Pointer[time.Time]
	clock.Store(&noon)
	arrived, answer := make(chan struct{}), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-answer
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"id":"d-1","domain":"shop.example.com"}`))
	}))
	defer srv.Close()
	c, err := api.New(api.Config{BaseURL: srv.URL, Token: "t", Now: func() time.Time { return *clock.Load() }})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	done := make(chan error)
	go func() {
		_, err := c.Domain(t.Context(), "d-1")
		done <- err
	}()
	<-arrived
	if d, ok := c.Delay(); ok {
		t.Errorf("at once: %+v", d)
	}
	later := noon.Add(3 * time.Second)
	clock.Store(&later)
	d, ok := c.Delay()
	if text := d.Text(later); !ok || !strings.HasPrefix(text, "no answer from the service for 3 seconds: GET /") {
		t.Errorf("after three seconds: %q", text)
	}
	close(answer)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if d, ok := c.Delay(); ok {
		t.Errorf("after the answer it still waits: %+v", d)
	}
}
