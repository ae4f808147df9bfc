package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
)

// build builds a copy of a story for a sandbox that starts at now.
func (w *surroundings) build(s *story.Story, copyNo int, now time.Time) (*instance, error) {
	return w.instance(s, copyNo, now, false)
}

// outline is build without the records of the zones and the raw replies, which are most of the work: what the service
// says about the domain in a list does not depend on them. No server may answer from it.
func (w *surroundings) outline(s *story.Story, copyNo int, now time.Time) (*instance, error) {
	return w.instance(s, copyNo, now, true)
}

func (w *surroundings) instance(s *story.Story, copyNo int, now time.Time, outline bool) (*instance, error) {
	sections := s.Sections(copyNo)
	in := &instance{
		story: s, hosts: w.Hosts, copy: copyNo, id: "d-" + s.Name, status: "VERIFIED", listed: true,
		fields: map[string]any{"autoRenew": true}, delegates: map[string][]string{}, delegated: map[string][]string{},
		glue:  map[string][]netip.Addr{},
		hints: map[netip.Addr]string{}, regs: map[string]*registration{}, rdapRaw: map[string]rawHTTP{},
		whoisRaw: map[string]string{}, edges: map[string]edge{}, signed: map[string]signing{},
		formerDS:  map[string]bool{},
		createdAt: now.Add(-20 * 24 * time.Hour), preloadOnce: new(sync.Once),
	}
	in.origin = in
	suffix := ""
	if copyNo > 0 {
		suffix = "-" + strconv.Itoa(copyNo)
		in.id += suffix
	}
	b := builder{in: in, now: now, suffix: suffix, seen: map[string]bool{}, outline: outline}
	for _, f := range sections {
		if f.Kind != "story" {
			continue
		}
		all, err := story.ReadLines(f.Data, f.Line+1)
		if err != nil {
			return nil, err
		}
		for _, l := range all {
			if err := b.directive(l); err != nil {
				return nil, l.Wrap(err)
			}
		}
	}
	if in.domain == "" {
		return nil, errors.New("the section story has no line domain NAME")
	}
	b.defaults()
	for _, f := range sections {
		if err := b.section(f); err != nil {
			return nil, err
		}
	}
	if err := b.finish(); err != nil {
		return nil, err
	}
	return in, nil
}

// builder applies the lines and sections of one story to an instance.
type builder struct {
	in      *instance
	now     time.Time
	suffix  string
	seen    map[string]bool // first words of the lines so far
	pending []func() error  // checks that need the whole story
	outline bool            // see surroundings.outline
}

// name expands "@" to the attached domain: "_verify.@".
func (b *builder) name(s string) string {
	if s == "@" {
		return b.in.domain
	}
	if rest, ok := strings.CutSuffix(s, ".@"); ok {
		return rest + "." + b.in.domain
	}
	return s
}

func (b *builder) at(l story.Line, key string, def time.Time) (time.Time, error) {
	v, ok := l.Option(key)
	if !ok {
		return def, nil
	}
	if v == "none" {
		return time.Time{}, nil
	}
	return story.ParseTime(v, b.now)
}

// option is where the value of an option goes.
type option[T any] struct {
	key   string
	field *T
}

// times reads options that are times.
func (b *builder) times(l story.Line, options ...option[time.Time]) error {
	for _, o := range options {
		t, err := b.at(l, o.key, *o.field)
		if err != nil {
			return err
		}
		*o.field = t
	}
	return nil
}

