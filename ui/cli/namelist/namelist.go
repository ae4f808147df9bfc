// Package namelist reads lists of domain names and the values that their records should have.
package namelist

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"domdoc/checks/dnsname"
	"domdoc/ui/cli/usage"
)

// Entry is a name of a list and the value that its record should have; empty when none is given.
type Entry struct{ Name, Expect string }

// List is a list of names from the command line and a file.
type List struct {
	Args   []string
	File   io.Reader // may be nil
	Expect string    // the expected value of every name
	Column *Column   // the column of File with the expected value, instead of Expect; nil: a line is a bare name

	Malformed int   // number of entries that are not valid names
	Err       error // File does not have the column, or could not be read to its end

	read int   // number of entries
	bad  error // why the first of Malformed is no name
}

// Invalid returns the error about the entries that are not valid names, once all are read; nil if there are none. did
// says what was done with the others, and example is a valid command line.
func (l *List) Invalid(did, example string) error {
	const line = "one name per line, such as shop.example.com"
	switch {
	case l.Malformed == 0:
		return nil
	case l.sole():
		return usage.Errorf(example, "%w", l.bad)
	case l.Malformed == l.read && l.read == 1:
		return usage.Errorf(line, "the only name is not valid; nothing was %s", did)
	case l.Malformed == l.read:
		return usage.Errorf(line, "invalid names: all %d; none was %s", l.Malformed, did)
	}
	return usage.Errorf(line, "invalid names: %d; the others were %s", l.Malformed, did)
}

// sole reports whether the list is one name on the command line.
func (l *List) sole() bool { return len(l.Args) == 1 && l.File == nil }

// Column identifies the column of a file that has the expected value: by its number, counted from 1, or by its title
// in the first line.
type Column struct {
	number int
	title  string
}

const columnExample = "--expect-column 2, or --expect-column cname if that is a title in the first line"

// ParseColumn parses the value of --expect-column.
func ParseColumn(s string) (*Column, error) {
	n, err := strconv.Atoi(s)
	switch {
	case err != nil:
		return &Column{title: strings.TrimSpace(s)}, nil
	case n < 2 || n > 1000:
		return nil, usage.Errorf(columnExample, "--expect-column %d: column 1 has the name; use 2 or more", n)
	}
	return &Column{number: n}, nil
}

// Each yields every entry with its name in ASCII form. It reports entries that are not valid names, counts them in
// Malformed and skips them. The only name of a command line is not reported: Invalid has its error.
func (l *List) Each(report func(error), yield func(Entry) bool) {
	bad := func(err error) {
		if l.bad == nil {
			l.bad = err
		}
		if l.Malformed++; !l.sole() {
			report(err)
		}
	}
	one := func(name, expect string) bool {
		l.read++
		n, err := dnsname.Parse(name)
		if e, ok := errors.AsType[*dnsname.ParseError](err); ok {
			if n, ok = e.Pasted(); !ok {
				bad(err)
				return true
			}
		}
		return yield(Entry{n.ASCII, expect})
	}
	for _, a := range l.Args {
		if !one(a, l.Expect) {
			return
		}
	}
	if l.File == nil {
		return
	}
	begun := false
	for line, err := range Lines(l.File) {
		if err != nil {
			l.Err = usage.Errorf("one name per line, such as shop.example.com",
				"reading the names: %w; the rest of the list was not read", err)
			return
		}
		name, expect := line, l.Expect
		if l.Column != nil {
			line = strings.TrimPrefix(line, "\ufeff")
			if !begun {
				begun = true
				titled, err := l.Column.find(line)
				if err != nil {
					l.Err = err
					return
				}
				if titled {
					continue
				}
			}
			fields := splitColumns(line, l.Column.number)
			name, expect = fields[0], ""
			if l.Column.number <= len(fields) {
				expect = strings.TrimSpace(fields[l.Column.number-1])
			}
		}
		if !one(name, expect) {
			return
		}
	}
}

// find reads the first line: it reports whether the line has titles, and finds the column by its title. A first line
// whose first column has no dot has titles.
func (c *Column) find(line string) (titled bool, err error) {
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
			usage.Errorf(columnExample,
				"--expect-column %q: the first line of the file has no such title after its first column",
				usage.Clean(c.title))
	}
	c.number = i + 1
	return titled, nil
}

// splitColumns splits a line at the separator that follows its first column: a tab, a comma or spaces. With spaces,
// at most limit columns are split off and the last one takes the rest of the line.
func splitColumns(line string, limit int) []string {
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
		if len(fields) == limit-1 {
			field, more = rest, ""
		}
		fields = append(fields, field)
		rest = strings.TrimLeft(more, " \t")
	}
	return fields
}

// Pending holds the expected values of names that are being queried. A name may occur several times. It is safe for
// concurrent use.
type Pending struct {
	mu     sync.Mutex
	values map[string][]string
}

// Put adds a value of a name.
func (p *Pending) Put(name, expect string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.values == nil {
		p.values = map[string][]string{}
	}
	p.values[name] = append(p.values[name], expect)
}

// Take removes the oldest value of a name and returns it; empty when there is none.
func (p *Pending) Take(name string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.values[name]
	if len(list) == 0 {
		return ""
	}
	if len(list) == 1 {
		delete(p.values, name)
	} else {
		p.values[name] = list[1:]
	}
	return list[0]
}
