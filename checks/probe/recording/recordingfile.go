package recording

import (
	"cmp"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

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
		Want int    `json:"want,omitempty"`
		To   string `json:"to"`
	}
	tapeLine struct {
		Kind      exchange.Kind `json:"kind"`
		To        string        `json:"to"`
		Asked     string        `json:"asked"`
		Flags     int           `json:"flags,omitempty"`
		Host      string        `json:"host,omitempty"`
		Addr      string        `json:"addr,omitempty"`
		Transport string        `json:"transport,omitempty"`
		RD        bool          `json:"rd,omitempty"`
		CD        bool          `json:"cd,omitempty"`
		// as the ledger has the question, where it is written otherwise
		Shown   string           `json:"shown,omitempty"`
		At      time.Time        `json:"at"`
		TookUs  int64            `json:"tookUs"`
		Outcome exchange.Outcome `json:"outcome"`
		Err     string           `json:"err,omitempty"`
		Cut     bool             `json:"cut,omitempty"`
		DNS     []byte           `json:"dns,omitempty"`
		Text    *blob            `json:"text,omitempty"`
		HTTP    *tapeHTTP        `json:"http,omitempty"`
		TLS     *tapeTLS         `json:"tls,omitempty"`
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
func (rec *Recording) MarshalJSON() ([]byte, error) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	doc := tapeDoc{
		Label: rec.Label, BegunAt: rec.begun.UTC(), IPv6: rec.ipv6, Roots: rec.roots,
		Exchanges: make([]tapeLine, 0, len(rec.order)),
	}
	if len(rec.hosts) > 0 {
		doc.Hosts = map[string]hostLine{}
		for host, line := range rec.hosts {
			line.Err = rec.secret.Redact(line.Err)
			doc.Hosts[host] = line
		}
	}
	for _, key := range rec.order {
		line, ok := rec.secret.line(key, rec.lines[key])
		if ok {
			doc.Exchanges = append(doc.Exchanges, line)
		}
	}
	for key, c := range rec.chosen {
		if !c.first {
			doc.Choices = append(doc.Choices, tapeChoice{
				rec.secret.Redact(key.Zone), rec.secret.Redact(key.Name), key.Type,
				key.Rule, c.server,
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
func (s *Secrets) line(key exchange.QueryKey, x *exchange.Exchange) (tapeLine, bool) {
	l := tapeLine{
		Kind: key.Kind, To: key.Server, Asked: s.Redact(key.Asked), Flags: key.Flags, Host: s.Redact(x.Host),
		Transport: x.Transport, RD: x.RD, CD: x.CD,
		At: x.At.UTC(), TookUs: x.Took.Microseconds(), Outcome: x.Outcome, Err: s.Redact(x.Err), Cut: x.Cut,
	}
	if shown := s.Redact(x.Asked); shown != l.Asked {
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
			h.Status, s.header(h.Header), blobOf(s.body(key.Kind, h.Header, h.Body)), h.Cut, h.Broken,
			h.Address,
		}
	}
	if r := x.TLS; r != nil {
		l.TLS = &tapeTLS{Version: r.Version, Connected: r.Connected, Failed: s.Redact(r.Failed)}
		for _, c := range r.Chain {
			l.TLS.Chain = append(l.TLS.Chain, c.Raw)
		}
	}
	return l, true
}

// UnmarshalJSON reads a tape, as hostile as anything from outside: what cannot be read of a line is an error that
// names it.
func (rec *Recording) UnmarshalJSON(raw []byte) error {
	var doc tapeDoc
	if err := json.Unmarshal(raw, &doc); err != nil {
		return err
	}
	if len(doc.Exchanges) > maxTape || len(doc.Choices) > maxTape {
		return fmt.Errorf("the case has more than %d exchanges", maxTape)
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.Label, rec.begun, rec.ipv6, rec.roots = doc.Label, doc.BegunAt, doc.IPv6, doc.Roots
	rec.lines, rec.hosts, rec.order = map[exchange.QueryKey]*exchange.Exchange{}, doc.Hosts, nil
	if rec.hosts == nil {
		rec.hosts = map[string]hostLine{}
	}
	rec.chosen = map[ChoiceKey]choice{}
	for _, c := range doc.Choices {
		rec.chosen[ChoiceKey{c.Zone, c.Name, c.Type, c.Want}] = choice{server: c.To}
	}
	for i, l := range doc.Exchanges {
		x, err := l.exchange()
		if err != nil {
			return fmt.Errorf("exchange %d of the case (%s %s): %w", i+1, l.Kind, l.Asked, err)
		}
		key := exchange.QueryKey{Kind: l.Kind, Server: l.To, Asked: l.Asked, Flags: l.Flags}
		if _, there := rec.lines[key]; !there {
			rec.order = append(rec.order, key)
		}
		rec.lines[key] = x
	}
	return nil
}

func (l *tapeLine) exchange() (*exchange.Exchange, error) {
	x := &exchange.Exchange{
		Kind: l.Kind, Host: l.Host, Transport: l.Transport, Asked: l.Asked, At: l.At,
		Took: time.Duration(l.TookUs) * time.Microsecond, Outcome: l.Outcome, Err: l.Err,
		RD: l.RD, CD: l.CD, DO: l.Kind == exchange.KindDNS && l.Flags&exchange.FlagDO != 0, Cut: l.Cut,
		Text: l.Text.octets(),
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
		x.HTTP = &exchange.HTTPReply{
			Status: h.Status, Header: h.Header, Body: h.Body.octets(), Cut: h.Cut, Broken: h.Broken,
			Address: h.Address,
		}
		if x.HTTP.Header == nil {
			x.HTTP.Header = http.Header{}
		}
	}
	if r := l.TLS; r != nil {
		x.TLS = &exchange.TLSReply{Version: r.Version, Connected: r.Connected, Failed: r.Failed}
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
