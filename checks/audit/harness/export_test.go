package harness

import (
	"context"

	"domdoc/checks"
	"domdoc/checks/subject"
)

// Reset forgets the answers of earlier diagnoses, so that the next one sees the sandbox as it is by then.
func (h *Harness) Reset(ctx context.Context) {
	h.Doctor.Session.Close()
	h.Doctor = &checks.Doctor{Session: h.session(ctx), Service: subject.NewService(h.client, h.Tenant())}
}
