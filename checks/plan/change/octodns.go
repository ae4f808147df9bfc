package change

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"domdoc/checks/dnsname"

	"github.com/miekg/dns"
	"go.yaml.in/yaml/v3"
)

// octoDNS reads a zone of octoDNS's YamlProvider. The names in it are relative to the zone, which the name of the
// file says.
type octoDNS struct {
	*reader
	steps int // nodes read; aliases count each time
}

// maxYAML bounds a YAML file, whose nodes take many times its size in memory.
const maxYAML = 16 << 20

func readOctoDNS(file, data, zone string) *reader {
	o := &octoDNS{reader: newReader(file, "octodns", zone)}
	o.data = data
	if len(data) > maxYAML {
		o.fail(Position{File: file}, "the file has more than %d MB", maxYAML>>20)
		return o.reader
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(data), &doc); err != nil {
		o.fail(yamlPosition(file, err), "this is not valid YAML")
		return o.reader
	}
	root := o.node(&doc, 0)
	o.fileZone()
	if len(o.mistakes) > 0 {
		return o.reader
	}
	if root.kind != object || len(root.keys) == 0 {
		o.fail(Position{File: file, Line: 1, Column: 1}, "this is no zone of octoDNS: it has no names with records")
		return o.reader
	}
	if o.zone == "" {
		o.fail(Position{File: file}, "the file does not say of which zone it is: octoDNS calls it ZONE.yaml")
		return o.reader
	}
	for _, key := range root.keys {
		for _, n := range root.fields[key].all() {
			if o.full() {
				return o.reader
			}
			o.record(key, n)
		}
	}
	o.settle()
	return o.reader
}

// fileZone takes the name of the zone from the name of the file, and compares it.
func (o *octoDNS) fileZone() {
	base := filepath.Base(o.file)
	base = strings.TrimPrefix(strings.TrimSuffix(base, filepath.Ext(base)), "$")
	if !strings.Contains(strings.Trim(base, "."), ".") {
		return
	}
	name, err := zoneName(base)
	if err != nil || name == "" {
		return
	}
	last := func(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }
	switch {
	case o.zone == name, o.zone == "":
		o.zone, o.set.Zone = name, name
	case dnsname.HasPublicSuffix(name), last(name) == last(o.zone):
		o.fail(Position{File: o.file}, "the file has the name of the zone %s, not of %s", show(name), show(o.zone))
	}
}

var yamlLine = regexp.MustCompile(`line ([0-9]+)`)

// yamlPosition finds the line in an error of the YAML parser.
func yamlPosition(file string, err error) Position {
	p := Position{File: file, Line: 1, Column: 1}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		p.Line = max(p.Line, 1)
	}
	return p
}

// repeated is how many nodes aliases may repeat.
const repeated = 100_000

// node converts a node. Aliases and merge keys are followed.
func (o *octoDNS) node(y *yaml.Node, depth int) *node {
	n := &node{where: Position{File: o.file, Line: max(y.Line, 1), Column: max(y.Column, 1)}}
	if o.steps++; o.steps > len(o.data)+repeated || depth > maxDepth {
		if !o.more {
			o.fail(n.where, "the YAML is nested too deeply, or its aliases make too much of it")
			o.more = true
		}
		return n
	}
	if strings.HasPrefix(y.Tag, "!") && !strings.HasPrefix(y.Tag, "!!") && y.Tag != "!" {
		o.fail(n.where, "the tag %s is not followed: put its content here", quote(y.Tag))
		return n
	}
	switch y.Kind {
	case yaml.DocumentNode:
		if len(y.Content) > 0 {
			return o.node(y.Content[0], depth+1)
		}
	case yaml.AliasNode:
		return o.node(y.Alias, depth+1)
	case yaml.SequenceNode:
		n.kind = list
		for _, c := range y.Content {
			n.items = append(n.items, o.node(c, depth+1))
		}
	case yaml.MappingNode:
		o.mapping(n, y, depth)
	case yaml.ScalarNode:
		n.text = y.Value
		switch y.ShortTag() {
		case "!!null":
			n.text = ""
		case "!!bool":
			n.kind, n.text = boolean, strings.ToLower(y.Value)
		case "!!int", "!!float":
			n.kind = number
		default:
			n.kind = scalarText
		}
	}
	return n
}

