package causes

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"domdoc/catalog"
)

// contractRow is a row of the customer's table of causes (testdata/causes.md).
type contractRow struct {
	id    string
	codes []string // any role
	role  bool     // a record.* row, whose codes depend on the role
	who   []catalog.Actor
}

// contractActors maps the letters in the table's column "who".
var contractActors = map[string]catalog.Actor{
	"T": catalog.Tenant, "D": catalog.DNSHost, "R": catalog.RegistrarActor, "P": catalog.Platform,
	"C": catalog.Authority, "N": catalog.CDNOperator, "W": catalog.Wait, "L": catalog.Local,
}

var contractID = regexp.MustCompile("`([a-z0-9]+\\.[a-z0-9-]+)`")

// readContract reads every row of the table.
func readContract(t *testing.T) []contractRow {
	t.Helper()
	raw, err := os.ReadFile("testdata/causes.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []contractRow
	section, columns := "", 0
	for _, l := range strings.Split(string(raw), "\n") {
		if rest, ok := strings.CutPrefix(l, "## "); ok {
			section = rest
			continue
		}
		if !strings.HasPrefix(l, "| ") {
			continue
		}
		cells := strings.Split(strings.Trim(l, "| "), " | ")
		if cells[0] == "id" {
			columns = len(cells)
			continue
		}
		if len(cells) != columns {
			t.Fatalf("a row of %q has %d cells, want %d: %s", section, len(cells), columns, l)
		}
		row := contractRow{role: section == "record: judged at the authoritative servers, before any cache"}
		for _, letter := range strings.Split(cells[columns-1], "/") {
			who, ok := contractActors[strings.TrimSpace(letter)]
			if !ok {
				t.Fatalf("%q is not an actor: %s", letter, l)
			}
			row.who = append(row.who, who)
		}
		if columns == 4 && strings.TrimSpace(cells[2]) != "-" {
			row.codes = contractCodes(t, cells[2])
		}
		ids := contractID.FindAllStringSubmatch(cells[0], -1)
		if len(ids) == 0 {
			t.Fatalf("no cause in %s", l)
		}
		for _, id := range ids {
			row.id = id[1]
			rows = append(rows, row)
		}
	}
	return rows
}

func contractCodes(t *testing.T, cell string) []string {
	t.Helper()
	var out []string
	for _, word := range strings.Split(cell, ",") {
		var from, to int
		word = strings.TrimSpace(word)
		if n, _ := fmt.Sscanf(word, "%d-%d", &from, &to); n == 1 {
			to = from
		} else if n == 0 {
			t.Fatalf("%q is not a code", word)
		}
		for n := from; n <= to; n++ {
			out = append(out, fmt.Sprintf("DOMAIN_%03d", n))
		}
	}
	slices.Sort(out)
	return out
}

// contractRung returns the rung of a cause's family.
func contractRung(id string) string {
	family := catalog.ID(id).Family()
	if family == "caa" {
		return "certificate"
	}
	return family
}

// refused lists the record.* causes of records that the service rejects. They predict DOMAIN_008 for any role.
var refused = []string{"record.ttl-out-of-range", "record.cname-coexists", "record.cname-at-apex"}

// harmless lists the record.* causes that break nothing by themselves. They predict fewer codes than their role does.
var harmless = []string{"record.ttl-mixed", "record.https-hints-stale"}

// TestCausesMatchTheContract compares the catalog with the customer's table: every row is declared with its rung,
// codes and actors. Further causes are allowed.
func TestCausesMatchTheContract(t *testing.T) {
	t.Parallel()
	rows := readContract(t)
	if len(rows) < 120 {
		t.Fatalf("only %d causes in the table", len(rows))
	}
	for _, row := range rows {
		c, ok := catalog.FindCause(row.id)
		if !ok {
			t.Errorf("%s is not declared", row.id)
			continue
		}
		if got := c.Rung.String(); got != contractRung(row.id) {
			t.Errorf("%s: field Rung: %s, want %s", row.id, got, contractRung(row.id))
		}
		for _, who := range row.who {
			if !slices.Contains(c.Who, who) {
				t.Errorf("%s: field Who: lacks %s; it is %v", row.id, who, c.Who)
			}
		}
		for _, who := range c.Who {
			if !slices.Contains(row.who, who) {
				t.Errorf("%s: field Who: %s is not in the table, which has %v", row.id, who, row.who)
			}
		}
		if !row.role {
			if got := c.AllCodes(); !slices.Equal(got, row.codes) {
				t.Errorf("%s predicts %v, want %v", row.id, got, row.codes)
			}
			continue
		}
		roleCodes(t, c)
	}
}

// roleCodes checks the codes of a record.* cause for each role.
func roleCodes(t *testing.T, c *catalog.Cause) {
	t.Helper()
	want := map[catalog.Role][]string{
		catalog.Verification: {"DOMAIN_004"}, catalog.Routing: {"DOMAIN_010"},
		catalog.Certificate: {"DOMAIN_011", "DOMAIN_023"},
		catalog.Configured:  {"DOMAIN_010"},
	}
	if slices.Contains(harmless, string(c.ID)) {
		return
	}
	for role, codes := range want {
		for _, live := range []bool{false, true} {
			codes := slices.Clone(codes)
			if slices.Contains(refused, string(c.ID)) {
				codes = append([]string{"DOMAIN_008"}, codes...)
			}
			if live && role == catalog.Routing && !slices.Contains(refused, string(c.ID)) {
				codes = append(codes, "DOMAIN_019")
			}
			if c.ID == "record.ttl-out-of-range" {
				codes = []string{"DOMAIN_008"} // it works, but the service rejects it
			}
			slices.Sort(codes)
			if got := c.Predicts(role, live); !slices.Equal(got, codes) {
				t.Errorf("%s of a %s record (live %v) predicts %v, want %v", c.ID, role, live, got, codes)
			}
		}
	}
}
