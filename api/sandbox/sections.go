package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"domdoc/api/sandbox/story"
	"domdoc/catalog/order"

	"github.com/miekg/dns"
)

// section applies one section of the story.
func (b *builder) section(f story.Section) error {
	var err error
	if b.outline && f.Kind != "zone" && f.Kind != "after" {
		return nil
	}
	switch f.Kind {
	case "zone":
		err = b.zone(f)
	case "rdap":
		err = b.rdap(f)
	case "whois":
		var name string
		if name, err = b.registered(f, 1); err == nil {
			b.in.whoisRaw[name] = b.dated(f.Data)
		}
	case "service":
		err = b.service(f)
	case "page":
		err = b.rawPage(f)
	case "after":
		return b.after(f)
	}
	if err != nil {
		return f.Wrap(err)
	}
	return nil
}

// zone reads "zone NAME [@ HOSTS] [before]" and the records in it.
func (b *builder) zone(f story.Section) error {
	if len(f.Args) == 0 {
		return fmt.Errorf("want zone NAME [@ HOSTS] [before]")
	}
	if _, err := b.own(f.Args[0]); err != nil {
		return err
	}
	hosts, old := story.HostNames([]string{"hoster"}), false
	for i := 1; i < len(f.Args); i++ {
		switch {
		case f.Args[i] == "@" && i+1 < len(f.Args):
			var err error
			if hosts, err = b.in.hosts.NameServers(f.Args[i+1]); err != nil {
				return err
			}
			i++
		case f.Args[i] == "before" && !old:
			old = true
		default:
			return fmt.Errorf("%q: want zone NAME [@ HOSTS] [before]", f.Args[i])
		}
	}
	if b.outline {
		b.in.zones = append(b.in.zones, served{&zone{name: dns.CanonicalName(f.Args[0])}, hosts, old})
		return nil
	}
	z, err := parseZone(f.Args[0], padded(f.Line+1, b.in.expand(f.Data)), hosts)
	if err != nil {
		return err
	}
	b.in.zones = append(b.in.zones, served{z, hosts, old})
	if old && !b.seen["before"] {
		return errors.New("a zone with the word before needs a line before AGO in the section story")
	}
	return nil
}

// expand replaces {target} and {domain} in the text of a zone.
func (in *instance) expand(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "{target}", in.target), "{domain}", in.domain)
}

// padded prepends empty lines to a text, so that a parser's line numbers are those of the file.
func padded(no int, text string) string { return strings.Repeat("\n", max(0, no-2)) + text }

// registered returns the name in the heading of a section rdap or whois.
func (b *builder) registered(f story.Section, most int) (string, error) {
	if len(f.Args) == 0 || len(f.Args) > most {
		return "", fmt.Errorf("want %s", sectionForms[f.Kind])
	}
	name, err := b.own(f.Args[0])
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(name, "."), nil
}

// dated replaces {today} in the reply of a registry.
func (b *builder) dated(text string) string {
	return strings.ReplaceAll(text, "{today}", b.now.UTC().Format(time.DateOnly))
}

var sectionForms = map[string]string{
	"rdap":    "rdap NAME STATUS [CONTENT-TYPE] [HEADER=VALUE…]",
	"whois":   "whois NAME",
	"service": "service METHOD PATH STATUS",
	"page":    "page cdn|ADDRESS STATUS [edge] [stalls] [HEADER=VALUE…]",
}

func (b *builder) rdap(f story.Section) error {
	name, err := b.registered(f, len(f.Args))
	if err != nil {
		return err
	}
	if len(f.Args) < 2 {
		return fmt.Errorf("want %s", sectionForms["rdap"])
	}
	status, err := story.HTTPStatus(f.Args[1])
	if err != nil {
		return err
	}
	raw := rawHTTP{
		status: status, contentType: "application/rdap+json", header: map[string]string{}, body: b.dated(f.Data),
	}
	for _, w := range f.Args[2:] {
		if k, v, ok := strings.Cut(w, "="); ok {
			raw.header[k] = v
		} else {
			raw.contentType = w
		}
	}
	b.in.rdapRaw[name] = raw
	return nil
}

// rawPage reads the page of an edge: its status, headers and text. With the word edge, the CDN made it itself; with
// stalls, its end never comes.
func (b *builder) rawPage(f story.Section) error {
	if len(f.Args) < 2 {
		return fmt.Errorf("want %s", sectionForms["page"])
	}
	at := f.Args[0]
	if at == "cdn" {
		at = cdnAddress
	}
	if _, ok := b.in.edges[at]; !ok {
		return fmt.Errorf("a page needs a line edge %s in the section story", f.Args[0])
	}
	status, err := story.HTTPStatus(f.Args[1])
	if err != nil {
		return err
	}
	raw := rawHTTP{status: status, contentType: "text/html; charset=utf-8", header: map[string]string{}, body: f.Data}
	for _, w := range f.Args[2:] {
		k, v, ok := strings.Cut(w, "=")
		switch {
		case ok:
			raw.header[k] = v
		case w == "stalls":
			raw.stalls = true
		case w == "edge":
			raw.header["Server"], raw.header["X-Cache"] = "CloudFront", "Error from cloudfront"
		default:
			return fmt.Errorf("%q: want %s", w, sectionForms["page"])
		}
	}
	e := b.in.edges[at]
	e.page = &raw
	b.in.edges[at] = e
	return nil
}

// service reads a raw answer of the service, as in "service GET /domains/v1/{id}/ssl 503".
func (b *builder) service(f story.Section) error {
	if len(f.Args) != 3 {
		return fmt.Errorf("want %s", sectionForms["service"])
	}
	methods := []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete}
	if err := story.OneOf("method", f.Args[0], methods...); err != nil {
		return err
	}
	if !strings.HasPrefix(f.Args[1], "/") {
		return fmt.Errorf("invalid path %q: it must begin with /", f.Args[1])
	}
	status, err := story.HTTPStatus(f.Args[2])
	if err != nil {
		return err
	}
	in := b.in
	in.overrides = append(in.overrides, override{
		f.Args[0], strings.ReplaceAll(f.Args[1], "{id}", in.id), status,
		strings.ReplaceAll(f.Data, "{id}", in.id),
	})
	return nil
}

// finish runs the pending checks and adds the zones' name servers to the registrations.
func (b *builder) finish() error {
	if b.outline {
		b.pending = nil
	}
	for _, check := range b.pending {
		if err := check(); err != nil {
			return err
		}
	}
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
	order.StableBy(b.in.scheduled, byTime)
	return nil
}
