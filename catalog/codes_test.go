package catalog

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestCodesMatchTheDocument compares the declared codes with the customer's table.
func TestCodesMatchTheDocument(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/error-codes.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimRight(string(raw), "\n"), "\n")[1:]
	if len(rows) != 23 || len(Codes()) != 23 {
		t.Fatalf("the document has %d rows, the catalogue %d codes; want 23 of each", len(rows), len(Codes()))
	}
	for i, row := range rows {
		c := Codes()[i]
		got := strings.Join([]string{c.ID, strconv.Itoa(c.HTTP), c.Name, c.Description, c.Resolution, c.Category}, "\t")
		if got != row {
			t.Errorf("code %d:\n got %q\nwant %q", i+1, got, row)
		}
	}
}

func TestFindCode(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"DOMAIN_008": "DOMAIN_008", "domain_008": "DOMAIN_008", "8": "DOMAIN_008", "008": "DOMAIN_008",
		" 08 ": "DOMAIN_008", "Domain_8": "DOMAIN_008",
		"dns_configuration_failed": "DOMAIN_008", "QUOTA_EXCEEDED": "DOMAIN_006", "23": "DOMAIN_023",
		"0": "", "24": "", "DOMAIN_099": "", "": "", "DOMAIN_": "", "-1": "", "+8": "", "8.0": "", "0008": "",
		"DOMAIN": "",
	} {
		c, ok := FindCode(query)
		if c.ID != want || ok != (want != "") {
			t.Errorf("FindCode(%q) = %q, %v; want %q", query, c.ID, ok, want)
		}
	}
}
