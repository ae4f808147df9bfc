package api

import (
	"encoding/binary"
	"math"
	"time"
)

// Packed is a [Domain] without Raw in one piece of memory: a quarter of what the Domain takes. A run keeps that of each
// domain of the tenant.
type Packed string

// Pack returns the domain without Raw.
func (d Domain) Pack() Packed {
	w := packer{buf: make([]byte, 0, 256)}
	w.domain(&d)
	return Packed(w.buf)
}

// Domain returns the domain that was packed; that of "" has nothing.
func (p Packed) Domain() Domain {
	var d Domain
	if r := (packer{rest: string(p), reads: true}); p != "" {
		r.domain(&d)
	}
	return d
}

// IDAndName are those of the domain, in the memory of p.
func (p Packed) IDAndName() (id, name string) {
	if r := (packer{rest: string(p), reads: true}); p != "" {
		r.texts(&id, &name)
	}
	return id, name
}

// packer writes a domain, or reads it: each method does either with what it is given.
type packer struct {
	buf   []byte
	rest  string
	reads bool
}

func (p *packer) domain(d *Domain) {
	p.texts(&d.ID, &d.Name, &d.Status, &d.TenantID, &d.Registrar)
	p.times(&d.CreatedAt, &d.UpdatedAt, &d.ExpiresAt)
	pointer(p, &d.AutoRenew, func(b *bool) {
		n := 0
		if *b {
			n = 1
		}
		p.number(&n)
		*b = n == 1
	})
	list(p, &d.Nameservers, func(s *string) { p.texts(s) })
	list(p, &d.Verifications, func(v *Verification) {
		p.texts(&v.Method, &v.Name, &v.Value, &v.Status)
		p.times(&v.ExpiresAt, &v.LastCheckedAt)
	})
	pointer(p, &d.CDN, func(c *CDN) { p.texts(&c.Target, &c.Status, &c.Reason) })
	pointer(p, &d.LastError, func(e *LastError) {
		p.texts(&e.Code, &e.Message, &e.Path, &e.RequestID)
		p.times(&e.Timestamp)
	})
	list(p, &d.Problems, func(s *string) { p.texts(s) })
}

// number is not negative.
func (p *packer) number(n *int) {
	if !p.reads {
		p.buf = binary.AppendUvarint(p.buf, uint64(*n))
		return
	}
	v, shift := 0, 0
	for {
		b := p.rest[0]
		p.rest = p.rest[1:]
		v |= int(b&0x7f) << shift
		if b < 0x80 {
			break
		}
		shift += 7
	}
	*n = v
}

func (p *packer) texts(list ...*string) {
	for _, s := range list {
		n := len(*s)
		p.number(&n)
		if p.reads {
			*s, p.rest = p.rest[:n], p.rest[n:]
		} else {
			p.buf = append(p.buf, *s...)
		}
	}
}

// The forms of times.
const (
	noTime = iota
	inUTC  // seconds and nanoseconds of the Unix time
	inZone // as time.Time.MarshalBinary
)

func (p *packer) times(list ...*time.Time) {
	for _, t := range list {
		form := inZone
		switch {
		case t.IsZero():
			form = noTime
		case t.Location() == time.UTC && t.Unix() >= 0 && t.Unix() <= math.MaxInt32: // an int
			form = inUTC
		}
		switch p.number(&form); form {
		case inUTC:
			seconds, nano := int(t.Unix()), t.Nanosecond()
			p.number(&seconds)
			if p.number(&nano); p.reads {
				*t = time.Unix(int64(seconds), int64(nano)).UTC()
			}
		case inZone:
			p.zoned(t)
		}
	}
}

func (p *packer) zoned(t *time.Time) {
	s := ""
	if !p.reads {
		raw, err := t.MarshalBinary()
		if err != nil { // the time zone is none
			raw, _ = t.UTC().MarshalBinary()
		}
		s = string(raw)
	}
	if p.texts(&s); p.reads {
		_ = t.UnmarshalBinary([]byte(s)) // which MarshalBinary wrote
	}
}

// list reads or writes a slice: its length plus one, 0 for nil, and its elements.
func list[T any](p *packer, of *[]T, one func(*T)) {
	n := len(*of) + 1
	if *of == nil {
		n = 0
	}
	if p.number(&n); p.reads && n > 0 {
		*of = make([]T, n-1)
	}
	for i := range *of {
		one(&(*of)[i])
	}
}

// pointer reads or writes a value that may be nil.
func pointer[T any](p *packer, to **T, one func(*T)) {
	n := 0
	if *to != nil {
		n = 1
	}
	if p.number(&n); p.reads && n == 1 {
		*to = new(T)
	}
	if *to != nil {
		one(*to)
	}
}
