package api

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const fullTransfer = `{"id":"t-1","domain":"example.com","direction":"IN","status":"PENDING_AUTH",
"createdAt":"2026-02-01T00:00:00Z","reason":null}`

func TestTransfers(t *testing.T) {
	t.Parallel()
	want := Transfer{
		ID: "t-1", Domain: "example.com", Direction: "IN", Status: "PENDING_AUTH",
		CreatedAt: day(2026, 2, 1), Raw: []byte(fullTransfer),
	}
	for name, body := range map[string]string{
		"bare": `[` + fullTransfer + `]`,
		"data": `{"data":[` + fullTransfer + `]}`, "data.items": `{"data":{"items":[` + fullTransfer + `]}}`,
	} {
		got, err := asking(t, answers(200, body)).Transfers(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff([]Transfer{want}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	paged := asking(t, func(w http.ResponseWriter, r *http.Request) {
		page := r.URL.Query().Get("page")
		answers(200, fmt.Sprintf(`{"data":[{"id":"t-%s"}],"meta":{"hasNext":%t}}`, page, page != "3"))(w, r)
	})
	if got, err := paged.Transfers(t.Context()); err != nil || len(got) != 3 || got[2].ID != "t-3" {
		t.Errorf("paged: %v, %v", got, err)
	}
}
