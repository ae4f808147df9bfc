package render

import (
	"fmt"
	"io"
	"strings"

	"domdoc/catalog"
)

type jsonCodeDoc struct {
	Code        string   `json:"code"`
	HTTP        int      `json:"http" doc:"the HTTP status that it comes with"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Resolution  string   `json:"resolution" doc:"what the service's documentation advises"`
	Category    string   `json:"category"`
	Causes      []string `json:"causes" doc:"the causes that can lead to it, the commonest first"`
}

type jsonCauseDoc struct {
	Cause    string      `json:"cause"`
	Rung     string      `json:"rung"`
	Title    string      `json:"title"`
	Verdict  string      `json:"verdict" enum:"fail,warn,inconclusive"`
	Who      []string    `json:"who" doc:"who can mend it"`
	Predicts []string    `json:"predicts" doc:"the codes that it can lead to"`
	NoCode   string      `json:"noCode,omitempty" doc:"why it leads to no code"`
	Means    string      `json:"means"`
	How      string      `json:"how" doc:"how it is known"`
	Confused string      `json:"confused,omitempty" doc:"what it is often taken for, and the difference"`
	Alike    []string    `json:"alike" doc:"the causes that it is taken for and those that are taken for it, the commonest first"`
	Example  jsonExample `json:"example"`
	Refs     []string    `json:"refs"`
}

type jsonExample struct {
	Summary string  `json:"summary"`
	Why     string  `json:"why"`
	Fix     JSONFix `json:"fix"`
}

type jsonSearch struct {
	Codes  []jsonCodeDoc  `json:"codes"`
	Causes []jsonCauseDoc `json:"causes"`
}

// CodeJSON is a code as JSON shows it.
func CodeJSON(c catalog.Code) any { return codeDoc(c) }

func codeDoc(c catalog.Code) jsonCodeDoc {
	out := jsonCodeDoc{c.ID, c.HTTP, c.Name, c.Description, c.Resolution, c.Category, []string{}}
	out.Causes = append(out.Causes, causeIDs(catalog.CausesOf(c.ID))...)
	return out
}

func causeIDs(causes []*catalog.Cause) []string {
	var out []string
	for _, c := range causes {
		out = append(out, string(c.ID))
	}
	return out
}

// CauseJSON is a cause as JSON shows it.
func CauseJSON(c *catalog.Cause) any { return causeDoc(c) }

func causeDoc(c *catalog.Cause) jsonCauseDoc {
	ex := c.Example()
	out := jsonCauseDoc{
		Cause: string(c.ID), Rung: c.Rung.String(), Title: c.Title, Verdict: c.Verdict.String(),
		Predicts: orEmpty(c.AllCodes()), NoCode: c.NoCode, Means: c.Description, How: c.Detection,
		Confused: c.Confused, Alike: orEmpty(causeIDs(c.Alike())), Refs: orEmpty(c.Refs),
		Example: jsonExample{ex.Summary(), ex.Why(), fix(ex.Fix())},
	}
	for _, w := range c.Who {
		out.Who = append(out.Who, string(w))
	}
	return out
}

// SearchJSON is a list of codes and causes.
func SearchJSON(codes []catalog.Code, causes []*catalog.Cause) any {
	out := jsonSearch{[]jsonCodeDoc{}, []jsonCauseDoc{}}
	for _, c := range codes {
		out.Codes = append(out.Codes, codeDoc(c))
	}
	for _, c := range causes {
		out.Causes = append(out.Causes, causeDoc(c))
	}
	return out
}

// CodeList writes codes as a list.
func CodeList(w io.Writer, codes []catalog.Code, s Style) error {
	b := &builder{Style: s}
	category := ""
	for _, c := range codes {
		if c.Category != category {
			if category != "" {
				b.line("")
			}
			category = c.Category
			b.line(b.paint(category, bold))
		}
		b.line(fmt.Sprintf("  %s  %d  %-30s %s", b.paint(c.ID, cyan), c.HTTP, c.Name, c.Description))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// CauseList writes causes as a list.
func CauseList(w io.Writer, causes []*catalog.Cause, s Style) error {
	if len(causes) == 0 {
		return nil
	}
	b := &builder{Style: s}
	b.line(b.paint("causes", bold))
	for _, c := range causes {
		b.line(fmt.Sprintf("  %s %s", b.paint(fmt.Sprintf("%-34s", c.ID), cyan), c.Title))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Code explains a code: what the service says, and what causes it, the commonest first.
func Code(w io.Writer, c catalog.Code, s Style) error {
	b := &builder{Style: s}
	b.line(b.paint(c.ID, bold) + "  " + c.Name + b.paint(fmt.Sprintf("  HTTP %d, %s", c.HTTP, c.Category), dim))
	b.para(2, "says", c.Description)
	b.para(2, "advises", c.Resolution)
	b.line("")
	b.line("  " + b.paint("what causes it, the commonest first", bold))
	for _, cause := range catalog.CausesOf(c.ID) {
		b.line(fmt.Sprintf("    %s %s", b.paint(fmt.Sprintf("%-34s", cause.ID), cyan), cause.Title))
	}
	b.line("")
	b.line(b.paint("  domdoc explain CAUSE tells more of one; domdoc check NAME finds out which it is", dim))
	_, err := io.WriteString(w, b.String())
	return err
}

// Cause explains a cause: what it means, how it is known, who acts, the fix, what it is confused with.
func Cause(w io.Writer, c *catalog.Cause, s Style) error {
	b := &builder{Style: s}
	b.line(b.paint(string(c.ID), bold) + "  " + c.Title)
	b.para(2, "means", c.Description)
	b.para(2, "known by", c.Detection)
	var who []string
	for _, a := range c.Who {
		who = append(who, a.Phrase())
	}
	b.para(2, "who acts", strings.Join(who, ", or "))
	if codes := c.AllCodes(); len(codes) > 0 {
		b.para(2, "leads to", strings.Join(codes, ", "))
	} else {
		b.para(2, "leads to", "no code: "+c.NoCode)
	}
	if c.Confused != "" {
		b.para(2, "unlike", c.Confused)
	}
	if also := causeIDs(c.SeeAlso()); len(also) > 0 {
		b.para(2, "see also", strings.Join(also, ", "))
	}
	if len(c.Refs) > 0 {
		b.para(2, "see", strings.Join(c.Refs, ", "))
	}
	ex := c.Example()
	b.line("")
	b.line("  " + b.paint("for example", bold))
	b.para(4, "what", ex.Summary())
	b.para(4, "why", ex.Why())
	fix := ex.Fix()
	for i, step := range fix.Steps {
		label := ""
		if i == 0 {
			label = "to do"
		}
		b.para(4, label, fmt.Sprintf("%d. %s", i+1, step))
	}
	for _, r := range fix.Records {
		b.record(record(r))
	}
	for i, cmd := range fix.Commands {
		label := ""
		if i == 0 {
			label = "prove it"
		}
		b.line("    " + b.paint(fmt.Sprintf("%-9s", label), dim) + cmd)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
