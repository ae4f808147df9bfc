package causes

import (
	"fmt"
	"strings"

	"domdoc/catalog"
)

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

// Sentence says why a verdict stands. owner is the name whose set decides, tag the property that decides; tag is
// empty where none does.
func (v CAAVerdict) Sentence(owner, tag string) string {
	switch v {
	case CAAAllowed:
		if tag == "" {
			return fmt.Sprintf("the set at %s has no issue property, so it restricts nobody", owner)
		}
		return fmt.Sprintf("%s at %s names Amazon, whose authority the platform uses", tag, owner)
	case CAAForbidden:
		return fmt.Sprintf("%s at %s names none of %s", tag, owner, catalog.Join(AmazonCAA()))
	case CAACritical:
		return fmt.Sprintf(
			"the set at %s has the property %q marked critical, which no authority knows: so none may issue", owner, tag)
	case CAANoSet:
		return "no name up to the ending has CAA records, so every authority may issue"
	case CAAFails:
		return fmt.Sprintf("the question for %s fails, and an authority must then refuse", owner)
	case CAAUnknown:
	}
	return "whether the certificate is allowed could not be asked"
}

// authorities are the CAA names of certificate authorities, by a word of the organisation that stands as issuer in
// their certificates.
var authorities = []struct{ organisation, caa string }{
	{"amazon", "amazon.com"},
	{"let's encrypt", "letsencrypt.org"},
	{"google trust", "pki.goog"},
	{"digicert", "digicert.com"},
	{"sectigo", "sectigo.com"},
	{"comodo", "sectigo.com"},
	{"zerossl", "sectigo.com"},
	{"globalsign", "globalsign.com"},
	{"godaddy", "godaddy.com"},
	{"starfield", "starfieldtech.com"},
	{"entrust", "entrust.net"},
	{"ssl corp", "ssl.com"},
	{"buypass", "buypass.com"},
	{"identrust", "identrust.com"},
	{"actalis", "actalis.it"},
	{"certum", "certum.pl"},
	{"unizeto", "certum.pl"},
	{"asseco", "certum.pl"},
	{"microsoft", "microsoft.com"},
	{"harica", "harica.gr"},
	{"hellenic academic", "harica.gr"},
	{"swisssign", "swisssign.com"},
	{"telekom", "telesec.de"},
	{"certigna", "certigna.fr"},
}

// AuthorityCAA is the name by which CAA records allow the authority that issued a certificate; empty where it is not
// known.
func AuthorityCAA(organisation []string) string {
	for _, o := range organisation {
		o = strings.ToLower(o)
		for _, a := range authorities {
			if strings.Contains(o, a.organisation) {
				return a.caa
			}
		}
	}
	return ""
}
