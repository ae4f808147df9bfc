package catalog

import (
	"strconv"
	"strings"

	"domdoc/catalog/hosts"
)

// ZoneLine returns the record as a line of a zone file (RFC 1035 5.1). TXT values are quoted and split into strings
// of at most 255 octets; an unset TTL is omitted.
func (r Record) ZoneLine() string {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(r.Name, ".") + ". ")
	if r.TTL > 0 {
		b.WriteString(strconv.Itoa(r.TTL) + " ")
	}
	b.WriteString("IN " + r.Type)
	switch strings.ToUpper(r.Type) {
	case "TXT", "SPF":
		for _, piece := range pieces(r.Value, 255) {
			b.WriteString(` "` + escapeTXT(piece) + `"`)
		}
	case "CNAME", "NS", "PTR", "DNAME", "MX", "SRV", "ALIAS":
		b.WriteString(" " + r.Value)
		if r.Value != "" && !strings.HasSuffix(r.Value, ".") {
			b.WriteByte('.')
		}
	default:
		b.WriteString(" " + r.Value)
	}
	return b.String()
}

// pieces splits a text into at least one piece of at most size octets, without splitting characters.
func pieces(s string, size int) []string {
	var out []string
	start := 0
	last := 0
	for i := range s {
		if i-start > size {
			out = append(out, s[start:last])
			start = last
		}
		last = i
	}
	if len(s)-start > size && last > start {
		out = append(out, s[start:last])
		start = last
	}
	return append(out, s[start:])
}

func escapeTXT(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
}

// RecordFields returns a record as the fields of its DNS host's form, with that host's labels: type, name, value, and
// the TTL if there is one. A record without a value stands for every value.
func RecordFields(r Record) []ReplyField {
	p := hosts.PanelOf(r.Host)
	kind := "type"
	if p.Name != strings.ToLower(p.Name) { // as all labels there
		kind = "Type"
	}
	out := []ReplyField{{kind, r.Type}, {p.Name, p.Label(r.Name, r.Label())}, {p.Value, "any"}}
	if r.Value != "" {
		out[2].Value = p.FieldValue(r.Type, r.Value)
	}
	if r.TTL > 0 {
		out = append(out, ReplyField{"TTL", strconv.Itoa(r.TTL)})
	}
	return out
}
