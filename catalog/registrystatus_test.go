package catalog

import "testing"

func TestRegistryStatuses(t *testing.T) {
	t.Parallel()
	for _, s := range RegistryStatuses() {
		for _, name := range []string{s.Name, s.EPP} {
			// another entry has the name
			if got, ok := FindRegistryStatus(name); name != "" && (!ok || got.Name != s.Name) {
				t.Errorf("%q finds %q, not %q", name, got.Name, s.Name)
			}
		}
		if s.Means == "" || s.By == "" || len(s.Refs) == 0 {
			t.Errorf("%q is not explained", s.Name)
		}
		if s.Resolving == Prevents && s.Attaching != Prevents {
			t.Errorf("%q: a name that does not resolve cannot be attached", s.Name)
		}
	}
	for _, s := range []string{"CLIENT_HOLD", "Client Hold", "client-hold", "clientHold"} {
		if got, ok := FindRegistryStatus(s); !ok || got.EPP != "clientHold" {
			t.Errorf("%q finds %q", s, got.Name)
		}
	}
	for _, s := range []string{"", "  ", "hold", "some word of a registry"} {
		if got, ok := FindRegistryStatus(s); ok {
			t.Errorf("%q finds %q", s, got.Name)
		}
	}
}

// TestRegistryStatusEffects compares the table with the causes: statuses that a cause reports have an effect.
func TestRegistryStatusEffects(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]RegistryStatus{
		"client hold": {Resolving: Prevents}, "server hold": {Resolving: Prevents}, "inactive": {Resolving: Prevents},
		"redemption period": {Resolving: Prevents}, "pending delete": {Resolving: Prevents},
		"auto renew period":          {Resolving: Threatens},
		"client transfer prohibited": {Transfer: Prevents}, "server transfer prohibited": {Transfer: Prevents},
		"pending transfer": {Transfer: Prevents},
		"active":           {},
	} {
		got, ok := FindRegistryStatus(name)
		if !ok || got.Resolving != want.Resolving || want.Transfer != NoEffect && got.Transfer != want.Transfer {
			t.Errorf("%s: resolving %s, transfer %s", name, got.Resolving.Phrase(), got.Transfer.Phrase())
		}
	}
}
