package subject

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"domdoc/api"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
)

// Held is what the service holds for a domain. Each part has its own error.
type Held struct {
	Records        []api.Record
	RecordsErr     error
	Certificate    api.Certificate
	HasCertificate bool
	CertificateErr error
	Routes         []api.Route
	RoutesErr      error
	// Presumed means that only the records were read: the certificate is taken to be issued, and the routes to be right,
	// as what visitors get shows.
	Presumed bool
}

// ErrNotRead is the error of the parts that are presumed.
var ErrNotRead = errors.New("not read from the service, because nothing suggests a fault (--fewer-calls)")

// Read returns what was read: the parts that are presumed have [ErrNotRead].
func (h Held) Read() Held {
	if h.Presumed {
		h.HasCertificate, h.Certificate = false, api.Certificate{}
		h.CertificateErr, h.RoutesErr = ErrNotRead, ErrNotRead
	}
	return h
}

// CertificateIssued reports whether the service has issued the certificate, so that its validation record matters for
// the renewal only.
func (h Held) CertificateIssued() bool {
	return h.HasCertificate && Upper(h.Certificate.Status) == "ISSUED"
}

// details keeps what the service holds for domains from one diagnosis to the next: each part costs a call, and the
// service allows few of them.
type details struct {
	mu   sync.Mutex
	kept map[string]keptDetails // by the domain's id
}

type keptDetails struct {
	entry [sha256.Size]byte // of the domain's JSON, which has the time of the last change and the status
	at    time.Time
	held  Held
	calls []*exchange.Exchange // the calls that returned it
}

const (
	// DetailsFor is for how long the details of a domain are not read again while its entry is as it was.
	DetailsFor = 10 * time.Minute
	maxDetails = 10_000 // domains
)

// KeepDetails makes the service remember the details of domains that are in order, for this run and for those of
// [Service.Renew]. It is for runs that diagnose the same domains again and again.
func (s *Service) KeepDetails() { s.details = &details{kept: map[string]keptDetails{}} }

// Renew returns the service for another run, in which everything is read again except the details that are kept.
func (s *Service) Renew() *Service {
	next := NewService(s.Client, s.Tenant)
	next.details = s.details
	return next
}

// Held reads what the service holds for a domain. If details are kept and the entry of the domain was read just now,
// those of a domain in order are not read again as long as its entry is as it was, at most for [DetailsFor]. The
// ledger of the context's session has the calls that returned them.
func (s *Service) Held(ctx context.Context, d *api.Domain, readNow bool) Held {
	session := probe.FromContext(ctx)
	var entry [sha256.Size]byte
	if s.details != nil {
		entry = sha256.Sum256(d.Raw)
		if k, ok := s.details.find(d.ID, entry, session.Now()); ok && readNow {
			for _, x := range k.calls {
				session.Note(x)
			}
			return k.held
		}
	}
	fork := session.Fork()
	h := s.readHeld(probe.NewContext(ctx, fork), d.ID, fork.Group())
	calls := fork.Ledger().Exchanges()
	for _, x := range calls {
		session.Note(x)
	}
	if s.details != nil && inOrder(d, h) {
		s.details.keep(d.ID, keptDetails{entry: entry, at: session.Now(), held: h, calls: calls})
	}
	return h
}

// HeldRecords reads the records that the service holds for a domain and presumes the rest.
func (s *Service) HeldRecords(ctx context.Context, d *api.Domain) Held {
	h := Held{HasCertificate: true, Certificate: api.Certificate{Status: "ISSUED"}, Presumed: true}
	h.Records, h.RecordsErr = s.Client.Records(ctx, d.ID)
	return h
}

func (s *Service) readHeld(ctx context.Context, id string, wg *probe.Group) (h Held) {
	wg.Go(func() { h.Records, h.RecordsErr = s.Client.Records(ctx, id) })
	wg.Go(func() { h.Certificate, h.HasCertificate, h.CertificateErr = s.Client.Certificate(ctx, id) })
	wg.Go(func() { h.Routes, h.RoutesErr = s.Client.Routes(ctx, id) })
	wg.Wait()
	return h
}

// inOrder reports whether nothing is expected to change at the service: the domain is in use, its certificate is
// issued, and there is no error. The entry says when it changed.
func inOrder(d *api.Domain, h Held) bool {
	return len(d.Raw) > 0 && !d.UpdatedAt.IsZero() && Verified(d.Status) && d.LastError == nil && h.CertificateIssued() &&
		h.RecordsErr == nil && h.CertificateErr == nil && h.RoutesErr == nil
}

func (k *details) find(id string, entry [sha256.Size]byte, now time.Time) (keptDetails, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	x, ok := k.kept[id]
	age := now.Sub(x.at)
	return x, ok && x.entry == entry && age >= 0 && age < DetailsFor
}

func (k *details) keep(id string, x keptDetails) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.kept[id]; known || len(k.kept) < maxDetails {
		k.kept[id] = x
	}
}
