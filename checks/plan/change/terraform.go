package change

import (
	"slices"
	"strings"

	"domdoc/checks/dnsname"
)

// terraform reads a plan (JSON Output Format of Terraform and OpenTofu, version 1). Of its resources it takes the
// attributes of records and the names of zones, nothing else.
type terraform struct {
	*jsonReader
	zones   map[string]string // name by id
	changes []resource
	ids     map[string]bool // the ids of zones that changes of records have
	depth   int             // of the module that is read
	planned bool            // resource_changes is there
	outside *Position       // a record of another zone
	strange string          // its name
}

// resource is a change of one record.
type resource struct {
	address, kind string
	actions       []string
	change        *node
}

var recordKinds = []string{"aws_route53_record", "cloudflare_dns_record", "cloudflare_record"}

// read reads a field of the plan. It returns false for one that has nothing of use.
func (t *terraform) read(key string) bool {
	t.set.Format = "terraform"
	switch key {
	case "format_version":
		at := t.next()
		if v := t.text(); !strings.HasPrefix(v, "0.") && !strings.HasPrefix(v, "1.") {
			t.fail(t.position(at), "the version %s of the plan's format is not known", quote(v))
		}
	case "resource_changes":
		t.planned = true
		t.list(t.resource)
	case "planned_values":
		t.object(func(key string) bool { return key == "root_module" && t.module() })
	case "prior_state":
		t.object(func(key string) bool {
			return key == "values" && t.object(func(key string) bool { return key == "root_module" && t.module() })
		})
	default:
		return false
	}
	return true
}

// module reads the names of zones in a module of a state.
func (t *terraform) module() bool {
	if t.depth++; t.depth > maxDepth {
		t.fail(t.position(t.next()), "the JSON is nested too deeply")
		t.more = true
		return false
	}
	defer func() { t.depth-- }()
	return t.object(func(key string) bool {
		switch key {
		case "resources":
			t.list(func() bool {
				n, ok := t.value()
				if ok {
					t.named(n.get("type").scalar(), n.get("values"))
				}
				return ok
			})
		case "child_modules":
			t.list(t.module)
		default:
			return false
		}
		return true
	})
}

// named takes the name of a zone.
func (t *terraform) named(kind string, values *node) {
	switch kind {
	case "aws_route53_zone", "cloudflare_zone", "cloudflare_zones":
	default:
		return
	}
	name, err := canonical(values.get("name", "zone").scalar())
	for _, id := range []string{values.get("zone_id").scalar(), values.get("id").scalar()} {
		if id != "" && err == nil {
			t.zones[id] = name
		}
	}
}

// resource reads one change of resource_changes.
func (t *terraform) resource() bool {
	at := t.next()
	n, ok := t.value()
	if !ok {
		return false
	}
	kind := n.get("type").scalar()
	change := n.get("change")
	t.named(kind, change.get("after"))
	t.named(kind, change.get("before"))
	if !slices.Contains(recordKinds, kind) {
		if strings.Contains(kind, "dns") && strings.Contains(kind, "record") {
			t.note("resources of the type %s are left out", show(kind))
		}
		return true
	}
	if mode := n.get("mode").scalar(); mode != "" && mode != "managed" {
		return true
	}
	r := resource{address: n.get("address").scalar(), kind: kind, change: change}
	for _, a := range change.get("actions").items {
		r.actions = append(r.actions, a.scalar())
	}
	change.offset = at
	t.changes = append(t.changes, r)
	if len(t.changes) > MaxRecords {
		t.fail(t.position(at), "more than %d records", MaxRecords)
		t.more = true
	}
	return !t.more
}

// end reads the changes, once the names of all zones are known.
func (t *terraform) end() {
	switch {
	case len(t.mistakes) > 0:
		return
	case !t.planned:
		t.fail(Position{File: t.file}, "the JSON has no resource_changes: it is a state, or the plan of an empty "+
			"configuration; give the output of terraform show -json FILE for a file of terraform plan -out=FILE")
		return
	}
	t.findZones()
	if t.zone == "" {
		t.fail(Position{File: t.file}, "the plan does not say of which zone its records are: the zone must be named")
		return
	}
	for _, r := range t.changes {
		if t.full() {
			return
		}
		t.apply(r)
	}
	t.settle()
	nothing := len(t.set.Edits) == 0 && len(t.set.Open) == 0
	switch {
	case t.outside != nil && nothing:
		t.fail(*t.outside, "%s is not in the zone %s, and the plan changes no record that is", show(t.strange),
			show(t.zone))
	case t.outside != nil:
		t.note("records of other zones in the plan are left out, such as %s", show(t.strange))
	case nothing:
		t.note("the plan changes no record of %s", show(t.zone))
	}
}

