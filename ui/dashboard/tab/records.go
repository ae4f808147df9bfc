package tab

import (
	"slices"
	"strconv"
	"strings"

	"domdoc/catalog/order"
	"domdoc/checks/observe"
	"domdoc/checks/result"

	"domdoc/catalog"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/theme"
)

// RecordsPage compares the expected records with the published ones, and shows the records to publish.
func RecordsPage(p *page.Builder, r *result.Domain) {
	if err := r.Held.RecordsErr; err != nil {
		what, _ := page.ErrorText(err)
		p.Text(2, p.Th.Unknown, p.Th.Inconclusive+" cannot read the records of the service: "+what)
		p.Gap()
	}
	facts := r.Facts.Records
	if len(facts) == 0 {
		p.Text(2, p.Th.Plain, "no record is expected, so there is nothing to compare")
		proposals(p, r)
		return
	}
	list, cursor := recordRows(p.Th, facts), p.Cursor
	p.Columns(func(p *page.Builder) { recordTable(p, list) }, func(p *page.Builder) {
		recordDetail(p, list, cursor)
		proposals(p, r)
	})
}

// recordRow is one row of the table: an expected record, or a published value that is not expected.
type recordRow struct {
	fact  observe.Record
	extra string // the value that is not expected; empty for the record itself
	word  string
	paint theme.Paint
}

// recordRows are the rows of the table, wrong records first.
func recordRows(th *theme.Theme, facts []observe.Record) []recordRow {
	var out []recordRow
	seen := map[string]bool{}
	facts = slices.Clone(facts)
	order.StableBy(facts, func(a, b observe.Record) int { return urgency(a) - urgency(b) })
	for _, f := range facts {
		word, paint := recordWord(th, f)
		out = append(out, recordRow{fact: f, word: word, paint: paint})
		for _, v := range f.Extra {
			key := f.Name + " " + f.Type + " " + v
			if seen[key] { // two expected values of one RRset have the same extra value
				continue
			}
			seen[key] = true
			out = append(out, recordRow{fact: f, extra: v, word: th.None + " extra", paint: th.Faint})
		}
	}
	return out
}

func urgency(f observe.Record) int {
	switch {
	case f.State == observe.StateMissing && f.Spent:
		return 4
	case f.State == observe.StateMissing || f.State == observe.StateWrong || f.State == observe.StatePartly:
		return 0
	case f.State == observe.StateUnknown:
		return 2
	case f.TTLRule != observe.TTLWithin && f.TTLRule != observe.TTLUnseen:
		return 1
	}
	return 3
}

// recordWord returns the state of a record at the source: glyph, word and color.
func recordWord(th *theme.Theme, f observe.Record) (string, theme.Paint) {
	switch f.State {
	case observe.StateRight:
		switch f.TTLRule {
		case observe.TTLTooShort, observe.TTLTooLong:
			return th.Warn + " ttl", th.Warning
		case observe.TTLMixed:
			return th.Warn + " ttls", th.Warning
		case observe.TTLWithin, observe.TTLUnseen:
		}
		return th.Pass + " match", th.Good
	case observe.StatePartly:
		return th.Fail + " partly", th.Bad
	case observe.StateWrong:
		return th.Fail + " differs", th.Bad
	case observe.StateMissing:
		if f.Spent {
			return th.None + " gone", th.Faint
		}
		return th.Fail + " missing", th.Bad
	case observe.StateUnknown:
	}
	if f.Invalid != "" {
		return th.Warn + " invalid", th.Warning
	}
	return th.Inconclusive + " unknown", th.Unknown
}

func recordTable(p *page.Builder, list []recordRow) {
	cols := []grid.Column{
		{Title: "state", Min: 9},
		{Title: "for", Min: 12, Priority: 5},
		{Title: "type", Min: 5, Max: 6},
		{Title: "name", Min: 30, Grow: 4},
		{Title: "held", Min: 14, Grow: 2, Priority: 2},
		{Title: "seen", Min: 14, Grow: 2, Priority: 1},
		{Title: "ttl", Min: 5, Priority: 3, Right: true},
		{Title: "at", Min: 3, Priority: 4},
	}
	rows := make([][]grid.Cell, len(list))
	for i, l := range list {
		f := l.fact
		held, seen := f.Value, strings.Join(f.Seen, ", ")
		if l.extra != "" {
			held, seen = "", l.extra
		}
		ttl, paint := ttlCell(p.Th, f)
		rows[i] = []grid.Cell{
			{Text: l.word, Paint: l.paint},
			{Text: string(f.Role), Paint: p.Th.Faint},
			{Text: f.Type},
			{Text: f.Name},
			{Text: held},
			{Text: seen},
			{Text: ttl, Paint: paint},
			{Text: strconv.Itoa(f.Right) + "/" + strconv.Itoa(f.Answered), Paint: p.Th.Faint},
		}
	}
	p.Rows(cols, rows, func(i int) []page.Copyable {
		f := list[i].fact
		var more []page.Copyable
		for _, v := range f.Seen {
			more = append(more, page.Copyable{Label: "the value found", Text: v})
		}
		return append(append(page.RecordCopies(f.Record), more...), ExchangeCopies(f.Exchange)...)
	})
}

