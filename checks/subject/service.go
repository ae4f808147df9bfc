package subject

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"domdoc/api"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/flight"
)

// Service is the Domains Service within one run: the client and the data of the tenant, each part of which is queried
// once. It is safe for concurrent use.
type Service struct {
	Client *api.Client
	Tenant string // as configured; empty if not

	details *details // nil if none are kept

	mu       sync.Mutex // guards the fields below
	names    map[string]entry
	raw      map[string]json.RawMessage // by name; nil if it is not kept
	below    map[string]string          // a name to one domain directly below it
	complete bool
	listErr  error
	loading  chan struct{}
	reading  *reading             // by the one that is loading; nil if none has begun
	pages    []*exchange.Exchange // the first call of each page of the list

	quota     flight.Cache[struct{}, answer[api.Quota]] // at most one value each
	wallet    flight.Cache[struct{}, answer[api.Wallet]]
	transfers flight.Cache[struct{}, answer[[]api.Transfer]]
}

// entry is a domain of the tenant's list.
type entry struct {
	domain api.Packed
	page   int32 // of Service.pages from 1, the one that listed it; 0: unknown
}

// answer is the result of a query about the tenant.
type answer[T any] struct {
	val T
	err error
}

// NewService wraps a client for one run.
func NewService(client *api.Client, tenant string) *Service {
	return &Service{
		Client: client, Tenant: tenant, names: map[string]entry{}, below: map[string]string{},
		raw: map[string]json.RawMessage{},
	}
}

// KeepNoJSON makes the service keep its domains without their JSON, which only the dashboard shows: that of 100,000
// domains is most of what a run keeps. RawDomain has none then.
func (s *Service) KeepNoJSON() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw = nil
}

// share asks the service once for all callers. A caller whose context ends first does not keep the others from asking
// again.
func share[T any](ctx context.Context, c *flight.Cache[struct{}, answer[T]],
	ask func(context.Context) (T, error),
) (T, error) {
	a, err := c.Do(ctx, struct{}{}, func() answer[T] {
		v, err := ask(ctx)
		if err != nil && ctx.Err() != nil {
			c.Forget(struct{}{})
		}
		return answer[T]{v, err}
	})
	if err != nil {
		var zero T
		return zero, err
	}
	return a.val, a.err
}

// Quota returns the tenant's quota.
func (s *Service) Quota(ctx context.Context) (api.Quota, error) {
	return share(ctx, &s.quota, s.Client.Quota)
}

// Wallet returns the tenant's balance.
func (s *Service) Wallet(ctx context.Context) (api.Wallet, error) {
	return share(ctx, &s.wallet, s.Client.Wallet)
}

// Transfers returns the tenant's transfers.
func (s *Service) Transfers(ctx context.Context) ([]api.Transfer, error) {
	return share(ctx, &s.transfers, s.Client.Transfers)
}

// LoadedTransfers returns the transfers if Transfers has read them; it does not query the service.
func (s *Service) LoadedTransfers() (list []api.Transfer, read bool, err error) {
	a, read := s.transfers.Peek(struct{}{})
	return a.val, read, a.err
}

// RawDomain returns the domain's JSON from the tenant's list; nil if the list has not been read that far, or lists
// another domain under that name.
func (s *Service) RawDomain(d api.Domain) json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := normalKey(d.Name)
	if e, ok := s.names[key]; ok && e.domain.Domain().ID == d.ID {
		return s.raw[key]
	}
	return nil
}

// Remember adds a domain of the tenant's list, which a frontend reads page by page. ctx is that of Listing.
func (s *Service) Remember(ctx context.Context, d api.Domain) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := normalKey(d.Name)
	e := entry{d.Pack(), s.names[key].page}
	if l, ok := ctx.Value(listingKey{}).(*listing); ok && l.service == s && l.read > 0 {
		e.page = int32(l.read)
	}
	if _, name := e.domain.IDAndName(); name == key {
		key = name // so that one of the two is kept
	}
	s.names[key] = e
	if s.raw != nil {
		s.raw[key] = d.Raw
	}
	if !strings.HasPrefix(key, "*.") {
		s.below[dnsname.Parent(key)] = key
	}
}

// Overlap finds a listed domain whose wildcard covers the name, or that the name's wildcard covers.
func (s *Service) Overlap(n dnsname.Name) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.Wildcard {
		other, ok := s.below[strings.TrimPrefix(n.ASCII, "*.")]
		return other, ok
	}
	other := "*." + dnsname.Parent(n.ASCII)
	_, ok := s.names[other]
	return other, ok
}

// EndList marks the list as complete, or records why reading it stopped.
func (s *Service) EndList(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.complete, s.listErr = err == nil, err
}

func normalKey(name string) string {
	if n, err := dnsname.Parse(name); err == nil {
		return n.ASCII
	}
	return strings.ToLower(strings.TrimSpace(name))
}

