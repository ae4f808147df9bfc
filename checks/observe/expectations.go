package observe

import (
	"cmp"
	"slices"
	"strings"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/rdata"
	"domdoc/checks/subject"
)

// listExpectations returns the records that should be published, according to the service and to --expect.
func (f *Observations) listExpectations() []subject.Expected {
	out := slices.Clone(f.Subject.Expect)
	d := f.Subject.Domain
	if d == nil {
		return out
	}
	add := func(e subject.Expected) {
		e.Name = f.OwnerName(e.Name)
		e.Type = strings.ToUpper(strings.TrimSpace(e.Type))
		e.Value = rdata.Unquote(e.Type, e.Value)
		e.Source = subject.FromService
		if e.Name == "" || e.Value == "" {
			return
		}
		for i, known := range out {
			if known.Name == e.Name && known.Type == e.Type && rdata.Same(e.Type, known.Value, e.Value) {
				if out[i].ID == "" {
					out[i].ID = e.ID
				}
				return
			}
		}
		out = append(out, e)
	}
	for _, v := range d.Verifications {
		add(subject.Expected{Record: catalog.Record{
			Role: catalog.Verification, Type: methodType(v.Method), Name: v.Name,
			Value: v.Value,
		}})
	}
	if d.CDN != nil && d.CDN.Target != "" {
		add(subject.Expected{Record: catalog.Record{
			Role: catalog.Routing, Type: "CNAME", Name: f.Subject.Name.ASCII,
			Value: rdata.Target(d.CDN.Target),
		}})
	}
	held := f.Held()
	if f.awaitsCertificate(held) {
		for _, r := range held.Certificate.ValidationRecords {
			add(subject.Expected{Record: catalog.Record{
				Role: catalog.Certificate, Type: cmp.Or(strings.TrimSpace(r.Type), "CNAME"), Name: r.Name,
				Value: r.Value,
			}})
		}
	}
	for _, r := range held.Records {
		e := subject.Expected{
			Record: catalog.Record{Role: f.RoleOf(r, held), Type: r.Type, Name: r.Name, Value: rdata.FromService(r)},
			ID:     r.ID,
		}
		if r.TTL != nil {
			e.TTL = *r.TTL
		}
		add(e)
	}
	return out
}

// awaitsCertificate reports whether the validation records matter: for a pending certificate, and for its renewal.
func (f *Observations) awaitsCertificate(h Held) bool {
	return h.HasCertificate && len(h.Certificate.ValidationRecords) > 0
}

func methodType(method string) string {
	if strings.Contains(strings.ToUpper(method), "CNAME") {
		return "CNAME"
	}
	return "TXT"
}

// RoleOf returns the role of a record of the service.
func (f *Observations) RoleOf(r api.Record, h Held) catalog.Role {
	name := f.OwnerName(r.Name)
	t := strings.ToUpper(r.Type)
	for _, v := range f.Subject.Domain.Verifications {
		if f.OwnerName(v.Name) == name && (t == "TXT" || t == "CNAME") {
			return catalog.Verification
		}
	}
	for _, v := range h.Certificate.ValidationRecords {
		if f.OwnerName(v.Name) == name && t == "CNAME" {
			return catalog.Certificate
		}
	}
	if name == f.Subject.Name.ASCII && (t == "A" || t == "AAAA" || t == "CNAME") {
		return catalog.Routing
	}
	return subject.RoleOf(f.Subject.Name.ASCII, name, t, r.Value)
}

// OwnerName makes a record's name absolute: services and panels also use "@" and names relative to the domain.
func (f *Observations) OwnerName(name string) string {
	domain := strings.TrimPrefix(f.Subject.Name.ASCII, "*.")
	name = strings.ToLower(strings.TrimSpace(name))
	absolute := strings.HasSuffix(name, ".")
	name = strings.TrimSuffix(name, ".")
	if ascii, err := dnsname.ToASCII(name); err == nil {
		name = ascii
	}
	zone := probe.Registrable(domain)
	switch {
	case name == "" || name == "@":
		return domain
	case absolute || name == domain || strings.HasSuffix(name, "."+domain) || zone != "" &&
		(name == zone || strings.HasSuffix(name, "."+zone)):
		return name
	case strings.Contains(name, ".") && probe.Registrable(name) != "" && dnsname.HasPublicSuffix(name):
		return name // an unrelated domain
	}
	return name + "." + domain
}
