package api

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestRetries(t *testing.T) {
	t.Parallel()
	coded := func(status, code string) string {
		return `{"statusCode":` + status + `,"message":"m","errorCode":"` + code + `"}`
	}
	tests := []struct {
		name   string
		write  bool
		status int
		body   string
		want   int32 // times asked
		kind   Kind
	}{
		{"502", false, 502, "", 4, KindUnavailable},
		{"503", false, 503, `{"message":"Service Unavailable"}`, 4, KindUnavailable},
		{"504", false, 504, "<html>", 4, KindUnavailable},
		{"503 of a write", true, 503, "", 4, KindUnavailable},
		{"500", false, 500, "", 1, KindUnavailable},
		{"501", false, 501, "", 1, KindUnavailable},
		{"408 without a code", false, 408, "", 1, KindUnavailable},
		{"400", false, 400, "", 1, KindService},
		{"403", false, 403, "", 1, KindForbidden},
		{"404", false, 404, "", 1, KindWrongEndpoint},
		{"429", false, 429, "", 4, KindRateLimited},
		{"429 of a write", true, 429, "", 4, KindRateLimited},
		{"429 that waiting cannot end", false, 429, coded("429", "MAX_SESSIONS_REACHED"), 1, KindForbidden},
		{
			"429 that waiting cannot end, sibling's shape", false, 429,
			`{"data":null,"error":{"code":"MAX_SESSIONS_REACHED","message":"m"}}`, 1, KindForbidden,
		},
		{"503 DOMAIN_011 is an answer", false, 503, coded("503", "DOMAIN_011"), 1, KindService},
		{"503 DOMAIN_011 of a write", true, 503, coded("503", "DOMAIN_011"), 1, KindService},
		{"503 DOMAIN_020", false, 503, coded("503", "DOMAIN_020"), 1, KindService},
		{"503 DOMAIN_099, added later", false, 503, coded("503", "DOMAIN_099"), 1, KindService},
		{"408 DOMAIN_010", false, 408, coded("408", "DOMAIN_010"), 1, KindService},
		{
			"502 DOMAIN_013 under error", false, 502, `{"data":null,"error":{"code":"DOMAIN_013","message":"m"}}`, 1,
			KindService,
		},
		{"500 DOMAIN_019", false, 500, coded("500", "DOMAIN_019"), 1, KindService},
		{"404 DOMAIN_001", false, 404, coded("404", "DOMAIN_001"), 1, KindNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			var mu sync.Mutex
			keys := map[string]bool{}
			ids := map[string]bool{}
			s := &sleeps{}
			c := asking(t, func(w http.ResponseWriter, r *http.Request) {
				n.Add(1)
				mu.Lock()
				keys[r.Header.Get("Idempotency-Key")], ids[r.Header.Get("X-Request-Id")] = true, true
				mu.Unlock()
				answers(tt.status, tt.body)(w, r)
			}, s.into)
			var err error
			if tt.write {
				_, err = c.IssueCertificate(t.Context(), "d-1")
			} else {
				_, err = c.Domain(t.Context(), "d-1")
			}
			e := failure(t, err, tt.kind)
			if n.Load() != tt.want {
				t.Errorf("asked %d times, want %d", n.Load(), tt.want)
			}
			if len(keys) != 1 || len(ids) != int(tt.want) {
				t.Errorf("%d idempotency keys and %d request ids for %d attempts", len(keys), len(ids), tt.want)
			}
			if !ids[e.RequestID] {
				t.Errorf("request id %q is none that was sent", e.RequestID)
			}
			if got := s.all(); len(got) != int(tt.want)-1 {
				t.Errorf("waited %v", got)
			}
		})
	}
}

func TestRetrySucceeds(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) < 3 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		answers(200, `{"id":"d-1"}`)(w, r)
	})
	if d, err := c.Domain(t.Context(), "d-1"); err != nil || d.ID != "d-1" {
		t.Errorf("%v, %v", d.ID, err)
	}
}