// directive applies one line of the section story.
func (b *builder) directive(l story.Line) error {
	f, ok := story.FormOf(l.Word(0))
	if !ok {
		return fmt.Errorf("unknown line: api/sandbox/STORIES.md lists the valid ones")
	}
	if err := f.Check(l); err != nil {
		return err
	}
	if f.Once && b.seen[l.Word(0)] {
		return fmt.Errorf("the line %s is given twice", l.Word(0))
	}
	b.seen[l.Word(0)] = true
	in := b.in
	if l.Word(0) != "domain" && in.domain == "" && !slices.Contains([]string{
		"solo", "intent", "expected", "auth-code",
		"unlisted", "beside", "twin", "seen-on",
	}, l.Word(0)) {
		return errors.New("the line domain NAME must come first")
	}
	var err error
	switch l.Word(0) {
	case "domain":
		in.domain = l.Word(1)
		in.target = "d-" + in.story.Name + b.suffix + ".cloudfront.net"
		in.cdn = map[string]any{"target": in.target, "status": "DEPLOYED"}
	case "id":
		in.id = l.Word(1) + b.suffix
	case "status":
		in.status = l.Word(1)
	case "unlisted":
		in.listed = false
	case "created":
		in.createdAt, err = story.ParseTime(l.Word(1), b.now)
	case "field":
		var v any
		err = json.Unmarshal([]byte(l.Rest(2)), &v)
		in.fields[l.Word(1)] = v
		if v == nil { // the service does not return the field
			delete(in.fields, l.Word(1))
		}
	case "verify":
		return b.verify(l)
	case "cdn":
		return b.cdn(l)
	case "held":
		return b.held(l)
	case "certificate":
		return b.certificate(l)
	case "route":
		return b.route(l)
	case "transfer":
		return b.transfer(l)
	case "error":
		return b.failed(l)
	case "registration":
		return b.registration(l)
	case "delegate", "delegated-before":
		return b.delegate(l)
	case "glue":
		return b.glue(l)
	case "signed-before":
		zone, err := story.DomainName(l.Word(1))
		b.in.formerDS[zone] = true
		return err
	case "resolver", "server", "before", "cached":
		return b.dns(l)
	case "edge":
		return b.edge(l)
	case "signed":
		return b.signing(l)
	}
	return err
}

// later adds a check that needs the whole story.
func (b *builder) later(l story.Line, check func() error) {
	b.pending = append(b.pending, func() error { return l.Wrap(check()) })
}

func (b *builder) delegate(l story.Line) error {
	zone, err := b.own(l.Word(1))
	if err != nil {
		return err
	}
	hosts := story.HostNames(l.Words[2:])
	for _, h := range hosts {
		if _, err := story.DomainName(h); err != nil { // some stories are about servers that do not exist
			return err
		}
	}
	before := l.Word(0) == "delegated-before"
	if slices.Contains(hosts, "nowhere") {
		if before || len(hosts) > 1 {
			return fmt.Errorf(`"nowhere" is valid only by itself, in a line delegate; want %s`, story.UsageOf(l.Word(0)))
		}
		hosts = nil
	}
	if before {
		b.in.delegated[zone] = hosts
		return nil
	}
	b.in.delegates[zone] = hosts
	return nil
}

// glue sets the addresses that the parent has for a name server of the story.
func (b *builder) glue(l story.Line) error {
	name, err := b.own(l.Word(1))
	if err != nil {
		return err
	}
	for _, word := range l.Words[2:] {
		addr, err := netip.ParseAddr(word)
		if err != nil {
			return err
		}
		b.in.glue[trimDot(name)] = append(b.in.glue[trimDot(name)], addr)
	}
	return nil
}

// own returns the canonical form of a name that must belong to the story.
func (b *builder) own(word string) (string, error) {
	name, err := story.DomainName(word)
	if err != nil {
		return "", err
	}
	for _, bs := range b.bases() {
		if dns.IsSubDomain(bs+".", name) {
			return name, nil
		}
	}
	return "", fmt.Errorf("%q is not a name of this story, which has %s", word, strings.Join(b.bases(), ", "))
}

// bases returns the registrable names of this copy.
func (b *builder) bases() []string { return b.in.story.Bases(b.in.copy) }

