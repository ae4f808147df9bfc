package render

import (
	"io"
	"strings"

	"domdoc/catalog"
)

type jsonStatusDoc struct {
	Status    string   `json:"status"`
	EPP       string   `json:"epp,omitempty"`
	By        string   `json:"by"`
	Means     string   `json:"means"`
	Resolving string   `json:"resolving"`
	Attaching string   `json:"attaching"`
	Transfer  string   `json:"transfer"`
	Refs      []string `json:"refs"`
}

// StatusJSON is a registration's status as JSON shows it.
func StatusJSON(s catalog.RegistryStatus) any {
	return jsonStatusDoc{
		s.Name, s.EPP, s.By, s.Means, s.Resolving.Phrase(), s.Attaching.Phrase(), s.Transfer.Phrase(),
		orEmpty(s.Refs),
	}
}

// Status explains a registration's status: what it means, who can lift it, and what it does to the domain.
func Status(w io.Writer, st catalog.RegistryStatus, s Style) error {
	b := &builder{Style: s}
	head := b.paint(st.Name, bold)
	if st.EPP != "" && st.EPP != st.Name {
		head += b.paint("  "+st.EPP+" in EPP and WHOIS", dim)
	}
	b.line(head)
	b.para(2, "means", st.Means)
	b.para(2, "set by", st.By)
	b.para(2, "effect", "resolving "+st.Resolving.Phrase()+", attaching "+st.Attaching.Phrase()+", transfer "+
		st.Transfer.Phrase())
	b.para(2, "see", strings.Join(st.Refs, ", "))
	_, err := io.WriteString(w, b.String())
	return err
}
