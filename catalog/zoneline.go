package catalog

import (
	"strconv"
	"strings"
)

// ZoneLine is the record as a line of a zone file (RFC 1035 5.1). A TXT value stands in quotation marks, in pieces of
// at most 255 octets; a TTL that is not set is left out.
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

// pieces cuts a text into pieces of at most size octets, between characters. There is at least one.
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
