package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
)

// The lines of the section story about the registry and DNSSEC.

func (b *builder) registration(l story.Line) error {
	name := base(b.in.domain)
	p := l.Plain()
	if strings.Contains(p[0], ".") {
		name, p = strings.ToLower(p[0]), p[1:]
	}
	if !slices.Contains(b.bases(), name) { // all names of zones are known by now
		return fmt.Errorf("%q is not a registrable name of this story, which has %s", name, strings.Join(b.bases(), ", "))
	}
	r := b.active()
	switch {
	case len(p) == 0:
		return fmt.Errorf("want %s", story.UsageOf("registration"))
	case p[0] == "none" || p[0] == "reserved":
		if len(p) > 1 {
			return fmt.Errorf("unexpected %q: a name that is not registered has no status", p[1])
		}
		r.state = registryState(p[0])
	default:
		r.statuses = nil
		for _, w := range p {
			if err := story.CheckRegistrationStatus(w); err != nil {
				return err
			}
			r.statuses = append(r.statuses, strings.ReplaceAll(w, "-", " "))
		}
	}
	if err := b.times(l, option[time.Time]{"created", &r.created}, option[time.Time]{"expires", &r.expires},
		option[time.Time]{"transferred", &r.transfer}, option[time.Time]{"updated", &r.updated}); err != nil {
		return err
	}
	if v, ok := l.Option("registrar"); ok {
		r.registrar = v
	}
	if v, ok := l.Option("down"); ok {
		if err := story.CheckOutage(v); err != nil {
			return err
		}
		r.down = outage(v)
	}
	b.in.regs[name] = r
	return nil
}

// signing reads the line signed.
func (b *builder) signing(l story.Line) error {
	var how signing
	if v, ok := l.Option("ds"); ok {
		if err := story.OneOf("state of the DS", v, "stale", "none", "unknown-digest", "unknown-and-stale"); err != nil {
			return err
		}
		how.ds = v
	}
	if v, ok := l.Option("nsec"); ok {
		if err := story.OneOf("state of the NSEC records", v, "none", "lower", "wrong"); err != nil {
			return err
		}
		how.nsec = v
	}
	if v, ok := l.Option("algorithm"); ok {
		if err := story.OneOf("algorithm", v, "ed448", "ed448-known"); err != nil {
			return err
		}
		how.algorithm, how.known = dns.ED448, v == "ed448-known"
	}
	if v, ok := l.Option("keys"); ok {
		if err := story.OneOf("state of the keys", v, "none"); err != nil {
			return err
		}
		how.unkeyed = true
	}
	switch v, ok := l.Option("signature"); {
	case !ok:
	case v == "broken":
		how.broken = true
	case v == "early":
		how.early = true
	default:
		t, err := story.ParseTime(v, b.now)
		if err != nil {
			return err
		}
		how.ended = b.now.Sub(t)
	}
	zone, err := story.DomainName(l.Word(1))
	how.at, _ = l.Option("at")
	b.in.signed[zone] = how
	b.later(l, func() error {
		if !slices.ContainsFunc(b.in.zones, func(z served) bool { return z.name == zone }) {
			return fmt.Errorf("%q is signed, but there is no section zone %s", l.Word(1), l.Word(1))
		}
		return nil
	})
	return err
}

func (b *builder) active() *registration {
	return &registration{
		state: registered, statuses: []string{"client transfer prohibited"}, registrar: "Example Registrar, Inc.",
		created: b.now.Add(-3 * 365 * 24 * time.Hour), updated: b.now.Add(-90 * 24 * time.Hour),
		expires: b.now.Add(200 * 24 * time.Hour),
	}
}
