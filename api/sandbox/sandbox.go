// Package sandbox runs a Domains Service and the Internet around it on loopback: authoritative and recursive DNS, a
// registry with RDAP and WHOIS, a CDN edge with its own certificate authority, and the service's API. Their contents
// come from stories (scenarios/<rung>/*.txtar). Clients connect through one dialer, which maps the world's addresses
// to loopback ports and refuses every other address: nothing leaves the machine.
package sandbox

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"domdoc/api/sandbox/story"
	"domdoc/catalog/order"

	"github.com/miekg/dns"
)

// Scenarios returns the built-in stories, in a folder for each rung of their cause, and the world that they share
// (_world.txtar).
func Scenarios() fs.FS { return scenarios() }

var scenarios = sync.OnceValue(func() fs.FS {
	sub, err := fs.Sub(embedded(), "scenarios")
	if err != nil {
		panic(err) // the directory is embedded
	}
	return sub
})

// Options are the settings of a sandbox. The zero value runs every built-in story once, with the system's clock.
type Options struct {
	Domains int      // number of domains: copies of the stories are added under other names; 0: no copies
	Only    []string // run only these stories
	// Listed limits the tenant's list to these stories, in this order. All others can be looked up by name and id, as
	// before; nil: all.
	Listed []string
	// apply the sections "after" of the stories as time passes; otherwise each story stays as at the start
	After   bool
	Clock   func() time.Time // default time.Now
	Delay   time.Duration    // simulated round-trip time of every query and connection
	Stories fs.FS            // default Scenarios()
	// quota of the tenant; 0: exactly what it uses, so that the quota is reached; -1: more
	Quota   int
	Balance string        // of the wallet; default "0.00", so that purchases fail
	Network string        // network between this machine and the world; overrides the story's
	Skew    time.Duration // error of this machine's clock; overrides the story's
	// DNS hosts ("cloudflare") or single name servers that do not answer
	Down  []string
	ETags bool // the service gives entity tags, and answers 304 to requests with the present one
	// Log receives a line for each query and each change, such as "dns ns1.hoster.example udp shop.example. CNAME".
	Log func(line string)
}

// Sandbox is a running sandbox. Call Close to stop it.
type Sandbox struct {
	opt     Options
	start   time.Time
	env     story.Environment
	around  *surroundings
	world   *world
	stories []*story.Story
	listed  []*story.Story // stories whose domain is in the tenant's list
	copies  int            // of each listed story, at most
	total   int            // number of domains of the tenant
	ca      *authority
	signer  *signer
	api     *service

	mu        sync.Mutex // guards following
	listeners map[endpoint]netip.AddrPort
	closers   []func()
	closed    bool
	instances map[instanceKey]*instance
	order     []instanceKey
	manual    map[instanceKey][]scheduled // changes by Change, kept when an instance is evicted

	changing sync.Mutex // held while an instance is replaced; locked before mu
}

// endpoint is an address of the world, over UDP or TCP.
type endpoint struct {
	stream bool
	at     netip.AddrPort
}

type instanceKey struct {
	story *story.Story
	copy  int
}

// instanceLimit bounds the instances in memory; others are rebuilt when needed.
const instanceLimit = 256

// Start reads the stories and starts the service. All other servers start on the first connection.
func Start(opt Options) (*Sandbox, error) {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.Stories == nil {
		opt.Stories = Scenarios()
	}
	if opt.Balance == "" {
		opt.Balance = "0.00"
	}
	around, err := readWorld(opt.Stories)
	if err != nil {
		return nil, err
	}
	stories, err := around.selected(opt)
	if err != nil {
		return nil, err
	}
	var stage story.Environment
	for _, s := range stories {
		if !s.Alone {
			continue
		}
		if len(stories) > 1 {
			return nil, fmt.Errorf("the story %q changes the environment and must be run alone", s.Name)
		}
		stage = s.Environment
		opt.Quota, opt.Balance = -1, "100.00"
		if stage.Quota > 0 {
			opt.Quota = stage.Quota
		}
		if stage.Balance != "" {
			opt.Balance = stage.Balance
		}
	}
	if opt.Network != "" {
		if stage.Network, err = story.ParseNetwork(opt.Network); err != nil {
			return nil, err
		}
	}
	if opt.Skew != 0 {
		stage.Skew = opt.Skew
	}
	b := &Sandbox{
		opt: opt, around: around, start: opt.Clock(), env: stage, stories: stories, listeners: map[endpoint]netip.AddrPort{},
		instances: map[instanceKey]*instance{}, manual: map[instanceKey][]scheduled{},
	}
	if b.listed, err = b.inList(stories); err != nil {
		return nil, err
	}
	if b.total = opt.Domains; opt.Domains <= 0 || len(b.listed) == 0 {
		b.total = len(b.listed)
	}
	if len(b.listed) > 0 {
		b.copies = (b.total + len(b.listed) - 1) / len(b.listed)
	}
	if b.world, err = newWorld(around, b); err != nil {
		return nil, err
	}
	if b.ca, err = newAuthority(b.start); err != nil {
		return nil, err
	}
	if b.signer, err = newSigner(); err != nil {
		return nil, err
	}
	b.api = &service{b: b}
	if err := b.api.listen(); err != nil {
		return nil, err
	}
	return b, nil
}

