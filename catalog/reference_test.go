package catalog_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"domdoc/catalog"
	_ "domdoc/catalog/causes" // declares them
	"domdoc/catalog/hosts"
)

var update = flag.Bool("update", false, "rewrite REFERENCE.md")

// TestReference compares REFERENCE.md with the catalog, from which it is generated.
func TestReference(t *testing.T) {
	const file = "REFERENCE.md"
	want := reference()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is out of date; run go test ./catalog -run Reference -update", file)
	}
}

// reference returns all codes and causes as one page.
func reference() string {
	var b strings.Builder
	b.WriteString(
		"# Codes and causes\n\nThis page is generated from the catalog: `go test ./catalog -run Reference -update`. " +
			"`domdoc explain` prints any part of it.\n\n## The codes\n")
	category := ""
	for _, c := range catalog.Codes() {
		if c.Category != category {
			category = c.Category
			fmt.Fprintf(&b, "\n### %s\n", category)
		}
		fmt.Fprintf(&b, "\n#### %s %s\n\nHTTP %d. Description: %s. Resolution: %s\n\n", c.ID, c.Name, c.HTTP,
			markdown(strings.TrimSuffix(c.Description, ".")), markdown(c.Resolution))
		causes := catalog.CausesOf(c.ID)
		if len(causes) > 0 {
			b.WriteString("Causes, the most frequent first:\n\n")
		}
		for _, x := range causes {
			fmt.Fprintf(&b, "- [`%s`](#%s): %s\n", x.ID, anchor(string(x.ID)), markdown(x.Title))
		}
	}
	b.WriteString(
		"\n## The causes\n\nBy rung, from this machine up to the web page. A finding that is a consequence of " +
			"another is reported under it.\n")
	for _, rung := range catalog.Rungs() {
		heading := false
		for _, x := range catalog.Causes() {
			if x.Rung != rung {
				continue
			}
			if !heading {
				fmt.Fprintf(&b, "\n### %s\n", rung)
				heading = true
			}
			writeCause(&b, x)
		}
	}
	writeHosts(&b)
	return b.String()
}

// writeHosts lists what is known about the panels of DNS hosts, and where it is from.
func writeHosts(b *strings.Builder) {
	b.WriteString(
		"\n## The DNS hosts\n\nAdvice names the menus and fields of the DNS host's own panel, and nothing that " +
			"the panel refuses. Facts without a source of their own are from the help pages of early 2026.\n\n" +
			"| Host | Alias at the apex | Lowest TTL | Publishes within | Refuses | Sources (as of) " +
			"|\n|---|---|---|---|---|---|\n")
	for _, p := range hosts.All() {
		alias, refuses := p.Alias, slices.Clone(p.Lacks)
		switch {
		case p.NoAlias:
			alias = "none"
		case alias == "":
			alias = "not known"
		}
		for i, t := range refuses {
			refuses[i] = t + " records"
		}
		if p.NoUnderscore {
			refuses = append(refuses, "names that begin with an underscore")
		}
		if p.UnderscoreBySupport {
			refuses = append(refuses, "CNAME names that begin with an underscore, except through its support")
		}
		if p.NoUnderscoreValue {
			refuses = append(refuses, "CNAME targets that begin with an underscore")
		}
		seconds := func(n int) string {
			if n == 0 {
				return ""
			}
			return fmt.Sprintf("%d s", n)
		}
		var from []string
		for _, s := range p.Sources {
			from = append(from, fmt.Sprintf("[%s](%s) (%s)", s.About, s.URL, s.AsOf))
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", p.Host, markdown(alias), seconds(p.MinTTL),
			seconds(p.Publish),
			strings.Join(refuses, ", "), strings.Join(from, ", "))
	}
	b.WriteString("\nWhy a record that the panel shows may not be visible:\n\n")
	for _, r := range catalog.UnseenReasons() {
		var at []string
		for _, p := range hosts.All() {
			if r.At(p) {
				at = append(at, p.Host)
			}
		}
		fmt.Fprintf(b, "- `%s` (%s): %s.\n", r.ID, catalog.Join(at), markdown(r.Evidence))
	}
}

func writeCause(b *strings.Builder, c *catalog.Cause) {
	fmt.Fprintf(b, "\n#### %s\n\n**%s.** %s\n\n", c.ID, markdown(c.Title), markdown(c.Description))
	var who []string
	for _, a := range c.Who {
		who = append(who, a.Phrase())
	}
	codes := strings.Join(c.AllCodes(), ", ")
	if codes == "" {
		codes = "no code, because " + c.NoCode
	}
	item := func(label, text string) {
		if text != "" {
			fmt.Fprintf(b, "- %s: %s\n", label, markdown(text))
		}
	}
	item("Verdict", c.Verdict.String())
	item("Predicts", codes)
	item("Owner", strings.Join(who, ", or "))
	item("Detected by", c.Detection)
	item("Not to be confused with", c.Confused)
	var also []string
	for _, x := range c.SeeAlso() {
		also = append(also, fmt.Sprintf("[`%s`](#%s)", x.ID, anchor(string(x.ID))))
	}
	item("See also", strings.Join(also, ", "))
	ex := c.Example()
	item("For example", sentence(ex.Summary())+" "+sentence(ex.Why()))
	item("Fix", strings.Join(ex.Fix().Steps, "; "))
	item("References", strings.Join(c.Refs, ", "))
}

// markdown escapes text.
func markdown(s string) string {
	return strings.NewReplacer("_", `\_`, "*", `\*`, "<", "&lt;", "|", `\|`).Replace(s)
}

// anchor returns the fragment of a heading.
func anchor(heading string) string { return strings.ReplaceAll(heading, ".", "") }

// sentence capitalizes a sentence, unless it begins with a name, and ends it.
func sentence(s string) string {
	if word, _, _ := strings.Cut(s, " "); !strings.ContainsAny(word, ".:/@") {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	return s
}
