package incident

import (
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/causes"
)

// symptom is a group of causes that one fault at a shared location brings about.
type symptom struct {
	places []string // kinds of location where it may be shared, the wider one first
	check  string   // the check that shows its absence when conclusive
	causes []catalog.ID
}

// symptoms are the causes that an incident may bring about. Causes that only a tenant brings about are excluded,
// however many tenants make the same mistake at one host.
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
	{[]string{causes.PlaceTLD}, "registration", []catalog.ID{causes.RegistrationUnknown.ID}},
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
		causes.CertificateExpiresSoon.ID, causes.CertificateNotDeployed.ID,
	}},
}

// symptomOf returns the symptom of a root cause; false for a cause that only concerns the domain itself.
func symptomOf(f RootFact) (int, bool) {
	switch f.Cause {
	// a missing intermediate or self-signed certificate is not the authority's fault
	case causes.CertificateUntrusted.ID:
		if !strings.Contains(f.Reason, "root") {
			return 0, false
		}
	case causes.DelegationUnreachable.ID:
		if f.Verdict != catalog.Fail { // other servers answer
			return 0, false
		}
	case causes.DelegationLame.ID:
		if f.Reason != lameByFailure {
			return 0, false
		}
	case causes.HTTPServerError.ID: // only errors of the edge itself, not those it passes on
		if !strings.EqualFold(f.Server, "CloudFront") {
			return 0, false
		}
	}
	i := slices.IndexFunc(symptoms, func(s symptom) bool { return slices.Contains(s.causes, f.Cause) })
	return i, i >= 0
}

// platformFailure reports whether the platform's own integration caused a certificate failure.
func platformFailure(f RootFact) bool {
	reason := strings.ToUpper(f.Reason)
	return f.Cause == causes.CertificateFailed.ID &&
		(reason == "OTHER" || reason == "SLR_NOT_FOUND" || strings.HasPrefix(reason, "PCA_"))
}

// names returns the domain's locations of a kind. For a root cause that names the servers at fault, these are the
// only ones.
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
	case causes.PlaceTLD:
		return one(f.PublicSuffix)
	case causes.PlaceAuthority:
		return one(f.Authority)
	case causes.PlaceEdge:
		return one(f.Edge)
	}
	return nil
}
