package causes

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
)

// MisplacedValue is the expected value at the wrong name or type: the arguments of record.name-doubled,
// record.wrong-name and record.wrong-type.
type MisplacedValue struct {
	Record catalog.Record `json:"record"`
	At     string         `json:"at"`     // the owner name that has the value
	AtType string         `json:"atType"` // the type of the record there
	Seen   string         `json:"seen,omitempty"`
	Detail string         `json:"detail,omitempty"` // what else is wrong with the value
}

// misplaced returns the record as it is published.
func (a MisplacedValue) misplaced() catalog.Record {
	return catalog.Record{Zone: a.Record.Zone, Host: a.Record.Host, Name: a.At, Type: a.AtType, Value: a.Seen}
}

// moveFix publishes the record at the right name. A routing record of another name may be in use there, so it stays.
func (a MisplacedValue) moveFix() catalog.Fix {
	f := catalog.Publish(a.Record)
	if catalog.Refused(a.Record) { // which may be why it is at the other name
		return f
	}
	if a.Record.Role == catalog.Routing {
		f.Steps = append(f.Steps, fmt.Sprintf("keep the %s record at %s if that name is in use too: it does no harm",
			a.AtType, a.misplaced().Label()))
		return f
	}
	f.Steps = append(f.Steps, catalog.ThenDelete(a.misplaced()))
	f.Deletes = append(f.Deletes, a.misplaced())
	return f
}

// value returns the published value with what is wrong with it.
func (a MisplacedValue) value() string {
	if a.Detail != "" {
		return catalog.Quote(a.Seen) + " (" + a.Detail + ")"
	}
	return catalog.Quote(a.Seen)
}

// misplacedExplains is what follows from a record at the wrong name or type.
var misplacedExplains = slices.Concat(sameName(RecordMissing.ID), recordExplains)

// RecordNameDoubled is record.name-doubled.
var RecordNameDoubled = catalog.Declare(catalog.Cause{
	ID: "record.name-doubled", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 8,
	Title:     "the zone name is appended twice to the record name",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: misplacedExplains,
	Description: "Most DNS panels append the zone name to whatever is entered in the name field. A full name entered " +
		"there becomes name.zone.zone, which is never looked up.",
	Detection: "The expected name does not exist, and the expected value is found at the same name with the zone (or " +
		"the host) name appended again.",
	Confused: "record.missing: the record was created, which is why the panel shows it; record.wrong-name, where the " +
		"name is different, not longer.",
	Refs: []string{"RFC 1035 5.1"},
}, catalog.Text[MisplacedValue]{
	Summary: func(a MisplacedValue) string {
		return fmt.Sprintf("%s was created as %s: the zone name is appended twice", catalog.Named(a.Record), a.At)
	},
	Why: func(a MisplacedValue) string {
		value := "is correct, but the record is at the wrong name"
		if a.Detail != "" {
			value = "is not correct either"
		}
		return fmt.Sprintf(
			"the DNS panel appends %s to every name, so entering the full name doubled it; the value %s %s",
			a.Record.Zone, a.value(), value)
	},
	Fix: func(a MisplacedValue) catalog.Fix {
		f := catalog.Enter(a.Record)
		f.Exist = true // it is there under a longer name
		rename := fmt.Sprintf("change the record's name from %q to %q (or end the full name with a dot)", a.Record.Name,
			a.Record.Label())
		if where, record, ok := strings.Cut(f.Steps[0], catalog.AddVerb); ok {
			f.Steps[0] = where + ", " + rename + "; the record is then: " + record
		} else {
			f.Steps = append([]string{rename}, f.Steps...)
		}
		f.Deletes = append(f.Deletes, a.misplaced())
		return f
	},
	Example: MisplacedValue{
		Record: exampleVerification, At: "_verify.shop.example.com.example.com", AtType: "TXT", Seen: "tok-1",
	},
})

// RecordWrongName is record.wrong-name.
var RecordWrongName = catalog.Declare(catalog.Cause{
	ID: "record.wrong-name", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 6,
	Title:     "the record is at the wrong name",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: misplacedExplains,
	Description: "The correct value is published, but one level too high or too low, under www, without its " +
		"underscore, or with a hyphen in place of the underscore.",
	Detection: "The expected name does not exist, and a short list of common mistakes is queried at the " +
		"authoritative " +
		"servers; one of these names has the value. A random name next to it shows that no wildcard answered.",
	Confused: "record.name-doubled, where the zone name is appended twice; record.missing, where the value does not " +
		"exist anywhere.",
	Refs: []string{"RFC 8552 1.1"},
}, catalog.Text[MisplacedValue]{
	Summary: func(a MisplacedValue) string {
		return fmt.Sprintf("%s was created at %s instead", catalog.Named(a.Record), a.At)
	},
	Why: func(a MisplacedValue) string {
		return fmt.Sprintf("the value %s was found at %s, but the service looks only at %s", a.value(), a.At,
			a.Record.Name)
	},
	Fix:     MisplacedValue.moveFix,
	Example: MisplacedValue{Record: exampleVerification, At: "verify.shop.example.com", AtType: "TXT", Seen: "tok-1"},
})

// RecordWrongType is record.wrong-type.
var RecordWrongType = catalog.Declare(catalog.Cause{
	ID: "record.wrong-type", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 5,
	Title:     "the record has the wrong type",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: misplacedExplains,
	Description: "A record was created at the right name with the wrong type: a TXT record instead of a CNAME, or " +
		"the " +
		"reverse.",
	Detection: "The expected type does not exist at the name, and a record of another type there has the expected " +
		"value.",
	Confused: "record.missing: here there is a record, but of another type; record.proxied, where the panel shows " +
		"the " +
		"right type but the servers return addresses.",
	Refs: []string{"RFC 1034 3.6"},
}, catalog.Text[MisplacedValue]{
	Summary: func(a MisplacedValue) string {
		return fmt.Sprintf("%s was created as a %s record", catalog.Named(a.Record), a.AtType)
	},
	Why: func(a MisplacedValue) string {
		return fmt.Sprintf("%s has a %s record with %s, but the service needs a %s record", a.At, a.AtType,
			catalog.Quote(a.Seen), a.Record.Type)
	},
	Fix: func(a MisplacedValue) catalog.Fix {
		f := catalog.Enter(a.Record)
		f.Exist = a.Record.Type == "CNAME" || a.Record.Type == "TXT" // the panel has accepted the name
		f.Steps = append([]string{fmt.Sprintf("delete the %s record at %s with %s", a.AtType, a.Record.Label(),
			catalog.Quote(a.Seen))}, f.Steps...)
		f.Deletes = append(f.Deletes, a.misplaced())
		return f
	},
	Example: MisplacedValue{
		Record: catalog.Record{
			Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com",
			Type: "CNAME", Value: "tok-1.verify.example.net",
		},
		At: "_verify.shop.example.com", AtType: "TXT", Seen: "tok-1.verify.example.net",
	},
})
