package api

import (
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPreviewIsWhatIsSent sends each write and compares what arrives with what was said before: nothing more and
// nothing less, but for the secrets.
func TestPreviewIsWhatIsSent(t *testing.T) {
	t.Parallel()
	for op, do := range map[Operation]func(*Client, context.Context) error{
		OpVerify: func(c *Client, ctx context.Context) error { _, err := c.Verify(ctx, "d/1?x"); return err },
		OpIssueCertificate: func(c *Client, ctx context.Context) error {
			_, err := c.IssueCertificate(ctx, "d/1?x")
			return err
		},
	} {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			var got Request
			seen := http.Header{}
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got = Request{Method: r.Method, URL: "http://" + r.Host + r.URL.EscapedPath(), Body: string(body)}
				seen = r.Header.Clone()
				w.WriteHeader(http.StatusAccepted)
			})
			c := client(t, s.URL, func(cfg *Config) { cfg.Tenant = "t-9" })
			said, err := c.Preview(op, "d/1?x")
			if err != nil {
				t.Fatal(err)
			}
			if err := do(c, t.Context()); err != nil {
				t.Fatal(err)
			}
			names := func(h http.Header) []string {
				for _, own := range []string{"Content-Length", "Accept-Encoding"} { // of the transport
					h.Del(own)
				}
				return slices.Sorted(maps.Keys(h))
			}
			var announced []string
			for _, h := range said.Header {
				name, value, _ := strings.Cut(h, ": ")
				announced = append(announced, name)
				if !strings.Contains(value, "(") && seen.Get(name) != value {
					t.Errorf("%s is %q, and was said to be %q", name, seen.Get(name), value)
				}
				if strings.Contains(value, "opaque-token") {
					t.Errorf("the token is shown: %s", h)
				}
			}
			if diff := cmp.Diff(announced, names(seen)); diff != "" {
				t.Error(diff)
			}
			said.Header = nil
			if diff := cmp.Diff(got, said); diff != "" {
				t.Error(diff)
			}
		})
	}
	c := client(t, "https://api.example.com")
	if _, err := c.Preview(OpDomains, ""); err == nil {
		t.Error("a read is announced as a write")
	}
	if _, err := c.Preview(OpVerify, ".."); err == nil {
		t.Error("an id that leads to another path is announced")
	}
}
