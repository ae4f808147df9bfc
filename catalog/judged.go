package catalog

import "strings"

// judged are the parts of a domain that checks judge, by the ids of the checks. One of them that passes is enough.
var judged = []struct {
	part   string
	checks []string
	always bool // its absence is worth saying
}{
	{"entry in the service", []string{"service"}, false},
	{"registration", []string{"registration"}, true},
	{"delegation", []string{"delegation"}, true},
	{"DNSSEC", []string{"dnssec"}, true},
	{"verification record", []string{"verification"}, false},
	{"expected records", []string{"records"}, true},
	{"addresses", []string{"addresses"}, false},
	{"CAA", []string{"caa"}, false},
	{"certificate", []string{"certificate"}, true},
	{"CDN", []string{"cdn"}, false},
	{"web page", []string{"http"}, true},
}

// Judged says in one line what was judged at a domain without a fault, and from where. passed reports whether the
// check with an id passed; resolvers are those that were asked and answered.
func Judged(passed func(check string) bool, resolvers []string) string {
	var yes, no []string
	for _, j := range judged {
		found := false
		for _, id := range j.checks {
			found = found || passed(id)
		}
		switch {
		case found:
			yes = append(yes, j.part)
		case j.always:
			no = append(no, j.part)
		}
	}
	if len(yes) == 0 {
		return "nothing"
	}
	s := strings.Join(yes, ", ") + "; from this machine"
	if len(resolvers) > 0 {
		s += " and " + strings.Join(resolvers, ", ")
	}
	if len(no) > 0 {
		s += "; not judged: " + strings.Join(no, ", ")
	}
	return s
}
