package recording

import (
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"net/http"
	"net/netip"
	"strings"
	"time"
	"weak"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// stored are the exchanges of a large recording. Each is a few hundred octets of text that the garbage collector does
// not look into, and is made into an exchange when it is asked for.
type stored struct {
	chunks  []*strings.Builder // full but for the last; appended to only
	entries []storedEntry
	index   map[uint64]int32 // places in entries by the hash of their keys; after a collision by the next number
	seed    maphash.Seed
	certs   []*x509.Certificate

	// An exchange is the same for all that have it at the same time. The latest are kept, those of what many domains
	// have in common among them.
	latest [storedLatest]*exchange.Exchange
	next   int // in latest
}

// storedEntry says where an exchange is.
type storedEntry struct {
	chunk, at int32
	made      weak.Pointer[exchange.Exchange]
}

const (
	storedLatest = 1 << 11
	storedChunk  = 1 << 20 // octets; a longer exchange has a chunk of its own
)

// Flags of a stored exchange.
const (
	storedRD = 1 << iota
	storedCD
	storedCut
	storedDNS
	storedText
	storedHTTP
	storedTLS
)

// Flags of a stored HTTP reply or handshake.
const (
	storedBody = 1 << iota
	storedBodyCut
	storedBroken
	storedConnected
)

// newStored returns an empty store.
func newStored() *stored { return &stored{index: map[uint64]int32{}, seed: maphash.MakeSeed()} }

// add adds an exchange, which begins with a key of some octets. A later one with the same key takes the place of an
// earlier one.
func (s *stored) add(text []byte, key int) {
	at := len(s.chunks) - 1
	if at < 0 || s.chunks[at].Cap()-s.chunks[at].Len() < len(text) {
		chunk := &strings.Builder{}
		chunk.Grow(max(storedChunk, len(text)))
		s.chunks = append(s.chunks, chunk)
		at++
	}
	e := storedEntry{chunk: int32(at), at: int32(s.chunks[at].Len())}
	s.chunks[at].Write(text)
	hash, i := s.search(text[:key])
	if i >= 0 {
		s.entries[i] = e
		return
	}
	s.index[hash] = int32(len(s.entries))
	s.entries = append(s.entries, e)
}

// search returns the place of the exchange that begins with a key, or -1 and the hash under which to add it.
func (s *stored) search(key []byte) (hash uint64, i int32) {
	for hash = maphash.Bytes(s.seed, key); ; hash++ {
		i, ok := s.index[hash]
		if !ok {
			return hash, -1
		}
		e := s.entries[i]
		// The lengths in a key say where it ends: none begins with another.
		if strings.HasPrefix(s.chunks[e.chunk].String()[e.at:], string(key)) {
			return hash, i
		}
	}
}

// find returns the exchange of a key; nil if there is none.
func (s *stored) find(key exchange.QueryKey) *exchange.Exchange {
	var room [256]byte
	text := room[:0]
	for _, word := range [...]string{string(key.Kind), key.Server, key.Asked} {
		text = append(putNumber(text, uint64(len(word))), word...)
	}
	if _, i := s.search(putNumber(text, uint64(key.Flags))); i >= 0 {
		return s.exchange(i)
	}
	return nil
}

// exchange returns an exchange by its place.
func (s *stored) exchange(i int32) *exchange.Exchange {
	e := &s.entries[i]
	x := e.made.Value()
	if x == nil {
		x = s.make(*e)
		e.made = weak.Make(x)
		s.latest[s.next] = x
		s.next = (s.next + 1) % storedLatest
	}
	return x
}

// storedReader reads what storedText wrote.
type storedReader struct{ text string }

func (s *stored) reader(e storedEntry) storedReader {
	return storedReader{s.chunks[e.chunk].String()[e.at:]}
}

// number reads a number below 1<<63.
func (r *storedReader) number() int64 {
	v := uint64(0)
	for i, shift := 0, 0; ; i, shift = i+1, shift+7 {
		c := r.text[i]
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			r.text = r.text[i+1:]
			return int64(v)
		}
	}
}

// word reads a text, which shares the memory of the chunk.
func (r *storedReader) word() string {
	n := r.number()
	s := r.text[:n]
	r.text = r.text[n:]
	return s
}

