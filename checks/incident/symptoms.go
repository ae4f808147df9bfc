package incident

import (
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/causes"
)

// symptom is what domains show when somebody whom they share is at fault: one of several causes that this brings
// about.
type symptom struct {
	places []string // where it may be shared, the wider one first
	check  string   // whose conclusion tells that a domain does not show it
	causes []catalog.ID
}

// symptoms are the causes that may be somebody else's incident. A cause that only a tenant brings about is in none of
// them, however many make the same mistake at the same host.
var symptoms = []symptom{
	{
		[]string{causes.PlaceDNSHost, causes.PlaceNameServer},
		"delegation",
		[]catalog.ID{
			causes.DelegationUnreachable.ID, causes.DelegationLame.ID, causes.CAALookupFails.ID,
			causes.CacheStaleServed.ID,
		},
	},
	{
		[]string{causes.PlaceDNSHost, causes.PlaceNameServer},
		"dnssec",
		[]catalog.ID{causes.DNSSECSignatureExpired.ID, causes.DNSSECBogus.ID},
	},
	{[]string{causes.PlaceDNSHost}, "delegation", []catalog.ID{causes.RecordServersDisagree.ID}},
	{[]string{causes.PlaceDNSHost}, "delegation", []catalog.ID{
		causes.RecordTruncatedNoTCP.ID,
		causes.RecordNXDomainAbove.ID,
	}},
	{[]string{causes.PlaceEnding}, "registration", []catalog.ID{causes.RegistrationUnknown.ID}},
	{[]string{causes.PlaceRegistrar}, "registration", []catalog.ID{causes.RegistrationOnHold.ID}},
	{
		[]string{causes.PlaceAuthority},
		"certificate",
		[]catalog.ID{causes.CertificateUntrusted.ID, causes.CertificateNotYetValid.ID},
	},
	{[]string{causes.PlaceEdge}, "http", []catalog.ID{
		causes.HTTPUnreachable.ID, causes.HTTPServerError.ID,
		causes.HTTPOriginUnreachable.ID, causes.CertificateHandshakeFails.ID,
	}},
	{[]string{causes.PlaceEdge}, "http", []catalog.ID{causes.CDNNotAttached.ID, causes.CertificateDefaultServed.ID}},
	{[]string{causes.PlaceEdge}, "certificate", []catalog.ID{
		causes.CertificateExpired.ID,
		causes.CertificateExpiresSoon.ID,
	}},
}

// symptomOf finds the symptom that a root cause is part of; false for a cause that is the domain's own affair.
func symptomOf(f RootFact) (int, bool) {
	switch f.Cause {
	// a server that leaves its intermediate out, or signs for itself, is no fault of an authority
	case causes.CertificateUntrusted.ID:
		if !strings.Contains(f.Reason, "root") {
			return 0, false
		}
	case causes.DelegationLame.ID:
		if f.Reason != lameByFailure {
			return 0, false
		}
	case causes.HTTPServerError.ID: // only what the edge itself says, not what it passes on
		if !strings.EqualFold(f.Server, "CloudFront") {
			return 0, false
		}
	}
	i := slices.IndexFunc(symptoms, func(s symptom) bool { return slices.Contains(s.causes, f.Cause) })
	return i, i >= 0
}

// platformFailure tells a refused certificate that the platform's own integration brought about.
func platformFailure(f RootFact) bool {
	reason := strings.ToUpper(f.Reason)
	return f.Cause == causes.CertificateFailed.ID &&
		(reason == "OTHER" || reason == "SLR_NOT_FOUND" || strings.HasPrefix(reason, "PCA_"))
}

// names are the names by which a domain is at a place of a kind; for a root cause that names the servers at fault,
// those alone.
func (f *DomainFacts) names(kind string, root *RootFact) []string {
	one := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	switch kind {
	case causes.PlaceDNSHost:
		return one(f.DNSHost)
	case causes.PlaceNameServer:
		if root != nil && len(root.Servers) > 0 {
			return root.Servers
		}
		return f.NameServers
	case causes.PlaceRegistrar:
		return one(f.Registrar)
	case causes.PlaceEnding:
		return one(f.PublicSuffix)
	case causes.PlaceAuthority:
		return one(f.Authority)
	case causes.PlaceEdge:
		return one(f.Edge)
	}
	return nil
}
