package checks

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/probe"
)

// checkStatus looks at the domain's own entry in the service.
var checkStatus = &Check{
	ID: "service", Title: "what the service says of the domain", Rung: catalog.Service, Needs: []Need{NeedService},
	Reports: []*catalog.Cause{
		causes.ServiceDomainNotFound.Cause, causes.ServiceNearMiss.Cause, causes.ServiceDomainElsewhere.Cause,
		causes.ServiceAlreadyYours.Cause, causes.ServiceWildcardOverlap.Cause,
		causes.ServiceStatusForbidsUpdate.Cause,
	},
	Run: runStatus,
}

func runStatus(ctx context.Context, p *Pass) {
	d := p.Subject.Domain
	if d == nil {
		runNotFound(ctx, p)
		return
	}
	status := strings.ToUpper(strings.TrimSpace(d.Status))
	if status != "" && status != "VERIFIED" && status != "PENDING" {
		v := catalog.Warn
		if _, reported := p.ReportedCode("DOMAIN_005"); reported {
			v = catalog.Fail
		}
		p.Report(causes.ServiceStatusForbidsUpdate.With(causes.NameArgs{
			Name:   p.Subject.Name.ASCII,
			Status: sanitize.Text(d.Status, 40),
		}), As(v))
	}
	if r, reported := p.ReportedCode("DOMAIN_002"); reported {
		// The whole list matters now: another entry may cover the name.
		_, _, _ = p.Subject.Service.Find(probe.NewContext(ctx, p.Session),
			"*."+parentName(strings.TrimPrefix(p.Subject.Name.ASCII, "*.")))
		// what was refused before the domain was attached was another attempt
		if r.At.IsZero() || !r.At.Before(d.CreatedAt) {
			p.Report(causes.ServiceAlreadyYours.With(causes.NameArgs{
				Name:   p.Subject.Name.ASCII,
				Status: sanitize.Text(d.Status, 40),
			}))
		}
	}
	if other, ok := p.Subject.Service.Overlap(p.Subject.Name); ok {
		p.Report(causes.ServiceWildcardOverlap.With(causes.NameArgs{Name: p.Subject.Name.ASCII, Other: other}),
			Sure(Likely))
	}
}

// runNotFound says why a name is not in the tenant's list.
func runNotFound(_ context.Context, p *Pass) {
	if toBeRegistered(p.Subject) {
		p.Skip("a name that is to be registered is not in the list yet")
		return
	}
	if other, ok := p.Subject.Service.Overlap(p.Subject.Name); ok && !p.Subject.Name.Wildcard {
		p.Skip("%s of the tenant's list covers the name", other)
		return
	}
	names, complete := p.Subject.Service.Names()
	if !complete {
		p.Unable("the tenant's list of domains could not be read to its end")
		return
	}
	p.Report(causes.ServiceDomainNotFound.With(causes.NameArgs{
		Name:   p.Subject.Name.ASCII,
		Detail: strconv.Itoa(len(names)) + " domains",
	}))
	if near, ok := nearest(p.Subject.Name.ASCII, names); ok {
		p.Report(causes.ServiceNearMiss.With(causes.NameArgs{
			Name: p.Subject.Name.ASCII, Other: near.Name,
			Status: sanitize.Text(near.Status, 40),
		}), Sure(Likely))
		return
	}
	v4 := p.Facts.Addresses().V4
	for _, hop := range v4.Names()[1:] {
		if !isCDN(hop) {
			continue
		}
		for _, h := range p.Facts.Handshakes() {
			if h.Shown() && h.Verified.NameOK {
				p.Report(causes.ServiceDomainElsewhere.With(causes.NameArgs{
					Name:   p.Subject.Name.ASCII,
					Detail: fmt.Sprintf("its CNAME leads to %s, which shows a certificate for it", hop),
				}), Sure(Likely),
					With(append(v4.Evidence(), h.Exchange)...))
				return
			}
		}
	}
}

// nearest finds the name of a list that was most likely meant: the www twin, or at most two edits away.
func nearest(name string, list []api.Domain) (api.Domain, bool) {
	best, found := api.Domain{}, false
	least := 3
	for _, d := range list {
		n, err := ParseName(d.Name)
		if err != nil {
			continue
		}
		if "www."+n.ASCII == name || "www."+name == n.ASCII {
			d.Name = n.ASCII
			return d, true
		}
		// Names of a family ("shop-1", "shop-2") are one edit apart and are no slips: digits must agree.
		if digits(n.ASCII) != digits(name) {
			continue
		}
		if e := distance(n.ASCII, name, least); e < least {
			least, best, found = e, d, true
			best.Name = n.ASCII
		}
	}
	return best, found
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// distance is the number of insertions, deletions, replacements and swaps of neighbours between two names, or limit
// if it is at least that.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		rows[2][0] = i
		smallest := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[2][j] = min(rows[1][j]+1, rows[2][j-1]+1, rows[1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[2][j] = min(rows[2][j], rows[0][j-2]+1)
			}
			smallest = min(smallest, rows[2][j])
		}
		if smallest >= limit {
			return limit
		}
		rows[0], rows[1], rows[2] = rows[1], rows[2], rows[0]
	}
	return min(rows[1][len(b)], limit)
}

// checkHeld applies the service's own rules to the records that it holds, and to those that are proposed.
var checkHeld = &Check{
	ID: "held-records", Title: "the service's rules for DNS records", Rung: catalog.Service,
	Reports: []*catalog.Cause{
		causes.ServiceRecordTTLOutOfRange.Cause, causes.ServiceRecordCNAMECoexists.Cause,
		causes.ServiceRecordCNAMEAtApex.Cause, causes.ServiceRecordDuplicate.Cause,
		causes.ServiceRecordInvalid.Cause, causes.ServiceRecordUnknown.Cause,
	},
	Run: runHeld,
}