func TestRetriesSetting(t *testing.T) {
	t.Parallel()
	for retries, want := range map[int]int32{-1: 1, 0: 4, 1: 2, 5: 6} {
		var n atomic.Int32
		c := asking(t, func(w http.ResponseWriter, _ *http.Request) { n.Add(1); w.WriteHeader(502) }, func(cfg *Config) {
			cfg.Retries = retries
		})
		_, err := c.Domain(t.Context(), "d-1")
		failure(t, err, KindUnavailable)
		if n.Load() != want {
			t.Errorf("Retries %d: asked %d times, want %d", retries, n.Load(), want)
		}
	}
}

// TestNetworkErrors cuts the connection before the answer.
func TestNetworkErrors(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	cut := func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		panic(http.ErrAbortHandler)
	}
	c := asking(t, cut)
	_, err := c.Domain(t.Context(), "d-1")
	if e := failure(t, err, KindUnavailable); e.Unwrap() == nil || e.HTTPStatus != 0 || e.RequestID == "" {
		t.Errorf("error = %+v", e)
	}
	if n.Load() != 4 {
		t.Errorf("a read was asked %d times, want 4", n.Load())
	}
	n.Store(0)
	_, err = c.Verify(t.Context(), "d-1")
	failure(t, err, KindUnavailable)
	if n.Load() != 1 {
		t.Errorf("a write was asked %d times, want 1: it may have arrived", n.Load())
	}
}

// TestWriteOverABrokenConnection: net/http repeats a POST with an Idempotency-Key by itself when a kept connection
// breaks. It must not here.
func TestWriteOverABrokenConnection(t *testing.T) {
	t.Parallel()
	var posts atomic.Int32
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			posts.Add(1)
			panic(http.ErrAbortHandler)
		}
		answers(200, `{"id":"d-1"}`)(w, r)
	})
	if _, err := c.Domain(t.Context(), "d-1"); err != nil { // leaves a connection to keep
		t.Fatal(err)
	}
	_, err := c.Verify(t.Context(), "d-1")
	failure(t, err, KindUnavailable)
	if posts.Load() != 1 {
		t.Errorf("asked %d times, want 1", posts.Load())
	}
}

func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	_ = l.Close()
	s := &sleeps{}
	_, err = client(t, url, s.into).Domain(t.Context(), "d-1")
	e := failure(t, err, KindUnavailable)
	if _, ok := errors.AsType[*net.OpError](e); !ok {
		t.Errorf("the network's error is lost: %v", e)
	}
	if len(s.all()) != 3 {
		t.Errorf("waited %v", s.all())
	}
}

