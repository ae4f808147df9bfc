package catalog

import "fmt"

// CAAVerdict is what the deciding CAA set means for the platform's certificate authority (RFC 8659 4).
type CAAVerdict string

// The verdicts.
const (
	CAAAllowed   CAAVerdict = "allowed"
	CAAForbidden CAAVerdict = "forbidden"
	CAACritical  CAAVerdict = "critical" // the set has a critical property that nobody knows
	CAANoSet     CAAVerdict = "no-set"   // no name up to the ending has CAA records
	CAAFails     CAAVerdict = "fails"    // a question on the way is answered with a failure
	CAAUnknown   CAAVerdict = "unknown"  // it could not be asked
)

// Sentence says why a verdict stands. owner is the name whose set decides, tag the property that decides; tag is empty where none does.
func (v CAAVerdict) Sentence(owner, tag string) string {
	switch v {
	case CAAAllowed:
		if tag == "" {
			return fmt.Sprintf("the set at %s has no issue property, so it restricts nobody", owner)
		}
		return fmt.Sprintf("%s at %s names Amazon, whose authority the platform uses", tag, owner)
	case CAAForbidden:
		return fmt.Sprintf("%s at %s names none of %s", tag, owner, list(AmazonCAA()))
	case CAACritical:
		return fmt.Sprintf("the set at %s has the property %q marked critical, which no authority knows: so none may issue", owner, tag)
	case CAANoSet:
		return "no name up to the ending has CAA records, so every authority may issue"
	case CAAFails:
		return fmt.Sprintf("the question for %s fails, and an authority must then refuse", owner)
	case CAAUnknown:
	}
	return "whether the certificate is allowed could not be asked"
}
