package reporter

import (
	"fmt"
	"io"
	"strings"

	"domdoc/catalog"
	"domdoc/ui/render/wire"
)

// annotate writes the findings of a domain as annotations of GitHub Actions.
func annotate(w io.Writer, d *wire.Domain) {
	for i := range d.Findings {
		f := &d.Findings[i]
		if f.BlockedBy != nil || f.Ignored != nil || f.Known {
			continue
		}
		level := ""
		switch f.Verdict {
		case catalog.Fail.String():
			level = "error"
		case catalog.Warn.String():
			level = "warning"
		case catalog.Inconclusive.String():
			level = "notice"
		default:
			continue
		}
		text := f.Summary
		if len(f.Fix.Steps) > 0 {
			text += "\nto do: " + strings.Join(f.Fix.Steps, "\n")
		}
		fmt.Fprintf(w, "::%s title=%s::%s\n", level,
			annotationProperty.Replace(d.Domain+": "+f.Title+" ("+f.Cause+")"), annotationText.Replace(text))
	}
}

// Escapes of workflow commands: a command is one line, and a comma or a colon ends a property.
var (
	annotationText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	annotationProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
