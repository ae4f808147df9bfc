package checks_test

import (
	"testing"

	"domdoc/catalog"
	"domdoc/checks/observe"
	"domdoc/checks/probe/registration"
)

// TestStatesHaveWords checks that every state of a fact is said in words of its own: a state without any would be
// said as another one.
func TestStatesHaveWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		words  func(string) string
		states []string
	}{
		"servers": {catalog.ServerWords, []string{
			string(observe.ServerGood), string(observe.ServerLame),
			string(observe.ServerSilent), string(observe.ServerUnclear), string(observe.ServerUnasked),
		}},
		"security": {catalog.SecurityWords, []string{
			string(observe.Secure), string(observe.Insecure),
			string(observe.Bogus), string(observe.SecurityUnknown),
		}},
		"registrations": {catalog.RegistrationWords, []string{
			string(registration.Registered), string(registration.NotRegistered),
			string(registration.Reserved), string(registration.Unknown),
		}},
		"handshakes": {catalog.HandshakeWords, []string{
			"valid", "default", "name-mismatch", "expired",
			"not-yet-valid", "untrusted", "handshake-fails", "unreachable", "not-tried",
		}},
	} {
		seen := map[string]string{}
		for _, s := range c.states {
			w := c.words(s)
			if other, ok := seen[w]; ok || w == "" {
				t.Errorf("%s: %s and %s are both %q", name, s, other, w)
			}
			seen[w] = s
		}
	}
}
