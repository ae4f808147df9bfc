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

	"github.com/miekg/dns"
	"golang.org/x/tools/txtar"
)

// build makes a copy of the story at a moment.
func (s *Story) build(copyNo int, now time.Time) (*instance, error) {
	sections := sectionsOf(txtar.Parse([]byte(s.replaceBases(s.text, copyNo))))
	in := &instance{
		story: s, copy: copyNo, id: "d-" + s.Name, status: "VERIFIED", listed: true,
		fields: map[string]any{"autoRenew": true}, delegates: map[string][]string{}, delegated: map[string][]string{}, hints: map[netip.Addr]string{}, regs: map[string]*registration{}, rdapRaw: map[string]rawHTTP{}, whoisRaw: map[string]string{}, edges: map[string]edge{}, signed: map[string]signing{},
		createdAt: now.Add(-20 * 24 * time.Hour), primeOnce: new(sync.Once),
	}
	in.origin = in
	suffix := ""
	if copyNo > 0 {
		suffix = "-" + strconv.Itoa(copyNo)
		in.id += suffix
	}
	b := builder{in: in, now: now, suffix: suffix, seen: map[string]bool{}}
	for _, f := range sections {
		if f.kind != "story" {
			continue
		}
		all, err := lines(f.data, f.no+1)
		if err != nil {
			return nil, err
		}
		for _, l := range all {
			if err := b.directive(l); err != nil {
				return nil, l.fault(err)
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

// builder reads the directives of one story into an instance.
type builder struct {
	in      *instance
	now     time.Time
	suffix  string
	seen    map[string]bool // lines, by their first word
	pending []func() error  // what can be checked only when all is read
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

func (b *builder) at(l line, key string, def time.Time) (time.Time, error) {
	v, ok := l.option(key)
	if !ok {
		return def, nil
	}
	if v == "none" {
		return time.Time{}, nil
	}
	return when(v, b.now)
}

// directive reads one line of the section story.
func (b *builder) directive(l line) error {
	f, ok := forms[l.word(0)]
	if !ok {
		return fmt.Errorf("there is no such line; CONTRIBUTING.md lists them")
	}
	if err := f.check(l); err != nil {
		return err
	}
	if f.once && b.seen[l.word(0)] {
		return fmt.Errorf("there can be one line %s only", l.word(0))
	}
	b.seen[l.word(0)] = true
	in := b.in
	if l.word(0) != "domain" && in.domain == "" && !slices.Contains([]string{"solo", "intent", "expected", "auth-code", "unlisted"}, l.word(0)) {
		return errors.New("it is about the domain, so the line domain NAME must stand above it")
	}
	var err error
	switch l.word(0) {
	case "domain":
		in.domain = l.word(1)
		in.target = "d-" + in.story.Name + b.suffix + ".cloudfront.net"
		in.cdn = map[string]any{"target": in.target, "status": "DEPLOYED"}
	case "id":
		in.id = l.word(1) + b.suffix
	case "status":
		in.status = l.word(1)
	case "unlisted":
		in.listed = false
	case "created":
		in.createdAt, err = when(l.word(1), b.now)
	case "field":
		var v any
		err = json.Unmarshal([]byte(l.rest(2)), &v)
		in.fields[l.word(1)] = v
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
	case "resolver", "server", "before", "cached":
		return b.dns(l)
	case "edge":
		return b.edge(l)
	case "signed":
		return b.signing(l)
	}
	return err
}

// later puts off what can be checked only when the whole story is read.
func (b *builder) later(l line, check func() error) {
	b.pending = append(b.pending, func() error { return l.fault(check()) })
}

func (b *builder) verify(l line) error {
	p := l.plain()
	if err := oneOf("way to verify", p[0], "TXT", "CNAME"); err != nil {
		return err
	}
	b.in.verify = map[string]any{"method": p[0], "name": b.name(p[1]), "value": b.name(p[2])}
	if v, ok := l.option("status"); ok {
		b.in.verify["status"] = v
	}
	for key, field := range map[string]string{"checked": "lastCheckedAt", "expires": "expiresAt"} {
		t, err := b.at(l, key, time.Time{})
		if err != nil {
			return err
		}
		if !t.IsZero() {
			b.in.verify[field] = stamp(t)
		}
	}
	return nil
}

func (b *builder) cdn(l line) error {
	p := l.plain()
	if p[0] == "none" {
		if len(p) > 1 {
			return fmt.Errorf("%q: what there is not has no status", p[1])
		}
		b.in.cdn, b.in.target = nil, ""
		return nil
	}
	b.in.target = b.name(p[0])
	b.in.cdn = map[string]any{"target": b.in.target, "status": "DEPLOYED"}
	if len(p) > 1 {
		b.in.cdn["status"] = p[1]
	}
	return nil
}

// failed reads "error CODE AGO MESSAGE".
func (b *builder) failed(l line) error {
	if err := knownCode(l.word(1)); err != nil {
		return err
	}
	t, err := when(l.word(2), b.now)
	if err != nil {
		return fmt.Errorf("%w; want %s", err, forms["error"].usage)
	}
	if len(l.words) < 4 {
		return fmt.Errorf("want %s", forms["error"].usage)
	}
	b.in.lastError = map[string]any{"errorCode": l.word(1), "message": strings.Join(l.words[3:], " "), "timestamp": stamp(t)}
	return nil
}

func (b *builder) delegate(l line) error {
	zone, err := b.own(l.word(1))
	if err != nil {
		return err
	}
	hosts := hostsOf(l.words[2:])
	for _, h := range hosts {
		if _, err := nameOf(h); err != nil { // it need not exist: that is what some stories are about
			return err
		}
	}
	before := l.word(0) == "delegated-before"
	if slices.Contains(hosts, "nowhere") {
		if before || len(hosts) > 1 {
			return fmt.Errorf(`"nowhere" stands alone, and in a line delegate; want %s`, forms[l.word(0)].usage)
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

// own is the canonical form of a name that must be the story's: what is said of others would not be heard.
func (b *builder) own(word string) (string, error) {
	name, err := nameOf(word)
	if err != nil {
		return "", err
	}
	for _, bs := range b.bases() {
		if dns.IsSubDomain(bs+".", name) {
			return name, nil
		}
	}
	return "", fmt.Errorf("%q is no name of this story: its own are %s", word, strings.Join(b.bases(), ", "))
}

// bases are the registrable names of this copy.
func (b *builder) bases() []string {
	if b.in.copy == 0 {
		return b.in.story.bases
	}
	out := make([]string, len(b.in.story.bases))
	for i, bs := range b.in.story.bases {
		out[i] = copyName(bs, b.in.copy)
	}
	return out
}

// dns reads what servers and resolvers do, and when.
func (b *builder) dns(l line) error {
	in := b.in
	switch l.word(0) {
	case "resolver":
		addr, err := in.story.cast.resolver(l.word(1))
		if err != nil {
			return err
		}
		in.hints[addr] = l.word(2)
		return oneOf("thing that a resolver does", l.word(2), "blocked", "stale")
	case "server":
		rrtype := uint16(0)
		if l.word(3) != "" {
			var err error
			if rrtype, err = typeOf(l.word(3)); err != nil {
				return err
			}
		}
		hosts, err := in.story.cast.servers(l.word(1))
		if err != nil {
			return err
		}
		for _, h := range hosts {
			in.behaves = append(in.behaves, behaviour{host: h, what: l.word(2), rrtype: rrtype})
		}
		return oneOf("behaviour", l.word(2), behaviours...)
	case "before":
		t, err := when(l.word(1), b.now)
		in.before = b.now.Sub(t)
		b.later(l, func() error {
			if len(in.delegated) == 0 && !slices.ContainsFunc(in.zones, func(z served) bool { return z.old }) {
				return errors.New("nothing was otherwise before: there is no section zone NAME before, and no line delegated-before")
			}
			return nil
		})
		return err
	case "cached":
		t, err := when(l.word(4), b.now)
		if err != nil {
			return fmt.Errorf("%w; want %s", err, forms["cached"].usage)
		}
		addr, err := in.story.cast.resolver(l.word(1))
		if err != nil {
			return err
		}
		name, err := nameOf(b.name(l.word(2)))
		if err != nil {
			return err
		}
		rrtype, err := typeOf(l.word(3))
		if err != nil {
			return err
		}
		in.cached = append(in.cached, primed{addr, name, rrtype, b.now.Sub(t)})
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (b *builder) held(l line) error {
	p := l.plain()
	if _, err := typeOf(p[0]); err != nil {
		return err
	}
	r := map[string]any{"id": "r-" + strconv.Itoa(len(b.in.records)+1), "type": p[0], "name": b.name(p[1]), "value": b.name(p[2]), "ttl": 300, "priority": nil}
	if v, ok := l.option("ttl"); ok {
		n, err := strconv.Atoi(v)
		if err != nil {
			return fmt.Errorf("ttl=%s: %w", v, err)
		}
		r["ttl"] = n
	}
	if v, ok := l.option("id"); ok {
		r["id"] = v
	}
	b.in.records = append(b.in.records, r)
	return nil
}

func (b *builder) certificate(l line) error {
	if p := l.plain(); p[0] == "none" {
		if len(l.words) > 2 {
			return fmt.Errorf("%q: what there is not has no more to tell", l.word(2))
		}
		return nil
	}
	if err := oneOf("status of a certificate", l.word(1), certificates...); err != nil {
		return err
	}
	requested, err := b.at(l, "requested", b.now.Add(-19*24*time.Hour))
	if err != nil {
		return err
	}
	c := map[string]any{"status": l.word(1), "names": []string{b.in.domain}, "requestedAt": stamp(requested), "issuedAt": nil, "expiresAt": nil, "failureReason": nil}
	if l.word(1) == "ISSUED" {
		expires, err := b.at(l, "expires", b.now.Add(170*24*time.Hour))
		if err != nil {
			return err
		}
		c["issuedAt"], c["expiresAt"] = stamp(requested.Add(10*time.Minute)), stamp(expires)
	}
	if v, ok := l.option("reason"); ok {
		c["failureReason"] = v
	}
	if v, ok := l.option("validation"); ok {
		name, value, ok := strings.Cut(v, ">")
		if !ok || name == "" || value == "" {
			return fmt.Errorf("validation=%s: want validation=NAME>TARGET", v)
		}
		c["validationRecords"] = []map[string]any{{"type": "CNAME", "name": b.name(name), "value": value}}
	}
	if v, ok := l.option("names"); ok {
		names := strings.Split(v, ",")
		for i := range names {
			names[i] = b.name(names[i])
		}
		c["names"] = names
	}
	b.in.cert = c
	return nil
}

func (b *builder) route(l line) error {
	p := l.plain()
	if p[0] == "none" && len(l.words) == 2 {
		return nil
	}
	if len(p) < 2 {
		return fmt.Errorf("want %s", forms["route"].usage)
	}
	if !strings.HasPrefix(p[0], "/") {
		return fmt.Errorf("%q is no path: it begins with /", p[0])
	}
	r := map[string]any{"id": "rt-" + strconv.Itoa(len(b.in.routes)+1), "host": b.in.domain, "path": p[0], "target": b.name(p[1]), "priority": 10}
	if v, ok := l.option("host"); ok {
		r["host"] = b.name(v)
	}
	if v, ok := l.option("id"); ok {
		r["id"] = v
	}
	if v, ok := l.option("priority"); ok {
		n, err := strconv.Atoi(v)
		if err != nil {
			return fmt.Errorf("priority=%s: %w", v, err)
		}
		r["priority"] = n
	}
	b.in.routes = append(b.in.routes, r)
	return nil
}

func (b *builder) transfer(l line) error {
	p := l.plain()
	if err := oneOf("direction", p[1], "IN", "OUT"); err != nil {
		return err
	}
	created, err := b.at(l, "created", b.now.Add(-48*time.Hour))
	if err != nil {
		return err
	}
	t := map[string]any{"id": p[0] + b.suffix, "domain": base(b.in.domain), "direction": p[1], "status": p[2], "createdAt": stamp(created), "reason": nil}
	if v, ok := l.option("reason"); ok {
		t["reason"] = v
	}
	b.in.transfers = append(b.in.transfers, t)
	return nil
}

// base is the registrable part of a name, as far as the sandbox's world goes.
func base(name string) string {
	s := &Story{}
	s.addBase(name)
	if len(s.bases) == 0 {
		return name
	}
	return s.bases[0]
}

func (b *builder) registration(l line) error {
	name := base(b.in.domain)
	p := l.plain()
	if strings.Contains(p[0], ".") {
		name, p = strings.ToLower(p[0]), p[1:]
	}
	if !slices.Contains(b.bases(), name) { // the zones' names are all known by now: see addBase
		return fmt.Errorf("%q is no registrable name of this story: its own are %s", name, strings.Join(b.bases(), ", "))
	}
	r := b.active()
	switch {
	case len(p) == 0:
		return fmt.Errorf("want %s", forms["registration"].usage)
	case p[0] == "none" || p[0] == "reserved":
		if len(p) > 1 {
			return fmt.Errorf("%q: a name that is not registered has no status", p[1])
		}
		r.state = p[0]
	default:
		r.statuses = nil
		for _, w := range p {
			if err := oneOf("status of a registration", w, eppStatuses...); err != nil {
				return err
			}
			r.statuses = append(r.statuses, strings.ReplaceAll(w, "-", " "))
		}
	}
	for key, field := range map[string]*time.Time{"created": &r.created, "expires": &r.expires, "transferred": &r.transfer, "updated": &r.updated} {
		t, err := b.at(l, key, *field)
		if err != nil {
			return err
		}
		*field = t
	}
	if v, ok := l.option("registrar"); ok {
		r.registrar = v
	}
	if v, ok := l.option("down"); ok {
		if err := oneOf("way to be down", v, downs...); err != nil {
			return err
		}
		r.down = v
	}
	b.in.regs[name] = r
	return nil
}

// signing reads "signed ZONE [ds=stale|none] [keys=none] [signature=broken|AGO]".
func (b *builder) signing(l line) error {
	var how signing
	if v, ok := l.option("ds"); ok {
		if err := oneOf("state of the DS", v, "stale", "none"); err != nil {
			return err
		}
		how.ds = v
	}
	if v, ok := l.option("keys"); ok {
		if err := oneOf("state of the keys", v, "none"); err != nil {
			return err
		}
		how.unkeyed = true
	}
	switch v, ok := l.option("signature"); {
	case !ok:
	case v == "broken":
		how.broken = true
	default:
		t, err := when(v, b.now)
		if err != nil {
			return err
		}
		how.ended = b.now.Sub(t)
	}
	zone, err := nameOf(l.word(1))
	b.in.signed[zone] = how
	b.later(l, func() error {
		if !slices.ContainsFunc(b.in.zones, func(z served) bool { return z.name == zone }) {
			return fmt.Errorf("%q is signed, and there is no section zone %s", l.word(1), l.word(1))
		}
		return nil
	})
	return err
}

func (b *builder) active() *registration {
	return &registration{
		state: "active", statuses: []string{"client transfer prohibited"}, registrar: "Example Registrar, Inc.",
		created: b.now.Add(-3 * 365 * 24 * time.Hour), updated: b.now.Add(-90 * 24 * time.Hour), expires: b.now.Add(200 * 24 * time.Hour),
	}
}

func (b *builder) edge(l line) error {
	e := edge{issuer: "amazon", http: "200", names: []string{b.in.domain}, from: b.now.Add(-30 * 24 * time.Hour), to: b.now.Add(168 * 24 * time.Hour)}
	if v, ok := l.option("names"); ok {
		e.names = nil
		for _, n := range strings.Split(v, ",") {
			e.names = append(e.names, b.name(n))
		}
	}
	for key, field := range map[string]*string{"issuer": &e.issuer, "http": &e.http, "tls": &e.tls} {
		if v, ok := l.option(key); ok {
			*field = v
		}
	}
	if err := cmp.Or(oneOf("issuer", e.issuer, issuers...), knownPage(e.http), oneOf("thing that TLS does", e.tls, "", "fails")); err != nil {
		return err
	}
	for key, field := range map[string]*time.Time{"from": &e.from, "expires": &e.to} {
		t, err := b.at(l, key, *field)
		if err != nil {
			return err
		}
		*field = t
	}
	key := l.plain()[0]
	if key == "cdn" {
		key = cdnAddress
	} else if a, err := netip.ParseAddr(key); err != nil {
		return err
	} else if h := b.in.story.cast.at(a); h.role != "" {
		return fmt.Errorf("%s is the address of %s, a %s of the world", key, h.name, h.role)
	} else {
		key = a.String()
	}
	b.in.edges[key] = e
	return nil
}

// defaults fills in what a healthy domain has, unless the story says otherwise.
func (b *builder) defaults() {
	in := b.in
	if in.verify != nil && in.verify["status"] == nil {
		in.verify["status"] = "PENDING"
		if in.status == "VERIFIED" {
			in.verify["status"] = "VERIFIED"
		}
	}
	if !b.seen["certificate"] && in.status == "VERIFIED" {
		_ = b.certificate(line{words: []string{"certificate", "ISSUED"}})
	}
	if !b.seen["route"] {
		_ = b.route(line{words: []string{"route", "/", "event:42"}})
	}
	for _, name := range b.bases() {
		if in.regs[name] == nil {
			in.regs[name] = b.active()
		}
	}
	if _, ok := in.edges[cdnAddress]; !ok && in.cert != nil && in.cert["status"] == "ISSUED" {
		_ = b.edge(line{words: []string{"edge", "cdn"}})
	}
}
