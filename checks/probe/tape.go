package probe

import (
	"cmp"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/miekg/dns"
)

// Tape is what one session asked and was answered: enough to run the checks again without any network. A session
// writes to the tape of Options.Record, and answers from that of Options.Replay. It is safe for concurrent use.
type Tape struct {
	mu     sync.Mutex // guards following
	label  string
	begun  time.Time
	ipv6   bool
	lines  map[memoKey]*Exchange
	order  []memoKey
	chosen map[choiceKey]choice
	hosts  map[string]hostLine
	roots  [][]byte // certificates of the authorities that chains on the tape lead to
	secret *Secrets // what must not be written down; nil is nothing
}

// hostLine is an answer of the system's own resolver.
type hostLine struct {
	Addrs []netip.Addr `json:"addrs,omitempty"`
	Err   string       `json:"err,omitempty"`
}

// choiceKey is a question to any one server of a zone.
type choiceKey struct {
	zone, name string
	rrtype     uint16
	want       enough
}

// choice is the answer that was taken: of the server that is asked first, unless that was slower than another.
type choice struct {
	x      *Exchange
	server string
	first  bool
}

// NewTape makes an empty tape. What the secrets say is kept out of it.
func NewTape(secret *Secrets) *Tape {
	return &Tape{
		lines: map[memoKey]*Exchange{}, chosen: map[choiceKey]choice{}, hosts: map[string]hostLine{},
		secret: secret,
	}
}

// maxTape bounds the exchanges of one tape: a fleet's worth.
const maxTape = 1 << 20

// begin notes what a session found when it began.
func (t *Tape) begin(label string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.label, t.begun = label, at
}

// Begun is when the session of the tape began.
func (t *Tape) Begun() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.begun
}

func (t *Tape) sawIPv6(has bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ipv6 = has
}

// HasIPv6 reports whether the recorded machine had IPv6.
func (t *Tape) HasIPv6() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ipv6
}

// add writes an exchange.
func (t *Tape) add(key memoKey, x *Exchange, pool *x509.CertPool) {
	root := rootOf(x, pool)
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, there := t.lines[key]; there || len(t.lines) >= maxTape {
		return
	}
	t.lines[key] = x
	t.order = append(t.order, key)
	if root != nil && !slices.ContainsFunc(t.roots, func(r []byte) bool { return string(r) == string(root) }) {
		t.roots = append(t.roots, root)
	}
}

