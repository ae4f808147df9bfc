package render

import (
	"fmt"
	"io"
	"strings"

	"domdoc/ui/render/layout"
)

// AuditScore is the accuracy of the predictions of one code or cause.
type AuditScore struct {
	Name                   string
	Expected, Found, Right int
	Precision, Recall      float64
}

// AuditView is an audit as text shows it.
type AuditView struct {
	Stories, Healthy  int
	Precision, Recall float64
	Codes, Causes     []AuditScore
	Wrong             []string

	Tenant   bool // measured against the errors that a service reported
	Compared int  // domains with a reported error that can be compared
	Apart    []AuditPart
}

// AuditPart lists domains whose codes are not counted, each with its codes, and the reason.
type AuditPart struct {
	Why     string
	Domains []string
}

// maxApart is the maximum number of domains listed per reason.
const maxApart = 20

// Audit writes an audit as text.
func Audit(w io.Writer, v AuditView, s layout.Style) error {
	b := &layout.Builder{Style: s}
	if v.Tenant {
		b.Line(fmt.Sprintf("%s, %d healthy; %d compared with the last errors that the service reported",
			layout.Count(v.Stories, "domain"), v.Healthy, v.Compared))
	} else {
		b.Line(fmt.Sprintf("%s, %d healthy", layout.Count(v.Stories, "case"), v.Healthy))
	}
	if v.Tenant && v.Compared == 0 {
		b.Line(b.Paint("no reported errors to compare the predictions with", layout.Bold))
	} else {
		b.Line(b.Paint(fmt.Sprintf("precision %.2f, recall %.2f", v.Precision, v.Recall), layout.Bold))
	}
	for _, part := range []struct {
		title string
		list  []AuditScore
	}{{"code", v.Codes}, {"cause", v.Causes}} {
		if len(part.list) == 0 {
			continue
		}
		b.Line("")
		b.Line(b.Paint(fmt.Sprintf("%-36s %8s %8s %8s  %9s %6s", part.title, "expected", "found", "correct", "precision",
			"recall"), layout.Dim))
		for _, x := range part.list {
			line := fmt.Sprintf("%-36s %8d %8d %8d  %9.2f %6.2f", x.Name, x.Expected, x.Found, x.Right, x.Precision,
				x.Recall)
			if x.Precision < 1 || x.Recall < 1 {
				line = b.Paint(line, layout.Yellow)
			}
			b.Line(line)
		}
	}
	for i, x := range v.Wrong {
		if i == 0 {
			b.Line("")
		}
		b.Para(0, "differs", x, layout.Yellow)
	}
	for _, p := range v.Apart {
		b.Line("")
		b.Para(0, "excluded", layout.Count(len(p.Domains), "domain")+": "+p.Why)
		shown := p.Domains[:min(len(p.Domains), maxApart)]
		text := strings.Join(shown, ", ")
		if more := len(p.Domains) - len(shown); more > 0 {
			text += fmt.Sprintf(", and %d more (-o json has all)", more)
		}
		b.Para(0, "", text)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
