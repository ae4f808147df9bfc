package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"domdoc/checks"
)

// expectation is a name of a list, and the value that should be there; empty where nothing is said.
type expectation struct{ name, expect string }

// nameList is names of the command line and of a file, with the values that are expected of them.
type nameList struct {
	args      []string
	file      io.Reader // nil: none
	expect    string    // of all
	column    *column   // of the file, in place of expect; nil: a line is a name and nothing else
	malformed int
	failed    error // nothing could be read of the file
}

// column is where a line has its value: by number, counted from 1, or by the title of the first line.
type column struct {
	number int
	title  string
}

const columnExample = "--expect-column 2, or --expect-column cname where the first line has that title"

// parseColumn reads --expect-column.
func parseColumn(s string) (*column, error) {
	n, err := strconv.Atoi(s)
	switch {
	case err != nil:
		return &column{title: strings.TrimSpace(s)}, nil
	case n < 2 || n > 1000:
		return nil, usagef(columnExample, "--expect-column %d: the name is column 1, so want 2 or more", n)
	}
	return &column{number: n}, nil
}

// each yields every name, checked; what is no name is complained of, counted, and passed over.
func (l *nameList) each(complain func(error), yield func(expectation) bool) {
	bad := func(err error) {
		l.malformed++
		complain(err)
	}
	one := func(name, expect string) bool {
		n, err := checks.ParseName(name)
		if err != nil {
			bad(err)
			return true
		}
		return yield(expectation{n.ASCII, expect})
	}
	for _, a := range l.args {
		if !one(a, l.expect) {
			return
		}
	}
	if l.file == nil {
		return
	}
	begun := false
	for line, err := range lines(l.file) {
		if err != nil {
			bad(fmt.Errorf("reading the names: %w", err))
			return
		}
		name, expect := line, l.expect
		if l.column != nil {
			line = strings.TrimPrefix(line, "\ufeff")
			if !begun {
				begun = true
				titled, err := l.column.settle(line)
				if err != nil {
					l.failed = err
					return
				}
				if titled {
					continue
				}
			}
			fields := splitColumns(line, l.column.number)
			name, expect = fields[0], ""
			if l.column.number <= len(fields) {
				expect = strings.TrimSpace(fields[l.column.number-1])
			}
		}
		if !one(name, expect) {
			return
		}
	}
}

// settle looks at the first line: whether it has titles, and which column is meant by one. A line whose first column
// has no dot is one of titles.
func (c *column) settle(line string) (titled bool, err error) {
	fields := splitColumns(line, 1000)
	titled = !strings.Contains(fields[0], ".")
	if c.title == "" {
		return titled, nil
	}
	i := -1
	if titled {
		i = slices.IndexFunc(fields, func(f string) bool { return strings.EqualFold(strings.TrimSpace(f), c.title) })
	}
	if i < 1 {
		return titled,
			usagef(columnExample,
				"--expect-column %q: the first line of the file has no such title behind its first column", clean(c.title))
	}
	c.number = i + 1
	return titled, nil
}

// splitColumns takes a line apart by what stands behind its first column: a tab, a comma, or spaces; then the last of
// so many columns takes the rest.
func splitColumns(line string, most int) []string {
	i := strings.IndexAny(line, "\t, ")
	if strings.HasPrefix(line, `"`) {
		i = strings.IndexByte(line, ',')
	}
	if i < 0 {
		return []string{line}
	}
	switch line[i] {
	case '\t':
		return strings.Split(line, "\t")
	case ',':
		r := csv.NewReader(strings.NewReader(line))
		r.LazyQuotes, r.TrimLeadingSpace = true, true
		if fields, err := r.Read(); err == nil && len(fields) > 0 {
			return fields
		}
		return strings.Split(line, ",")
	}
	var fields []string
	for rest := line; rest != ""; {
		field, more, _ := strings.Cut(rest, " ")
		if len(fields) == most-1 {
			field, more = rest, ""
		}
		fields = append(fields, field)
		rest = strings.TrimLeft(more, " \t")
	}
	return fields
}

// pendingValues are the values that are expected of names which are being asked. A name may be there several times.
type pendingValues struct {
	mu sync.Mutex
	of map[string][]string
}

func (p *pendingValues) put(name, expect string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[string][]string{}
	}
	p.of[name] = append(p.of[name], expect)
}

func (p *pendingValues) take(name string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.of[name]
	if len(list) == 0 {
		return ""
	}
	if len(list) == 1 {
		delete(p.of, name)
	} else {
		p.of[name] = list[1:]
	}
	return list[0]
}