// choose notes whose answer was taken. Who asks the same again takes the same, so that there is one choice to tell. A
// nil tape notes nothing.
func (t *Tape) choose(key choiceKey, x *Exchange, first Server) *Exchange {
	if t == nil {
		return x
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if c, there := t.chosen[key]; there {
		return c.x
	}
	if len(t.chosen) < maxTape {
		t.chosen[key] = choice{x, x.Addr.String(), x.Addr == first.Addr}
	}
	return x
}

// chosenFirst puts the server before the others whose answer the recorded run took.
func (t *Tape) chosenFirst(key choiceKey, servers []Server) []Server {
	if t == nil {
		return servers
	}
	t.mu.Lock()
	c, there := t.chosen[key]
	t.mu.Unlock()
	at := slices.IndexFunc(servers, func(s Server) bool { return s.Addr.String() == c.server })
	if !there || at < 0 {
		return servers
	}
	return slices.Concat(servers[at:at+1], servers[:at], servers[at+1:])
}

func (t *Tape) addHost(host string, addrs []netip.Addr, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	line := hostLine{Addrs: addrs}
	if err != nil {
		line.Err = err.Error()
	}
	t.hosts[host] = line
}

// rootOf is the authority that a chain leads to: whoever reads the tape may trust others.
func rootOf(x *Exchange, pool *x509.CertPool) []byte {
	if x.TLS == nil || len(x.TLS.Chain) == 0 {
		return nil
	}
	inter := x509.NewCertPool()
	for _, c := range x.TLS.Chain[1:] {
		inter.AddCert(c)
	}
	leaf := x.TLS.Chain[0]
	chains, err := leaf.Verify(x509.VerifyOptions{
		Roots: pool, Intermediates: inter,
		CurrentTime: leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2),
		KeyUsages:   []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil || len(chains) == 0 {
		return nil
	}
	last := chains[0][len(chains[0])-1]
	return last.Raw
}

// Roots are the authorities that chains of the tape were judged by.
func (t *Tape) Roots() *x509.CertPool {
	t.mu.Lock()
	defer t.mu.Unlock()
	pool := x509.NewCertPool()
	for _, raw := range t.roots {
		if c, err := x509.ParseCertificate(raw); err == nil {
			pool.AddCert(c)
		}
	}
	return pool
}

// notOnTape is what a question ends with that the recorded run did not ask.
const notOnTape = "the recorded case does not have this answer"

// find is the answer to a question. Which of several questions a run asks first is a matter of moments, and what was
// learnt from one is not asked with another: so a referral that the recorded run got on the way stands for every
// question that would have led to it.
func (t *Tape) find(key memoKey, blank Exchange) *Exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x := t.lines[key]; x != nil {
		return x
	}
	if x := t.referral(key); x != nil {
		return x
	}
	x := blank
	x.At, x.Outcome, x.Err = t.begun, NotAsked, notOnTape
	return &x
}

// referral is a recorded referral towards the name of a question: by the same server to whatever question, else by
// another to the same. The lock is held.
func (t *Tape) referral(key memoKey) *Exchange {
	if key.kind != KindDNS || key.flags&flagRD != 0 {
		return nil
	}
	name, _ := splitAsked(key.asked)
	var other *Exchange
	for _, k := range t.order {
		x := t.lines[k]
		if x.Outcome != Referral || x.Msg == nil || k.flags != key.flags || !leadsTo(x, name) {
			continue
		}
		if k.server == key.server {
			return x
		}
		if other == nil && k.asked == key.asked {
			other = x
		}
	}
	return other
}

// leadsTo reports whether a referral is to a zone at or above a name.
func leadsTo(x *Exchange, name string) bool {
	for _, rr := range x.Msg.Ns {
		if ns, ok := rr.(*dns.NS); ok {
			return dns.IsSubDomain(ns.Hdr.Name, dns.Fqdn(name))
		}
	}
	return false
}

func (t *Tape) findHost(host string) ([]netip.Addr, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	line, ok := t.hosts[host]
	switch {
	case !ok:
		return nil, fmt.Errorf("%s: %s", host, notOnTape)
	case line.Err != "":
		return nil, fmt.Errorf("%s", line.Err)
	}
	return line.Addrs, nil
}

// Wire forms. The names are those of the case file, and are never changed.
type (
	tapeDoc struct {
		Label     string              `json:"label"`
		BegunAt   time.Time           `json:"begunAt"`
		IPv6      bool                `json:"ipv6"`
		Hosts     map[string]hostLine `json:"hosts,omitempty"`
		Roots     [][]byte            `json:"roots,omitempty"`
		Exchanges []tapeLine          `json:"exchanges"`
		Choices   []tapeChoice        `json:"choices,omitempty"`
	}
	// tapeChoice is a question to any one server of a zone that another answered before the first.
	tapeChoice struct {
		Zone string `json:"zone"`
		Name string `json:"name"`
		Type uint16 `json:"type"`
		Want enough `json:"want,omitempty"`
		To   string `json:"to"`
	}
	tapeLine struct {
		Kind      Kind      `json:"kind"`
		To        string    `json:"to"`
		Asked     string    `json:"asked"`
		Flags     int       `json:"flags,omitempty"`
		Host      string    `json:"host,omitempty"`
		Addr      string    `json:"addr,omitempty"`
		Transport string    `json:"transport,omitempty"`
		RD        bool      `json:"rd,omitempty"`
		CD        bool      `json:"cd,omitempty"`
		Shown     string    `json:"shown,omitempty"` // as the ledger has the question, where it is written otherwise
		At        time.Time `json:"at"`
		TookUs    int64     `json:"tookUs"`
		Outcome   Outcome   `json:"outcome"`
		Err       string    `json:"err,omitempty"`
		Cut       bool      `json:"cut,omitempty"`
		DNS       []byte    `json:"dns,omitempty"`
		Text      *blob     `json:"text,omitempty"`
		HTTP      *tapeHTTP `json:"http,omitempty"`
		TLS       *tapeTLS  `json:"tls,omitempty"`
	}
	tapeHTTP struct {
		Status  int         `json:"status"`
		Header  http.Header `json:"header,omitempty"`
		Body    *blob       `json:"body,omitempty"`
		Cut     bool        `json:"cut,omitempty"`
		Broken  bool        `json:"broken,omitempty"`
		Address string      `json:"address,omitempty"`
	}
	tapeTLS struct {
		Chain     [][]byte `json:"chain,omitempty"`
		Version   uint16   `json:"version,omitempty"`
		Connected bool     `json:"connected,omitempty"`
		Failed    string   `json:"failed,omitempty"`
	}
	// blob is text as text, and other octets in base64.
	blob struct {
		Text  *string `json:"text,omitempty"`
		Bytes []byte  `json:"bytes,omitempty"`
	}
)

func blobOf(b []byte) *blob {
	if b == nil {
		return nil
	}
	if utf8.Valid(b) {
		s := string(b)
		return &blob{Text: &s}
	}
	return &blob{Bytes: b}
}

func (b *blob) octets() []byte {
	switch {
	case b == nil:
		return nil
	case b.Text != nil:
		return []byte(*b.Text)
	case b.Bytes == nil:
		return []byte{}
	}
	return b.Bytes
}

// MarshalJSON writes the tape without its secrets.
func (t *Tape) MarshalJSON() ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	doc := tapeDoc{
		Label: t.label, BegunAt: t.begun.UTC(), IPv6: t.ipv6, Roots: t.roots,
		Exchanges: make([]tapeLine, 0, len(t.order)),
	}
	if len(t.hosts) > 0 {
		doc.Hosts = map[string]hostLine{}
		for host, line := range t.hosts {
			line.Err = t.secret.Clean(line.Err)
			doc.Hosts[host] = line
		}
	}
	for _, key := range t.order {
		line, ok := t.secret.line(key, t.lines[key])
		if ok {
			doc.Exchanges = append(doc.Exchanges, line)
		}
	}
	for key, c := range t.chosen {
		if !c.first {
			doc.Choices = append(doc.Choices, tapeChoice{
				t.secret.Clean(key.zone), t.secret.Clean(key.name), key.rrtype,
				key.want, c.server,
			})
		}
	}
	slices.SortFunc(doc.Choices, func(a, b tapeChoice) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Zone, b.Zone), cmp.Compare(a.Type, b.Type),
			cmp.Compare(a.Want, b.Want))
	})
	return json.Marshal(doc)
}

