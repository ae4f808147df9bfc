package render

import (
	"fmt"
	"strings"
)

// ManPage is a page of the manual, in plain words.
type ManPage struct {
	Name, Short, Synopsis, Long string
	Options, Inherited          [][2]string // a flag as it is typed, and what it does
	Commands                    [][2]string
	Examples                    []string // lines
	See                         []string // names of pages of the same section
}

// Man writes a page for man(1), in the macros of man(7). It has no date, so that the same version is the same bytes.
func Man(p ManPage, source string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line(`.TH "%s" "1" "" "%s" "domdoc manual"`, roffArg(strings.ToUpper(p.Name)), roffArg(source))
	line(".nh\n.ad l\n.SH NAME\n%s \\- %s", roff(p.Name), roff(p.Short))
	if p.Synopsis != "" {
		line(".SH SYNOPSIS\n.nf\n\\fB%s\\fP\n.fi", roff(p.Synopsis))
	}
	line(".SH DESCRIPTION")
	b.WriteString(manText(p.Long))
	terms := func(title string, list [][2]string) {
		if len(list) == 0 {
			return
		}
		line(".SH %s", title)
		for _, t := range list {
			line(".TP\n\\fB%s\\fP\n%s", roff(t[0]), roff(t[1]))
		}
	}
	terms("COMMANDS AND TOPICS", p.Commands)
	terms("OPTIONS", p.Options)
	terms("OPTIONS OF ALL COMMANDS", p.Inherited)
	if len(p.Examples) > 0 && p.Examples[0] != "" {
		line(".SH EXAMPLES\n.nf")
		for _, e := range p.Examples {
			line("%s", roff(e))
		}
		line(".fi")
	}
	if len(p.See) > 0 {
		line(".SH SEE ALSO")
		for i, s := range p.See {
			end := ","
			if i == len(p.See)-1 {
				end = ""
			}
			line(".BR %s (1)%s", roff(s), end)
		}
	}
	return b.String()
}

// manText writes paragraphs. One with a line that is indented or laid out in columns stays as it is; others are
// filled.
func manText(text string) string {
	var b strings.Builder
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		if strings.HasPrefix(paragraph, " ") || strings.Contains(paragraph, "\n ") || strings.Contains(paragraph, "  ") {
			b.WriteString(".nf\n")
			for _, l := range strings.Split(paragraph, "\n") {
				b.WriteString(roff(l) + "\n")
			}
			b.WriteString(".fi\n")
			continue
		}
		for _, l := range strings.Split(paragraph, "\n") {
			b.WriteString(roff(l) + "\n")
		}
	}
	return b.String()
}

// roff writes a line so that nothing in it is a request, an escape, or a sign that is set in another way.
func roff(s string) string {
	s = strings.NewReplacer("\\", `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "…", "...", "“",
		`\(lq`, "”", `\(rq`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, " ") && strings.TrimSpace(s) == "" {
		s = `\&` + s
	}
	return s
}

// roffArg writes an argument in double quotes.
func roffArg(s string) string { return strings.ReplaceAll(roff(s), `"`, `""`) }
