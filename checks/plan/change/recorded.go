package change

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// The JSON of changes in a case file. Its names never change.
type (
	recordedSet struct {
		Recorded int              `json:"domdocChange"`
		Format   string           `json:"format"`
		Zone     string           `json:"zone,omitempty"`
		Whole    bool             `json:"whole,omitempty"`
		Edits    []recordedEdit   `json:"edits"`
		Open     []recordedChange `json:"open,omitempty"`
		Notes    []string         `json:"notes,omitempty"`
	}
	recordedEdit struct {
		Op      Op       `json:"op"`
		Records []string `json:"records,omitempty"` // as lines of a zone file
		TTL     *uint32  `json:"ttl,omitempty"`
		Alias   string   `json:"alias,omitempty"`
		Proxied bool     `json:"proxied,omitempty"`
		Fresh   bool     `json:"fresh,omitempty"`
		recordedChange
	}
	recordedChange struct {
		Name   string `json:"name"`
		Type   uint16 `json:"type,omitempty"`
		Why    string `json:"why,omitempty"`
		Line   int    `json:"line,omitempty"`
		Column int    `json:"column,omitempty"`
	}
)

// recordedVersion is that of the JSON.
const recordedVersion = 1

// recordedKey begins the JSON of changes in a case file.
const recordedKey = `{"domdocChange":`

// Recorded returns the changes of a file as JSON that Read reads, with nothing else that the file has: a Terraform
// plan and the lines of nsupdate can have secrets.
func (s *Set) Recorded() ([]byte, error) {
	out := recordedSet{
		Recorded: recordedVersion, Format: s.Format, Zone: s.Zone, Whole: s.Whole, Edits: []recordedEdit{},
		Notes: s.Notes,
	}
	for _, e := range s.Edits {
		x := recordedEdit{
			Op: e.Op, TTL: e.TTL, Alias: e.Alias, Proxied: e.Proxied, Fresh: e.Fresh,
			recordedChange: recordedChange{Name: e.Name, Type: e.Type, Line: e.Where.Line, Column: e.Where.Column},
		}
		for _, rr := range e.RRs {
			x.Records = append(x.Records, rr.String())
		}
		out.Edits = append(out.Edits, x)
	}
	for _, o := range s.Open {
		out.Open = append(out.Open, recordedChange{o.Name, o.Type, o.Why, o.Where.Line, o.Where.Column})
	}
	return json.Marshal(out)
}

// readRecorded reads what Recorded has written, which may come from anywhere.
func readRecorded(file, text, zone string) (*Set, error) {
	refuse := func(err error) (*Set, error) {
		return nil, &Error{Mistakes: []Mistake{{
			Position{File: file},
			"the recorded changes cannot be read: " + err.Error(),
		}}}
	}
	var in recordedSet
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return refuse(err)
	}
	if in.Recorded > recordedVersion {
		return refuse(fmt.Errorf("a later version of domdoc wrote them (format version %d)", in.Recorded))
	}
	out := &Set{Format: in.Format, Zone: in.Zone, Whole: in.Whole, Notes: in.Notes}
	for _, x := range in.Edits {
		name, err := canonical(dns.Fqdn(x.Name))
		if err == nil && zone != "" && !inZone(name, zone) {
			err = fmt.Errorf("%s is not in the zone %s", show(name), show(zone))
		}
		if err != nil {
			return refuse(err)
		}
		e := Edit{
			Op: x.Op, Name: name, Type: x.Type, TTL: x.TTL, Alias: x.Alias, Proxied: x.Proxied, Fresh: x.Fresh,
			Where: Position{File: file, Line: x.Line, Column: x.Column},
		}
		for _, line := range x.Records {
			rr, err := dns.NewRR(line)
			if err != nil || rr == nil || strings.Contains(line, "\n") {
				return refuse(fmt.Errorf("%s is not a record", quote(line)))
			}
			e.RRs = append(e.RRs, rr)
		}
		out.Edits = append(out.Edits, e)
	}
	for _, o := range in.Open {
		out.Open = append(out.Open, Open{o.Name, o.Type, o.Why, Position{File: file, Line: o.Line, Column: o.Column}})
	}
	return out, nil
}
