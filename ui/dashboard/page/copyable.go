package page

import (
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
)

// Copyable is a text for the clipboard: a description, and the text as it is to be pasted.
type Copyable struct{ Label, Text string }

const (
	MaxCopies   = 60        // per tab; a longer menu would not help
	MaxCopyText = 256 << 10 // per text, in characters
)

// Tidy removes empty and repeated texts, makes the rest safe to paste, and limits the list.
func Tidy(list []Copyable) []Copyable {
	var out []Copyable
	seen := map[Copyable]bool{}
	for _, c := range list {
		c.Label, c.Text = sanitize.Text(c.Label, 80), Pasteable(c.Text)
		if c.Text == "" || seen[c] || len(out) == MaxCopies {
			continue
		}
		seen[c] = true
		out = append(out, c)
	}
	return out
}

// Pasteable removes from a text what a terminal would interpret. Line breaks stay.
func Pasteable(s string) string {
	if len(s) > 4*MaxCopyText {
		s = s[:4*MaxCopyText]
	}
	if !strings.Contains(s, "\n") {
		return sanitize.Text(s, MaxCopyText)
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = sanitize.Text(l, MaxCopyText)
	}
	return strings.Join(lines, "\n")
}

// RecordCopies returns the parts of a record, and the record as a line of a zone file.
func RecordCopies(r catalog.Record) []Copyable { return partsOf(r, r.Role.Phrase()) }

// DeleteCopies are the parts of a record that is to be deleted.
func DeleteCopies(r catalog.Record) []Copyable { return partsOf(r, "record to delete") }

func partsOf(r catalog.Record, what string) []Copyable {
	list := []Copyable{{what + ": value", r.Value}, {what + ": name", r.Name}}
	if l := r.Label(); l != r.Name {
		list = append(list, Copyable{what + ": host for a DNS panel", l})
	}
	return append(list, Copyable{what + ": type", r.Type}, Copyable{what + ": complete line", r.ZoneLine()})
}
