package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
)

// changes are the forms of lines that change a running world, where they differ from those of the section story.
// These lines are used in sections "after" and by Sandbox.Change.
var changes = map[string]story.Form{
	"zone": {
		Usage: "zone NAME add|replace OWNER [TTL] TYPE DATA, or zone NAME remove OWNER TYPE", Min: 4,
		Max: -1,
	},
	"certificate": {
		Usage: "certificate none|STATUS [expires=…] [reason=R]", Min: 1, Max: 1,
		Options: []string{"expires", "reason"},
	},
	"error": {Usage: "error none, or error CODE AGO MESSAGE", Min: 1, Max: -1},
}

// changeForm returns the form of a line that changes a running world.
func changeForm(word string) (story.Form, bool) {
	switch word {
	case "status", "cdn", "edge":
		return story.FormOf(word)
	}
	f, ok := changes[word]
	return f, ok
}

// scheduled is a change that takes effect at a time.
type scheduled struct {
	at     time.Time
	line   story.Line
	byHand bool // it was made by Sandbox.Change, to an instance that has been evicted since
}

func byTime(a, b scheduled) int { return a.at.Compare(b.at) }

// after reads a section "after TIME", with changes at that time after the start.
func (b *builder) after(f story.Section) error {
	if len(f.Args) != 1 || strings.HasPrefix(f.Args[0], "+") {
		return f.Wrap(errors.New("want after TIME, as after 20s"))
	}
	t, err := story.ParseTime("+"+f.Args[0], b.now)
	if err != nil {
		return f.Wrap(err)
	}
	all, err := story.ReadLines(f.Data, f.Line+1)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return f.Wrap(errors.New("the section has no lines"))
	}
	for _, l := range all {
		b.in.scheduled = append(b.in.scheduled, scheduled{t, l, false})
	}
	return nil
}

// due reports whether the next scheduled change has come.
func (in *instance) due(now func() time.Time) bool {
	return len(in.scheduled) > 0 && !now().Before(in.scheduled[0].at)
}

// changed returns the instance after a change. The receiver is not modified, so that concurrent readers see one
// consistent state.
func (in *instance) changed(l story.Line, now time.Time) (*instance, error) {
	f, ok := changeForm(l.Word(0))
	if !ok {
		return nil, l.Wrap(
			fmt.Errorf("%q cannot change while the sandbox runs: use zone, status, certificate, error, cdn or edge",
				l.Word(0)))
	}
	if err := f.Check(l); err != nil {
		return nil, l.Wrap(err)
	}
	next := *in
	next.updatedAt = now
	var err error
	switch l.Word(0) {
	case "zone":
		next.zones, err = in.changedZones(l)
	case "status":
		next.setStatus(l.Word(1), now)
	case "certificate":
		err = next.setCertificate(l, now)
	case "error":
		if next.lastError = nil; l.Word(1) != "none" {
			b := builder{in: &next, now: now}
			err = b.failed(l)
		} else if len(l.Words) > 2 {
			err = fmt.Errorf("unexpected %q after none", l.Word(2))
		}
	case "cdn":
		b := builder{in: &next, now: now}
		err = b.cdn(l)
	case "edge":
		if key := l.Plain()[0]; key != "cdn" && !slices.Contains(slices.Collect(maps.Keys(in.edges)), key) {
			return nil, l.Wrap(
				fmt.Errorf("%q is not an address of the story: declare it with a line edge in the section story", key))
		}
		next.edges = maps.Clone(in.edges)
		b := builder{in: &next, now: now}
		err = b.edge(l)
	}
	if err != nil {
		return nil, l.Wrap(err)
	}
	return &next, nil
}

// setStatus changes the domain's status at the service, and with VERIFIED that of its verification.
func (in *instance) setStatus(status string, now time.Time) {
	in.status = status
	if status == "VERIFIED" && in.verify != nil {
		in.verify = maps.Clone(in.verify)
		in.verify["status"], in.verify["lastCheckedAt"] = "VERIFIED", stamp(now)
	}
}

