package causes

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
)

// The causes about the values and parameters of CAA records.

// replaceAmazon is the fix that replaces records that were meant to allow Amazon.
func (a CAASet) replaceAmazon() catalog.Fix {
	r := a.record(a.Tag)
	f := catalog.Publish(r, "delete the record quoted above, and add this one instead")
	for _, v := range a.Set {
		if fields := strings.Fields(v); len(fields) > 1 && strings.EqualFold(fields[1], a.Tag) && slices.ContainsFunc(
			AmazonCAA(), func(n string) bool { return strings.Contains(strings.ToLower(v), n) }) {
			old := r
			old.Value, old.TTL = v, 0
			f.Deletes = append(f.Deletes, old)
		}
	}
	f.Steps = append(f.Steps, "then request the certificate again: a failed request is not retried")
	return f
}

// CAAMalformedIssue is caa.malformed.
var CAAMalformedIssue = catalog.Declare(catalog.Cause{
	ID: "caa.malformed", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "a malformed CAA record does not allow Amazon",
	Codes: caaCodes, Explains: slices.Concat(links(CAAForbids.ID, CAAForbidsWildcard.ID), caaExplains),
	Description: "The CAA record that should allow Amazon violates the grammar of CAA values. Authorities treat " +
		"such a " +
		"value as naming no authority, so the record forbids what it should allow.",
	Detection: "The values of the deciding CAA set are parsed by the grammar of RFC 8659. One contains a name of " +
		"Amazon but is not valid, and no other allows Amazon.",
	Confused: "caa.forbids, where the records are valid but name other authorities; caa.parameters, where the value " +
		"is " +
		"valid but its parameters exclude the request.",
	Refs: []string{"RFC 8659 4.2", "https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html"},
}, catalog.Text[CAASet]{
	Summary: func(a CAASet) string {
		return fmt.Sprintf("a malformed CAA record at %s does not allow Amazon to issue for %s", a.At, a.Domain)
	},
	Why: func(a CAASet) string {
		return fmt.Sprintf("authorities treat the value as naming no authority, because of a fault in %s; the set is %s",
			a.Detail, catalog.Join(a.Set)) + a.hint()
	},
	Fix: CAASet.replaceAmazon,
	Example: CAASet{
		Domain: "shop.example.com", At: "example.com", Zone: "example.com", Tag: "issue",
		Set:    []string{`0 issue "amazon.com; a_b=1"`},
		Detail: `"amazon.com; a_b=1": in the parameter name "a_b", an underscore (U+005F) at position 14`,
	},
})

// CAAParametersExclude is caa.parameters.
var CAAParametersExclude = catalog.Declare(catalog.Cause{
	ID: "caa.parameters", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "parameters of a CAA record exclude the request",
	Codes: caaCodes, Explains: slices.Concat(links(CAAForbids.ID, CAAForbidsWildcard.ID), caaExplains),
	Description: "The CAA record names Amazon, but only for another account (accounturi), or only with validation " +
		"methods that the platform does not use (validationmethods). Often they were copied from a record for another " +
		"authority.",
	Detection: "The parameters of each record that names Amazon are compared with what the platform uses: its own " +
		"account, and validation by DNS. No other record allows Amazon.",
	Confused: "caa.malformed, where the value is not valid at all; caa.forbids, where no record names Amazon.",
	Refs:     []string{"RFC 8657 3", "RFC 8657 4", "RFC 8659 4.2"},
}, catalog.Text[CAASet]{
	Summary: func(a CAASet) string {
		return fmt.Sprintf("parameters of the CAA record at %s exclude the certificate for %s", a.At, a.Domain)
	},
	Why: func(a CAASet) string {
		return fmt.Sprintf("the record that names Amazon restricts it: %s; the set is %s", a.Detail,
			catalog.Join(a.Set)) + a.hint()
	},
	Fix: CAASet.replaceAmazon,
	Example: CAASet{
		Domain: "shop.example.com", At: "example.com", Zone: "example.com", Tag: "issue",
		Set: []string{`0 issue "amazon.com; validationmethods=http-01"`},
		Detail: `"amazon.com; validationmethods=http-01": validationmethods is http-01, but the platform validates by ` +
			`DNS`,
	},
})
