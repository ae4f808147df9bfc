package render

import (
	"fmt"
	"io"

	"domdoc/catalog"
	"domdoc/checks"
)

// Doctor writes the look at this machine.
func Doctor(w io.Writer, v *checks.VantageReport, list []checks.VantageCheck, s Style) error {
	b := &builder{Style: s}
	for _, c := range list {
		glyph := map[catalog.Verdict]string{
			catalog.Pass: s.paint("✓", green), catalog.Warn: s.paint("!", yellow),
			catalog.Inconclusive: s.paint("?", cyan),
		}[c.Verdict]
		if glyph == "" {
			glyph = s.paint("-", dim)
		}
		b.line(fmt.Sprintf("%s %-9s %s", glyph, c.ID, c.Text))
	}
	if len(v.Findings) > 0 {
		b.line("")
		b.general(NewFindings(v.Findings))
	} else {
		b.line("")
		b.line("this machine can judge domains")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type jsonDoctor struct {
	Verdict  string             `json:"verdict" enum:"pass,inconclusive" doc:"whether this machine can judge domains"`
	Checks   []jsonVantageCheck `json:"checks"`
	Findings []JSONFinding      `json:"findings"`
}

type jsonVantageCheck struct {
	ID      string `json:"id"`
	Verdict string `json:"verdict" enum:"pass,warn,inconclusive,not-run"`
	Text    string `json:"text"`
	TookMs  int64  `json:"tookMs"`
}

// DoctorJSON is the look at this machine as JSON.
func DoctorJSON(v *checks.VantageReport, list []checks.VantageCheck) any {
	out := jsonDoctor{v.Verdict.String(), []jsonVantageCheck{}, NewFindings(v.Findings)}
	for _, c := range list {
		out.Checks = append(out.Checks, jsonVantageCheck{c.ID, c.Verdict.String(), c.Text, c.Took.Milliseconds()})
	}
	return out
}
