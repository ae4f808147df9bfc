package dashboard

import (
	"strconv"
	"strings"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/result"
)

// copyable is something that a person may want to have on the clipboard: what it is, and the text as it is to be
// pasted.
type copyable struct{ label, text string }

const (
	maxCopies   = 60        // of one tab: a longer menu is no help
	maxCopyText = 256 << 10 // of one text, in characters
)

// copyables are what can be copied of the domain and the tab that are shown: what is selected first, then the rest of
// the tab, then the domain itself. Texts are whole and undecorated, and hold nothing that a terminal would obey.
func (m *model) copyables() []copyable {
	r := m.screen.subject()
	if r == nil {
		return nil
	}
	list := append([]copyable{}, m.screen.copies()...)
	list = append(list, copyable{"the domain's name", r.ascii})
	if r.name != r.ascii {
		list = append(list, copyable{"the name as people read it", r.name})
	}
	if r.domain != nil {
		list = append(list, copyable{"the service's id", r.domain.ID})
	}
	return tidy(list)
}

// tidy leaves out what is empty or there already, makes the texts fit to paste, and bounds the list.
func tidy(list []copyable) []copyable {
	var out []copyable
	seen := map[copyable]bool{}
	for _, c := range list {
		c.label, c.text = sanitize.Text(c.label, 80), pasteable(c.text)
		if c.text == "" || seen[c] || len(out) == maxCopies {
			continue
		}
		seen[c] = true
		out = append(out, c)
	}
	return out
}

// pasteable takes out of a text what a terminal would obey; its lines stay apart.
func pasteable(s string) string {
	if len(s) > 4*maxCopyText {
		s = s[:4*maxCopyText]
	}
	if !strings.Contains(s, "\n") {
		return sanitize.Text(s, maxCopyText)
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = sanitize.Text(l, maxCopyText)
	}
	return strings.Join(lines, "\n")
}

// recordCopies are the parts of a record, and the record as a line of a zone file.
func recordCopies(r catalog.Record) []copyable { return partsOf(r, r.Role.Phrase()) }

// deleteCopies are the parts of a record that is to be deleted.
func deleteCopies(r catalog.Record) []copyable { return partsOf(r, "record to delete") }

func partsOf(r catalog.Record, what string) []copyable {
	list := []copyable{{what + ": value", r.Value}, {what + ": name", r.Name}}
	if l := r.Label(); l != r.Name {
		list = append(list, copyable{what + ": host for the panel", l})
	}
	return append(list, copyable{what + ": type", r.Type}, copyable{what + ": whole line", r.ZoneLine()})
}

// findingCopies are a finding as text, its records and its commands.
func findingCopies(r *result.Domain, f *finding.Finding) []copyable {
	fix := f.Fix()
	var list []copyable
	for _, rec := range fix.Records {
		list = append(list, recordCopies(rec)...)
	}
	for _, rec := range fix.Deletes {
		list = append(list, deleteCopies(rec)...)
	}
	list = append(list, copyable{"the finding as text", findingText(r, f)},
		copyable{"the finding in one sentence", f.Summary()}, copyable{"the cause's id", string(f.ID)})
	for _, c := range fix.Commands {
		list = append(list, copyable{"command", c})
	}
	for _, x := range f.Evidence {
		list = append(list, exchangeCopies(x)...)
	}
	return list
}

// findingText is a finding as it would stand in a ticket.
func findingText(r *result.Domain, f *finding.Finding) string {
	var b strings.Builder
	b.WriteString(r.Name.Unicode + ": " + f.Summary() + "\n")
	b.WriteString("why: " + f.Why() + "\n")
	b.WriteString("who acts: " + actors(f.Actors()) + "\n")
	if u := f.Until(); u != nil && !u.Latest.IsZero() {
		b.WriteString("until: " + u.Latest.UTC().Format("2006-01-02 15:04 UTC") + " at the latest" + reason(u.Reason) +
			"\n")
	}
	fix := f.Fix()
	for i, s := range fix.Steps {
		b.WriteString(strconv.Itoa(i+1) + ". " + s + "\n")
	}
	for _, rec := range fix.Records {
		b.WriteString("record: " + rec.ZoneLine() + "\n")
	}
	for _, rec := range fix.Deletes {
		b.WriteString("delete: " + rec.ZoneLine() + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// exchangeCopies are a question as a line of evidence, and the command that repeats it.
func exchangeCopies(x *exchange.Exchange) []copyable {
	if x == nil {
		return nil
	}
	e := x.Evidence()
	return []copyable{{"evidence", evidenceLine(x)}, {"command", e.Repro}}
}
