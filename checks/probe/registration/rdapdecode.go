package registration

import (
	"encoding/json"
	"errors"
	"iter"
	"strconv"
	"strings"
)

// The parts of RDAP's objects that are read (RFC 9083). openrdap has all of them, but brings a command-line parser
// whose templates keep the linker from removing a sixth of the program; a test compares the two.
type (
	rdapError struct { // RFC 9083 6
		conformance []string
		notices     []rdapNotice
		code        int // 0 if the code is not a number of 16 bits
		title       string
		description []string
	}

	// rdapHelp is a document that has neither an error code nor an object.
	rdapHelp struct {
		conformance []string
		notices     []rdapNotice
	}

	// rdapOther is an object or a list of objects that is not a domain.
	rdapOther struct{}

	rdapDomain struct { // RFC 9083 5.3
		notices, remarks []rdapNotice
		ldhName, unicode string
		variants         []rdapVariant
		nameservers      []string // their LDH names
		signed           bool     // "delegationSigned", or a DS record or a key
		status           []string
		events           []rdapEvent
		entities         []rdapEntity
	}

	rdapNotice struct { // RFC 9083 4.3
		title       string
		description []string
	}

	rdapVariant struct {
		relation []string
		names    []rdapName
	}

	rdapName struct{ ldh, unicode string }

	rdapEvent struct{ action, date string } // RFC 9083 4.5

	rdapEntity struct { // RFC 9083 5.1
		handle, name, org string // name and org are of the jCard
		roles             []string
		publicIDs         []rdapPublicID
	}

	rdapPublicID struct{ kind, identifier string } // RFC 9083 4.8
)

// rdapObject is a JSON object. Its methods read a member of any type as openrdap does: a number or a boolean where a
// text is expected is its text, and what does not fit counts as absent.
type rdapObject map[string]any

// parseRDAP returns an *rdapError, *rdapDomain, *rdapHelp or *rdapOther.
func parseRDAP(body []byte) (any, error) {
	var doc rdapObject
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	return doc.read()
}

func (o rdapObject) read() (any, error) {
	if code, ok := o["errorCode"]; ok {
		return &rdapError{
			conformance: o.texts("rdapConformance"), notices: o.notices("notices"), code: rdapCode(code),
			title: o.text("title"), description: o.texts("description"),
		}, nil
	}
	if class, ok := o["objectClassName"]; ok {
		switch class {
		case "domain":
			return o.domain(), nil
		case "autnum", "entity", "ip network", "nameserver":
			return &rdapOther{}, nil
		}
		return nil, errors.New("objectClassName is not recognized")
	}
	for _, results := range []string{"domainSearchResults", "entitySearchResults", "nameserverSearchResults"} {
		if _, ok := o[results]; ok {
			return &rdapOther{}, nil
		}
	}
	return &rdapHelp{conformance: o.texts("rdapConformance"), notices: o.notices("notices")}, nil
}

func (o rdapObject) domain() *rdapDomain {
	d := &rdapDomain{
		notices: o.notices("notices"), remarks: o.notices("remarks"), ldhName: o.text("ldhName"),
		unicode: o.text("unicodeName"), status: o.texts("status"),
	}
	for v := range o.objects("variants") {
		variant := rdapVariant{relation: v.texts("relation")}
		for n := range v.objects("variantNames") {
			variant.names = append(variant.names, rdapName{n.text("ldhName"), n.text("unicodeName")})
		}
		d.variants = append(d.variants, variant)
	}
	for ns := range o.objects("nameservers") {
		d.nameservers = append(d.nameservers, ns.text("ldhName"))
	}
	if s, ok := o["secureDNS"].(map[string]any); ok {
		secure := rdapObject(s)
		d.signed = rdapBool(secure["delegationSigned"])
		for range secure.objects("dsData") {
			d.signed = true
		}
		for range secure.objects("keyData") {
			d.signed = true
		}
	}
	for e := range o.objects("events") {
		d.events = append(d.events, rdapEvent{e.text("eventAction"), e.text("eventDate")})
	}
	for e := range o.objects("entities") {
		entity := rdapEntity{handle: e.text("handle"), roles: e.texts("roles")}
		entity.name, entity.org = jCard(e["vcardArray"])
		for id := range e.objects("publicIds") {
			entity.publicIDs = append(entity.publicIDs, rdapPublicID{id.text("type"), id.text("identifier")})
		}
		d.entities = append(d.entities, entity)
	}
	return d
}

// notices reads the member with notices or remarks.
func (o rdapObject) notices(key string) []rdapNotice {
	var out []rdapNotice
	for n := range o.objects(key) {
		out = append(out, rdapNotice{n.text("title"), n.texts("description")})
	}
	return out
}

func (o rdapObject) text(key string) string {
	s, _ := rdapText(o[key])
	return s
}

func (o rdapObject) texts(key string) []string {
	list, _ := o[key].([]any)
	var out []string
	for _, v := range list {
		if s, ok := rdapText(v); ok {
			out = append(out, s)
		}
	}
	return out
}

// objects yields the objects of a list.
func (o rdapObject) objects(key string) iter.Seq[rdapObject] {
	list, _ := o[key].([]any)
	return func(yield func(rdapObject) bool) {
		for _, v := range list {
			if m, ok := v.(map[string]any); ok && !yield(m) {
				return
			}
		}
	}
}

// rdapText returns the text of a value; false if it is a list or an object.
func rdapText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case nil:
		return "", true
	}
	return "", false
}

func rdapBool(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		b, _ := strconv.ParseBool(v)
		return b
	}
	return false
}

// rdapCode returns an error code; 0 if the value is none.
func rdapCode(v any) int {
	switch v := v.(type) {
	case bool:
		if v {
			return 1
		}
	case float64:
		if v >= 0 && v < 1<<16 {
			return int(v)
		}
	case string:
		if n, err := strconv.ParseUint(v, 10, 16); err == nil {
			return int(n)
		}
	}
	return 0
}

// jCard returns the first name ("fn") and organization ("org") of a jCard (RFC 7095). A jCard with any malformed
// property has neither.
func jCard(v any) (name, org string) {
	card, _ := v.([]any)
	if len(card) != 2 || card[0] != "vcard" {
		return "", ""
	}
	properties, _ := card[1].([]any)
	found := map[string]string{}
	for _, p := range properties {
		property, _ := p.([]any)
		if len(property) < 4 {
			return "", ""
		}
		key, isText := property[0].(string)
		_, hasParameters := property[1].(map[string]any)
		_, hasType := property[2].(string)
		value := property[3]
		if len(property) > 4 {
			value = property[3:]
		}
		texts, ok := jCardTexts(value, 0)
		if !isText || !hasParameters || !hasType || !ok {
			return "", ""
		}
		if _, later := found[key]; !later {
			found[key] = strings.Join(texts, " ")
		}
	}
	return found["fn"], found["org"]
}

// jCardTexts returns a value and those of its lists as texts; false if there is an object, or lists in lists deeper
// than structured values have them (RFC 7095 3.3.1.3).
func jCardTexts(v any, depth int) ([]string, bool) {
	list, ok := v.([]any)
	if !ok {
		s, ok := rdapText(v)
		return []string{s}, ok
	}
	if depth == 3 {
		return nil, false
	}
	var out []string
	for _, v := range list {
		texts, ok := jCardTexts(v, depth+1)
		if !ok {
			return nil, false
		}
		out = append(out, texts...)
	}
	return out, true
}