// setCertificate changes the status of the service's certificate. An issued certificate is served by the CDN, unless
// the story has an edge of its own there.
func (in *instance) setCertificate(l story.Line, now time.Time) error {
	status := l.Word(1)
	if status == "none" {
		if len(l.Words) > 2 {
			return fmt.Errorf("unexpected %q after none", l.Word(2))
		}
		in.cert = nil
		return nil
	}
	if err := story.CheckCertificateStatus(status); err != nil {
		return err
	}
	b := builder{in: in, now: now}
	ends, err := b.at(l, "expires", now.Add(395*24*time.Hour)) // the lifetime of ACM certificates
	if err != nil {
		return err
	}
	if in.cert == nil {
		in.cert = map[string]any{
			"names": []string{in.domain}, "requestedAt": stamp(now), "issuedAt": nil,
			"expiresAt": nil,
		}
	}
	in.cert = maps.Clone(in.cert)
	in.cert["status"], in.cert["failureReason"] = status, nil
	if v, ok := l.Option("reason"); ok {
		in.cert["failureReason"] = v
	}
	if status != "ISSUED" {
		return nil
	}
	in.cert["issuedAt"], in.cert["expiresAt"] = stamp(now), stamp(ends)
	if _, ok := in.edges[cdnAddress]; !ok && in.cdn != nil {
		in.edges = maps.Clone(in.edges)
		// certificates are backdated a little
		in.edges[cdnAddress] = edge{
			issuer: "amazon", http: "200", names: []string{in.domain}, from: now.Add(-time.Hour),
			to: ends,
		}
	}
	return nil
}

// changedZones returns the instance's zones after "zone NAME add|replace OWNER [TTL] TYPE DATA" or "zone NAME remove
// OWNER TYPE". All servers of the zone get the change, with a new serial.
func (in *instance) changedZones(l story.Line) ([]served, error) {
	name, err := story.DomainName(l.Word(1))
	if err != nil {
		return nil, err
	}
	out := slices.Clone(in.zones)
	found, did := false, false
	for i, s := range in.zones {
		if s.name != name || s.old {
			continue
		}
		found = true
		z, err := s.changed(l, in.expand(l.Rest(3)))
		if err != nil {
			return nil, err
		}
		if z != nil {
			out[i].zone, did = z, true
		}
	}
	switch {
	case !found:
		return nil, fmt.Errorf("there is no zone %q of %s", l.Word(1), in.domain)
	case !did:
		return nil, errors.New("no server of the zone has that record")
	}
	return out, nil
}

// changed returns the zone after a line "zone" with the given record; nil if it is the same.
func (z *zone) changed(l story.Line, record string) (*zone, error) {
	var add dns.RR
	owner, rrtype := "", uint16(0)
	switch verb := l.Word(2); verb {
	case "add", "replace":
		rrs, err := records(z.name, record)
		if err != nil {
			return nil, err
		}
		if len(rrs) != 1 {
			return nil, fmt.Errorf("%q: want one record", record)
		}
		add = rrs[0]
		owner, rrtype = dns.CanonicalName(add.Header().Name), add.Header().Rrtype
	case "remove":
		if len(l.Words) > 5 {
			return nil, fmt.Errorf("unexpected %q; want %s", l.Word(5), changes["zone"].Usage)
		}
		var err error
		if rrtype, err = story.RecordType(l.Word(4)); err != nil {
			return nil, err
		}
		if owner, err = z.absolute(l.Word(3)); err != nil {
			return nil, err
		}
		if len(z.node(owner, rrtype)) == 0 {
			return nil, nil
		}
	default:
		return nil, story.OneOf("change of a zone", verb, "add", "replace", "remove")
	}
	if owner == z.name && (rrtype == dns.TypeSOA || rrtype == dns.TypeNS && l.Word(2) == "remove") {
		return nil, fmt.Errorf(
			"the records of type %s at the zone apex cannot be changed like this: a zone needs an SOA and name servers",
			dns.Type(rrtype))
	}
	next := newZone(z.name)
	for at, node := range z.nodes {
		for t, rrs := range node {
			for _, rr := range rrs {
				switch {
				case t == dns.TypeSOA && at == z.name:
					soa := dns.Copy(z.soa).(*dns.SOA)
					soa.Serial++
					next.soa, rr = soa, soa
				// replaced, possibly with a new TTL (RFC 2136 3.4.2.2)
				case at == owner && t == rrtype && (l.Word(2) != "add" || dns.IsDuplicate(rr, add)):
					continue
				}
				next.add(rr)
			}
		}
	}
	if add != nil {
		next.add(add)
	}
	return next, nil
}