// TestBodyThatBreaksOff: half an answer is none.
func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"id":"d-1"}`))
			return
		}
		answers(200, `{"id":"d-2"}`)(w, r)
	})
	if d, err := c.Domain(t.Context(), "d-1"); err != nil || d.ID != "d-2" {
		t.Errorf("%q, %v: want the whole answer", d.ID, err)
	}
}

func TestIsPermanent(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  error
		want bool
	}{
		"no such host":      {&net.DNSError{IsNotFound: true}, true},
		"resolver is slow":  {&net.DNSError{IsTimeout: true}, false},
		"certificate":       {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, true},
		"not tls":           {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, true},
		"unknown authority": {x509.UnknownAuthorityError{}, true},
		"reset":             {syscall.ECONNRESET, false},
		"time-out":          {errAttemptTimeout, false},
	} {
		if got := isPermanent(fmt.Errorf("get: %w", tt.err)); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestPermanentNetworkErrors(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(answers(200, `{}`))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshake is the point
	secure.StartTLS()
	t.Cleanup(secure.Close)
	s := &sleeps{}
	_, err := client(t, secure.URL, s.into).Domain(t.Context(), "d-1")
	failure(t, err, KindUnavailable)
	if len(s.all()) != 0 {
		t.Errorf("an untrusted certificate was tried again: waited %v", s.all())
	}
}

func TestRetryAfterOn429(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		header   map[string]string
		deadline time.Duration // of the context; 0 is none
		waits    time.Duration // about, before the second attempt
		atOnce   bool          // fails without a wait
		after    time.Duration // what the error says
	}{
		{name: "seconds", header: map[string]string{"Retry-After": "7"}, waits: 7 * time.Second},
		{name: "date, by the server's clock", header: map[string]string{
			"Date":        "Sun, 22 Feb 2026 09:00:00 GMT",
			"Retry-After": "Sun, 22 Feb 2026 09:00:20 GMT",
		}, waits: 20 * time.Second},
		{name: "date in the past", header: map[string]string{
			"Date":        "Sun, 22 Feb 2026 09:00:00 GMT",
			"Retry-After": "Sun, 22 Feb 2026 08:00:00 GMT",
		}, waits: 250 * time.Millisecond},
		{name: "nonsense", header: map[string]string{"Retry-After": "soon"}, waits: 250 * time.Millisecond},
		{
			name: "only a reset", header: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9"},
			waits: 9 * time.Second,
		},
		{
			name: "within the deadline", header: map[string]string{"Retry-After": "7"}, deadline: time.Minute,
			waits: 7 * time.Second,
		},
		{
			name: "past the deadline", header: map[string]string{"Retry-After": "61"}, deadline: time.Minute, atOnce: true,
			after: 61 * time.Second,
		},
		{name: "reset past the deadline", header: map[string]string{
			"X-RateLimit-Remaining": "0",
			"X-RateLimit-Reset":     "61",
		}, deadline: time.Minute, atOnce: true, after: 61 * time.Second},
		{
			name: "longer than anybody waits", header: map[string]string{"Retry-After": "3600"}, atOnce: true,
			after: time.Hour,
		},
		{
			name: "beyond any number", header: map[string]string{"Retry-After": "99999999999999999999999"}, atOnce: true,
			after: 1 << 30 * time.Second,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			s := &sleeps{}
			c := asking(t, func(w http.ResponseWriter, r *http.Request) {
				if n.Add(1) == 1 {
					for k, v := range tt.header {
						w.Header().Set(k, v)
					}
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				answers(200, `{"id":"d-1"}`)(w, r)
			}, s.into, func(cfg *Config) { cfg.Now = func() time.Time { return noon } })
			ctx := t.Context()
			if tt.deadline > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, tt.deadline)
				defer cancel()
			}
			_, err := c.Domain(ctx, "d-1")
			if tt.atOnce {
				if e := failure(t, err, KindRateLimited); e.RetryAfter != tt.after {
					t.Errorf("RetryAfter = %v, want %v", e.RetryAfter, tt.after)
				}
				if n.Load() != 1 || len(s.all()) != 0 {
					t.Errorf("asked %d times, waited %v", n.Load(), s.all())
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := s.all()
			if len(got) != 1 || got[0] > tt.waits || got[0] < tt.waits/2 {
				t.Errorf("waited %v, want once %v", got, tt.waits)
			}
		})
	}
}

// TestSleepEndsWithTheContext uses the real sleep.
func TestSleepEndsWithTheContext(t *testing.T) {
	t.Parallel()
	c := asking(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusServiceUnavailable)
	}, func(cfg *Config) { cfg.Sleep = nil })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	began := time.Now()
	_, err := c.Domain(ctx, "d-1")
	failure(t, err, KindUnavailable)
	if !errors.Is(err, context.Canceled) || time.Since(began) > 10*time.Second {
		t.Errorf("error = %v after %v", err, time.Since(began))
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for retries, most := range []time.Duration{
		250 * time.Millisecond, 500 * time.Millisecond, time.Second,
		2 * time.Second, 4 * time.Second, 4 * time.Second,
	} {
		different := map[time.Duration]bool{}
		for range 50 {
			d := backoff(retries)
			if d < most/2 || d >= most {
				t.Fatalf("backoff(%d) = %v, want within [%v, %v)", retries, d, most/2, most)
			}
			different[d] = true
		}
		if len(different) < 2 {
			t.Errorf("backoff(%d) has no jitter", retries)
		}
	}
}
