package sandbox

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/tools/txtar"
)

// build makes a copy of the story at a moment.
func (s *Story) build(copyNo int, now time.Time) (*instance, error) {
	a := txtar.Parse([]byte(s.replaceBases(s.text, copyNo)))
	in := &instance{
		story: s, copy: copyNo, id: "d-" + s.Name, status: "VERIFIED", listed: true,
		fields: map[string]any{"autoRenew": true}, delegates: map[string][]string{}, delegated: map[string][]string{}, hints: map[string]string{}, regs: map[string]*registration{}, rdapRaw: map[string]rawHTTP{}, whoisRaw: map[string]string{}, edges: map[string]edge{}, signed: map[string]signing{},
		createdAt: now.Add(-20 * 24 * time.Hour),
	}
	suffix := ""
	if copyNo > 0 {
		suffix = "-" + strconv.Itoa(copyNo)
		in.id += suffix
	}
	b := builder{in: in, now: now, suffix: suffix}
	for _, f := range a.Files {
		if f.Name == "story" {
			for _, l := range lines(string(f.Data)) {
				if err := b.directive(l); err != nil {
					return nil, fmt.Errorf("%q: %w", l.text, err)
				}
			}
		}
	}
	if in.domain == "" {
		return nil, fmt.Errorf("the section story has no line domain NAME")
	}
	b.defaults()
	for _, f := range a.Files {
		kind, rest, _ := strings.Cut(f.Name, " ")
		if err := b.section(kind, strings.Fields(rest), string(f.Data)); err != nil {
			return nil, err
		}
	}
	b.finish()
	return in, nil
}

