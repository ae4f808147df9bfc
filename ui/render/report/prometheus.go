package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/checks/observe"
	"domdoc/ui/render/wire"
)

var prometheusOutput = Format{
	Name: "prometheus", Extension: "prom", Use: "metrics for node_exporter's textfile collector",
	new: func(w io.Writer, o Options) Formatter { return &prometheusFormat{w: w, opt: o} },
}

// prometheusFormat writes a run as metrics for node_exporter's textfile collector. Labels are limited to the domain's
// name, the tenant, the profile, the report and closed sets (verdicts, causes, codes, states): every new value from
// outside would be a new time series in Prometheus. For the same reason, a sample is written only for what there is:
// a domain without faults has its verdict, and the date of what expires soon. The output is deterministic.
//
// The collector rejects all of its files if two of them have the same series. Every series therefore ends in the
// labels of its tenant and profile, and in that of the report's file if its name is known.
type prometheusFormat struct {
	w       io.Writer
	opt     Options
	domains map[string]*promDomain
}

// promDomain holds the samples of a domain, which lack the label of the tenant.
type promDomain struct {
	verdict catalog.Verdict
	profile string
	samples []promSample
}

// promSample is one line of output.
type promSample struct {
	family promFamily
	labels string
	value  float64
}

// promFamily is an index into promFamilies.
type promFamily int

const (
	promBuild promFamily = iota
	promRunAt
	promRunTook
	promRunComplete
	promDomains
	promStates
	promVerdict
	promWaiting
	promCheckedAt
	promWaits
	promFinding
	promLeftOut
	promCode
	promCertificate
	promRegistration
	promServers
	promIncident
	promTenantFinding
	promTenantUsed
	promTenantLimit
	promVantage
)

// promFamilies are the metrics in output order. Their names are an API, like those of the JSON.
var promFamilies = [...]struct{ name, help string }{
	promBuild:       {"domdoc_build_info", "Version of domdoc."},
	promRunAt:       {"domdoc_run_timestamp_seconds", "Start time of the run."},
	promRunTook:     {"domdoc_run_duration_seconds", "Duration of the run."},
	promRunComplete: {"domdoc_run_complete", "1 if every domain was checked, 0 if the run was cut short."},
	promDomains: {
		"domdoc_domains",
		"Domains by verdict, those that wait among those that fail or warn; domdoc_domains_by_state has them apart.",
	},
	promStates: {
		"domdoc_domains_by_state",
		"Domains by state: their verdict, or waiting if only time mends them.",
	},
	promVerdict: {"domdoc_domain_verdict", "1 for the verdict of the domain; its other verdicts are absent."},
	promWaiting: {
		"domdoc_domain_waiting",
		"1 if the domain fails or warns and no action is needed but waiting; absent otherwise.",
	},
	promCheckedAt: {
		"domdoc_domain_checked_timestamp_seconds",
		"Time at which the domain was checked; absent if that was within an hour after the start of the run.",
	},
	promWaits: {
		"domdoc_domain_waits_until_timestamp_seconds",
		"Latest time by which the domain recovers without any action; absent if an action is required.",
	},
	promFinding: {"domdoc_finding", "Root causes found on the domain, and how often."},
	promLeftOut: {
		"domdoc_domain_left_out",
		"1 for each root cause that --only or --skip leaves out, and each check left out that could not judge.",
	},
	promCode: {
		"domdoc_domain_code",
		"1 for each service error code that is predicted for the domain or was reported.",
	},
	promCertificate: {
		"domdoc_certificate_not_after_timestamp_seconds",
		"Expiry of the certificate that expires first among those the domain's addresses present; absent if that is more " +
			"than 30 days after the start of the run.",
	},
	promRegistration: {
		"domdoc_registration_expires_timestamp_seconds",
		"Expiry of the registration of the domain; absent if that is more than 60 days after the start of the run.",
	},
	promServers: {
		"domdoc_propagation_servers",
		"Resolvers and authoritative servers that answer with other records than expected, with none or not at all, " +
			"by state.",
	},
	promIncident:      {"domdoc_incident_domains", "Domains affected by an incident."},
	promTenantFinding: {"domdoc_tenant_finding", "Root causes that affect the tenant as a whole."},
	promTenantUsed: {
		"domdoc_tenant_domains_used",
		"Domains attached by the tenant, as counted by the service.",
	},
	promTenantLimit: {"domdoc_tenant_domains_limit", "Domains allowed by the tenant's plan."},
	promVantage:     {"domdoc_vantage_finding", "Problems of this machine that limit what it can check."},
}

// Begin writes nothing: samples are grouped by family.
func (p *prometheusFormat) Begin(*wire.Vantage, *wire.Tenant) error {
	p.domains = map[string]*promDomain{}
	return nil
}

