package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"domdoc/api"
)

// TestReplayedRequestID replays calls with the request ids of the recorded run: those of the responses, and those
// that the client sent where a response has none or none came.
func TestReplayedRequestID(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"echoed": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Request-Id", r.Header.Get("X-Request-Id"))
			_, _ = w.Write([]byte(`{"data":{"id":"d-1","name":"shop.example.com"}}`))
		},
		"the gateway's": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Apigw-Requestid", "gateway-1")
			_, _ = w.Write([]byte(`{"data":{"id":"d-1","name":"shop.example.com"}}`))
		},
		"none": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"data":{"id":"d-1","name":"shop.example.com"}}`))
		},
		"none, refused": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
		"no response":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(answer)
			defer srv.Close()
			var ids []string
			cfg := api.Config{
				BaseURL: srv.URL, Token: "t", Retries: -1, Tape: &api.Tape{}, Clean: func(b []byte) []byte { return b },
				OnExchange: func(_ context.Context, x api.Exchange) { ids = append(ids, x.RequestID) },
			}
			call := func(cfg api.Config) {
				c, err := api.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = c.Domain(t.Context(), "d-1")
			}
			call(cfg)
			raw, err := json.Marshal(cfg.Tape)
			if err != nil {
				t.Fatal(err)
			}
			again := &api.Tape{}
			if err := json.Unmarshal(raw, again); err != nil {
				t.Fatal(err)
			}
			cfg.Tape, cfg.HTTPTransport = nil, again.Replay()
			call(cfg)
			if len(ids) != 2 || ids[0] == "" || ids[0] != ids[1] {
				t.Errorf("the request ids are %q", ids)
			}
		})
	}
}
