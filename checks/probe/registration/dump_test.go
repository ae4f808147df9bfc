package registration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDump(t *testing.T) {
	dir := moduleDir(t, "github.com/likexian/whois-parser")
	for _, folder := range []string{"noterror", "notfound"} {
		entries, _ := os.ReadDir(filepath.Join(dir, "testdata", folder))
		for _, e := range entries {
			_, domain, found := strings.Cut(e.Name(), "_")
			if !found || strings.HasSuffix(e.Name(), ".json") || strings.HasSuffix(e.Name(), ".pre") {
				continue
			}
			b, _ := os.ReadFile(filepath.Join(dir, "testdata", folder, e.Name()))
			fmt.Printf("%s %+v\n", e.Name(), ReadWHOIS(domain, b, false))
		}
	}
}