// Domain collects a domain's samples. Of a name that occurs twice the worse is kept: a series has one value.
func (p *prometheusFormat) Domain(d *wire.Domain) error {
	x := &promDomain{verdict: wire.ParseVerdict(d.Verdict), profile: d.Profile}
	name := promLabel("domain", domainTitle(d))
	if d.Domain != "" {
		name = promLabel("domain", d.Domain)
	}
	key := name + "\n" + d.Profile
	if old := p.domains[key]; old != nil && old.verdict.Severity() >= x.verdict.Severity() {
		return nil
	}
	add := func(f promFamily, value float64, labels ...string) {
		s := promSample{f, strings.Join(append([]string{name}, labels...), ","), value}
		if !slices.ContainsFunc(x.samples, func(old promSample) bool {
			return old.family == s.family && old.labels == s.labels
		}) {
			x.samples = append(x.samples, s)
		}
	}
	add(promVerdict, 1, promLabel("verdict", x.verdict.String()))
	if d.StateNow() == catalog.StateWaiting {
		add(promWaiting, 1)
	}
	if late := d.At.Sub(p.opt.Started); late < 0 || late >= promRunTime {
		add(promCheckedAt, promTime(d.At))
	}
	if d.WaitsUntil != nil {
		add(promWaits, promTime(*d.WaitsUntil))
	}
	found := map[string]float64{}
	for _, f := range d.Roots() {
		if f.Ignored == nil {
			found[promOf(f)]++
		}
	}
	for _, labels := range slices.Sorted(maps.Keys(found)) {
		add(promFinding, found[labels], labels)
	}
	for _, l := range d.LeftOut {
		add(promLeftOut, 1, promLabel("cause", l.Cause), promLabel("check", l.Check), promLabel("verdict", l.Verdict))
	}
	for _, c := range d.Codes {
		add(promCode, 1, promLabel("code", c.Code), promLabel("state", c.State))
	}
	if end := firstCertificateEnd(d); !end.IsZero() && end.Sub(p.opt.Started) <= promCertificateSoon {
		add(promCertificate, promTime(end))
	}
	if r := d.Facts.Registration; r != nil && r.ExpiresAt != nil &&
		r.ExpiresAt.Sub(p.opt.Started) <= promRegistrationSoon {
		add(promRegistration, promTime(*r.ExpiresAt))
	}
	for _, s := range serverStates(d) {
		if s.n > 0 {
			add(promServers, float64(s.n), promLabel("state", s.state))
		}
	}
	p.domains[key] = x
	return nil
}

// promRunTime is how long after the start of a run the time of a domain's check is that of the run.
const promRunTime = time.Hour

// How long before its end a certificate and a registration have a sample. Both are longer than what the checks call
// soon, and shorter than the rest of a certificate that is renewed automatically (Let's Encrypt: 30 days).
const (
	promCertificateSoon  = 30 * 24 * time.Hour
	promRegistrationSoon = 60 * 24 * time.Hour
)

// promOf are the labels of a finding, from closed sets only.
func promOf(f *wire.Finding) string {
	return strings.Join([]string{promLabel("cause", f.Cause), promLabel("verdict", f.Verdict), promLabel("who", f.Who)},
		",")
}

// firstCertificateEnd is the earliest expiry of the certificates presented; zero if there is none.
func firstCertificateEnd(d *wire.Domain) time.Time {
	var first time.Time
	for _, c := range d.Facts.Certificates {
		if c.NotAfter != nil && (first.IsZero() || c.NotAfter.Before(first)) {
			first = *c.NotAfter
		}
	}
	return first
}

// stateCount is the number of servers in a state.
type stateCount struct {
	state string
	n     int
}

// serverStates counts the servers of all rows with an expected value, by the states that are no match.
func serverStates(d *wire.Domain) []stateCount {
	out := []stateCount{
		{string(observe.CellDiffers), 0}, {string(observe.CellMissing), 0}, {string(observe.CellError), 0},
	}
	for _, r := range d.Propagation {
		if r.Expected == nil {
			continue
		}
		for _, c := range r.Servers {
			for i := range out {
				if out[i].state == c.State {
					out[i].n++
				}
			}
		}
	}
	return out
}

