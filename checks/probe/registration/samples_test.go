package registration

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domdoc/api/sandbox/sandboxtest"

	whoisparser "github.com/likexian/whois-parser"
)

// whoisExceptions are the public samples that a look at their text puts elsewhere than their folder does.
var whoisExceptions = map[string]struct {
	want State
	why  string
}{
	"name_login.name": {Reserved, "the text says: second level domain name is reserved"},
	"name_science.name": {
		Reserved,
		"the text says: not available for second level registration, third levels may be had",
	},
}

// TestWHOISPublicSamples reads the sample replies of whois-parser in the module cache. They are not ours to copy.
func TestWHOISPublicSamples(t *testing.T) {
	t.Parallel()
	dir := moduleDir(t, "github.com/likexian/whois-parser")
	right, alone, all := 0, 0, 0
	for folder, folderWant := range map[string]State{"noterror": Registered, "notfound": NotRegistered} {
		entries, err := os.ReadDir(filepath.Join(dir, "testdata", folder))
		if err != nil {
			t.Skip("the samples are not there: ", err)
		}
		for _, e := range sandboxtest.UnderRace(t, entries) {
			name := e.Name()
			_, domain, found := strings.Cut(name, "_")
			if !found || strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".pre") {
				continue
			}
			reply, err := os.ReadFile(filepath.Join(dir, "testdata", folder, name))
			if err != nil {
				t.Fatal(err)
			}
			want := folderWant
			if x, ok := whoisExceptions[name]; ok {
				want = x.want
			}
			got := ReadWHOIS(domain, reply, false)
			checkBounds(t, got)
			if want == Registered {
				neverFreeInParts(t, name, domain, reply)
			}
			cut := ReadWHOIS(domain, reply, true) // as if more had been to come: a record that is there stays one
			checkBounds(t, cut)
			if cut.State != Unknown && (cut.State != Registered || got.State != Registered) {
				t.Errorf("%s/%s: broken off it is %s, whole %s", folder, name, cut.State, got.State)
			}
			all++
			if parserAlone(reply) == want {
				alone++
			}
			if got.State == want {
				right++
				continue
			}
			if got.State == NotRegistered {
				t.Errorf("%s/%s: called free, but is %s", folder, name, want)
			}
			t.Errorf("%s/%s: %s (%s), want %s", folder, name, got.State, got.Reason, want)
		}
	}
	t.Logf("right in %d of %d, whois-parser alone in %d", right, all, alone)
	if all < 297 && !sandboxtest.Race || right != all {
		t.Errorf("right in %d of %d, want all of at least 297", right, all)
	}
}

// parserAlone is what whois-parser makes of a reply by itself.
func parserAlone(reply []byte) State {
	_, err := whoisparser.Parse(string(reply))
	switch {
	case err == nil:
		return Registered
	case errors.Is(err, whoisparser.ErrNotFoundDomain):
		return NotRegistered
	case errors.Is(err, whoisparser.ErrReservedDomain), errors.Is(err, whoisparser.ErrBlockedDomain),
		errors.Is(err, whoisparser.ErrPremiumDomain):
		return Reserved
	}
	return Unknown
}

// neverFreeInParts cuts the reply of a registered name as a broken connection would, and puts a denial before it:
// none of these may be called free.
func neverFreeInParts(t *testing.T, name, domain string, reply []byte) {
	t.Helper()
	parts := [][]byte{append([]byte("Domain not found.\n"), reply...)}
	for at := 0; at < len(reply); at += 1499 {
		parts = append(parts, reply[:at], reply[at:])
	}
	for _, part := range parts {
		for _, cut := range []bool{false, true} {
			if got := ReadWHOIS(domain, part, cut); got.State == NotRegistered {
				t.Errorf("%s: called free in a part of %d bytes", name, len(part))
			}
		}
	}
}

// TestWHOISSampleDates compares the dates of the public samples with those that whois-parser's authors noted beside
// them.
func TestWHOISSampleDates(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(moduleDir(t, "github.com/likexian/whois-parser"), "testdata", "noterror")
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("the samples are not there")
	}
	right, all := 0, 0
	for _, file := range files {
		var noted struct {
			Domain struct {
				CreatedDateInTime    time.Time `json:"created_date_in_time"`
				ExpirationDateInTime time.Time `json:"expiration_date_in_time"`
			}
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if json.Unmarshal(b, &noted) != nil {
			continue
		}
		reply, err := os.ReadFile(strings.TrimSuffix(file, ".json"))
		if err != nil {
			t.Fatal(err)
		}
		_, domain, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".json"), "_")
		got := ReadWHOIS(domain, reply, false)
		for _, d := range []struct{ got, noted time.Time }{
			{got.CreatedAt, noted.Domain.CreatedDateInTime},
			{got.ExpiresAt, noted.Domain.ExpirationDateInTime},
		} {
			if d.noted.IsZero() {
				continue
			}
			all++
			// The notes leave zones out.
			if diff := d.got.Sub(d.noted).Abs(); diff <= 14*time.Hour {
				right++
			} else {
				t.Logf("%s: %v, noted %v", filepath.Base(file), d.got, d.noted)
			}
		}
	}
	t.Logf("right in %d of %d", right, all)
	if right*100 < all*97 {
		t.Errorf("right in %d of %d dates, want 97 %%", right, all)
	}
}

// moduleDir is where the module cache has a module that go.mod lists.
func moduleDir(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		t.Skipf("%s is not in the module cache: its samples cannot be read", module)
	}
	return dir
}
