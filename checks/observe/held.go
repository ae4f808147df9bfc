package observe

import (
	"context"

	"domdoc/api"
	"domdoc/checks/probe"
	"domdoc/checks/subject"
)

// CertificateIssued reports whether the service has issued the certificate, so that its validation record matters for
// the renewal only.
func (h Held) CertificateIssued() bool {
	return h.HasCertificate && subject.Upper(h.Certificate.Status) == "ISSUED"
}

// Held is what the service holds for a domain. Each part has its own error.
type Held struct {
	Records        []api.Record
	RecordsErr     error
	Certificate    api.Certificate
	HasCertificate bool
	CertificateErr error
	Routes         []api.Route
	RoutesErr      error
}

func (f *Observations) readHeld(ctx context.Context) Held {
	var h Held
	if f.Subject.Service == nil || f.Subject.Domain == nil {
		return h
	}
	client, id := f.Subject.Service.Client, f.Subject.Domain.ID
	ctx = probe.NewContext(ctx, f.Session)
	var wg probe.Group
	wg.Go(func() { h.Records, h.RecordsErr = client.Records(ctx, id) })
	wg.Go(func() { h.Certificate, h.HasCertificate, h.CertificateErr = client.Certificate(ctx, id) })
	wg.Go(func() { h.Routes, h.RoutesErr = client.Routes(ctx, id) })
	wg.Wait()
	return h
}
