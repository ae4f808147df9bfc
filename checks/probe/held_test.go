package probe

import (
	"slices"
	"testing"

	"domdoc/checks/probe/registration"
)

// TestAgreeing has what agrees with each state.
func TestAgreeing(t *testing.T) {
	t.Parallel()
	const name = "shop.example"
	delegated := &DelegationPath{Zone: &Zone{Name: name}}
	denied := &DelegationPath{Zone: &Zone{Name: "example"}, Missing: name}
	for _, tt := range []struct {
		what   string
		state  registration.State
		source string
		freeBy []string
		place  *DelegationPath
		want   []string
	}{
		{"registered and delegated", registration.Registered, "rdap", nil, delegated, []string{"rdap", "dns"}},
		{"registered, not delegated", registration.Registered, "whois", nil, denied, []string{"whois"}},
		{"registered, the DNS not asked", registration.Registered, "rdap", nil, nil, []string{"rdap"}},
		{"delegated, unknown to the registry", registration.Registered, "dns", nil, delegated, []string{"dns"}},
		{
			"free by all", registration.NotRegistered, "rdap",
			[]string{"RDAP", "WHOIS"},
			denied,
			[]string{"rdap", "whois", "dns"},
		},
		{"free by RDAP, the DNS not asked", registration.NotRegistered, "rdap", []string{"RDAP"}, nil, []string{"rdap"}},
		{
			"free by RDAP, the DNS failed", registration.NotRegistered, "rdap",
			[]string{"RDAP"},
			&DelegationPath{Zone: &Zone{Name: "example"}, Missing: name, Unknown: "timeout"},
			[]string{"rdap"},
		},
		{"reserved", registration.Reserved, "whois", nil, denied, []string{"whois"}},
		{"not known", registration.Unknown, "", nil, denied, nil},
		{"not known, though delegated", registration.Unknown, "", nil, delegated, nil},
	} {
		r := &RegistrationReport{
			Registration: registration.Registration{State: tt.state, Source: tt.source, Domain: name}, Place: tt.place,
		}
		for _, by := range tt.freeBy {
			if by == "RDAP" {
				r.Sources.RDAP = registration.SaysFree
			} else {
				r.Sources.WHOIS = registration.SaysFree
			}
		}
		r.Sources.DNS = r.inDNS()
		if got := r.Agreeing(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.what, got, tt.want)
		}
	}
}