// Find looks a name up in the tenant's list, which it reads only as far as needed. found is meaningful only without
// an error: an incomplete list proves nothing.
func (s *Service) Find(ctx context.Context, name string) (d api.Domain, found bool, err error) {
	for {
		s.mu.Lock()
		if e, ok := s.names[name]; ok {
			d = e.domain.Domain()
			d.Raw = s.raw[name]
			s.mu.Unlock()
			return d, true, nil
		}
		if s.complete || s.listErr != nil {
			err := s.listErr
			s.mu.Unlock()
			return api.Domain{}, false, err
		}
		wait := s.loading
		if wait == nil {
			wait = make(chan struct{})
			s.loading = wait
			s.mu.Unlock()
			s.load(ctx, name)
			s.mu.Lock()
			s.loading = nil
			s.mu.Unlock()
			close(wait)
			if ctx.Err() != nil {
				return api.Domain{}, false, ctx.Err()
			}
			continue
		}
		s.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return api.Domain{}, false, ctx.Err()
		}
	}
}

// reading is a reading of the list that lookups continue.
type reading struct {
	list  *api.DomainList
	turns *listing
}

func (s *Service) newReading() *reading {
	return &reading{list: s.Client.DomainList(), turns: &listing{service: s}}
}

// load reads the list up to the page with the name. The domains read are kept, and the next lookup continues with the
// next page. Meanwhile domains move to earlier pages when others are deleted: a name that is on none of the rest is
// looked for in the whole list.
func (s *Service) load(ctx context.Context, name string) {
	resumed := s.reading != nil
	if !resumed {
		s.reading = s.newReading()
	}
	for {
		ctx := context.WithValue(ctx, listingKey{}, s.reading.turns)
		list, more, err := s.reading.list.Next(ctx)
		found := false
		for _, d := range list {
			s.Remember(ctx, d)
			found = found || normalKey(d.Name) == name
		}
		switch {
		case err != nil && ctx.Err() != nil:
			return
		case err != nil:
			s.EndList(err)
			return
		case more && !found:
		case more:
			return
		case !resumed:
			s.EndList(nil)
			return
		case found:
			s.reading = nil
			return
		default:
			s.reading, resumed = s.newReading(), false
		}
	}
}

// Names returns the tenant's domains read so far, and whether these are all.
func (s *Service) Names() (list []api.Domain, complete bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list = make([]api.Domain, 0, len(s.names))
	for key, e := range s.names {
		d := e.domain.Domain()
		d.Raw = s.raw[key]
		list = append(list, d)
	}
	return list, s.complete
}

// OnExchange records an exchange with the service in the ledger of the session in ctx. Pass it to api.Config.
func OnExchange(ctx context.Context, x api.Exchange) {
	if l, ok := ctx.Value(listingKey{}).(*listing); ok && x.Operation == api.OpDomains && x.Err == nil {
		l.turn(serviceExchange(x))
	}
	s := probe.FromContext(ctx)
	if s == nil {
		return
	}
	e := serviceExchange(x)
	if x.Err != nil {
		e.Err = x.Err.Summary()
		if x.HTTPStatus == 0 {
			e.Outcome = exchange.Unreachable
		}
	}
	s.Note(e)
}

// serviceExchange returns a call of the service as an exchange: what was asked, the status and the request id.
func serviceExchange(x api.Exchange) *exchange.Exchange {
	e := &exchange.Exchange{
		Kind: exchange.KindService, Host: "the Domains Service", Transport: "https",
		Asked: x.Method + " " + x.Path, At: x.At, Took: x.Took, Outcome: exchange.Answered,
	}
	if x.HTTPStatus > 0 {
		e.HTTP = &exchange.HTTPReply{Status: x.HTTPStatus, Header: http.Header{}}
		if x.RequestID != "" {
			e.HTTP.Header.Set("X-Request-Id", x.RequestID)
		}
	}
	return e
}

// EntryExchange returns the call that listed the domain; nil if it is unknown.
func (s *Service) EntryExchange(name string) *exchange.Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	if page := s.names[normalKey(name)].page; page > 0 {
		return s.pages[page-1]
	}
	return nil
}

// listing is one reading of the tenant's list. Several may be under way at the same time.
type listing struct {
	service *Service
	read    int // pages; the service's mutex guards it
}

// turn notes the call of the next page. Of several readings the first call of a page stands for all, so that a replay
// shows the same one.
func (l *listing) turn(x *exchange.Exchange) {
	s := l.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.read++; l.read > len(s.pages) {
		s.pages = append(s.pages, x)
	}
}

// listingKey is the key of a *listing in a context.
type listingKey struct{}

// Listing returns a context for one reading of the tenant's list, so that the service knows which call listed a domain.
func (s *Service) Listing(ctx context.Context) context.Context {
	return context.WithValue(ctx, listingKey{}, &listing{service: s})
}

// ErrorReason returns a short reason for a failed query to the service.
func ErrorReason(err error) string {
	var e *api.Error
	if errors.As(err, &e) {
		return e.Summary()
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return "the run ended first"
	}
	return fmt.Sprint(err)
}