// builder reads the directives of one story into an instance.
type builder struct {
	in      *instance
	now     time.Time
	suffix  string
	certSet bool
	routes  bool
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
	in := b.in
	switch l.word(0) {
	case "domain":
		in.domain = l.word(1)
		in.target = "d-" + in.story.Name + b.suffix + ".cloudfront.net"
		in.cdn = map[string]any{"target": in.target, "status": "DEPLOYED"}
	case "intent", "expected", "auth-code", "solo":
	case "id":
		in.id = l.word(1) + b.suffix
	case "status":
		in.status = l.word(1)
	case "unlisted":
		in.listed = false
	case "created":
		t, err := when(l.word(1), b.now)
		in.createdAt = t
		return err
	case "field":
		_, rest, _ := strings.Cut(l.text, l.word(1)) // the rest is JSON, quotation marks and all
		return json.Unmarshal([]byte(fmt.Sprintf("{%q:%s}", l.word(1), rest)), &in.fields)
	case "verify":
		p := l.plain()
		if len(p) < 3 {
			return fmt.Errorf("want verify TYPE NAME VALUE [status=S]")
		}
		in.verify = map[string]any{"method": p[0], "name": b.name(p[1]), "value": b.name(p[2]), "status": "PENDING"}
		if in.status == "VERIFIED" {
			in.verify["status"] = "VERIFIED"
		}
		if v, ok := l.option("status"); ok {
			in.verify["status"] = v
		}
		for key, field := range map[string]string{"checked": "lastCheckedAt", "expires": "expiresAt"} {
			t, err := b.at(l, key, time.Time{})
			if err != nil {
				return err
			}
			if !t.IsZero() {
				in.verify[field] = stamp(t)
			}
		}
	case "cdn":
		p := l.plain()
		if len(p) > 0 && p[0] == "none" {
			in.cdn, in.target = nil, ""
			return nil
		}
		if len(p) > 0 {
			in.target = b.name(p[0])
		}
		in.cdn = map[string]any{"target": in.target, "status": "DEPLOYED"}
		if len(p) > 1 {
			in.cdn["status"] = p[1]
		}
	case "held":
		return b.held(l)
	case "certificate":
		return b.certificate(l)
	case "route":
		return b.route(l)
	case "transfer":
		return b.transfer(l)
	case "error":
		t, err := when(l.word(2), b.now)
		if err != nil {
			return err
		}
		in.lastError = map[string]any{"errorCode": l.word(1), "message": strings.Join(l.words[3:], " "), "timestamp": stamp(t)}
	case "registration":
		return b.registration(l)
	case "delegate":
		hosts := hostsOf(l.words[2:])
		if l.word(2) == "nowhere" {
			hosts = nil
		}
		in.delegates[dns.CanonicalName(l.word(1))] = hosts
	case "delegated-before":
		in.delegated[dns.CanonicalName(l.word(1))] = hostsOf(l.words[2:])
	case "resolver":
		in.hints[l.word(1)] = l.word(2)
	case "server":
		rrtype := uint16(0)
		if l.word(3) != "" {
			rrtype = dns.StringToType[l.word(3)]
		}
		for _, h := range hostsOf(l.words[1:2]) {
			in.behaves = append(in.behaves, behaviour{host: h, what: l.word(2), rrtype: rrtype})
		}
	case "before":
		t, err := when(l.word(1), b.now)
		in.before = b.now.Sub(t)
		return err
	case "cached":
		t, err := when(l.word(4), b.now)
		if err != nil {
			return err
		}
		resolver, err := netip.ParseAddr(l.word(1))
		if err != nil {
			return err
		}
		in.cached = append(in.cached, primed{resolver, dns.CanonicalName(b.name(l.word(2))), dns.StringToType[l.word(3)], b.now.Sub(t)})
	case "edge":
		return b.edge(l)
	case "signed":
		return b.signing(l)
	default:
		return fmt.Errorf("there is no such line; CONTRIBUTING.md lists them")
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (b *builder) held(l line) error {
	p := l.plain()
	if len(p) < 3 {
		return fmt.Errorf("want held TYPE NAME VALUE [ttl=N] [id=ID]")
	}
	r := map[string]any{"id": "r-" + strconv.Itoa(len(b.in.records)+1), "type": p[0], "name": b.name(p[1]), "value": b.name(p[2]), "ttl": 300, "priority": nil}
	if v, ok := l.option("ttl"); ok {
		n, err := strconv.Atoi(v)
		if err != nil {
			return err
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
	b.certSet = true
	if l.word(1) == "none" {
		return nil
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
		name, value, _ := strings.Cut(v, ">")
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
	b.routes = true
	if l.word(1) == "none" {
		return nil
	}
	p := l.plain()
	if len(p) < 2 {
		return fmt.Errorf("want route PATH TARGET [host=H] [priority=N] [id=ID]")
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
			return err
		}
		r["priority"] = n
	}
	b.in.routes = append(b.in.routes, r)
	return nil
}

func (b *builder) transfer(l line) error {
	p := l.plain()
	if len(p) < 3 {
		return fmt.Errorf("want transfer ID DIRECTION STATUS [created=AGO] [reason=R]")
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
	if len(p) > 0 && strings.Contains(p[0], ".") {
		name, p = p[0], p[1:]
	}
	r := b.active()
	if len(p) > 0 {
		r.state = p[0]
		if p[0] != "none" && p[0] != "reserved" {
			r.statuses = nil
			for _, w := range p {
				r.statuses = append(r.statuses, strings.ReplaceAll(w, "-", " "))
			}
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
		r.down = v
	}
	b.in.regs[name] = r
	return nil
}

// signing reads "signed ZONE [ds=stale|none] [keys=none] [signature=broken|AGO]".
func (b *builder) signing(l line) error {
	var how signing
	how.ds, _ = l.option("ds")
	if v, _ := l.option("keys"); v == "none" {
		how.unkeyed = true
	}
	switch v, _ := l.option("signature"); v {
	case "":
	case "broken":
		how.broken = true
	default:
		t, err := when(v, b.now)
		if err != nil {
			return err
		}
		how.ended = b.now.Sub(t)
	}
	b.in.signed[dns.CanonicalName(l.word(1))] = how
	return nil
}

func (b *builder) active() *registration {
	return &registration{
		state: "active", statuses: []string{"client transfer prohibited"}, registrar: "Example Registrar, Inc.",
		created: b.now.Add(-3 * 365 * 24 * time.Hour), updated: b.now.Add(-90 * 24 * time.Hour), expires: b.now.Add(200 * 24 * time.Hour),
	}
}

func (b *builder) edge(l line) error {
	p := l.plain()
	if len(p) < 1 {
		return fmt.Errorf("want edge cdn|ADDRESS [names=…] [issuer=…] [expires=…] [from=…] [http=…] [tls=fails]")
	}
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
	for key, field := range map[string]*time.Time{"from": &e.from, "expires": &e.to} {
		t, err := b.at(l, key, *field)
		if err != nil {
			return err
		}
		*field = t
	}
	key := p[0]
	if key == "cdn" {
		key = cdnAddress
	} else if _, err := netip.ParseAddr(key); err != nil {
		return err
	}
	b.in.edges[key] = e
	return nil
}

// defaults fills in what a healthy domain has, unless the story says otherwise.
func (b *builder) defaults() {
	in := b.in
	if !b.certSet && in.status == "VERIFIED" {
		_ = b.certificate(line{words: []string{"certificate", "ISSUED"}})
	}
	if !b.routes {
		_ = b.route(line{words: []string{"route", "/", "event:42"}})
	}
	for _, bs := range in.story.bases {
		name := bs
		if in.copy > 0 {
			name = copyName(bs, in.copy)
		}
		if in.regs[name] == nil {
			in.regs[name] = b.active()
		}
	}
	if _, ok := in.edges[cdnAddress]; !ok && in.cert != nil && in.cert["status"] == "ISSUED" {
		_ = b.edge(line{words: []string{"edge", "cdn"}})
	}
}

// section reads one file of the story.
func (b *builder) section(kind string, args []string, data string) error {
	in := b.in
	switch kind {
	case "zone":
		hosts, old := []string(nil), false
		for i := 1; i < len(args); i++ {
			switch args[i] {
			case "@":
				if i+1 < len(args) {
					hosts = hostsOf(args[i+1 : i+2])
					i++
				}
			case "before":
				old = true
			default:
				return fmt.Errorf("zone %s: %q: want zone NAME [@ HOSTS] [before]", args[0], args[i])
			}
		}
		if hosts == nil {
			hosts = providers["hoster"]
		}
		z, err := parseZone(args[0], strings.ReplaceAll(strings.ReplaceAll(data, "{target}", in.target), "{domain}", in.domain), hosts)
		if err != nil {
			return err
		}
		in.zones = append(in.zones, served{z, hosts, old})
	case "rdap":
		raw, err := rawReply(args, data)
		if err != nil {
			return err
		}
		in.rdapRaw[args[0]] = raw
	case "whois":
		in.whoisRaw[args[0]] = data
	case "service": // service GET /domains/v1/{id}/ssl 503
		if len(args) != 3 {
			return fmt.Errorf("want service METHOD PATH STATUS")
		}
		status, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		in.overrides = append(in.overrides, override{args[0], strings.ReplaceAll(args[1], "{id}", in.id), status, strings.ReplaceAll(data, "{id}", in.id)})
	}
	return nil
}

func rawReply(args []string, data string) (rawHTTP, error) {
	if len(args) < 2 {
		return rawHTTP{}, fmt.Errorf("want rdap NAME STATUS [CONTENT-TYPE]")
	}
	status, err := strconv.Atoi(args[1])
	raw := rawHTTP{status: status, contentType: "application/rdap+json", header: map[string]string{}, body: data}
	for _, w := range args[2:] {
		if k, v, ok := strings.Cut(w, "="); ok {
			raw.header[k] = v
		} else {
			raw.contentType = w
		}
	}
	return raw, err
}

// finish ties the parts together: a registration names the servers of its zone.
func (b *builder) finish() {
	for name, r := range b.in.regs {
		if d, ok := b.in.delegates[dns.Fqdn(name)]; ok {
			r.ns = d
			continue
		}
		for _, z := range b.in.zones {
			if z.name == dns.Fqdn(name) && !z.old {
				for _, h := range z.hosts {
					if !slices.Contains(r.ns, h) {
						r.ns = append(r.ns, h)
					}
				}
			}
		}
	}
}
