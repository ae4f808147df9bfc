package recording

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"domdoc/catalog/order"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// The JSON of a case file. Its names never change.
type (
	fileFormat struct {
		Label     string                `json:"label"`
		BegunAt   time.Time             `json:"begunAt"`
		IPv6      bool                  `json:"ipv6"`
		Hosts     map[string]hostLookup `json:"hosts,omitempty"`
		Roots     [][]byte              `json:"roots,omitempty"`
		Exchanges []fileExchange        `json:"exchanges"`
		Choices   []fileChoice          `json:"choices,omitempty"`
	}
	// fileChoice is a question to any one server of a zone that another answered before the first.
	fileChoice struct {
		Zone string `json:"zone"`
		Name string `json:"name"`
		Type uint16 `json:"type"`
		Want int    `json:"want,omitempty"`
		To   string `json:"to"`
	}
	fileExchange struct {
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
		HTTP    *fileHTTP        `json:"http,omitempty"`
		TLS     *fileTLS         `json:"tls,omitempty"`
	}
	fileHTTP struct {
		Status  int         `json:"status"`
		Header  http.Header `json:"header,omitempty"`
		Body    *blob       `json:"body,omitempty"`
		Cut     bool        `json:"cut,omitempty"`
		Broken  bool        `json:"broken,omitempty"`
		Address string      `json:"address,omitempty"`
	}
	fileTLS struct {
		Chain     [][]byte `json:"chain,omitempty"`
		Version   uint16   `json:"version,omitempty"`
		Connected bool     `json:"connected,omitempty"`
		Failed    string   `json:"failed,omitempty"`
	}
	// blob is UTF-8 as text, and anything else in base64.
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

// MarshalJSON writes the recording without secrets.
func (rec *Recording) MarshalJSON() ([]byte, error) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	doc := fileFormat{
		Label: rec.Label, BegunAt: rec.begun.UTC(), IPv6: rec.ipv6, Roots: rec.roots,
		Exchanges: make([]fileExchange, 0, rec.exchanges()),
	}
	if len(rec.hosts) > 0 {
		doc.Hosts = map[string]hostLookup{}
		for host, line := range rec.hosts {
			line.Err = rec.secret.Redact(line.Err)
			doc.Hosts[host] = line
		}
	}
	for key, x := range rec.all {
		if line, ok := rec.secret.line(key, x); ok {
			doc.Exchanges = append(doc.Exchanges, line)
		}
	}
	for key, c := range rec.chosen {
		if !c.first {
			doc.Choices = append(doc.Choices, fileChoice{
				rec.secret.Redact(key.Zone), rec.secret.Redact(key.Name), key.Type,
				key.Rule, c.server,
			})
		}
	}
	order.By(doc.Choices, func(a, b fileChoice) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Zone, b.Zone), cmp.Compare(a.Type, b.Type),
			cmp.Compare(a.Want, b.Want))
	})
	return json.Marshal(doc)
}

// line converts an exchange; it returns false if its message cannot be packed.
func (s *Secrets) line(key exchange.QueryKey, x *exchange.Exchange) (fileExchange, bool) {
	l := fileExchange{
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
		l.DNS = s.overwrite(wire)
	}
	if x.Text != nil {
		l.Text = blobOf(s.WHOIS(x.Text))
	}
	if h := x.HTTP; h != nil {
		l.HTTP = &fileHTTP{
			h.Status, s.header(h.Header), blobOf(s.body(key.Kind, h.Header, h.Body)), h.Cut, h.Broken,
			h.Address,
		}
	}
	if r := x.TLS; r != nil {
		l.TLS = &fileTLS{Version: r.Version, Connected: r.Connected, Failed: s.Redact(r.Failed)}
		for _, c := range r.Chain {
			l.TLS.Chain = append(l.TLS.Chain, c.Raw)
		}
	}
	return l, true
}

// UnmarshalJSON reads a recording. See Decode.
func (rec *Recording) UnmarshalJSON(raw []byte) error {
	return rec.Decode(json.NewDecoder(bytes.NewReader(raw)))
}

