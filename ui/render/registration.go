package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/probe/registration"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

// Registrations writes the registrations of names as they arrive, each at once. It is not safe for concurrent use.
type Registrations struct {
	w      io.Writer
	format string // text, json or jsonl
	single bool   // text: a block instead of a line
	now    func() time.Time
	style  layout.Style
	first  bool
	err    error
}

// NewRegistrations starts the output. single is for one name, about which text says more.
func NewRegistrations(w io.Writer, format string, single bool, now func() time.Time, style layout.Style,
) *Registrations {
	r := &Registrations{w: w, format: format, single: single, now: now, style: style, first: true}
	if format == "json" {
		r.put("{\n  \"schemaVersion\": 1,\n  \"registrations\": [")
	}
	return r
}

func (r *Registrations) put(s string) {
	if r.err == nil {
		_, r.err = io.WriteString(r.w, s)
	}
}

// Close completes the output.
func (r *Registrations) Close() error {
	if r.format == "json" {
		if r.first {
			r.put("]\n}\n")
		} else {
			r.put("\n  ]\n}\n")
		}
	}
	return r.err
}

// Name writes one name. Its error is that of the output.
func (r *Registrations) Name(name string, reg *probe.RegistrationReport) error {
	var raw []byte
	var err error
	switch {
	case r.format == "jsonl":
		if raw, err = wire.Marshal(wire.NewNameRegistration(name, reg, r.now())); err == nil {
			r.put(string(raw) + "\n")
		}
	case r.format == "json":
		comma := ","
		if r.first {
			comma = ""
		}
		if raw, err = wire.MarshalIndent(wire.NewNameRegistration(name, reg, r.now()), "    "); err == nil {
			r.put(comma + "\n    " + string(raw))
		}
	case r.single:
		r.put(r.block(name, reg))
	default:
		r.put(r.line(name, reg))
	}
	r.first = false
	if err != nil && r.err == nil {
		r.err = err
	}
	return r.err
}

// nameColumn is the width of the names in lines.
const nameColumn = 28

// line is one name on one line.
func (r *Registrations) line(name string, reg *probe.RegistrationReport) string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if name != reg.Domain && reg.Domain != "" {
		add("of " + reg.Domain)
	}
	switch reg.State {
	case registration.Registered:
		add(sanitize.Text(reg.Registrar, 60))
		if !reg.ExpiresAt.IsZero() {
			add("until " + catalog.Day(reg.ExpiresAt))
		}
		add(catalog.PhaseWords(string(reg.Lifecycle(r.now()).Phase)))
		if reg.Silent {
			add("by DNS")
			add(why(reg))
			break
		}
		add(agreement(reg))
	case registration.Reserved, registration.Unknown:
		add(why(reg))
		add(agreement(reg))
	case registration.NotRegistered:
		add(agreement(reg))
	}
	return strings.TrimRight(fmt.Sprintf("%s  %s%s", r.word(reg, 17), r.style.Paint(name, layout.Bold),
		strings.Repeat(" ", max(0, nameColumn-len(name)))+"  "+strings.Join(parts, "; ")), " ") + "\n"
}

// word is the state, with its glyph, in a column.
func (r *Registrations) word(reg *probe.RegistrationReport, width int) string {
	text, color := "? not checked", layout.Cyan
	sure := wire.Certainty(reg) == registration.Conclusive
	switch reg.State {
	case registration.Registered:
		text, color = "✓ registered", layout.Green
	case registration.NotRegistered:
		text, color = "○ free", layout.Bold
		if !sure {
			text = "○ likely free"
		}
	case registration.Reserved:
		text, color = "- reserved", layout.Dim
	case registration.Unknown:
	}
	return r.style.Paint(text+strings.Repeat(" ", max(0, width-len([]rune(text)))), color)
}

// agreement says which sources say so, and how sure that is.
func agreement(reg *probe.RegistrationReport) string {
	var by []string
	for _, s := range reg.Agreeing() {
		by = append(by, strings.ToUpper(s))
	}
	if reg.State == registration.NotRegistered {
		how := catalog.HowFree(reg.Domain, catalog.SaidBy{
			RDAP: string(reg.Sources.RDAP), WHOIS: string(reg.Sources.WHOIS), DNS: string(reg.Sources.DNS),
		})
		return strings.TrimPrefix(how, reg.Domain+" is free ")
	}
	if len(by) == 0 {
		return ""
	}
	return "by " + catalog.Join(by)
}

// why says why a name is reserved or could not be checked, or the registry's facts are missing.
func why(reg *probe.RegistrationReport) string {
	text := sanitize.Text(reg.Reason, 300)
	if reg.Silent {
		text = sanitize.Text(reg.Note, 400)
	}
	if reg.RetryAfter > 0 {
		text += "; try again in " + catalog.Span(reg.RetryAfter)
	}
	return text
}

// block is one name with everything that is known.
func (r *Registrations) block(name string, reg *probe.RegistrationReport) string {
	b := &layout.Builder{Style: r.style}
	para := func(label, text string) {
		if text != "" {
			b.Para(2, label, text)
		}
	}
	b.Line(r.word(reg, 0) + "  " + r.style.Paint(name, layout.Bold))
	if n, err := dnsname.Parse(name); err == nil && n.Unicode != name {
		para("name", n.Unicode)
	}
	if name != reg.Domain {
		para("domain", reg.Domain)
	}
	para("sources", agreement(reg))
	if reg.State == registration.Reserved || reg.State == registration.Unknown {
		para("why", why(reg))
	}
	registrar := sanitize.Text(reg.Registrar, 200)
	if reg.RegistrarIANA != "" {
		registrar = strings.TrimSpace(registrar + " (IANA id " + sanitize.Text(reg.RegistrarIANA, 20) + ")")
	}
	para("registrar", registrar)
	life := reg.Lifecycle(r.now())
	para("phase", catalog.PhaseWords(string(life.Phase)))
	for _, st := range life.Stages {
		para(stageLabel(string(st.Kind)), catalog.StageDate(st.At, st.Latest, st.Estimated))
	}
	var statuses []string
	for _, s := range reg.Statuses {
		statuses = append(statuses, sanitize.Text(s, 80))
	}
	para("statuses", strings.Join(statuses, ", "))
	var servers []string
	for _, s := range reg.Nameservers {
		servers = append(servers, sanitize.Text(s, 253))
	}
	if len(servers) == 0 && reg.Delegated() {
		servers = reg.Place.Zone.Hosts()
	}
	para("servers", strings.Join(servers, ", "))
	if reg.Silent {
		para("note", why(reg))
	} else {
		para("note", sanitize.Text(reg.Note, 400))
	}
	for _, t := range reg.Tried {
		para("asked", sanitize.Text(t, 300))
	}
	return b.String()
}

// stageLabel is the label of a date; its words are too long for the column of labels.
func stageLabel(kind string) string {
	switch kind {
	case "transfer-lock-ends":
		return "locked until"
	case "redemption-ends":
		return "redeemable"
	case "out-of-dns":
		return "leaves DNS"
	}
	return catalog.StageWords(kind)
}
