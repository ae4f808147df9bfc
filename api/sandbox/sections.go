package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// section reads one file of the story.
func (b *builder) section(f section) error {
	var err error
	switch f.kind {
	case "zone":
		err = b.zone(f)
	case "rdap":
		err = b.rdap(f)
	case "whois":
		var name string
		if name, err = b.registered(f, 1); err == nil {
			b.in.whoisRaw[name] = f.data
		}
	case "service":
		err = b.service(f)
	case "after":
		return b.after(f)
	}
	if err != nil {
		return f.fault(err)
	}
	return nil
}

// zone reads "zone NAME [@ HOSTS] [before]" and the records in it.
func (b *builder) zone(f section) error {
	if len(f.args) == 0 {
		return fmt.Errorf("want zone NAME [@ HOSTS] [before]")
	}
	if _, err := b.own(f.args[0]); err != nil {
		return err
	}
	hosts, old := hostsOf([]string{"hoster"}), false
	for i := 1; i < len(f.args); i++ {
		switch {
		case f.args[i] == "@" && i+1 < len(f.args):
			var err error
			if hosts, err = b.in.hosts.servers(f.args[i+1]); err != nil {
				return err
			}
			i++
		case f.args[i] == "before" && !old:
			old = true
		default:
			return fmt.Errorf("%q: want zone NAME [@ HOSTS] [before]", f.args[i])
		}
	}
	z, err := parseZone(f.args[0], padded(f.no+1, b.in.expand(f.data)), hosts)
	if err != nil {
		return err
	}
	b.in.zones = append(b.in.zones, served{z, hosts, old})
	if old && !b.seen["before"] {
		return fmt.Errorf("when was that? The section story has no line before AGO")
	}
	return nil
}

// expand puts the domain and where the platform wants it to point into a zone's text.
func (in *instance) expand(text string) string {
	return strings.NewReplacer("{target}", in.target, "{domain}", in.domain).Replace(text)
}

// padded puts empty lines before a text, so that a parser numbers its lines as the file does.
func padded(no int, text string) string { return strings.Repeat("\n", max(0, no-2)) + text }

// registered reads the name of a section about a registration: rdap and whois.
func (b *builder) registered(f section, most int) (string, error) {
	if len(f.args) == 0 || len(f.args) > most {
		return "", fmt.Errorf("want %s", sectionForms[f.kind])
	}
	name, err := b.own(f.args[0])
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(name, "."), nil
}

var sectionForms = map[string]string{
	"rdap":    "rdap NAME STATUS [CONTENT-TYPE] [HEADER=VALUE…]",
	"whois":   "whois NAME",
	"service": "service METHOD PATH STATUS",
}

func (b *builder) rdap(f section) error {
	name, err := b.registered(f, len(f.args))
	if err != nil {
		return err
	}
	if len(f.args) < 2 {
		return fmt.Errorf("want %s", sectionForms["rdap"])
	}
	status, err := statusOf(f.args[1])
	if err != nil {
		return err
	}
	raw := rawHTTP{status: status, contentType: "application/rdap+json", header: map[string]string{}, body: f.data}
	for _, w := range f.args[2:] {
		if k, v, ok := strings.Cut(w, "="); ok {
			raw.header[k] = v
		} else {
			raw.contentType = w
		}
	}
	b.in.rdapRaw[name] = raw
	return nil
}

// service reads a raw answer of the service: "service GET /domains/v1/{id}/ssl 503".
func (b *builder) service(f section) error {
	if len(f.args) != 3 {
		return fmt.Errorf("want %s", sectionForms["service"])
	}
	if err := oneOf("method", f.args[0], http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete); err != nil {
		return err
	}
	if !strings.HasPrefix(f.args[1], "/") {
		return fmt.Errorf("%q is no path: it begins with /", f.args[1])
	}
	status, err := statusOf(f.args[2])
	if err != nil {
		return err
	}
	in := b.in
	in.overrides = append(in.overrides, override{
		f.args[0], strings.ReplaceAll(f.args[1], "{id}", in.id), status,
		strings.ReplaceAll(f.data, "{id}", in.id),
	})
	return nil
}

// finish checks what hangs together, and ties it: a registration names the servers of its zone.
func (b *builder) finish() error {
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
	slices.SortStableFunc(b.in.coming, byTime)
	return nil
}