// heldRecord is a record under the service's rules: one that it holds, or one that is proposed.
type heldRecord struct {
	catalog.Record
	id  string
	ttl *int
}

func (h heldRecord) args() causes.HeldArgs {
	return causes.HeldArgs{Record: h.Record, ID: h.id}
}

func runHeld(_ context.Context, p *Pass) {
	held := p.Facts.Held()
	if held.RecordsErr != nil {
		p.Unable("the service's records could not be read: %s", reasonOf(held.RecordsErr))
	}
	var list []heldRecord
	for _, r := range held.Records {
		h := heldRecord{catalog.Record{
			Role: p.Facts.roleOf(r, held), Type: strings.ToUpper(strings.TrimSpace(r.Type)),
			Name: p.Facts.ownerName(r.Name), Value: heldValue(r),
		}, r.ID, r.TTL}
		if r.TTL != nil {
			h.TTL = *r.TTL
		}
		list = append(list, h)
	}
	for _, e := range p.Subject.Expect {
		h := heldRecord{Record: e.Record}
		if e.TTL != 0 {
			h.ttl = &e.TTL
		}
		list = append(list, h)
	}
	if len(list) == 0 && p.Subject.Domain == nil {
		p.Skip("no record is held or proposed")
		return
	}
	apexes := map[string]bool{}
	if z := p.Facts.Zone(); z.Apex != "" {
		apexes[z.Apex] = true
	}
	for _, h := range list {
		about := About(h.Role, h.Name)
		if h.ttl != nil && (*h.ttl < 60 || *h.ttl > 86400) {
			p.Report(causes.ServiceRecordTTLOutOfRange.With(h.args()), about)
		}
		if why := invalidValue(h.Type, h.Value); why != "" {
			args := h.args()
			args.Detail = why
			p.Report(causes.ServiceRecordInvalid.With(args), about)
		}
		if h.Type == "CNAME" && apexes[h.Name] {
			p.Report(causes.ServiceRecordCNAMEAtApex.With(h.args()), about)
		}
	}
	coexisting(p, list)
	duplicates(p, list)
	unknownRecord(p, held)
}

// coexisting reports each CNAME that shares its name with another type.
func coexisting(p *Pass, list []heldRecord) {
	for i, h := range list {
		if h.Type != "CNAME" || slices.ContainsFunc(list[:i], func(o heldRecord) bool {
			return o.Type == "CNAME" && o.Name == h.Name
		}) {
			continue
		}
		var types []string
		for _, o := range list {
			if o.Name == h.Name && o.Type != "CNAME" && !slices.Contains(types, o.Type) {
				types = append(types, o.Type)
			}
		}
		if len(types) > 0 {
			args := h.args()
			args.Types = types
			p.Report(causes.ServiceRecordCNAMECoexists.With(args), About(h.Role, h.Name))
		}
	}
}

// duplicates reports records that are held twice, and second CNAMEs at one name.
func duplicates(p *Pass, list []heldRecord) {
	for i, h := range list {
		for _, o := range list[:i] {
			if o.Name != h.Name || o.Type != h.Type {
				continue
			}
			same := sameValue(h.Type, h.Value, o.Value)
			if !same && h.Type != "CNAME" {
				continue
			}
			if h.id == "" && o.id != "" && same { // a proposal that the service holds already is no second record
				continue
			}
			args := h.args()
			args.Detail = fmt.Sprintf("%s and %s have the same name, type and value", idOr(o.id), idOr(h.id))
			if !same {
				args.Detail = fmt.Sprintf("%s and %s are two CNAMEs at one name (%s and %s)", idOr(o.id), idOr(h.id),
					sanitize.Text(o.Value, 80), sanitize.Text(h.Value, 80))
			}
			p.Report(causes.ServiceRecordDuplicate.With(args), About(h.Role, h.Name))
			break
		}
	}
}

func idOr(id string) string {
	if id == "" {
		return "the proposed record"
	}
	return "record " + sanitize.Text(id, 40)
}

// unknownRecord explains a reported DOMAIN_009 by the id in its path.
func unknownRecord(p *Pass, held Held) {
	r, ok := p.ReportedCode("DOMAIN_009")
	if !ok || p.Subject.Domain == nil || held.RecordsErr != nil {
		return
	}
	id := idAfter(r, "dns")
	if id != "" && slices.ContainsFunc(held.Records, func(rec api.Record) bool { return rec.ID == id }) {
		return // it is there now
	}
	var current []string
	for _, rec := range held.Records {
		current = append(current, sanitize.Text(rec.ID+" "+rec.Name+" "+rec.Type, 80))
	}
	certainty := Conclusive
	if id == "" {
		certainty = Likely
	}
	p.Report(causes.ServiceRecordUnknown.With(causes.ThingArgs{
		ID: id, Domain: p.Subject.Name.ASCII,
		Current: current,
	}), Sure(certainty))
}

// idAfter takes the id that follows a word in the path of a reported error, or in its message:
// "/domains/v1/d-1/dns/r-99".
func idAfter(r Reported, word string) string {
	for _, text := range []string{r.Path, r.Message} {
		parts := strings.FieldsFunc(text, func(c rune) bool {
			return c == '/' || c == ' ' || c == '?' || c == '"' || c == '\'' || c == ','
		})
		for i, part := range parts {
			if part == word && i+1 < len(parts) {
				return sanitize.Text(strings.Trim(parts[i+1], ".:;)("), 80)
			}
		}
	}
	return ""
}