// selected reads the stories that the options select. Broken stories are left out, unless they are named in Only or
// no other is left.
func (w *surroundings) selected(opt Options) ([]*story.Story, error) {
	stories, broken, err := w.readStories(opt.Stories, opt.Only)
	if err != nil {
		return nil, err
	}
	if len(opt.Only) == 0 {
		stories, broken = checkCompanions(stories, broken)
		stories = slices.DeleteFunc(stories, func(s *story.Story) bool { return s.Alone })
	}
	if len(broken) > 0 && (len(opt.Only) > 0 || len(stories) == 0) {
		return nil, joined(broken)
	}
	if len(stories) == 0 {
		return nil, errors.New("there are no stories to run")
	}
	return stories, nil
}

// Close stops all servers.
func (b *Sandbox) Close() {
	b.mu.Lock()
	closers := b.closers
	b.closers, b.closed = nil, true
	b.mu.Unlock()
	for _, c := range closers {
		c()
	}
}

// Stories returns the running stories by name.
func (b *Sandbox) Stories() []*story.Story { return b.stories }

// Now returns the time of the sandbox's clock.
func (b *Sandbox) Now() time.Time { return b.opt.Clock() }

// Roots returns the certificate authorities of the sandbox's world.
func (b *Sandbox) Roots() *x509.CertPool { return b.ca.pool }

// Root returns the root certificate of Roots, for another process.
func (b *Sandbox) Root() *x509.Certificate { return b.ca.root }

// URL returns the base URL of the service.
func (b *Sandbox) URL() string { return b.api.url }

// Token returns a bearer token of the sandbox's tenant.
func (b *Sandbox) Token() string {
	switch b.env.Service {
	case "unauthorized":
		return b.api.sign("access", accessLife) + "x"
	case "expired-token":
		return b.api.sign("access", -2*time.Hour)
	}
	return b.api.sign("access", accessLife)
}

// Tenant returns the tenant that the user configures; "" if none.
func (b *Sandbox) Tenant() string { return b.env.Tenant }

// LocalNow returns the time of this machine's clock, which a story may set wrong.
func (b *Sandbox) LocalNow() time.Time { return b.Now().Add(b.env.Skew) }

// HasIPv6 reports whether this machine has IPv6.
func (b *Sandbox) HasIPv6() bool { return b.env.Network != story.NetworkNoIPv6 }

// Domain returns the name of a story's domain (copy 0).
func (b *Sandbox) Domain(s *story.Story) string {
	in, err := b.instance(s, 0)
	if err != nil {
		return ""
	}
	return in.domain
}

// DomainID returns the service's id of a story's domain (copy 0).
func (b *Sandbox) DomainID(s *story.Story) string {
	in, err := b.instance(s, 0)
	if err != nil {
		return ""
	}
	return in.id
}

// Listed reports whether the service has the story's domain.
func (b *Sandbox) Listed(s *story.Story) bool {
	in, err := b.instance(s, 0)
	return err == nil && in.listed
}

func (b *Sandbox) log(format string, args ...any) {
	if b.opt.Log != nil {
		b.opt.Log(fmt.Sprintf(format, args...))
	}
}

// logQuestion logs a query to a DNS server.
func (b *Sandbox) logQuestion(h *host, transport string, q dns.Question) {
	if b.opt.Log != nil {
		b.log("dns %s %s %s %s", h.name, transport, dns.CanonicalName(q.Name), dns.Type(q.Qtype))
	}
}

// nth returns the n-th domain of the tenant: the stories in order, then their copies.
func (b *Sandbox) nth(n int) (*instance, error) {
	return b.instance(b.listed[n%len(b.listed)], n/len(b.listed))
}

// nthListed is nth for an element of the list, which needs no more than the outline while nothing changes the domain.
func (b *Sandbox) nthListed(n int) (*instance, error) {
	key := instanceKey{b.listed[n%len(b.listed)], n / len(b.listed)}
	b.mu.Lock()
	whole := b.instances[key] != nil || len(b.manual[key]) > 0 || b.opt.After && key.story.Lasts > 0
	b.mu.Unlock()
	if whole {
		return b.nth(n)
	}
	return b.around.outline(key.story, key.copy, b.start)
}

// instance returns a copy of a story in its current state.
func (b *Sandbox) instance(s *story.Story, copyNo int) (*instance, error) {
	key := instanceKey{s, copyNo}
	in, err := b.stored(key)
	if err != nil || !in.due(b.Now) {
		return in, err
	}
	return b.upToDate(key)
}

