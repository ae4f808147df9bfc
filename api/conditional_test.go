package api_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"domdoc/api"
	"domdoc/api/sandbox"
)

// TestKeepAnswers reads a domain again and again: the service is asked whether it changed, a change is seen, and
// without entity tags everything is read anew.
func TestKeepAnswers(t *testing.T) {
	t.Parallel()
	const story, domain = "healthy-acm-without-underscore", "shop.vine.example"
	for _, tt := range []struct {
		tags, keep bool
		want       []int // statuses of the first call, the second, one after a change, and one after that
	}{
		{true, true, []int{200, 304, 200, 304}},
		{true, false, []int{200, 200, 200, 200}},
		{false, true, []int{200, 200, 200, 200}},
	} {
		t.Run(fmt.Sprintf("tags %t, kept %t", tt.tags, tt.keep), func(t *testing.T) {
			t.Parallel()
			b, err := sandbox.Start(sandbox.Options{Only: []string{story}, ETags: tt.tags})
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			var statuses []int
			c, err := api.New(api.Config{
				BaseURL: b.URL(), Token: b.Token(), Retries: -1,
				OnExchange: func(_ context.Context, x api.Exchange) { statuses = append(statuses, x.HTTPStatus) },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if tt.keep {
				c.KeepAnswers()
			}
			read := func(want string) {
				t.Helper()
				certificate, ok, err := c.Certificate(t.Context(), "d-"+story)
				if err != nil || !ok || certificate.Status != want {
					t.Errorf("%q, %t, %v, want %q", certificate.Status, ok, err, want)
				}
			}
			read("ISSUED")
			read("ISSUED")
			if err := b.Change(domain, "certificate FAILED reason=CAA_ERROR"); err != nil {
				t.Fatal(err)
			}
			read("FAILED")
			read("FAILED")
			if !slices.Equal(statuses, tt.want) {
				t.Errorf("statuses %v, want %v", statuses, tt.want)
			}
		})
	}
}

// TestKeepAnswersOfLists reads a list of several pages twice.
func TestKeepAnswersOfLists(t *testing.T) {
	t.Parallel()
	b, err := sandbox.Start(sandbox.Options{Only: []string{"healthy-txt"}, Domains: 250, ETags: true})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	unchanged := 0
	c, err := api.New(api.Config{
		BaseURL: b.URL(), Token: b.Token(), Retries: -1,
		OnExchange: func(_ context.Context, x api.Exchange) {
			if x.HTTPStatus == 304 {
				unchanged++
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.KeepAnswers()
	for range 2 {
		n := 0
		for d, err := range c.Domains(t.Context()) {
			if err != nil || d.Name == "" {
				t.Fatal(d, err)
			}
			n++
		}
		if n != 250 {
			t.Errorf("%d domains, want 250", n)
		}
	}
	if unchanged != 3 {
		t.Errorf("%d pages were not sent again, want 3", unchanged)
	}
}