// octets reads a text that is not to be shared.
func (r *storedReader) octets() []byte {
	s := r.word()
	return append(make([]byte, 0, len(s)), s...)
}

// storedKey reads the key at the beginning of an exchange.
func (r *storedReader) key() exchange.QueryKey {
	return exchange.QueryKey{
		Kind: exchange.Kind(r.word()), Server: r.word(), Asked: r.word(), Flags: int(r.number()),
	}
}

func (s *stored) key(e storedEntry) exchange.QueryKey {
	r := s.reader(e)
	return r.key()
}

// outcome returns how an exchange ended, without making it.
func (s *stored) outcome(e storedEntry) exchange.Outcome {
	r := s.reader(e)
	r.key()
	return exchange.Outcome(r.word())
}

// make makes an exchange of what was stored, which was checked before.
func (s *stored) make(e storedEntry) *exchange.Exchange {
	r := s.reader(e)
	key := r.key()
	x := &exchange.Exchange{
		Kind: key.Kind, Asked: key.Asked, DO: key.Kind == exchange.KindDNS && key.Flags&exchange.FlagDO != 0,
		Outcome: exchange.Outcome(r.word()), Host: r.word(),
	}
	if addr := r.word(); addr != "" {
		x.Addr, _ = netip.ParseAddrPort(addr)
	}
	x.Transport = r.word()
	if shown := r.word(); shown != "" {
		x.Asked = shown
	}
	x.Err = r.word()
	x.At = time.Unix(r.number()-storedEpoch, r.number()).UTC()
	x.Took = time.Duration(unzigzag(r.number())) * time.Microsecond
	flags := r.number()
	x.RD, x.CD, x.Cut = flags&storedRD != 0, flags&storedCD != 0, flags&storedCut != 0
	if flags&storedDNS != 0 {
		x.Msg = new(dns.Msg)
		_ = unpackSafely(x.Msg, []byte(r.word()))
	}
	if flags&storedText != 0 {
		x.Text = r.octets()
	}
	if flags&storedHTTP != 0 {
		x.HTTP = r.http()
	}
	if flags&storedTLS != 0 {
		x.TLS = r.tls(s.certs)
	}
	return x
}

func (r *storedReader) http() *exchange.HTTPReply {
	reply := &exchange.HTTPReply{Status: int(r.number()), Header: http.Header{}}
	for range r.number() {
		name := r.word()
		values := make([]string, r.number())
		for i := range values {
			values[i] = r.word()
		}
		reply.Header[name] = values
	}
	reply.Address = r.word()
	flags := r.number()
	reply.Cut, reply.Broken = flags&storedBodyCut != 0, flags&storedBroken != 0
	if flags&storedBody != 0 {
		reply.Body = r.octets()
	}
	return reply
}

func (r *storedReader) tls(certs []*x509.Certificate) *exchange.TLSReply {
	reply := &exchange.TLSReply{Version: uint16(r.number()), Failed: r.word()}
	reply.Connected = r.number()&storedConnected != 0
	for range r.number() {
		reply.Chain = append(reply.Chain, certs[r.number()])
	}
	return reply
}

// storedEpoch makes the seconds of all times that JSON has (RFC 3339: of the years 0 to 9999) positive.
const storedEpoch = 1 << 36

func zigzag(v int64) uint64                 { return uint64(v<<1) ^ uint64(v>>63) }
func unzigzag(v int64) int64                { return int64(uint64(v)>>1) ^ -(v & 1) }
func putNumber(dst []byte, v uint64) []byte { return binary.AppendUvarint(dst, v) }

func putWord(dst, s []byte) []byte { return append(putNumber(dst, uint64(len(s))), s...) }

// referrals returns the places of the exchanges that are referrals.
func (s *stored) referrals(yield func(i int32) bool) {
	for i, e := range s.entries {
		if s.outcome(e) == exchange.Referral && !yield(int32(i)) {
			return
		}
	}
}

// unpackSafely reads a DNS message, turning a panic of the parser into an error.
func unpackSafely(m *dns.Msg, wire []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("reading the message failed: %v", r)
		}
	}()
	return m.Unpack(wire)
}
