package plan

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/checks/dnsname"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/rehearsal"
)

// AdviceLines returns the changes that a fix advises, in the form of change.Lines, by zone. There are none if it
// advises no change of records.
func AdviceLines(fix catalog.Fix) (zones []string, lines map[string][]string) {
	lines = map[string][]string{}
	add := func(verb string, list []catalog.Record) {
		for _, r := range list {
			if !slices.Contains(zones, r.Zone) {
				zones = append(zones, r.Zone)
			}
			lines[r.Zone] = append(lines[r.Zone], verb+" "+oneLine(r.ZoneLine()))
		}
	}
	deletes := slices.Clone(fix.Deletes)
	for i := range deletes {
		deletes[i].TTL = 0
		if _, err := dnsname.Parse(deletes[i].Value); deletes[i].Type == "CNAME" && err != nil {
			deletes[i].Value = "" // it cannot be written, and there is one only
		}
	}
	add("remove", deletes)
	add("add", fix.Records)
	return zones, lines
}

// oneLine escapes what a line of a zone file cannot have (RFC 1035 5.1).
func oneLine(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			fmt.Fprintf(&b, "\\%03d", c)
		} else {
			b.WriteByte(c)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// Advice returns the changes that a fix advises. The error is a *change.Error: the advice is no change of records that
// could be made.
func Advice(fix catalog.Fix) ([]rehearsal.Change, error) {
	zones, lines := AdviceLines(fix)
	var out []rehearsal.Change
	for _, zone := range zones {
		set, err := change.Lines(zone, lines[zone])
		if err != nil {
			return nil, err
		}
		out = append(out, rehearsal.Change{Zone: zone, Edits: set.Edits})
	}
	return out, nil
}