// line is an exchange in its wire form; false where its message cannot be written.
func (s *Secrets) line(key memoKey, x *Exchange) (tapeLine, bool) {
	l := tapeLine{
		Kind: key.kind, To: key.server, Asked: s.Clean(key.asked), Flags: key.flags, Host: s.Clean(x.Host),
		Transport: x.Transport, RD: x.RD, CD: x.CD,
		At: x.At.UTC(), TookUs: x.Took.Microseconds(), Outcome: x.Outcome, Err: s.Clean(x.Err), Cut: x.Cut,
	}
	if shown := s.Clean(x.Asked); shown != l.Asked {
		l.Shown = shown
	}
	if x.Addr.IsValid() {
		l.Addr = x.Addr.String()
	}
	if x.Msg != nil {
		wire, err := x.Msg.Pack()
		if err != nil {
			return l, false
		}
		l.DNS = s.octets(wire)
	}
	if x.Text != nil {
		l.Text = blobOf(s.WHOIS(x.Text))
	}
	if h := x.HTTP; h != nil {
		l.HTTP = &tapeHTTP{
			h.Status, s.header(h.Header), blobOf(s.body(key.kind, h.Header, h.Body)), h.Cut, h.Broken,
			h.Address,
		}
	}
	if r := x.TLS; r != nil {
		l.TLS = &tapeTLS{Version: r.Version, Connected: r.Connected, Failed: s.Clean(r.Failed)}
		for _, c := range r.Chain {
			l.TLS.Chain = append(l.TLS.Chain, c.Raw)
		}
	}
	return l, true
}

