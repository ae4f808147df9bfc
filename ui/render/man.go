package render

import (
	"fmt"
	"strings"
)

// ManPage is a manual page in plain text.
type ManPage struct {
	Name, Short, Synopsis, Long string
	Options, Inherited          [][2]string // a flag and its description
	Commands                    [][2]string
	Examples                    []string // lines
	See                         []string // names of pages of the same section
}

// Man formats a page with the macros of man(7). date is that of the source, as 2026-11-30, or empty.
func Man(p ManPage, source, date string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line(`.TH "%s" "1" "%s" "%s" "domdoc manual"`, roffArg(strings.ToUpper(p.Name)), date, roffArg(source))
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

// manText formats paragraphs. One with an indented line or columns is kept as it is; others are filled.
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

// roff escapes a line for roff.
func roff(s string) string {
	s = strings.NewReplacer("\\", `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "…", "...", "“",
		`\(lq`, "”", `\(rq`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, " ") && strings.TrimSpace(s) == "" {
		s = `\&` + s
	}
	return s
}

// roffArg escapes an argument in double quotes.
func roffArg(s string) string { return strings.ReplaceAll(roff(s), `"`, `""`) }
