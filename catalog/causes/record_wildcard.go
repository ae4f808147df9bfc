package causes

import (
	"fmt"

	"domdoc/catalog"
)

// RecordWildcardAnswers is record.wildcard-answers.
var RecordWildcardAnswers = catalog.Declare(catalog.Cause{
	ID: "record.wildcard-answers", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 5,
	Title:  "a wildcard answers; the name itself is not there",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]catalog.Link{
		{To: "record.missing", Same: true},
		{To: "record.value-differs", Same: true},
		{To: "record.cname-dangling", Same: true},
	}, recordExplains...),
	Description: "No record exists at the name. A wildcard (*) in the zone answers for it with something else, which " +
		"looks as if a wrong record were there.",
	Detection: "A random name at the same depth gets the same answer.",
	Confused: "record.value-differs: there is nothing at the name to change; the record must be added. Also " +
		"record.cname-wrong-target, where the CNAME is the name's own.",
	Refs: []string{"RFC 4592 2.2"},
}, catalog.Text[SeenArgs]{
	Summary: func(a SeenArgs) string {
		return catalog.Named(a.Record) + " does not exist; the zone's wildcard answers in its place"
	},
	Why: func(a SeenArgs) string {
		return fmt.Sprintf(
			"a random name beside it gets the same answer (%s), so it comes from a * record and not from a record of "+
				"this name", catalog.Join(a.Seen))
	},
	Fix: func(a SeenArgs) catalog.Fix {
		f := catalog.Publish(a.Record)
		f.Steps = append(f.Steps, "leave the wildcard as it is: an exact record wins over it")
		return f
	},
	Example: SeenArgs{Record: exampleSeen.Record, Seen: []string{"CNAME edge.example.net"}},
})

// RecordHidesWildcard is record.hides-wildcard.
var RecordHidesWildcard = catalog.Declare(catalog.Cause{
	ID: "record.hides-wildcard", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "a record below the name stopped the wildcard",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: append([]catalog.Link{
		{To: "record.missing", Same: true},
		{To: "record.wildcard-answers", Same: true},
	}, recordExplains...),
	Description: "The name was served by a wildcard. A record below it (_verify.app) makes the name itself exist, " +
		"empty, and a wildcard covers only names that do not exist.",
	Detection: "The name answers NODATA, while a random name beside it is answered by the wildcard.",
	Confused: "record.missing: it worked until the record below was added; record.nxdomain-above, where the server " +
		"denies the name.",
	Refs: []string{"RFC 4592 2.2.2", "RFC 4592 4.9"},
}, catalog.Text[SeenArgs]{
	Summary: func(a SeenArgs) string {
		return fmt.Sprintf("the wildcard no longer answers for %s, because there is a record below that name",
			a.Record.Name)
	},
	Why: func(a SeenArgs) string {
		return fmt.Sprintf("%s answers with nothing, a random name beside it with %s; %s", a.Record.Name,
			catalog.Join(a.Seen),
			a.Detail)
	},
	Fix: func(a SeenArgs) catalog.Fix {
		f := catalog.Publish(a.Record)
		f.Steps = append(f.Steps, "keep the record below it: an explicit record for the name itself is what is missing")
		return f
	},
	Example: SeenArgs{
		Record: catalog.Record{
			Role: catalog.Routing, Zone: "example.com", Name: "app.example.com", Type: "CNAME",
			Value: "d111111abcdef8.cloudfront.net",
		},
		Seen: []string{"CNAME d111111abcdef8.cloudfront.net"}, Detail: "_verify.app.example.com exists",
	},
})
