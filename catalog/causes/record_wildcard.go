package causes

import (
	"fmt"
	"slices"

	"domdoc/catalog"
)

// RecordWildcardAnswersArgs are the arguments of record.wildcard-answers.
type RecordWildcardAnswersArgs struct {
	Record catalog.Record `json:"record"`
	Seen   []string       `json:"seen"` // the wildcard's answer
}

// RecordWildcardAnswers is record.wildcard-answers.
var RecordWildcardAnswers = catalog.Declare(catalog.Cause{
	ID: "record.wildcard-answers", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 5,
	Title:  "a wildcard answers, because the record does not exist",
	ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: slices.Concat(sameName(RecordMissing.ID, RecordValueDiffers.ID, RecordCNAMEDangling.ID), recordExplains),
	Description: "There is no record at the name. A wildcard (*) in the zone answers for it, which looks like a " +
		"record " +
		"with a wrong value.",
	Detection: "A random name at the same level gets the same answer.",
	Confused: "record.value-differs: here there is no record to change, it must be added; record.cname-wrong-target, " +
		"where the name has its own CNAME.",
	Refs: []string{"RFC 4592 2.2"},
}, catalog.Text[RecordWildcardAnswersArgs]{
	Summary: func(a RecordWildcardAnswersArgs) string {
		return catalog.Named(a.Record) + " does not exist; the zone's wildcard answers instead"
	},
	Why: func(a RecordWildcardAnswersArgs) string {
		return fmt.Sprintf("a random name at the same level gets the same answer (%s), so it comes from a wildcard (*) "+
			"record", catalog.Join(a.Seen))
	},
	Fix: func(a RecordWildcardAnswersArgs) catalog.Fix {
		f := catalog.Publish(a.Record)
		f.Steps = append(f.Steps, "keep the wildcard: a record at the exact name takes precedence")
		return f
	},
	Example: RecordWildcardAnswersArgs{Record: exampleVerification, Seen: []string{"CNAME edge.example.net"}},
})

// RecordHidesWildcardArgs are the arguments of record.hides-wildcard.
type RecordHidesWildcardArgs struct {
	Record catalog.Record `json:"record"`
	Seen   []string       `json:"seen"`             // the wildcard's answer for other names
	Detail string         `json:"detail,omitempty"` // the record below the name
}

// RecordHidesWildcard is record.hides-wildcard.
var RecordHidesWildcard = catalog.Declare(catalog.Cause{
	ID: "record.hides-wildcard", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "a record below the name disables the wildcard for it",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: slices.Concat(sameName(RecordMissing.ID, RecordWildcardAnswers.ID), recordExplains),
	Description: "The name was served by a wildcard. A record below it (_verify.app) makes the name itself exist " +
		"without records, and a wildcard covers only names that do not exist.",
	Detection: "The name answers NODATA, while the wildcard answers for a random name at the same level.",
	Confused: "record.missing: here the name worked until the record below it was added; record.nxdomain-above, " +
		"where " +
		"the server denies that the name exists.",
	Refs: []string{"RFC 4592 2.2.2", "RFC 4592 4.9"},
}, catalog.Text[RecordHidesWildcardArgs]{
	Summary: func(a RecordHidesWildcardArgs) string {
		return fmt.Sprintf("the wildcard no longer covers %s, because a record exists below that name", a.Record.Name)
	},
	Why: func(a RecordHidesWildcardArgs) string {
		return fmt.Sprintf("%s has no records of this type, while a random name at the same level gets %s; %s",
			a.Record.Name, catalog.Join(a.Seen), a.Detail)
	},
	Fix: func(a RecordHidesWildcardArgs) catalog.Fix {
		f := catalog.Publish(a.Record)
		f.Steps = append(f.Steps, "keep the record below it: only an explicit record for the name itself is missing")
		return f
	},
	Example: RecordHidesWildcardArgs{
		Record: catalog.Record{
			Role: catalog.Routing, Zone: "example.com", Name: "app.example.com", Type: "CNAME",
			Value: "d111111abcdef8.cloudfront.net",
		},
		Seen: []string{"CNAME d111111abcdef8.cloudfront.net"}, Detail: "_verify.app.example.com exists",
	},
})