// absolute returns the full name of a name as in a zone file: relative, with a trailing dot, or @ for the zone.
func (z *zone) absolute(word string) (string, error) {
	switch {
	case word == "@":
		return z.name, nil
	case !strings.HasSuffix(word, "."):
		word += "." + z.name
	}
	name, err := story.DomainName(word)
	if err == nil && !dns.IsSubDomain(z.name, name) {
		err = fmt.Errorf("%s is not in the zone %s", word, z.name)
	}
	return name, err
}

// applied returns the instance after all scheduled changes.
func (in *instance) applied() (*instance, error) {
	for _, c := range in.scheduled {
		next, err := in.changed(c.line, c.at)
		if err != nil {
			return nil, err
		}
		in = next
	}
	return in, nil
}

// Change changes the world while the sandbox runs, by lines as in a story's section "after":
//
//	b.Change("shop.fabrikam.example", `zone fabrikam.example add _verify.shop 60 TXT "tok-51c0de77"`, "status VERIFIED")
//
// All lines are about one attached domain and its zones. They take effect together; if one of them is invalid, Change
// returns an error and changes nothing. Zones get a new serial. Resolvers keep their cached answers until these
// expire.
func (b *Sandbox) Change(domain string, texts ...string) error {
	in := b.find(dns.CanonicalName(domain))
	if in == nil || dns.CanonicalName(in.domain) != dns.CanonicalName(domain) {
		return fmt.Errorf("change: the sandbox has no domain %q", domain)
	}
	if err := b.change(in.key(), texts...); err != nil {
		return fmt.Errorf("change of %s: %w", domain, err)
	}
	return nil
}

func (in *instance) key() instanceKey { return instanceKey{in.story, in.copy} }

func (b *Sandbox) change(key instanceKey, texts ...string) error {
	b.changing.Lock()
	defer b.changing.Unlock()
	in, err := b.stored(key)
	if err != nil {
		return err
	}
	if len(texts) == 0 {
		return errors.New("no changes given: want at least one line")
	}
	now := b.Now()
	in = b.advance(in, now)
	var made []scheduled
	for _, text := range texts {
		l, err := story.ReadLine(text)
		if err != nil {
			return l.Wrap(err)
		}
		if len(l.Words) == 0 {
			return fmt.Errorf("the line %q is empty", text)
		}
		if in, err = in.changed(l, now); err != nil {
			return err
		}
		made = append(made, scheduled{now, l, true})
	}
	b.replace(key, in, made...)
	for _, c := range made {
		b.log("change %s %s", in.domain, c.line.Text)
	}
	return nil
}

// upToDate applies the changes that are due to an instance and returns it.
func (b *Sandbox) upToDate(key instanceKey) (*instance, error) {
	b.changing.Lock()
	defer b.changing.Unlock()
	in, err := b.stored(key)
	if err != nil {
		return nil, err
	}
	in = b.advance(in, b.Now())
	b.replace(key, in)
	return in, nil
}

// advance applies the changes of an instance that are due. It skips one that has become impossible because of a
// manual change.
func (b *Sandbox) advance(in *instance, now time.Time) *instance {
	for len(in.scheduled) > 0 && !now.Before(in.scheduled[0].at) {
		c, rest := in.scheduled[0], in.scheduled[1:]
		next, err := in.changed(c.line, c.at)
		if err != nil {
			b.log("change %s: %v", in.domain, err)
			copied := *in
			next = &copied
		} else if !c.byHand {
			b.log("change %s %s", in.domain, c.line.Text)
		}
		next.scheduled = rest
		in = next
	}
	return in
}
