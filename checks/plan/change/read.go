package change

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Read reads the changes of a file. It finds the format by the content, and by the name where that says more. zone is
// the zone that the records must be in; it may be empty where the file names its own. whole says that the file has
// all records of the zone. The error is an *Error; nothing is half read.
//
//	zone        a zone file (RFC 1035), also as BIND, Cloudflare and cli53 (Route 53) export it
//	nsupdate    lines of nsupdate
//	route53     a change batch, or what aws route53 list-resource-record-sets prints
//	octodns     a zone of octoDNS in YAML
//	dnscontrol  a report of dnscontrol preview --report
//	terraform   a plan, as terraform show -json or tofu show -json prints it
func Read(fileName string, data []byte, zone string, whole bool) (*Set, error) {
	refuse := func(problem string) (*Set, error) {
		return nil, &Error{Mistakes: []Mistake{{Position{File: fileName}, problem}}}
	}
	zone, err := zoneName(zone)
	if err != nil {
		return refuse(err.Error())
	}
	text, err := plainText(fileName, data)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(text, recordedKey) {
		return readRecorded(fileName, text, zone)
	}
	var r *reader
	switch kind(fileName, text) {
	case "json":
		r = readJSON(fileName, text, zone)
	case "octodns":
		r = readOctoDNS(fileName, text, zone)
	case "nsupdate":
		r = readNsupdate(fileName, text, zone)
	case "zone":
		r = readZone(fileName, text, zone)
	default:
		return refuse(unknown(fileName, text))
	}
	if r.set.Format == "octodns" && !whole {
		r.note("octoDNS deletes what its file leaves out, unless it is told otherwise: --whole plans that")
	}
	if whole && r.changesOnly() {
		r.fail(Position{File: fileName},
			"the file has changes only, not all records of a zone: it cannot be the whole zone")
	}
	r.set.Whole = whole
	return r.finish()
}

// changesOnly reports whether a format says what changes, and not what a zone has.
func (r *reader) changesOnly() bool {
	return !r.complete && !slices.Contains([]string{"zone", "octodns"}, r.set.Format)
}

const kinds = "a zone file, nsupdate lines, a Route 53 change batch, a zone of octoDNS, a report of DNSControl, or " +
	"a Terraform plan from terraform show -json"

// unknown says what a file is not, and what to give instead of sources of known tools.
func unknown(file, text string) string {
	switch {
	case strings.TrimSpace(text) == "":
		return "the file is empty"
	case strings.EqualFold(filepath.Ext(file), ".tf"):
		return "this is a Terraform configuration; give its plan: terraform plan -out=FILE, then terraform show -json " +
			"FILE"
	case strings.EqualFold(filepath.Ext(file), ".js"):
		return "this is JavaScript; of DNSControl, give the report of dnscontrol preview --report=FILE"
	}
	return "the file is none of these: " + kinds
}

// yamlKey matches the first key of a zone of octoDNS.
var yamlKey = regexp.MustCompile(`^(---|\? |('[^']*'|"[^"]*"|[^\s:;$#'"]+):\s*([#{].*)?$)`)

// kind finds the format; empty if it is none.
func kind(file, text string) string {
	switch trimmed := strings.TrimLeft(text, " \t\n"); {
	case trimmed == "":
		return ""
	case trimmed[0] == '{' || trimmed[0] == '[':
		return "json"
	}
	switch strings.ToLower(filepath.Ext(file)) {
	case ".yaml", ".yml":
		return "octodns"
	case ".json":
		return "json"
	}
	const enough = 2000 // lines that may be comments or leave the question open
	n := 0
	for line := range strings.Lines(text) {
		if n++; n > enough {
			break
		}
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || trimmed[0] == ';':
			continue
		case trimmed[0] == '#': // a comment of YAML; nothing in a zone file
			continue
		case yamlKey.MatchString(strings.TrimRight(line, "\n")):
			return "octodns"
		case isNsupdate(trimmed):
			return "nsupdate"
		case isZone(line):
			return "zone"
		}
	}
	return ""
}

// isZone reports whether a line is a directive, or the beginning of a record.
func isZone(line string) bool {
	c := &cursor{text: line}
	if !isSpace(line[0]) {
		w, _ := c.word()
		if slices.Contains([]string{"$ORIGIN", "$TTL", "$INCLUDE", "$GENERATE"}, strings.ToUpper(w)) {
			return true
		}
	}
	return readHead(c).known
}

// nsupdateWords are the commands of nsupdate that can begin a line.
var nsupdateWords = strings.Fields("server local zone class ttl key gsstsig oldgsstsig realm check-names prereq " +
	"update add del delete nxdomain yxdomain nxrrset yxrrset send answer show debug quit help version")

// isNsupdate reports whether a line is one of nsupdate. A record whose owner has the name of a command is none.
func isNsupdate(line string) bool {
	c := &cursor{text: line}
	w, _ := c.word()
	if !slices.Contains(nsupdateWords, strings.ToLower(w)) {
		return false
	}
	after := *c
	second, _ := c.word()
	if strings.EqualFold(w, "class") || strings.EqualFold(w, "ttl") {
		rest, _ := c.rest()
		return second != "" && rest == ""
	}
	return !readHead(&after).known
}
