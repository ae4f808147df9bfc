package render

import (
	"io"
	"strings"

	"domdoc/catalog"
	"domdoc/ui/render/layout"
)

// Status explains the status of a registration: what it means, who sets it, and how it affects the domain.
func Status(w io.Writer, st catalog.RegistryStatus, s layout.Style) error {
	b := &layout.Builder{Style: s}
	head := b.Paint(st.Name, layout.Bold)
	if st.EPP != "" && st.EPP != st.Name {
		head += b.Paint("  "+st.EPP+" in EPP and WHOIS", layout.Dim)
	}
	b.Line(head)
	b.Para(2, "means", st.Means)
	b.Para(2, "set by", st.By)
	b.Para(2, "effect", "resolving "+st.Resolving.Phrase()+", attaching "+st.Attaching.Phrase()+", transfer "+
		st.Transfer.Phrase())
	b.Para(2, "references", strings.Join(st.Refs, ", "))
	_, err := io.WriteString(w, b.String())
	return err
}