// stored returns an instance without the changes that have become due since it was last used. An evicted instance is
// built again.
func (b *Sandbox) stored(key instanceKey) (*instance, error) {
	b.mu.Lock()
	in := b.instances[key]
	b.mu.Unlock()
	if in != nil {
		return in, nil
	}
	in, err := b.around.build(key.story, key.copy, b.start)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.instances[key]; known != nil {
		return known, nil
	}
	if !b.opt.After {
		in.scheduled = nil
	}
	in.scheduled = append(slices.Clip(in.scheduled), b.manual[key]...)
	order.StableBy(in.scheduled, byTime)
	b.put(key, in)
	return in, nil
}

// replace stores an instance in place of its predecessor, and the manual changes that led to it.
func (b *Sandbox) replace(key instanceKey, in *instance, made ...scheduled) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(made) > 0 {
		b.manual[key] = append(b.manual[key], made...)
	}
	b.put(key, in)
}

// put stores an instance and evicts the oldest if there are too many. The caller holds b.mu.
func (b *Sandbox) put(key instanceKey, in *instance) {
	if b.instances[key] == nil {
		if len(b.order) >= instanceLimit {
			delete(b.instances, b.order[0])
			b.order = b.order[1:]
		}
		b.order = append(b.order, key)
	}
	b.instances[key] = in
}

// find returns the instance that owns a canonical name; nil if no story does.
func (b *Sandbox) find(name string) *instance {
	bs := base(strings.TrimSuffix(name, "."))
	if s := b.world.owners[bs]; s != nil {
		in, _ := b.instance(s, 0)
		return in
	}
	label, rest, _ := strings.Cut(bs, ".")
	i := strings.LastIndexByte(label, '-')
	if i < 0 {
		return nil
	}
	s := b.world.owners[label[:i]+"."+rest]
	n, err := strconv.Atoi(label[i+1:])
	if s == nil || err != nil || n < 1 || n >= max(b.copies, 1) || strconv.Itoa(n) != label[i+1:] {
		return nil
	}
	in, _ := b.instance(s, n)
	return in
}

// errNoSuch is the error of dialing an address outside of the sandbox's world.
var errNoSuch = fmt.Errorf("the address does not exist in the sandbox: %w", syscall.EHOSTUNREACH)

// Dial connects to an address of the sandbox's world like net.Dialer.DialContext.
func (b *Sandbox) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	fail := func(err error) (net.Conn, error) { return nil, &net.OpError{Op: "dial", Net: network, Err: err} }
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		// a host name, for DNS over HTTPS
		if host, port, e := net.SplitHostPort(address); e == nil && b.world.byName[host].IsValid() {
			return b.Dial(ctx, network, net.JoinHostPort(b.world.byName[host].String(), port))
		}
		return fail(errNoSuch)
	}
	if ap.Addr().IsLoopback() && ap == b.api.address {
		return connect(ctx, true, ap)
	}
	h := b.world.hosts[ap.Addr()]
	if h == nil {
		return fail(errNoSuch)
	}
	stream := strings.HasPrefix(network, "tcp")
	if h = b.routed(h, ap, stream); h == nil {
		<-ctx.Done() // the network drops it
		return fail(ctx.Err())
	}
	if stream && b.opt.Delay > 0 {
		select {
		case <-time.After(b.opt.Delay):
		case <-ctx.Done():
			return fail(ctx.Err())
		}
	}
	switch {
	case h.role == story.RoleRefuses, stream && h.role == story.RoleSilentDNS && ap.Port() != 53:
		return fail(syscall.ECONNREFUSED)
	case stream && (h.role == story.RoleSilent || h.role == story.RoleSilentDNS):
		<-ctx.Done()
		return fail(ctx.Err())
	}
	local, err := b.listener(stream, h, ap)
	if err != nil {
		return fail(err)
	}
	return connect(ctx, stream, local)
}

// listener starts the server of an address of the world, once.
func (b *Sandbox) listener(stream bool, h *host, ap netip.AddrPort) (netip.AddrPort, error) {
	key := endpoint{stream, ap}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return netip.AddrPort{}, net.ErrClosed
	}
	if l, ok := b.listeners[key]; ok {
		return l, nil
	}
	var local netip.AddrPort
	var stop func()
	var err error
	switch {
	case ap.Port() == 53 && !stream:
		local, stop, err = b.serveUDP(h)
	case ap.Port() == 53:
		local, stop, err = b.serveTCP(h)
	case !stream:
		err = syscall.ECONNREFUSED
	case ap.Port() == 43 && (h.role == story.RoleWHOIS || h.role == story.RoleWHOISRoot):
		local, stop, err = b.serveWHOIS(h)
	case ap.Port() == 853 && h.role == story.RoleResolver:
		local, stop, err = b.serveDoT(h)
	case ap.Port() == 443 || ap.Port() == 80:
		local, stop, err = b.serveWeb(h, ap.Port() == 443)
	default:
		err = syscall.ECONNREFUSED
	}
	if err != nil {
		return netip.AddrPort{}, err
	}
	b.listeners[key] = local
	b.closers = append(b.closers, stop)
	return local, nil
}

// serveHTTP starts a web server on a listener and returns a function that stops it.
func serveHTTP(l net.Listener, handler http.Handler) func() {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: silentLog()}
	go func() { _ = server.Serve(l) }()
	return func() { _ = server.Close() }
}
