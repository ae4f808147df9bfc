package recording

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"math"
	"net/netip"

	"domdoc/checks/probe/recording/plain"

	"github.com/miekg/dns"
)

// DecodePlain is Decode for a recording as MarshalJSON writes it, at a fraction of the time and memory. It returns nil
// if the reader failed: Decode may read what DecodePlain does not, and says what is wrong.
func DecodePlain(r *plain.Reader) *Recording {
	rec := New(nil)
	rec.stored = newStored()
	p := plainExchanges{
		Reader: r, stored: rec.stored, addrs: map[string]bool{}, certificates: map[string]int{},
	}
	var read seen
	for more := r.Open('{'); more; more = r.Next('}') {
		switch string(r.Name()) {
		case "label":
			read.once(r, 0)
			rec.Label = string(r.String(nil))
		case "begunAt":
			read.once(r, 1)
			rec.begun = r.Time()
		case "ipv6":
			read.once(r, 2)
			rec.ipv6 = r.Bool()
		case "hosts":
			read.once(r, 3)
			decodeRaw(r, &rec.hosts)
		case "roots":
			read.once(r, 4)
			decodeRaw(r, &rec.roots)
		case "exchanges":
			read.once(r, 5)
			p.exchanges()
		case "choices":
			read.once(r, 6)
			p.choices(rec)
		default:
			r.Fail()
		}
	}
	if r.Failed() {
		return nil
	}
	return rec
}

// seen are the names that were read in an object, by their numbers.
type seen uint32

// once makes the reader fail if a name comes twice: encoding/json has rules for that.
func (s *seen) once(r *plain.Reader, n int) {
	if *s>>n&1 != 0 {
		r.Fail()
	}
	*s |= 1 << n
}

// decodeRaw reads a small value with encoding/json.
func decodeRaw(r *plain.Reader, into any) {
	if raw := r.Raw(); raw == nil || string(raw) == "null" || json.Unmarshal(raw, into) != nil {
		r.Fail()
	}
}

// plainExchanges reads exchanges. Its buffers are used again for each of them.
type plainExchanges struct {
	*plain.Reader
	stored       *stored
	addrs        map[string]bool // that were parsed
	certificates map[string]int  // the place in stored of each by its DER encoding

	text []byte // of the present exchange, as it is stored

	kind, to, asked, outcome, host, addr, transport, shown, failure, dns, body []byte
	reply, head, values, page, from                                            []byte // of an HTTP reply
	handshake, chain, der                                                      []byte // of a handshake
	word                                                                       []byte
}

func (p *plainExchanges) exchanges() {
	n := 0
	for more := p.Open('['); more; more = p.Next(']') {
		if n++; n > maxExchanges {
			p.Fail()
		}
		p.exchange()
	}
}

func (p *plainExchanges) exchange() {
	p.kind, p.to, p.asked, p.outcome, p.host = p.kind[:0], p.to[:0], p.asked[:0], p.outcome[:0], p.host[:0]
	p.addr, p.transport, p.shown, p.failure = p.addr[:0], p.transport[:0], p.shown[:0], p.failure[:0]
	var read seen
	var flags uint64
	var keyFlags, second, nanosecond, took int64
	for more := p.Open('{'); more; more = p.Next('}') {
		switch string(p.Name()) {
		case "kind":
			read.once(p.Reader, 0)
			p.kind = p.String(p.kind)
		case "to":
			read.once(p.Reader, 1)
			p.to = p.String(p.to)
		case "asked":
			read.once(p.Reader, 2)
			p.asked = p.String(p.asked)
		case "flags":
			read.once(p.Reader, 3)
			keyFlags = p.Int(0, math.MaxInt32)
		case "host":
			read.once(p.Reader, 4)
			p.host = p.String(p.host)
		case "addr":
			read.once(p.Reader, 5)
			p.address()
		case "transport":
			read.once(p.Reader, 6)
			p.transport = p.String(p.transport)
		case "rd":
			read.once(p.Reader, 7)
			flags |= storedRD * flag(p.Bool())
		case "cd":
			read.once(p.Reader, 8)
			flags |= storedCD * flag(p.Bool())
		case "shown":
			read.once(p.Reader, 9)
			p.shown = p.String(p.shown)
		case "at":
			read.once(p.Reader, 10)
			t := p.Time()
			second, nanosecond = t.Unix(), int64(t.Nanosecond())
		case "tookUs":
			read.once(p.Reader, 11)
			took = p.Int(math.MinInt64, math.MaxInt64)
		case "outcome":
			read.once(p.Reader, 12)
			p.outcome = p.String(p.outcome)
		case "err":
			read.once(p.Reader, 13)
			p.failure = p.String(p.failure)
		case "cut":
			read.once(p.Reader, 14)
			flags |= storedCut * flag(p.Bool())
		case "dns":
			read.once(p.Reader, 15)
			p.message()
			flags |= storedDNS
		case "text":
			read.once(p.Reader, 16)
			p.body = p.blob(p.body[:0])
			flags |= storedText
		case "http":
			read.once(p.Reader, 17)
			p.http()
			flags |= storedHTTP
		case "tls":
			read.once(p.Reader, 18)
			p.tls()
			flags |= storedTLS
		default:
			p.Fail()
		}
	}
	if p.Failed() {
		return
	}
	text := p.text[:0]
	for _, word := range [...][]byte{p.kind, p.to, p.asked} {
		text = putWord(text, word)
	}
	text = putNumber(text, uint64(keyFlags))
	key := len(text)
	for _, word := range [...][]byte{p.outcome, p.host, p.addr, p.transport, p.shown, p.failure} {
		text = putWord(text, word)
	}
	if read>>10&1 == 0 {
		second = timeZero
	}
	text = putNumber(putNumber(text, uint64(second+storedEpoch)), uint64(nanosecond))
	text = putNumber(putNumber(text, zigzag(took)), flags)
	if flags&storedDNS != 0 {
		text = putWord(text, p.dns)
	}
	if flags&storedText != 0 {
		text = putWord(text, p.body)
	}
	if flags&storedHTTP != 0 {
		text = append(text, p.reply...)
	}
	if flags&storedTLS != 0 {
		text = append(text, p.handshake...)
	}
	p.text = text
	p.stored.add(text, key)
}

