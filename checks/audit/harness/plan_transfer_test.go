package harness_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"domdoc/api/sandbox"
	"domdoc/checks/audit/harness"
	"domdoc/checks/plan/leave"
)

// TestTransferOfSignedZone: where the DNS host changes with the registrar, DS records go before the keys do. A zone
// without them has no such step.
func TestTransferOfSignedZone(t *testing.T) {
	t.Parallel()
	paths := storyPaths(t)
	const story = "transfer-loses-dns"
	signed := strings.Replace(string(paths[story]), "intent transfer", "intent transfer\nsigned holly.example", 1)
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"signed":     {signed, []string{"remove-ds", "move-dns", "auth-code", "transfer", "compare"}},
		"not signed": {string(paths[story]), []string{"move-dns", "auth-code", "transfer", "compare"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := harness.New(t.Context(), sandbox.Options{Stories: fstest.MapFS{
				"_world.txtar": {Data: paths["_world"]}, story + ".txtar": {Data: []byte(tt.text)},
			}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(l.Close)
			target, err := l.Target(l.Stories()[0])
			if err != nil {
				t.Fatal(err)
			}
			p := leave.Leave(t.Context(), l.Doctor, target, time.Now())
			var kinds []string
			for i, s := range p.Steps {
				kinds = append(kinds, string(s.Kind))
				if i > 0 && s.At.Before(p.Steps[i-1].Until) {
					t.Errorf("%s begins at %s, before %s has ended", s.Kind, s.At, p.Steps[i-1].Kind)
				}
			}
			if !slices.Equal(kinds, tt.want) {
				t.Errorf("%q, want %q", kinds, tt.want)
			}
			if p.Steps[0].Kind == "remove-ds" && p.Steps[0].Wait <= 0 {
				t.Error("nothing is waited for after the DS records are removed")
			}
		})
	}
}
