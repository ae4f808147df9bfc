package dashboard

import (
	"fmt"
	"strings"
	"testing"

	"domdoc/checks/observe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"

	"domdoc/catalog"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/tab"

	"github.com/charmbracelet/x/ansi"
	"github.com/miekg/dns"
)

// manyRows are rows of records as two servers and a resolver show them.
func manyRows(n int) []observe.Row {
	ttl := uint32(1198)
	x := &exchange.Exchange{Kind: exchange.KindDNS, At: noon, Outcome: exchange.Answered, Msg: &dns.Msg{}}
	var rows []observe.Row
	for i := range n {
		old := observe.Cell{
			Server: "8.8.8.8:53", Kind: observe.KindResolver, State: observe.CellDiffers, Answer: []string{"old"},
			TTL: &ttl, Exchange: x,
		}
		if i%3 == 0 {
			old.State = observe.CellMatch
		}
		rows = append(rows, observe.Row{
			Name: fmt.Sprintf("r%d.example.com", i), Type: "TXT", Role: catalog.Configured,
			Expected: "new", Cells: []observe.Cell{
				{Server: "192.0.2.1:53", Kind: observe.KindAuthoritative, State: observe.CellMatch, Answer: []string{"new"}},
				{Server: "192.0.2.2:53", Kind: observe.KindAuthoritative, State: observe.CellMissing},
				old,
			},
		})
	}
	return rows
}

// TestMatrixFits checks that the matrix says as much as there is room for: words, then signs, then glyphs; and that
// it always fits.
func TestMatrixFits(t *testing.T) {
	t.Parallel()
	th := deepBench(t, nil).Th
	for _, c := range []struct {
		rows, width int
		want        string // of the resolver's line
	}{
		{2, 80, "✗ differs 19:59"},
		{3, 60, "✗ 19:59"},
		{5, 80, "✗ 19:59"},
		{5, 200, "✗ differs 19:59"},
		{12, 80, "✗"},
		{12, 200, "✗ 19:59"},
		{60, 80, ""}, // no room at all: each record is told by itself below
	} {
		p := page.New(th, c.width)
		rows := manyRows(c.rows)
		tab.Matrix(p, rows, tab.NamesOf(rows), noon)
		for _, l := range p.Lines {
			if ansi.StringWidth(l) > c.width {
				t.Errorf("%d records in %d cells: a line of %d", c.rows, c.width, ansi.StringWidth(l))
			}
		}
		if c.want == "" {
			if len(p.Lines) != 0 {
				t.Errorf("%d records in %d cells: %q", c.rows, c.width, p.Lines)
			}
			continue
		}
		if len(p.Lines) != 4 || !strings.Contains(p.Lines[3], c.want) {
			t.Errorf("%d records in %d cells: %q, want %q", c.rows, c.width, strings.Join(p.Lines, "\n"), c.want)
		}
		if c.want == "✗" && (strings.Contains(p.Lines[3], ":") || !strings.Contains(p.Lines[0], " 12")) {
			t.Errorf("glyphs without the records' numbers: %q", p.Lines)
		}
	}
}

// TestRecordsHaveTheirNumbers checks that what stands under a number in the matrix has that number below.
func TestRecordsHaveTheirNumbers(t *testing.T) {
	t.Parallel()
	th := deepBench(t, nil).Th
	for rows, want := range map[int]bool{2: false, 12: true} {
		p := page.New(th, 80)
		tab.PropagationPage(p, &result.Domain{Propagation: manyRows(rows)}, noon)
		if got := strings.Contains(p.String(), fmt.Sprintf("\n  %d TXT", rows)); got != want {
			t.Errorf("%d records: numbered %v", rows, got)
		}
	}
}

// TestSamples checks that a resolver whose caches differ shows what each answer was, and one whose caches agree does
// not.
func TestSamples(t *testing.T) {
	t.Parallel()
	th := deepBench(t, nil).Th
	rows := manyRows(2)
	worst := rows[1].Cells[2]
	good := worst
	good.State, good.Answer = observe.CellMatch, []string{"new"}
	show := func(samples ...observe.Cell) string {
		rows[1].Cells[2].Samples = samples
		p := page.New(th, 120)
		tab.PropagationPage(p, &result.Domain{Propagation: rows}, noon)
		return p.String()
	}
	if got := show(good, worst, good); !strings.Contains(got,
		"queried 3 times, because it has several caches: ✓ match 19:59, ✗ differs 19:59, ✓ match 19:59") {
		t.Error(got)
	}
	if got := show(worst, worst, worst); strings.Contains(got, "queried 3 times") {
		t.Error(got)
	}
	if !tab.Counting(&result.Domain{Propagation: rows}, noon) {
		t.Error("nothing counts though caches do")
	}
}