// timeZero is the second of a time that is not in the file.
const timeZero = -62135596800

func flag(set bool) uint64 {
	if set {
		return 1
	}
	return 0
}

// address reads an address and a port.
func (p *plainExchanges) address() {
	p.addr = p.String(p.addr)
	if len(p.addr) == 0 || p.addrs[string(p.addr)] {
		return
	}
	if _, err := netip.ParseAddrPort(string(p.addr)); err != nil {
		p.Fail()
		return
	}
	p.addrs[string(p.addr)] = true
}

// message reads a DNS message.
func (p *plainExchanges) message() {
	p.dns = p.Base64(p.dns[:0])
	if !p.Failed() && !unpacks(p.dns) && unpackSafely(new(dns.Msg), p.dns) != nil {
		p.Fail()
	}
}

// blob reads text or octets and appends them to dst.
func (p *plainExchanges) blob(dst []byte) []byte {
	var read seen
	for more := p.Open('{'); more; more = p.Next('}') {
		read.once(p.Reader, 0) // one of the two
		switch string(p.Name()) {
		case "text":
			dst = p.String(dst)
		case "bytes":
			dst = p.Base64(dst)
		default:
			p.Fail()
		}
	}
	return dst
}

// http reads an HTTP reply into p.reply.
func (p *plainExchanges) http() {
	var read seen
	var status, flags, headers uint64
	p.head, p.page, p.from = p.head[:0], p.page[:0], p.from[:0]
	for more := p.Open('{'); more; more = p.Next('}') {
		switch string(p.Name()) {
		case "status":
			read.once(p.Reader, 0)
			status = uint64(p.Int(0, math.MaxInt32))
		case "header":
			read.once(p.Reader, 1)
			headers = p.header()
		case "body":
			read.once(p.Reader, 2)
			p.page = p.blob(p.page)
			flags |= storedBody
		case "cut":
			read.once(p.Reader, 3)
			flags |= storedBodyCut * flag(p.Bool())
		case "broken":
			read.once(p.Reader, 4)
			flags |= storedBroken * flag(p.Bool())
		case "address":
			read.once(p.Reader, 5)
			p.from = p.String(p.from)
		default:
			p.Fail()
		}
	}
	reply := putNumber(putNumber(p.reply[:0], status), headers)
	reply = putNumber(putWord(append(reply, p.head...), p.from), flags)
	if flags&storedBody != 0 {
		reply = putWord(reply, p.page)
	}
	p.reply = reply
}

// header reads the fields of a header into p.head, and returns their number.
func (p *plainExchanges) header() (fields uint64) {
	for more := p.Open('{'); more; more = p.Next('}') {
		fields++
		p.word = append(p.word[:0], p.Name()...)
		p.head = putWord(p.head, p.word)
		p.values = p.values[:0]
		n := uint64(0)
		for more := p.Open('['); more; more = p.Next(']') {
			n++
			p.word = p.String(p.word[:0])
			p.values = putWord(p.values, p.word)
		}
		p.head = append(putNumber(p.head, n), p.values...)
	}
	return fields
}

// tls reads a handshake into p.handshake.
func (p *plainExchanges) tls() {
	var read seen
	var version, flags, certificates uint64
	p.word, p.chain = p.word[:0], p.chain[:0]
	for more := p.Open('{'); more; more = p.Next('}') {
		switch string(p.Name()) {
		case "chain":
			read.once(p.Reader, 0)
			for more := p.Open('['); more; more = p.Next(']') {
				certificates++
				p.der = p.Base64(p.der[:0])
				p.chain = putNumber(p.chain, p.certificate())
			}
		case "version":
			read.once(p.Reader, 1)
			version = uint64(p.Int(0, math.MaxUint16))
		case "connected":
			read.once(p.Reader, 2)
			flags |= storedConnected * flag(p.Bool())
		case "failed":
			read.once(p.Reader, 3)
			p.word = p.String(p.word)
		default:
			p.Fail()
		}
	}
	handshake := putNumber(p.handshake[:0], version)
	handshake = putNumber(putNumber(putWord(handshake, p.word), flags), certificates)
	p.handshake = append(handshake, p.chain...)
}

// certificate returns the place of p.der in stored.certs.
func (p *plainExchanges) certificate() uint64 {
	if i, known := p.certificates[string(p.der)]; known {
		return uint64(i)
	}
	if p.Failed() {
		return 0
	}
	c, err := x509.ParseCertificate(bytes.Clone(p.der)) // which keeps it
	if err != nil {
		p.Fail()
		return 0
	}
	i := len(p.stored.certs)
	p.stored.certs = append(p.stored.certs, c)
	p.certificates[string(p.der)] = i
	return uint64(i)
}

// choices reads the choices of a recording.
func (p *plainExchanges) choices(rec *Recording) {
	n := 0
	for more := p.Open('['); more; more = p.Next(']') {
		var c fileChoice
		if decodeRaw(p.Reader, &c); p.Failed() {
			return
		}
		if n++; n > maxExchanges {
			p.Fail()
			return
		}
		rec.chosen[ChoiceKey{c.Zone, c.Name, c.Type, c.Want}] = choice{server: c.To}
	}
}