// dns applies the lines about servers, resolvers and their timing.
func (b *builder) dns(l story.Line) error {
	in := b.in
	switch l.Word(0) {
	case "resolver":
		addr, err := b.in.hosts.Resolver(l.Word(1))
		if err != nil {
			return err
		}
		in.hints[addr] = l.Word(2)
		return checkResolver(l.Word(2))
	case "server":
		rrtype := uint16(0)
		if words := l.Plain(); len(words) > 2 {
			var err error
			if rrtype, err = story.RecordType(words[2]); err != nil {
				return err
			}
		}
		at := ""
		if name, ok := l.Option("name"); ok {
			var err error
			if at, err = story.DomainName(b.name(name)); err != nil {
				return err
			}
		}
		hosts, err := b.in.hosts.NameServers(l.Word(1))
		if err != nil {
			return err
		}
		for _, h := range hosts {
			in.behaves = append(in.behaves, behavior{host: h, what: l.Word(2), rrtype: rrtype, name: at})
		}
		return story.CheckBehavior(l.Word(2))
	case "before":
		t, err := story.ParseTime(l.Word(1), b.now)
		in.before = b.now.Sub(t)
		b.later(l, func() error {
			if len(in.delegated)+len(in.formerDS) == 0 && !slices.ContainsFunc(in.zones, func(z served) bool {
				return z.old
			}) {
				return errors.New("the line needs a section zone NAME before, or a line delegated-before or signed-before")
			}
			return nil
		})
		return err
	case "cached":
		t, err := story.ParseTime(l.Word(4), b.now)
		if err != nil {
			return fmt.Errorf("%w; want %s", err, story.UsageOf("cached"))
		}
		addr, err := b.in.hosts.Resolver(l.Word(1))
		if err != nil {
			return err
		}
		name, err := story.DomainName(b.name(l.Word(2)))
		if err != nil {
			return err
		}
		rrtype, err := story.RecordType(l.Word(3))
		if err != nil {
			return err
		}
		share := 0
		if v, ok := l.Option("cache"); ok {
			if share, err = strconv.Atoi(v); err != nil || share < 1 || share > shares {
				return fmt.Errorf("invalid cache %q: use a number from 1 to %d", v, shares)
			}
		}
		in.preloaded = append(in.preloaded, preloaded{addr, name, rrtype, b.now.Sub(t), share})
	}
	return nil
}

// base returns the registrable part of a name, or the name itself if it has none.
func base(name string) string {
	b, _ := story.RegistrableName(name)
	return b
}

func (b *builder) edge(l story.Line) error {
	e := edge{
		issuer: "amazon", http: "200", names: []string{b.in.domain}, from: b.now.Add(-30 * 24 * time.Hour),
		to: b.now.Add(168 * 24 * time.Hour),
	}
	if v, ok := l.Option("names"); ok {
		e.names = nil
		for _, n := range strings.Split(v, ",") {
			e.names = append(e.names, b.name(n))
		}
	}
	for _, o := range [...]option[string]{{"issuer", &e.issuer}, {"http", &e.http}, {"tls", &e.tls}} {
		if v, ok := l.Option(o.key); ok {
			*o.field = v
		}
	}
	if err := cmp.Or(story.CheckIssuer(e.issuer), story.CheckPage(e.http),
		story.OneOf("value of tls", e.tls, "", "fails", "hangs")); err != nil {
		return err
	}
	if err := b.times(l, option[time.Time]{"from", &e.from}, option[time.Time]{"expires", &e.to}); err != nil {
		return err
	}
	key := l.Plain()[0]
	if key == "cdn" {
		key = cdnAddress
	} else if a, err := netip.ParseAddr(key); err != nil {
		return err
	} else if h := b.in.hosts.At(a); h.Role != "" {
		return fmt.Errorf("%s is the address of %s, a %s of the world", key, h.Name, h.Role)
	} else {
		key = a.String()
	}
	b.in.edges[key] = e
	return nil
}

// defaults adds what a healthy domain has and the story does not mention.
func (b *builder) defaults() {
	in := b.in
	if in.verify != nil && in.verify["status"] == nil {
		in.verify["status"] = "PENDING"
		if in.status == "VERIFIED" {
			in.verify["status"] = "VERIFIED"
		}
	}
	if !b.seen["certificate"] && in.status == "VERIFIED" {
		_ = b.certificate(story.Line{Words: []string{"certificate", "ISSUED"}})
	}
	if !b.seen["route"] {
		_ = b.route(story.Line{Words: []string{"route", "/", "event:42"}})
	}
	for _, name := range b.bases() {
		if in.regs[name] == nil {
			in.regs[name] = b.active()
		}
	}
	if _, ok := in.edges[cdnAddress]; !ok && in.cert != nil && in.cert["status"] == "ISSUED" {
		_ = b.edge(story.Line{Words: []string{"edge", "cdn"}})
	}
}
