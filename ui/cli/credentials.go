package cli

import (
	"errors"

	"domdoc/catalog"
	"domdoc/checks"

	"github.com/zalando/go-keyring"
)

// keyringService is the name under which credentials stand in the system keyring, one entry a profile.
const keyringService = "domdoc"

// keyringCheck tells whether the system keyring can be used.
func (s *settings) keyringCheck() checks.VantageCheck {
	if s.env.world != nil {
		return checks.VantageCheck{ID: "keyring", Verdict: catalog.NotRun, Text: "not used: the sandbox makes its own token"}
	}
	_, err := keyring.Get(keyringService, s.profile)
	switch {
	case err == nil:
		return checks.VantageCheck{ID: "keyring", Verdict: catalog.Pass, Text: "holds credentials for the profile " + s.profile}
	case errors.Is(err, keyring.ErrNotFound):
		return checks.VantageCheck{ID: "keyring", Verdict: catalog.Pass, Text: "can be used, and holds nothing for the profile " + s.profile}
	}
	return checks.VantageCheck{ID: "keyring", Verdict: catalog.Warn, Text: clean("cannot be used here (" + err.Error() + "); set DOMDOC_TOKEN instead")}
}
