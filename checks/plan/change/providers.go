package change

import (
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// aliasTypes are the types that an alias of a DNS host has.
var aliasTypes = []uint16{dns.TypeA, dns.TypeAAAA}

// routing are the attributes of aws_route53_record that make it one of several sets.
var routing = strings.Fields("set_identifier weighted_routing_policy latency_routing_policy " +
	"geolocation_routing_policy " +
	"geoproximity_routing_policy failover_routing_policy cidr_routing_policy multivalue_answer_routing_policy")

// aws reads the change of an aws_route53_record, which is a whole RRset.
func (t *terraform) aws(r resource, at Position, goes, comes bool) {
	if !comes {
		if goes {
			t.awsGone(r, at)
		}
		return
	}
	name, rrtype, ok := t.awsAfter(r, at)
	if !ok {
		if goes && (hidden(r, "after", "name") || hidden(r, "after", "type")) {
			t.awsReplaced(r, at) // by what may be the same RRset
		}
		return
	}
	after := r.change.get("after")
	if why := awsUnknown(r); why != "" {
		t.open(at, name, rrtype, why)
		if goes && !t.awsSame(r, name, rrtype) {
			t.awsGone(r, at)
		}
		return
	}
	switch before, ok := recordType(r.change.get("before").get("type").scalar()); {
	case goes, ok && before != rrtype: // an update keeps name and type, or says so with a deletion
		t.awsGone(r, at)
	}
	if alias := after.get("alias").all(); len(alias) > 0 {
		target, err := canonical(octal(alias[0].get("name").scalar()))
		if err != nil {
			t.fail(t.place(alias[0]), "%s: the alias has no valid name", show(r.address))
			return
		}
		t.alias(at, name, rrtype, target, nil)
		return
	}
	t.awsRecords(r, at, name, rrtype)
}

// awsAfter reads the name and type of the RRset after the change.
func (t *terraform) awsAfter(r resource, at Position) (name string, rrtype uint16, ok bool) {
	if name, ok = t.owner(r, "after"); ok {
		rrtype, ok = t.resourceType(r, at, "after", name)
	}
	return name, rrtype, ok
}

// awsUnknown is why the values of the RRset after the change are not known; empty if they are.
func awsUnknown(r resource) string {
	for _, attribute := range routing {
		n := r.change.get("after").get(attribute)
		if n.kind == list && len(n.items) > 0 || n.isScalar() && n.text != "" && n.text != "false" {
			return oneOfSeveral
		}
	}
	for _, attribute := range []string{"records", "alias", "ttl"} {
		switch {
		case secret(r, "after", attribute):
			return "the value of " + show(r.address) + " is sensitive and is not read"
		case hidden(r, "after", attribute):
			return "the value of " + show(r.address) + " is known only after apply"
		}
	}
	return ""
}

// awsSame reports whether the RRset before the change has this name and type.
func (t *terraform) awsSame(r resource, name string, rrtype uint16) bool {
	before, known := t.owner(r, "before")
	old, ok := recordType(r.change.get("before").get("type").scalar())
	return known && ok && before == name && old == rrtype
}

// awsReplaced opens the RRset before the change: a replacement takes its place, and the plan does not say where.
func (t *terraform) awsReplaced(r resource, at Position) {
	if name, ok := t.owner(r, "before"); ok {
		if rrtype, ok := t.resourceType(r, at, "before", name); ok {
			t.open(at, name, rrtype, "the name or type of "+show(r.address)+", which replaces it, is not known")
		}
	}
}

func (t *terraform) awsRecords(r resource, at Position, name string, rrtype uint16) {
	after := r.change.get("after")
	var ttl *uint32
	if n := after.get("ttl"); n.isScalar() {
		var ok bool
		if ttl, ok = t.ttl(t.place(n), n.scalar()); !ok {
			return
		}
	}
	values := after.get("records").items
	if len(values) == 0 {
		t.open(at, name, rrtype, show(r.address)+" has no records and no alias")
	}
	for _, v := range values {
		text := octal(v.scalar())
		if rrtype == dns.TypeTXT || rrtype == dns.TypeSPF { // the provider adds the quotation marks around the whole
			text = `"` + text + `"`
		}
		rr, wrong := t.absoluteValue(rrtype, text)
		if wrong != nil {
			t.fail(t.place(v), "%s: %s", show(r.address), wrong.why)
			continue
		}
		t.doubled(at, name, rr, false)
		t.replace(at, name, record{rr: rr, ttl: ttl})
	}
}

// awsGone removes the RRset that a change deletes.
func (t *terraform) awsGone(r resource, at Position) {
	name, ok := t.owner(r, "before")
	if !ok {
		return
	}
	rrtype, ok := t.resourceType(r, at, "before", name)
	if !ok {
		return
	}
	if id := r.change.get("before").get("set_identifier"); id.text != "" {
		t.open(at, name, rrtype, oneOfSeveral)
		return
	}
	t.remove(at, name, rrtype, nil)
}

// resourceType reads the type of a record.
func (t *terraform) resourceType(r resource, at Position, side, name string) (uint16, bool) {
	if hidden(r, side, "type") {
		t.open(at, name, 0, "the type of "+show(r.address)+" is sensitive or known only after apply")
		return 0, false
	}
	n := r.change.get(side).get("type")
	rrtype, ok := recordType(n.scalar())
	if !ok {
		t.fail(t.place(n), "%s: %s is not a type of records", show(r.address), quote(n.scalar()))
	}
	return rrtype, ok
}

// cloudflare reads the change of a cloudflare_dns_record, or of a cloudflare_record as it was called until version 5.
// It is one record.
func (t *terraform) cloudflare(r resource, at Position, goes, comes bool) {
	var gone, added record
	var before, after string
	if goes {
		before, gone = t.cloudflareSide(r, at, "before")
	}
	if comes {
		after, added = t.cloudflareSide(r, at, "after")
	}
	if gone.rr != nil && (added.rr != nil || !comes) {
		t.remove(at, before, gone.rr.Header().Rrtype, gone.rr)
	}
	if added.rr != nil {
		t.automatic(at, after, &added)
		t.doubled(at, after, added.rr, false)
		t.add(at, after, added)
	}
}

// valueAttributes are what a Cloudflare record is made of. Of content, value and data, one is given, and the provider
// computes the others from it: a text that is marked as sensitive in one of them can stand in another without a mark.
var valueAttributes = []string{"content", "value", "data", "priority", "ttl"}

// cloudflareSide reads the record before or after; it has no rr if there is none to be known.
func (t *terraform) cloudflareSide(r resource, at Position, side string) (string, record) {
	var rec record
	name, ok := t.owner(r, side)
	if !ok {
		return "", rec
	}
	rrtype, ok := t.resourceType(r, at, side, name)
	if !ok {
		return "", rec
	}
	values := r.change.get(side)
	attributes := valueAttributes
	content := values.get("content", "value")
	if content.isScalar() && content.text != "" { // then what is unknown is made of it
		attributes = []string{"content", "priority", "ttl"}
		if values.get("content").kind == null {
			attributes[0] = "value"
		}
	}
	fields := values.get("data")
	if fields.kind == list && len(fields.items) == 1 {
		fields = fields.items[0]
	}
	if fields.kind == object { // the content is computed from it
		attributes = []string{"data", "ttl"}
	}
	if slices.ContainsFunc(valueAttributes, func(a string) bool { return secret(r, side, a) }) {
		t.open(at, name, rrtype, "the value of "+show(r.address)+" is sensitive and is not read")
		return "", rec
	}
	for _, a := range attributes { // an unknown TTL is Cloudflare's automatic one
		if a != "ttl" && hidden(r, side, a) {
			t.open(at, name, rrtype, "the value of "+show(r.address)+" is known only after apply")
			return "", rec
		}
	}
	if n := values.get("ttl"); n.isScalar() {
		if rec.ttl, ok = t.ttl(t.place(n), n.scalar()); !ok {
			return "", rec
		}
	}
	rec.proxied = values.get("proxied").truth()
	text := content.scalar()
	switch {
	case fields.kind == object && len(fields.keys) > 0:
		var problem string
		if text, problem = t.fields(rrtype, fields, values); problem != "" {
			t.open(at, name, rrtype, show(r.address)+": "+problem)
			return "", rec
		}
	case rrtype == dns.TypeMX || rrtype == dns.TypeURI || rrtype == dns.TypeSRV:
		if p := values.get("priority"); p.isScalar() {
			text = p.scalar() + " " + text
		}
	}
	rr, wrong := t.typedAbsolute(rrtype, text)
	if wrong != nil {
		t.fail(at, "%s: %s", show(r.address), wrong.why)
		return "", rec
	}
	rec.rr = rr
	return name, rec
}

// fields composes the data of a Cloudflare record. The priority can be beside the other fields.
func (t *terraform) fields(rrtype uint16, fields, values *node) (text, problem string) {
	for _, key := range append(append([]string(nil), fields.keys...), "priority") {
		f := fields.get(key)
		if f.kind == null { // missing fields are null, or not there
			delete(fields.fields, key)
		}
		if f.kind == object && f.get("value").isScalar() { // a value of a dynamic type
			fields.fields[key] = f.get("value")
		}
	}
	if p := values.get("priority"); p.isScalar() && fields.fields["priority"] == nil {
		fields.fields["priority"] = p
	}
	return compose(rrtype, fields)
}

// typedAbsolute reads data whose names are absolute, and a TXT value with or without quotation marks.
func (r *reader) typedAbsolute(rrtype uint16, text string) (dns.RR, *malformed) {
	if (rrtype == dns.TypeTXT || rrtype == dns.TypeSPF) && !(len(text) > 1 && strings.HasPrefix(text, `"`) &&
		strings.HasSuffix(text, `"`)) {
		text = textData(text)
	}
	return r.parse(rrtype, text, func(rel string) string { return rel + "." })
}

// automaticTTL replaces Cloudflare's TTL "automatic".
func (r *reader) automaticTTL(rec *record) {
	if rec.ttl != nil && *rec.ttl == 1 {
		r.automatic(Position{}, "", &record{ttl: rec.ttl})
		n := uint32(300)
		rec.ttl = &n
	}
}