// Decode reads a recording, which is untrusted input, exchange by exchange: all of them as JSON would take several
// times the memory of the recording. The error names the exchange that is invalid.
func (rec *Recording) Decode(dec *json.Decoder) error {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.Label, rec.begun, rec.ipv6, rec.roots, rec.hosts = "", time.Time{}, false, nil, nil
	rec.lines, rec.order, rec.referrals = map[exchange.QueryKey]*exchange.Exchange{}, nil, nil
	rec.chosen = map[ChoiceKey]choice{}
	r := reader{
		strings: map[string]string{}, addrs: map[string]netip.AddrPort{}, certificates: map[string]*x509.Certificate{},
	}
	err := DecodeObject(dec, func(name string) error {
		switch name {
		case "label":
			return dec.Decode(&rec.Label)
		case "begunAt":
			return dec.Decode(&rec.begun)
		case "ipv6":
			return dec.Decode(&rec.ipv6)
		case "hosts":
			return dec.Decode(&rec.hosts)
		case "roots":
			return dec.Decode(&rec.roots)
		case "exchanges":
			return DecodeArray(dec, func(i int) error { return rec.decodeExchange(dec, &r, i) })
		case "choices":
			return DecodeArray(dec, func(i int) error { return rec.decodeChoice(dec, &r, i) })
		}
		var unknown json.RawMessage
		return dec.Decode(&unknown)
	})
	if rec.hosts == nil {
		rec.hosts = map[string]hostLookup{}
	}
	return err
}

var errTooMany = fmt.Errorf("the case has more than %d exchanges", maxExchanges)

func (rec *Recording) decodeExchange(dec *json.Decoder, r *reader, i int) error {
	if i >= maxExchanges {
		return errTooMany
	}
	l := &r.line
	*l = fileExchange{}
	if err := dec.Decode(l); err != nil {
		return err
	}
	r.share(l)
	x, err := r.exchange(l)
	if err != nil {
		return fmt.Errorf("exchange %d of the case (%s %s): %w", i+1, l.Kind, l.Asked, err)
	}
	key := exchange.QueryKey{Kind: l.Kind, Server: l.To, Asked: l.Asked, Flags: l.Flags}
	if _, there := rec.lines[key]; !there {
		rec.order = append(rec.order, key)
	}
	rec.lines[key] = x
	return nil
}

func (rec *Recording) decodeChoice(dec *json.Decoder, r *reader, i int) error {
	if i >= maxExchanges {
		return errTooMany
	}
	var c fileChoice
	if err := dec.Decode(&c); err != nil {
		return err
	}
	rec.chosen[ChoiceKey{r.same(c.Zone), r.same(c.Name), c.Type, c.Want}] = choice{server: r.same(c.To)}
	return nil
}

// reader keeps one of each value that many exchanges of a recording have in common.
type reader struct {
	line         fileExchange // the present exchange
	strings      map[string]string
	addrs        map[string]netip.AddrPort
	certificates map[string]*x509.Certificate // by their DER encoding
}

func (r *reader) same(s string) string {
	if known, ok := r.strings[s]; ok {
		return known
	}
	r.strings[s] = s
	return s
}

// share replaces the strings of an exchange by those that earlier ones have.
func (r *reader) share(l *fileExchange) {
	l.Kind, l.Outcome = exchange.Kind(r.same(string(l.Kind))), exchange.Outcome(r.same(string(l.Outcome)))
	l.To, l.Asked, l.Host, l.Transport = r.same(l.To), r.same(l.Asked), r.same(l.Host), r.same(l.Transport)
}

func (r *reader) addr(s string) (netip.AddrPort, error) {
	if a, ok := r.addrs[s]; ok {
		return a, nil
	}
	a, err := netip.ParseAddrPort(s)
	if err == nil {
		r.addrs[s] = a
	}
	return a, err
}

func (r *reader) certificate(der []byte) (*x509.Certificate, error) {
	if c, ok := r.certificates[string(der)]; ok {
		return c, nil
	}
	c, err := x509.ParseCertificate(der)
	if err == nil {
		r.certificates[string(der)] = c
	}
	return c, err
}

// DecodeObject reads a JSON object and calls field for each of its names, to read the value. null is an error.
func DecodeObject(dec *json.Decoder, field func(name string) error) error {
	switch t, err := dec.Token(); {
	case err != nil:
		return err
	case t != json.Delim('{'):
		return fmt.Errorf("%v where an object is expected", t)
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string) // the decoder accepts no other
		if err := field(name); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// DecodeArray reads a JSON array, or null as an empty one, and calls element for each element, to read it.
func DecodeArray(dec *json.Decoder, element func(i int) error) error {
	switch t, err := dec.Token(); {
	case err != nil:
		return err
	case t == nil:
		return nil
	case t != json.Delim('['):
		return fmt.Errorf("%v where an array is expected", t)
	}
	for i := 0; dec.More(); i++ {
		if err := element(i); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func (r *reader) exchange(l *fileExchange) (*exchange.Exchange, error) {
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
		a, err := r.addr(l.Addr)
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
	if t := l.TLS; t != nil {
		x.TLS = &exchange.TLSReply{Version: t.Version, Connected: t.Connected, Failed: t.Failed}
		for _, raw := range t.Chain {
			c, err := r.certificate(raw)
			if err != nil {
				return nil, err
			}
			x.TLS.Chain = append(x.TLS.Chain, c)
		}
	}
	return x, nil
}
