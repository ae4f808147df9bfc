package api

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const fullRoute = `{"id":"rt-1","host":"shop.example.com","path":"/","target":"event:42","priority":10}`

func TestRoutes(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"bare": `[` + fullRoute + `]`, "data": `{"data":[` + fullRoute + `]}`,
		"routes": `{"routes":[` + fullRoute + `]}`,
	} {
		got, err := asking(t, answers(200, body)).Routes(t.Context(), "d-1")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff([]Route{{
			ID: "rt-1", Host: "shop.example.com", Path: "/", Target: "event:42",
			Priority: ptr(10), Raw: []byte(fullRoute),
		}}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	odd := decodeRoute([]byte(`{"id":1,"hostname":"h","path":7,"priority":"high"}`))
	want := Route{ID: "1", Host: "h", Path: "7", Problems: []string{`priority: wanted a whole number, got "high"`}}
	if diff := cmp.Diff(want, odd, cmpopts.IgnoreFields(Route{}, "Raw")); diff != "" {
		t.Error(diff)
	}
}
