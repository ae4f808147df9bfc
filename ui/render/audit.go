package render

import (
	"fmt"
	"io"
)

// AuditScore is how right the predictions of one code or cause are.
type AuditScore struct {
	Name                   string
	Expected, Found, Right int
	Precision, Recall      float64
}

// AuditView is an audit as a person reads it.
type AuditView struct {
	Stories, Healthy  int
	Precision, Recall float64
	Codes, Causes     []AuditScore
	Wrong             []string
}

// Audit writes an audit.
func Audit(w io.Writer, v AuditView, s Style) error {
	b := &builder{Style: s}
	b.line(fmt.Sprintf("%s, %d of them healthy", count(v.Stories, "case"), v.Healthy))
	b.line(b.paint(fmt.Sprintf("precision %.2f, recall %.2f", v.Precision, v.Recall), bold))
	for _, part := range []struct {
		title string
		list  []AuditScore
	}{{"code", v.Codes}, {"cause", v.Causes}} {
		if len(part.list) == 0 {
			continue
		}
		b.line("")
		b.line(b.paint(fmt.Sprintf("%-36s %8s %8s %8s  %9s %6s", part.title, "expected", "found", "right", "precision", "recall"), dim))
		for _, x := range part.list {
			line := fmt.Sprintf("%-36s %8d %8d %8d  %9.2f %6.2f", x.Name, x.Expected, x.Found, x.Right, x.Precision, x.Recall)
			if x.Precision < 1 || x.Recall < 1 {
				line = b.paint(line, yellow)
			}
			b.line(line)
		}
	}
	for i, x := range v.Wrong {
		if i == 0 {
			b.line("")
		}
		b.para(0, "differs", x, yellow)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