// UnmarshalJSON reads a tape, as hostile as anything from outside: what cannot be read of a line is an error that
// names it.
func (t *Tape) UnmarshalJSON(raw []byte) error {
	var doc tapeDoc
	if err := json.Unmarshal(raw, &doc); err != nil {
		return err
	}
	if len(doc.Exchanges) > maxTape || len(doc.Choices) > maxTape {
		return fmt.Errorf("the case has more than %d exchanges", maxTape)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.label, t.begun, t.ipv6, t.roots = doc.Label, doc.BegunAt, doc.IPv6, doc.Roots
	t.lines, t.hosts, t.order = map[memoKey]*Exchange{}, doc.Hosts, nil
	if t.hosts == nil {
		t.hosts = map[string]hostLine{}
	}
	t.chosen = map[choiceKey]choice{}
	for _, c := range doc.Choices {
		t.chosen[choiceKey{c.Zone, c.Name, c.Type, c.Want}] = choice{server: c.To}
	}
	for i, l := range doc.Exchanges {
		x, err := l.exchange()
		if err != nil {
			return fmt.Errorf("exchange %d of the case (%s %s): %w", i+1, l.Kind, l.Asked, err)
		}
		key := memoKey{kind: l.Kind, server: l.To, asked: l.Asked, flags: l.Flags}
		if _, there := t.lines[key]; !there {
			t.order = append(t.order, key)
		}
		t.lines[key] = x
	}
	return nil
}

func (l *tapeLine) exchange() (*Exchange, error) {
	x := &Exchange{
		Kind: l.Kind, Host: l.Host, Transport: l.Transport, Asked: l.Asked, At: l.At,
		Took: time.Duration(l.TookUs) * time.Microsecond, Outcome: l.Outcome, Err: l.Err,
		RD: l.RD, CD: l.CD, DO: l.Kind == KindDNS && l.Flags&flagDO != 0, Cut: l.Cut, Text: l.Text.octets(),
	}
	if l.Shown != "" {
		x.Asked = l.Shown
	}
	if l.Addr != "" {
		a, err := netip.ParseAddrPort(l.Addr)
		if err != nil {
			return nil, err
		}
		x.Addr = a
	}
	if l.DNS != nil {
		m := new(dns.Msg)
		if err := unpackSafely(m, l.DNS); err != nil {
			return nil, err
		}
		x.Msg = m
	}
	if h := l.HTTP; h != nil {
		x.HTTP = &HTTPReply{
			Status: h.Status, Header: h.Header, Body: h.Body.octets(), Cut: h.Cut, Broken: h.Broken,
			Address: h.Address,
		}
		if x.HTTP.Header == nil {
			x.HTTP.Header = http.Header{}
		}
	}
	if r := l.TLS; r != nil {
		x.TLS = &TLSReply{Version: r.Version, Connected: r.Connected, Failed: r.Failed}
		for _, raw := range r.Chain {
			c, err := x509.ParseCertificate(raw)
			if err != nil {
				return nil, err
			}
			x.TLS.Chain = append(x.TLS.Chain, c)
		}
	}
	return x, nil
}

// unpackSafely reads a DNS message; a panic of the parser is an error.
func unpackSafely(m *dns.Msg, wire []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("reading the message failed: %v", r)
		}
	}()
	return m.Unpack(wire)
}

// Exchanges is how many exchanges are on the tape.
func (t *Tape) Exchanges() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.lines)
}

// String names the tape for logs: never what is on it.
func (t *Tape) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "a tape of %d exchanges", t.Exchanges())
	return b.String()
}