func (o *octoDNS) mapping(n *node, y *yaml.Node, depth int) {
	n.kind, n.fields = object, map[string]*node{}
	var merged []*node
	for i := 0; i+1 < len(y.Content) && !o.more; i += 2 {
		key, value := y.Content[i], o.node(y.Content[i+1], depth+1)
		switch {
		case key.ShortTag() == "!!merge":
			merged = append(merged, value.all()...)
			continue
		case key.Kind != yaml.ScalarNode:
			o.fail(Position{File: o.file, Line: key.Line, Column: key.Column}, "a key is no text")
			continue
		case n.fields[key.Value] != nil:
			o.fail(Position{File: o.file, Line: key.Line, Column: key.Column}, "the key %s is there twice",
				quote(key.Value))
			continue
		}
		value.where = Position{File: o.file, Line: key.Line, Column: key.Column}
		n.keys = append(n.keys, key.Value)
		n.fields[key.Value] = value
	}
	for _, m := range merged {
		for _, k := range m.keys {
			if n.fields[k] == nil {
				n.keys = append(n.keys, k)
				n.fields[k] = m.fields[k]
			}
		}
	}
}

// record reads one RRset.
func (o *octoDNS) record(key string, n *node) {
	at := n.where
	typeNode := n.get("type")
	if n.kind != object || !typeNode.isScalar() {
		o.fail(at, "%s has no type: this is no record of octoDNS", quote(key))
		return
	}
	name, err := canonical(below(key, o.zone))
	if err != nil {
		o.fail(at, "%s", err)
		return
	}
	if owner := strings.TrimSuffix(strings.ToLower(key), "."); inZone(owner, o.zone) {
		o.note("%s: names are relative to the zone in octoDNS: %s is %s", at, quote(key), show(name))
	}
	control := n.get("octodns")
	if control.get("ignored").truth() || len(control.get("excluded").all()) > 0 ||
		len(control.get("included").all()) > 0 {
		rrtype, _ := recordType(typeNode.scalar())
		o.open(at, name, rrtype, "octoDNS ignores the record, or has it for some providers only")
		return
	}
	var ttl *uint32
	if t := n.get("ttl"); t.kind != null {
		var ok bool
		if ttl, ok = o.ttl(t.where, t.scalar()); !ok {
			return
		}
	} else {
		o.note("records without a ttl have the default of octoDNS's configuration, which this file does not say")
	}
	if n.get("dynamic").kind != null || n.get("geo").kind != null {
		o.note("%s: the answers of %s depend on who asks; its default values count here", at, show(name))
	}
	values := n.get("values")
	if values.kind == null {
		values = n.get("value")
	}
	kind := typeNode.scalar()
	rrtype, ok := recordType(kind)
	switch {
	case isAlias(kind):
		target, err := canonical(values.scalar())
		if items := values.all(); len(items) > 0 {
			target, err = canonical(items[0].scalar())
		}
		if err != nil {
			o.fail(at, "%s has no valid target", quote(key))
			return
		}
		o.alias(at, name, 0, target, ttl)
	case strings.Contains(kind, "/") || strings.EqualFold(kind, "URLFWD"):
		o.open(at, name, 0, "octoDNS's "+quote(kind)+" is no type of the DNS")
	case !ok:
		o.fail(typeNode.where, "%s is not a type of records", quote(kind))
	default:
		o.values(at, name, rrtype, ttl, values, control.get("cloudflare").get("proxied").truth())
	}
}

// listed are the types whose values are texts with names.
var listed = []uint16{dns.TypeCNAME, dns.TypeNS, dns.TypePTR, dns.TypeDNAME}

func (o *octoDNS) values(at Position, name string, rrtype uint16, ttl *uint32, values *node, proxied bool) {
	items := values.all()
	if len(items) == 0 {
		o.fail(at, "the %s record of %s has no value", typeName(rrtype), show(name))
	}
	for _, v := range items {
		if !o.count(v.where) {
			return
		}
		text := v.scalar()
		switch {
		case v.kind == object:
			var problem string
			if text, problem = compose(rrtype, v); problem != "" {
				o.fail(v.where, "%s", problem)
				continue
			}
		case rrtype == dns.TypeTXT || rrtype == dns.TypeSPF: // a semicolon is escaped there, nothing else is
			text = textData(strings.ReplaceAll(text, `\;`, ";"))
		case slices.Contains(listed, rrtype) && strings.ContainsAny(text, " \t;()\""):
			o.fail(v.where, "%s is not a name", quote(text))
			continue
		}
		dotless := ""
		rr, wrong := o.parse(rrtype, text, func(rel string) string { dotless = rel; return rel + "." })
		if wrong != nil {
			o.fail(v.where, "%s", wrong.why)
			continue
		}
		if dotless != "" {
			o.note("%s: octoDNS refuses %s without a dot at its end", v.where, quote(dotless))
		}
		rec := record{rr: rr, ttl: ttl, proxied: proxied}
		o.automatic(at, name, &rec)
		o.doubled(at, name, rr, false)
		o.replace(at, name, rec)
	}
}