// End writes all metrics.
func (p *prometheusFormat) End(run *Run) error {
	byFamily := make([][]promSample, len(promFamilies))
	seen := map[promSample]bool{} // without values, of the samples that are not about a domain
	add := func(s promSample, of string) {
		s.labels = promJoin(s.labels, of)
		byFamily[s.family] = append(byFamily[s.family], s)
	}
	once := func(s promSample, of string) { // several parts of a merged report have the same tenant
		key := promSample{s.family, promJoin(s.labels, of), 0}
		if !seen[key] {
			seen[key] = true
			add(s, of)
		}
	}
	tenants := slices.Clone(run.MoreTenants)
	var incidents []wire.Finding
	if run.Tenant != nil {
		first := *run.Tenant
		incidents, first.Findings = partition(run.Tenant.Findings, (*wire.Finding).IsIncident)
		tenants = append([]*wire.Tenant{&first}, tenants...)
	}
	all := p.ofRun(tenants)
	add(promSample{promBuild, promLabel("version", p.opt.Version), 1}, all)
	add(promSample{promRunAt, "", promTime(p.opt.Started)}, all)
	add(promSample{promRunTook, "", run.Took.Seconds()}, all)
	add(promSample{promRunComplete, "", promBool(run.Incomplete == "")}, all)
	for i, n := range []int{run.Totals.Pass, run.Totals.Warn, run.Totals.Fail, run.Totals.Inconclusive} {
		add(promSample{promDomains, promLabel("verdict", promVerdicts[i].String()), float64(n)}, all)
	}
	for _, c := range run.Totals.byState() {
		add(promSample{promStates, promLabel("state", c.state.ID()), float64(c.n)}, all)
	}
	for _, key := range slices.Sorted(maps.Keys(p.domains)) {
		d := p.domains[key]
		of := p.ofProfile(tenants, d.profile)
		for _, s := range d.samples {
			add(s, of)
		}
	}
	for _, s := range promGeneral(promIncident, incidents) {
		add(s, all)
	}
	for _, t := range tenants {
		of := p.of(t.ID, t.Profile)
		for _, s := range promGeneral(promTenantFinding, t.Findings) {
			once(s, of)
		}
		if t.Quota != nil && t.Quota.Used != nil {
			once(promSample{promTenantUsed, "", float64(*t.Quota.Used)}, of)
		}
		if t.Quota != nil && t.Quota.Limit != nil {
			once(promSample{promTenantLimit, "", float64(*t.Quota.Limit)}, of)
		}
	}
	if run.Vantage != nil {
		for _, s := range promGeneral(promVantage, run.Vantage.Findings) {
			add(s, all)
		}
	}
	w := bufio.NewWriter(p.w)
	for f, samples := range byFamily {
		if len(samples) == 0 {
			continue
		}
		family := promFamilies[f]
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n", family.name, family.help, family.name)
		for _, s := range samples {
			w.WriteString(family.name)
			if s.labels != "" {
				w.WriteString("{" + s.labels + "}")
			}
			w.WriteString(" " + strconv.FormatFloat(s.value, 'f', -1, 64) + "\n")
		}
	}
	return w.Flush()
}

// of are the labels of a tenant and a profile, and of the report.
func (p *prometheusFormat) of(tenant, profile string) string {
	out := ""
	for _, l := range [][2]string{
		{"tenant", tenant}, {"profile", cmp.Or(profile, p.opt.Profile)}, {"report", p.opt.Report},
	} {
		if l[1] != "" {
			out = promJoin(out, promLabel(l[0], l[1]))
		}
	}
	return out
}

// ofRun are the labels of what is about the whole run. Several tenants and profiles are listed.
func (p *prometheusFormat) ofRun(tenants []*wire.Tenant) string {
	var ids, profiles []string
	for _, t := range tenants {
		ids, profiles = append(ids, t.ID), append(profiles, t.Profile)
	}
	list := func(s []string) string {
		return strings.Join(slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(s))), func(s string) bool {
			return s == ""
		}), ",")
	}
	return p.of(list(ids), list(profiles))
}

// ofProfile are the labels of a domain: those of the tenant of its profile.
func (p *prometheusFormat) ofProfile(tenants []*wire.Tenant, profile string) string {
	var own []*wire.Tenant
	for _, t := range tenants {
		if t.Profile == profile {
			own = append(own, t)
		}
	}
	if len(own) == 0 {
		return p.of("", profile)
	}
	return p.ofRun(own)
}

// promJoin joins two lists of labels, either of which may be empty.
func promJoin(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "," + b
}

// promGeneral returns samples of findings that are not about one domain, one per cause; the value of an incident is
// its number of domains.
func promGeneral(f promFamily, list []wire.Finding) []promSample {
	found := map[string]float64{}
	for i := range list {
		if x := &list[i]; x.IsRoot() {
			found[promOf(x)] += float64(max(1, len(x.IncidentDomains())))
		}
	}
	var out []promSample
	for _, labels := range slices.Sorted(maps.Keys(found)) {
		out = append(out, promSample{f, labels, found[labels]})
	}
	return out
}

// promVerdicts are the possible verdicts of a domain.
var promVerdicts = [...]catalog.Verdict{catalog.Pass, catalog.Warn, catalog.Fail, catalog.Inconclusive}

func promBool(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// promTime is a Unix time in whole seconds.
func promTime(t time.Time) float64 { return float64(t.Unix()) }

// promLabel writes a label, escaped for the text format.
func promLabel(name, value string) string {
	return name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n",
		`\n`).Replace(strings.ToValidUTF8(value, "\uFFFD")) + `"`
}
