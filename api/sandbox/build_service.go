package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"domdoc/api/sandbox/story"
)

// The lines of the section story about the domain's state at the service.

func (b *builder) verify(l story.Line) error {
	p := l.Plain()
	if err := story.OneOf("verification type", p[0], "TXT", "CNAME"); err != nil {
		return err
	}
	b.in.verify = map[string]any{"method": p[0], "name": b.name(p[1]), "value": b.name(p[2])}
	if v, ok := l.Option("status"); ok {
		b.in.verify["status"] = v
	}
	var checked, expires time.Time
	if err := b.times(l, option[time.Time]{"checked", &checked}, option[time.Time]{"expires", &expires}); err != nil {
		return err
	}
	if !checked.IsZero() {
		b.in.verify["lastCheckedAt"] = stamp(checked)
	}
	if !expires.IsZero() {
		b.in.verify["expiresAt"] = stamp(expires)
	}
	return nil
}

func (b *builder) cdn(l story.Line) error {
	p := l.Plain()
	if p[0] == "none" {
		if len(p) > 1 {
			return fmt.Errorf("unexpected %q after none", p[1])
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
func (b *builder) failed(l story.Line) error {
	if err := story.CheckCode(l.Word(1)); err != nil {
		return err
	}
	t, err := story.ParseTime(l.Word(2), b.now)
	if err != nil {
		return fmt.Errorf("%w; want %s", err, story.UsageOf("error"))
	}
	if len(l.Words) < 4 {
		return fmt.Errorf("want %s", story.UsageOf("error"))
	}
	b.in.lastError = map[string]any{
		"errorCode": l.Word(1), "message": strings.Join(l.Words[3:], " "),
		"timestamp": stamp(t),
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (b *builder) held(l story.Line) error {
	p := l.Plain()
	if _, err := story.RecordType(p[0]); err != nil {
		return err
	}
	r := map[string]any{
		"id": "r-" + strconv.Itoa(len(b.in.records)+1), "type": p[0], "name": b.name(p[1]),
		"value": b.name(b.in.expand(p[2])), "ttl": 300, "priority": nil,
	}
	if v, ok := l.Option("ttl"); ok {
		n, err := strconv.Atoi(v)
		if err != nil {
			return fmt.Errorf("ttl=%s: %w", v, err)
		}
		r["ttl"] = n
	}
	if v, ok := l.Option("id"); ok {
		r["id"] = v
	}
	b.in.records = append(b.in.records, r)
	return nil
}

func (b *builder) certificate(l story.Line) error {
	if p := l.Plain(); p[0] == "none" {
		if len(l.Words) > 2 {
			return fmt.Errorf("unexpected %q after none", l.Word(2))
		}
		return nil
	}
	if err := story.CheckCertificateStatus(l.Word(1)); err != nil {
		return err
	}
	requested, err := b.at(l, "requested", b.now.Add(-19*24*time.Hour))
	if err != nil {
		return err
	}
	c := map[string]any{
		"status": l.Word(1), "names": []string{b.in.domain}, "requestedAt": stamp(requested),
		"issuedAt": nil, "expiresAt": nil, "failureReason": nil,
	}
	if l.Word(1) == "ISSUED" {
		expires, err := b.at(l, "expires", b.now.Add(170*24*time.Hour))
		if err != nil {
			return err
		}
		c["issuedAt"], c["expiresAt"] = stamp(requested.Add(10*time.Minute)), stamp(expires)
	}
	if v, ok := l.Option("reason"); ok {
		c["failureReason"] = v
	}
	if v, ok := l.Option("validation"); ok {
		name, value, ok := strings.Cut(v, ">")
		if !ok || name == "" || value == "" {
			return fmt.Errorf("validation=%s: want validation=NAME>TARGET", v)
		}
		c["validationRecords"] = []map[string]any{{"type": "CNAME", "name": b.name(name), "value": value}}
	}
	if v, ok := l.Option("names"); ok {
		names := strings.Split(v, ",")
		for i := range names {
			names[i] = b.name(names[i])
		}
		c["names"] = names
	}
	b.in.cert = c
	return nil
}

func (b *builder) route(l story.Line) error {
	p := l.Plain()
	if p[0] == "none" && len(l.Words) == 2 {
		return nil
	}
	if len(p) < 2 {
		return fmt.Errorf("want %s", story.UsageOf("route"))
	}
	if !strings.HasPrefix(p[0], "/") {
		return fmt.Errorf("invalid path %q: it must begin with /", p[0])
	}
	r := map[string]any{
		"id": "rt-" + strconv.Itoa(len(b.in.routes)+1), "host": b.in.domain, "path": p[0],
		"target": b.name(p[1]), "priority": 10,
	}
	if v, ok := l.Option("host"); ok {
		r["host"] = b.name(v)
	}
	if v, ok := l.Option("id"); ok {
		r["id"] = v
	}
	if v, ok := l.Option("priority"); ok {
		n, err := strconv.Atoi(v)
		if err != nil {
			return fmt.Errorf("priority=%s: %w", v, err)
		}
		r["priority"] = n
	}
	b.in.routes = append(b.in.routes, r)
	return nil
}

func (b *builder) transfer(l story.Line) error {
	p := l.Plain()
	if err := story.OneOf("direction", p[1], "IN", "OUT"); err != nil {
		return err
	}
	created, err := b.at(l, "created", b.now.Add(-48*time.Hour))
	if err != nil {
		return err
	}
	t := map[string]any{
		"id": p[0] + b.suffix, "domain": base(b.in.domain), "direction": p[1], "status": p[2],
		"createdAt": stamp(created), "reason": nil,
	}
	if v, ok := l.Option("reason"); ok {
		t["reason"] = v
	}
	b.in.transfers = append(b.in.transfers, t)
	return nil
}
