package change

import (
	"strings"
)

// readJSON reads the JSON of Route 53, DNSControl or Terraform, whichever it is.
func readJSON(file, data, zone string) *reader {
	r := newReader(file, "", zone)
	r.data = data
	j := newJSONReader(r)
	if strings.HasPrefix(strings.TrimLeft(data, " \t\n"), "[") {
		j.dnscontrol()
	} else {
		j.topLevel()
	}
	if len(r.mistakes) == 0 {
		if at := j.next(); strings.TrimSpace(data[at:]) != "" {
			r.fail(r.position(at), "there is more after the end of the JSON")
		}
	}
	return r
}

// topLevel reads an object, and finds out by its keys what it is.
func (j *jsonReader) topLevel() {
	var plan *terraform
	var seen []string
	start := j.next()
	whole := j.object(func(key string) bool {
		seen = append(seen, key)
		switch key {
		case "Changes", "ResourceRecordSets":
			j.route53(key)
		case "ChangeBatch":
			j.object(func(key string) bool {
				if key == "Changes" {
					j.route53(key)
				}
				return key == "Changes"
			})
		case "format_version", "terraform_version", "resource_changes", "planned_values", "prior_state":
			if plan == nil {
				plan = &terraform{jsonReader: j, zones: map[string]string{}}
			}
			return plan.read(key)
		default:
			return false
		}
		return true
	})
	switch {
	case !whole:
		if len(j.mistakes) == 0 {
			j.fail(j.position(start), "this is not valid JSON")
		}
	case j.set.Format == "route53":
		j.route53End()
	case plan != nil:
		plan.end()
	case len(j.mistakes) == 0:
		j.fail(j.position(start), "the JSON is none of these: %s", kinds)
	}
}

// text reads a value that is a text; another one is skipped.
func (j *jsonReader) text() string {
	at := j.next()
	if at < len(j.data) && j.data[at] != '"' {
		j.skip()
		return ""
	}
	t, _ := j.token()
	s, _ := t.(string)
	return s
}
