package harness

import (
	"context"

	"domdoc/checks"
	"domdoc/checks/probe"
	"domdoc/checks/subject"
)

// Reset forgets the answers of earlier diagnoses, so that the next one sees the sandbox as it is by then. The token is
// new, because the sandbox's clock may have moved past the life of the other.
func (h *Harness) Reset(ctx context.Context) {
	h.Doctor.Session.Close()
	h.client.Close()
	if err := h.login(); err != nil {
		panic(err)
	}
	h.Doctor = &checks.Doctor{Session: h.session(ctx), Service: subject.NewService(h.client, h.Tenant())}
}

// Wire returns the transport of the harness.
func (h *Harness) Wire() probe.Transport { return h.wire }
