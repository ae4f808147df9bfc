package checks

import (
	"cmp"
	"slices"
	"strings"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/probe"
)

// expectations are the records that should be published: what the service says, and what the user says with --expect.
func (f *Facts) expectations() []Expected {
	out := slices.Clone(f.subject.Expect)
	d := f.subject.Domain
	if d == nil {
		return out
	}
	add := func(e Expected) {
		e.Name = f.ownerName(e.Name)
		e.Type = strings.ToUpper(strings.TrimSpace(e.Type))
		e.Value = wantedValue(e.Type, e.Value)
		e.Source = "service"
		if e.Name == "" || e.Value == "" {
			return
		}
		for i, known := range out {
			if known.Name == e.Name && known.Type == e.Type && sameValue(e.Type, known.Value, e.Value) {
				if out[i].ID == "" {
					out[i].ID = e.ID
				}
				return
			}
		}
		out = append(out, e)
	}
	for _, v := range d.Verifications {
		add(Expected{Record: catalog.Record{
			Role: catalog.Verification, Type: methodType(v.Method), Name: v.Name,
			Value: v.Value,
		}})
	}
	if d.CDN != nil && d.CDN.Target != "" {
		add(Expected{Record: catalog.Record{
			Role: catalog.Routing, Type: "CNAME", Name: f.subject.Name.ASCII,
			Value: bareTarget(d.CDN.Target),
		}})
	}
	held := f.Held()
	if f.awaitsCertificate(held) {
		for _, r := range held.Certificate.ValidationRecords {
			add(Expected{Record: catalog.Record{
				Role: catalog.Certificate, Type: cmp.Or(strings.TrimSpace(r.Type), "CNAME"), Name: r.Name,
				Value: r.Value,
			}})
		}
	}
	for _, r := range held.Records {
		e := Expected{
			Record: catalog.Record{Role: f.roleOf(r, held), Type: r.Type, Name: r.Name, Value: heldValue(r)},
			ID:     r.ID,
		}
		if r.TTL != nil {
			e.TTL = *r.TTL
		}
		add(e)
	}
	return out
}

// awaitsCertificate reports whether the validation records matter: while a certificate is waited for, and for its
// renewal later on.
func (f *Facts) awaitsCertificate(h Held) bool {
	return h.HasCertificate && len(h.Certificate.ValidationRecords) > 0
}

func methodType(method string) string {
	if strings.Contains(strings.ToUpper(method), "CNAME") {
		return "CNAME"
	}
	return "TXT"
}

// roleOf tells what a held record is for.
func (f *Facts) roleOf(r api.Record, h Held) catalog.Role {
	name := f.ownerName(r.Name)
	t := strings.ToUpper(r.Type)
	for _, v := range f.subject.Domain.Verifications {
		if f.ownerName(v.Name) == name && (t == "TXT" || t == "CNAME") {
			return catalog.Verification
		}
	}
	for _, v := range h.Certificate.ValidationRecords {
		if f.ownerName(v.Name) == name && t == "CNAME" {
			return catalog.Certificate
		}
	}
	if name == f.subject.Name.ASCII && (t == "A" || t == "AAAA" || t == "CNAME") {
		return catalog.Routing
	}
	return RoleOf(f.subject.Name.ASCII, name, t, r.Value)
}

// ownerName makes a record's name absolute: services and panels also write "@" and names relative to the domain.
func (f *Facts) ownerName(name string) string {
	domain := strings.TrimPrefix(f.subject.Name.ASCII, "*.")
	name = strings.ToLower(strings.TrimSpace(name))
	absolute := strings.HasSuffix(name, ".")
	name = strings.TrimSuffix(name, ".")
	if ascii, err := toASCII(name); err == nil {
		name = ascii
	}
	zone := probe.Registrable(domain)
	switch {
	case name == "" || name == "@":
		return domain
	case absolute || name == domain || strings.HasSuffix(name, "."+domain) || zone != "" &&
		(name == zone || strings.HasSuffix(name, "."+zone)):
		return name
	case strings.Contains(name, ".") && probe.Registrable(name) != "" && HasPublicSuffix(name):
		return name // another domain altogether
	}
	return name + "." + domain
}