func ttlCell(th *theme.Theme, f observe.Record) (string, theme.Paint) {
	var parts []string
	for _, t := range f.TTLs {
		parts = append(parts, strconv.FormatUint(uint64(t), 10))
	}
	if f.TTLRule == observe.TTLWithin || f.TTLRule == observe.TTLUnseen {
		return strings.Join(parts, " "), th.Plain
	}
	return strings.Join(parts, " "), th.Warning
}

// recordDetail shows the selected record in full.
func recordDetail(p *page.Builder, list []recordRow, cursor int) {
	if cursor < 0 || cursor >= len(list) {
		return
	}
	const column = 10
	l := list[cursor]
	f := l.fact
	source := "expected by the service"
	if f.Source == "flag" {
		source = "given with --expect"
	}
	p.Hang(2, l.word, l.paint, 11, p.Th.Strong, f.Name)
	p.Item(4, "for", column, p.Th.Plain, "the "+f.Role.Phrase()+", "+source)
	p.Field(4, "type", column, f.Type)
	if host := f.Label(); host != f.Name {
		p.Field(4, "host", column, host)
	}
	p.Field(4, "held", column, f.Value)
	if f.TTL > 0 {
		p.Item(4, "", column, p.Th.Plain, "with ttl "+strconv.Itoa(f.TTL))
	}
	switch {
	case f.Flattened:
		p.Item(4, "seen", column, p.Th.Plain, catalog.Flattened)
	case len(f.Seen) == 0:
		p.Item(4, "seen", column, p.Th.Plain, "nothing")
	}
	for i, v := range f.Seen {
		name := ""
		if i == 0 {
			name = "seen"
		}
		if slices.Contains(f.Extra, v) {
			v += "  (extra: not expected here)"
		}
		p.Item(4, name, column, p.Th.Plain, v)
	}
	if len(f.TTLs) > 0 {
		ttl, paint := ttlCell(p.Th, f)
		p.Item(4, "ttl", column, paint, ttl+": "+ttlWords(f.TTLRule))
	}
	if f.Answered > 0 {
		p.Item(4, "at", column, p.Th.Plain, strconv.Itoa(f.Right)+" of "+page.Plural(f.Answered,
			"authoritative server that answered", "authoritative servers that answered"))
	}
	if f.Spent {
		p.Item(4, "note", column, p.Th.Faint, catalog.Spent)
	}
	if f.Invalid != "" {
		p.Item(4, "note", column, p.Th.Warning, f.Invalid)
	}
	if f.Exchange != nil {
		p.Item(4, "see", column, p.Th.Accent, f.Exchange.Evidence().Repro)
	}
}

func ttlWords(r observe.TTLRule) string {
	shortest, longest := observe.TTLBounds()
	bounds := strconv.FormatUint(uint64(shortest), 10) + " to " + strconv.FormatUint(uint64(longest), 10) + " seconds"
	switch r {
	case observe.TTLTooShort:
		return "too short, the service accepts " + bounds
	case observe.TTLTooLong:
		return "too long, the service accepts " + bounds
	case observe.TTLMixed:
		return "TTLs differ within one record set, which is not allowed"
	case observe.TTLWithin, observe.TTLUnseen:
	}
	return "within " + bounds
}

// proposals returns the records that would fix the root causes, to publish and to delete, each once.
func proposals(p *page.Builder, r *result.Domain) {
	var have, gone []catalog.Record
	for _, f := range r.Roots() {
		fix := f.Fix()
		for _, rec := range fix.Records {
			if !slices.Contains(have, rec) {
				have = append(have, rec)
			}
		}
		for _, rec := range fix.Deletes {
			if !slices.Contains(gone, rec) {
				gone = append(gone, rec)
			}
		}
	}
	RecordCards(p, catalog.Fix{Records: have, Deletes: gone})
	for _, rec := range have {
		p.Copies = append(p.Copies, page.RecordCopies(rec)...)
	}
	for _, rec := range gone {
		p.Copies = append(p.Copies, page.DeleteCopies(rec)...)
	}
}