// findZones collects the zones of the records. A zone that has a record of this zone, by its whole name, is this
// zone.
func (t *terraform) findZones() {
	t.ids = map[string]bool{}
	for _, r := range t.changes {
		for _, side := range []string{"before", "after"} {
			values := r.change.get(side)
			if values.kind != object {
				continue
			}
			id := values.get("zone_id").scalar() // empty if it is known only after apply
			t.ids[id] = true
			if _, known := t.zones[id]; known || id == "" || t.zone == "" {
				continue
			}
			for _, attribute := range []string{"name", "fqdn", "hostname"} {
				if name, err := canonical(octal(values.get(attribute).scalar())); err == nil && inZone(name, t.zone) {
					t.zones[id] = t.zone
				}
			}
		}
	}
	if t.zone == "" {
		t.guessZone()
	}
}

// guessZone takes the only zone that the changes have.
func (t *terraform) guessZone() {
	for id := range t.ids {
		name, ok := t.zones[id]
		if !ok || t.zone != "" && t.zone != name {
			t.zone = ""
			return
		}
		t.zone = name
	}
	t.set.Zone = t.zone
}

// owner returns the name of a record, and false if the record is of another zone, or if that is not known.
func (t *terraform) owner(r resource, side string) (name string, ok bool) {
	values := r.change.get(side)
	at := t.place(r.change)
	if hidden(r, side, "name") || !values.get("name").isScalar() {
		t.open(at, "", 0, "the name of "+show(r.address)+" is sensitive or known only after apply")
		return "", false
	}
	text := octal(values.get("name").scalar())
	id := values.get("zone_id").scalar()
	zone, known := t.zones[id]
	name, err := canonical(text)
	if text == "" || text == "@" {
		name, err = "", nil
	}
	if err != nil {
		t.fail(at, "%s: %s", show(r.address), err)
		return "", false
	}
	switch {
	case known:
		if !inZone(name, zone) { // the providers append the zone to other names
			name, err = canonical(below(name, zone))
		}
	case inZone(name, t.zone):
	case values.get("fqdn", "hostname").isScalar():
		name, err = canonical(values.get("fqdn", "hostname").scalar())
	case absolute(text) || classic(name): // a whole name of another zone
	case len(t.ids) > 1:
		t.open(at, "", 0, "the plan does not say which zone "+show(r.address)+" is in")
		return "", false
	default:
		if strings.Contains(name, ".") && dnsname.HasPublicSuffix(name) {
			t.note("%s: %s is taken as %s, as the plan does not say its zone", at, show(name), show(below(name, t.zone)))
		}
		name, err = canonical(below(name, t.zone))
	}
	if err != nil {
		t.fail(at, "%s: %s", show(r.address), err)
		return "", false
	}
	// A zone of its own below this one, which the plan names, is another zone.
	if known && zone != t.zone || !inZone(name, t.zone) {
		if t.outside == nil {
			t.outside, t.strange = &at, name
		}
		return "", false
	}
	return name, true
}

// hidden reports whether an attribute is sensitive, or known only after apply.
func hidden(r resource, side, attribute string) bool {
	return secret(r, side, attribute) || side == "after" && (r.change.get("after_unknown").truth() ||
		r.change.get("after_unknown").get(attribute).any())
}

// secret reports whether an attribute is sensitive.
func secret(r resource, side, attribute string) bool {
	marks := r.change.get(side + "_sensitive")
	return marks.truth() || marks.get(attribute).any()
}

// apply reads the change of a record.
func (t *terraform) apply(r resource) {
	at := t.place(r.change)
	creates, updates, deletes := slices.Contains(r.actions, "create"), slices.Contains(r.actions, "update"),
		slices.Contains(r.actions, "delete")
	if slices.Contains(r.actions, "forget") {
		t.note("%s: %s is only forgotten by Terraform; the record stays", at, show(r.address))
	}
	if !creates && !updates && !deletes {
		return
	}
	if !t.count(at) {
		return
	}
	if r.kind == "aws_route53_record" {
		t.aws(r, at, deletes, creates || updates)
		return
	}
	t.cloudflare(r, at, deletes || updates, creates || updates)
}
