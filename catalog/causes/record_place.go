package causes

import (
	"fmt"
	"strings"

	"domdoc/catalog"
)

// ElsewhereArgs are the arguments of the causes that found the wanted value, but not where it belongs.
type ElsewhereArgs struct {
	Record catalog.Record `json:"record"`
	At     string         `json:"at"`             // the owner name where the value stands
	AtType string         `json:"atType"`         // and its type there
	Seen   string         `json:"seen,omitempty"` // the value there
	// Detail names what is wrong with the value besides its place.
	Detail string `json:"detail,omitempty"`
}

// wrong is the record at the wrong place.
func (a ElsewhereArgs) wrong() catalog.Record {
	return catalog.Record{Zone: a.Record.Zone, Host: a.Record.Host, Name: a.At, Type: a.AtType, Value: a.Seen}
}

// move is the fix that ends with the record in the right place. What routes another name may be in use there, and
// stays.
func (a ElsewhereArgs) move() catalog.Fix {
	f := catalog.Publish(a.Record)
	if a.Record.Role == catalog.Routing {
		f.Steps = append(f.Steps,
			fmt.Sprintf("leave the %s record at %s if that name is in use as well: it does not stand in the way", a.AtType,
				a.wrong().Label()))
		return f
	}
	f.Steps = append(f.Steps, catalog.ThenDelete(a.wrong()))
	f.Deletes = append(f.Deletes, a.wrong())
	return f
}

// seen is the value at the wrong place, with what is wrong with it.
func (a ElsewhereArgs) seen() string {
	if a.Detail != "" {
		return catalog.Quote(a.Seen) + " (" + a.Detail + ")"
	}
	return catalog.Quote(a.Seen)
}

var exampleElsewhere = ElsewhereArgs{
	Record: catalog.Record{
		Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "TXT",
		Value: "tok-1",
	},
	At: "_verify.shop.example.com.example.com", AtType: "TXT", Seen: "tok-1",
}

// RecordNameDoubled is record.name-doubled.
var RecordNameDoubled = catalog.Declare(catalog.Cause{
	ID: "record.name-doubled", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 8,
	Title:     "the zone's name stands twice in the record's name",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: append([]catalog.Link{{To: "record.missing", Same: true}},
		recordExplains...),
	Description: "Most DNS panels append the zone to whatever is typed into the name field. A whole name typed there " +
		"becomes name.zone.zone, where nobody looks.",
	Detection: "The wanted name is missing, and the wanted value is found at the same name with the zone (or the " +
		"host) behind it once more.",
	Confused: "record.missing: the record was created, which is why the panel shows it; record.wrong-name, where " +
		"the name is another one, not a longer one.",
	Refs: []string{"RFC 1035 5.1"},
}, catalog.Text[ElsewhereArgs]{
	Summary: func(a ElsewhereArgs) string {
		return fmt.Sprintf("%s was created as %s: the zone's name stands in it twice", catalog.Named(a.Record), a.At)
	},
	Why: func(a ElsewhereArgs) string {
		right := "is right, and the place is not"
		if a.Detail != "" {
			right = "is not right either"
		}
		return fmt.Sprintf(
			"the DNS panel adds %s to the name by itself, so typing the whole name doubled it; the value %s %s",
			a.Record.Zone, a.seen(), right)
	},
	Fix: func(a ElsewhereArgs) catalog.Fix {
		f := catalog.Publish(a.Record)
		rename := fmt.Sprintf("change the record's name from %q to %q (or end the whole name with a dot)", a.Record.Name,
			a.Record.Label())
		if where, record, ok := strings.Cut(f.Steps[0], catalog.AddVerb); ok {
			f.Steps[0] = where + ", " + rename + "; it then reads: " + record
		} else {
			f.Steps = append([]string{rename}, f.Steps...)
		}
		f.Deletes = append(f.Deletes, a.wrong())
		return f
	},
	Example: exampleElsewhere,
})

// RecordWrongName is record.wrong-name.
var RecordWrongName = catalog.Declare(catalog.Cause{
	ID: "record.wrong-name", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 6,
	Title:     "the value stands at another name",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: append([]catalog.Link{{To: "record.missing", Same: true}},
		recordExplains...),
	Description: "The right value is published, but one level too high or too low, under www, without its " +
		"underscore, " +
		"or with a dash for it.",
	Detection: "The wanted name is missing, and a short list of names that people type instead is asked at the " +
		"authoritative servers; one of them holds the value. A random name beside it shows that no wildcard answered.",
	Confused: "record.name-doubled, where the zone's name stands twice; record.missing, where the value is nowhere.",
	Refs:     []string{"RFC 8552 1.1"},
}, catalog.Text[ElsewhereArgs]{
	Summary: func(a ElsewhereArgs) string {
		return fmt.Sprintf("%s was created at %s instead", catalog.Named(a.Record), a.At)
	},
	Why: func(a ElsewhereArgs) string {
		return fmt.Sprintf("the value %s was found at %s, but the service looks only at %s", a.seen(), a.At,
			a.Record.Name)
	},
	Fix: func(a ElsewhereArgs) catalog.Fix { return a.move() },
	Example: ElsewhereArgs{
		Record: exampleElsewhere.Record,
		At:     "verify.shop.example.com", AtType: "TXT", Seen: "tok-1",
	},
})

// RecordWrongType is record.wrong-type.
var RecordWrongType = catalog.Declare(catalog.Cause{
	ID: "record.wrong-type", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 5,
	Title:     "another type of record stands at the name",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: append([]catalog.Link{{To: "record.missing", Same: true}},
		recordExplains...),
	Description: "A record was created at the right name, with the wrong type: a TXT where a CNAME is needed, or the " +
		"reverse.",
	Detection: "The wanted type is missing at the name, and another type there holds the wanted value.",
	Confused: "record.missing: something is there, but it is not what is asked for; record.proxied, where the panel " +
		"shows the right type and its servers answer with addresses.",
	Refs: []string{"RFC 1034 3.6"},
}, catalog.Text[ElsewhereArgs]{
	Summary: func(a ElsewhereArgs) string {
		return fmt.Sprintf("%s was created as %s", catalog.Named(a.Record), a.AtType)
	},
	Why: func(a ElsewhereArgs) string {
		return fmt.Sprintf("at %s there is a %s record with %s, and the service asks for %s", a.At, a.AtType,
			catalog.Quote(a.Seen), a.Record.Type)
	},
	Fix: func(a ElsewhereArgs) catalog.Fix {
		f := catalog.Publish(a.Record)
		f.Steps = append([]string{fmt.Sprintf("delete the %s record at %s with %s", a.AtType, a.Record.Label(),
			catalog.Quote(a.Seen))}, f.Steps...)
		f.Deletes = append(f.Deletes, a.wrong())
		return f
	},
	Example: ElsewhereArgs{
		Record: catalog.Record{
			Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com",
			Type: "CNAME", Value: "tok-1.verify.example.net",
		}, At: "_verify.shop.example.com", AtType: "TXT",
		Seen: "tok-1.verify.example.net",
	},
})
