package causes

import (
	"fmt"
	"strings"

	"domdoc/catalog"
)

// amazonCAA are the CAA names that each let Amazon issue (ACM user guide).
var amazonCAA = [...]string{"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"}

// AmazonCAA returns the four CAA names that let Amazon issue.
func AmazonCAA() []string { return amazonCAA[:] }

// CAAVerdict is what the deciding CAA set means for the platform's certificate authority (RFC 8659 4).
type CAAVerdict string

// The verdicts.
const (
	CAAAllowed   CAAVerdict = "allowed"
	CAAForbidden CAAVerdict = "forbidden"
	CAACritical  CAAVerdict = "critical" // the set has a critical property that is not known
	// CAAMalformed: the property that names Amazon violates the grammar, so it names no authority.
	CAAMalformed CAAVerdict = "malformed"
	// CAAParameters: the property that names Amazon has parameters that exclude the platform's request (RFC 8657).
	CAAParameters CAAVerdict = "parameters"
	CAANoSet      CAAVerdict = "no-set"  // no name up to the TLD has CAA records
	CAAFails      CAAVerdict = "fails"   // a lookup on the way fails
	CAAUnknown    CAAVerdict = "unknown" // it could not be queried
)

// Sentence explains the verdict. owner is the name whose set decides; tag is the deciding property, empty if there is
// none.
func (v CAAVerdict) Sentence(owner, tag string) string {
	switch v {
	case CAAAllowed:
		if tag == "" {
			return fmt.Sprintf("the set at %s has no issue property, so it restricts no authority", owner)
		}
		return fmt.Sprintf("%s at %s names Amazon, the authority that the platform uses", tag, owner)
	case CAAForbidden:
		return fmt.Sprintf("%s at %s does not name Amazon (%s)", tag, owner, catalog.Join(AmazonCAA()))
	case CAACritical:
		return fmt.Sprintf(
			"the set at %s has the critical property %q, which no authority supports, so none may issue", owner, tag)
	case CAAMalformed:
		return fmt.Sprintf("%s at %s is meant for Amazon but malformed, so it names no authority", tag, owner)
	case CAAParameters:
		return fmt.Sprintf("%s at %s names Amazon, with parameters that exclude the platform's request", tag, owner)
	case CAANoSet:
		return "no name up to the TLD has CAA records, so every authority may issue"
	case CAAFails:
		return fmt.Sprintf("the lookup for %s fails, so no authority may issue", owner)
	case CAAUnknown:
	}
	return "the CAA records could not be queried"
}

// authorities maps a word of the issuer's organization to the CAA name of the certificate authority.
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

// AuthorityCAA returns the CAA name of the authority that issued a certificate, by the issuer's organization; empty
// if unknown.
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
