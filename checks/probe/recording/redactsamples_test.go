package recording

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"domdoc/api/sandbox/sandboxtest"
	"domdoc/checks/probe/registration"
)

// TestRedactedWHOISReadsTheSame redacts the sample replies of whois-parser in the module cache: no mail address is
// left in them, and they are read as before.
func TestRedactedWHOISReadsTheSame(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/likexian/whois-parser").Output()
	files, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "testdata", "not*", "*_*"))
	if err != nil || len(files) == 0 {
		t.Skip("whois-parser is not in the module cache: its samples cannot be read")
	}
	for _, file := range sandboxtest.UnderRace(t, files) {
		name := filepath.Base(file)
		if strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".pre") {
			continue
		}
		_, domain, _ := strings.Cut(name, "_")
		reply, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		redacted := new(Secrets).WHOIS(reply)
		if emailAddress.Get().Match(bytes.ReplaceAll(redacted, []byte(mailRemoved), nil)) {
			t.Errorf("%s: a mail address is left in the redacted reply", name)
		}
		got, again := registration.ReadWHOIS(domain, reply, false), registration.ReadWHOIS(domain, redacted, false)
		if again.State != got.State || again.Registrar != got.Registrar ||
			!slices.Equal(again.Statuses, got.Statuses) || !again.ExpiresAt.Equal(got.ExpiresAt) {
			t.Errorf("%s: redacted it is read differently:\n%+v\n%+v", name, got, again)
		}
	}
}
