package change

import (
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// field is one part of the data of a record that JSON and YAML have in fields of their own.
type field struct {
	names   string // the name in octoDNS, and those in other formats
	quoted  bool   // in quotation marks in a zone file
	missing string // what stands for it where it is missing; empty if it must be there
}

// composed lists the parts of the data by type, in their order in a zone file.
var composed = map[uint16][]field{
	dns.TypeMX:  {{names: "preference priority"}, {names: "exchange value target content"}},
	dns.TypeSRV: {{names: "priority"}, {names: "weight"}, {names: "port"}, {names: "target value"}},
	dns.TypeCAA: {{names: "flags", missing: "0"}, {names: "tag"}, {names: "value content", quoted: true}},
	dns.TypeSSHFP: {
		{names: "algorithm"}, {names: "fingerprint_type type"}, {names: "fingerprint"},
	},
	dns.TypeTLSA: {
		{names: "certificate_usage usage"},
		{names: "selector"},
		{names: "matching_type"},
		{names: "certificate_association_data certificate"},
	},
	dns.TypeDS: {{names: "key_tag"}, {names: "algorithm"}, {names: "digest_type"}, {names: "digest"}},
	dns.TypeNAPTR: {
		{names: "order"},
		{names: "preference"},
		{names: "flags", quoted: true},
		{names: "service", quoted: true},
		{names: "regexp regex", quoted: true},
		{names: "replacement"},
	},
	dns.TypeURI: {{names: "priority"}, {names: "weight"}, {names: "target", quoted: true}},
	dns.TypeLOC: {
		{names: "lat_degrees"},
		{names: "lat_minutes"},
		{names: "lat_seconds"},
		{names: "lat_direction"},
		{names: "long_degrees"},
		{names: "long_minutes"},
		{names: "long_seconds"},
		{names: "long_direction"},
		{names: "altitude"},
		{names: "size", missing: "1"},
		{names: "precision_horz", missing: "10000"},
		{names: "precision_vert", missing: "10"},
	},
}

// compose returns the data of a record as in a zone file. problem says which part is missing.
func compose(rrtype uint16, n *node) (text, problem string) {
	if rrtype == dns.TypeHTTPS || rrtype == dns.TypeSVCB {
		return service(n)
	}
	parts, ok := composed[rrtype]
	if !ok {
		return "", "the fields of a " + typeName(rrtype) + " record are not known"
	}
	var words []string
	for _, p := range parts {
		f := n.get(strings.Fields(p.names)...)
		word := f.scalar()
		switch {
		case f.kind == null && p.missing != "":
			word = p.missing
		case !f.isScalar() || word == "" && !p.quoted:
			first, _, _ := strings.Cut(p.names, " ")
			return "", "the " + typeName(rrtype) + " record has no " + first
		case p.quoted:
			word = textData(word)
		case strings.ContainsAny(word, " \t\";()"):
			return "", quote(word) + " is not valid in a record of type " + typeName(rrtype)
		}
		words = append(words, word)
	}
	return strings.Join(words, " "), ""
}

// service composes the data of HTTPS and SVCB records (RFC 9460), from the fields of octoDNS and Cloudflare.
func service(n *node) (text, problem string) {
	priority, name := n.get("svcpriority", "priority"), n.get("targetname", "target")
	if !priority.isScalar() || !name.isScalar() || strings.ContainsAny(priority.text+name.text, " \t\";()") {
		return "", "the record has no priority or no target"
	}
	words := []string{priority.text, name.text}
	switch params := n.get("svcparams", "value"); params.kind {
	case object:
		keys := slices.Clone(params.keys)
		for _, k := range keys {
			var values []string
			for _, v := range params.fields[k].all() {
				values = append(values, v.scalar())
			}
			if strings.ContainsAny(k+strings.Join(values, ""), " \t\";()\\") {
				return "", "the parameter " + quote(k) + " is not valid"
			}
			if len(values) == 0 {
				words = append(words, k)
				continue
			}
			words = append(words, k+`="`+strings.Join(values, ",")+`"`)
		}
	case scalarText:
		words = append(words, params.text)
	}
	return strings.Join(words, " "), ""
}
