package report

import (
	"bufio"
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

// prometheusFormat writes a run as metrics for node_exporter's textfile collector. Labels are the domain's name and
// words of closed lists (verdicts, causes, codes, states): addresses and values from outside come and go, and every
// new one would be a series that Prometheus keeps for ever. The same report gives the same bytes.
type prometheusFormat struct {
	w       io.Writer
	opt     Options
	domains map[string]*promDomain
}

// promDomain is what the metrics keep of a domain.
type promDomain struct {
	verdict catalog.Verdict
	samples []promSample
}

// promSample is one line: which family, its labels as text, and the value.
type promSample struct {
	family promFamily
	labels string
	value  float64
}

// promFamily is a metric by its place in promFamilies.
type promFamily int

const (
	promBuild promFamily = iota
	promRunAt
	promRunTook
	promRunComplete
	promDomains
	promVerdict
	promCheckedAt
	promWaits
	promFinding
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

// promFamilies are the metrics in the order in which they are written. Their names are an API, as those of JSON are.
var promFamilies = [...]struct{ name, help string }{
	promBuild:       {"domdoc_build_info", "The version of domdoc that wrote this."},
	promRunAt:       {"domdoc_run_timestamp_seconds", "When the run began."},
	promRunTook:     {"domdoc_run_duration_seconds", "How long the run took."},
	promRunComplete: {"domdoc_run_complete", "1 when every domain was checked, 0 when the run was cut short."},
	promDomains:     {"domdoc_domains", "Domains by their verdict."},
	promVerdict:     {"domdoc_domain_verdict", "1 for the verdict that the domain has, 0 for the others."},
	promCheckedAt:   {"domdoc_domain_checked_timestamp_seconds", "When the domain was checked."},
	promWaits: {
		"domdoc_domain_waits_until_timestamp_seconds",
		"The latest moment at which waiting alone has mended the domain; only of a domain that nobody has to mend.",
	},
	promFinding: {"domdoc_finding", "Root causes that were found at the domain, and how often."},
	promCode: {
		"domdoc_domain_code",
		"1 for each code of the service that is predicted for the domain, or that was reported.",
	},
	promCertificate: {
		"domdoc_certificate_not_after_timestamp_seconds",
		"When the first certificate ends of those that the domain's addresses show.",
	},
	promRegistration: {
		"domdoc_registration_expires_timestamp_seconds",
		"When the registration ends that the domain stands on.",
	},
	promServers: {
		"domdoc_propagation_servers",
		"Answers of resolvers and authoritative servers about the records that should be published, by their state.",
	},
	promIncident:      {"domdoc_incident_domains", "Domains that share a fault which is nobody's of them."},
	promTenantFinding: {"domdoc_tenant_finding", "Root causes that concern the tenant as a whole."},
	promTenantUsed: {
		"domdoc_tenant_domains_used",
		"Domains that the tenant has attached, as the service counts them.",
	},
	promTenantLimit: {"domdoc_tenant_domains_limit", "Domains that the tenant's plan allows."},
	promVantage:     {"domdoc_vantage_finding", "What stands in the way of judging from this machine."},
}

// Begin writes nothing: metrics stand together by family.
func (p *prometheusFormat) Begin(*wire.Vantage, *wire.Tenant) error {
	p.domains = map[string]*promDomain{}
	return nil
}

// Domain keeps a domain's samples. Where a name comes twice, the worse of the two stands: a series can have one
// value.
func (p *prometheusFormat) Domain(d *wire.Domain) error {
	x := &promDomain{verdict: wire.ParseVerdict(d.Verdict)}
	name := promLabel("domain", domainTitle(d))
	if d.Domain != "" {
		name = promLabel("domain", d.Domain)
	}
	if old := p.domains[name]; old != nil && severity(old.verdict) >= severity(x.verdict) {
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
	for _, v := range promVerdicts {
		add(promVerdict, promBool(v == x.verdict), promLabel("verdict", v.String()))
	}
	add(promCheckedAt, promTime(d.At))
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
	for _, c := range d.Codes {
		add(promCode, 1, promLabel("code", c.Code), promLabel("state", c.State))
	}
	if end := firstCertificateEnd(d); !end.IsZero() {
		add(promCertificate, promTime(end))
	}
	if r := d.Facts.Registration; r != nil && r.ExpiresAt != nil {
		add(promRegistration, promTime(*r.ExpiresAt))
	}
	for _, s := range serverStates(d) {
		add(promServers, float64(s.n), promLabel("state", s.state))
	}
	p.domains[name] = x
	return nil
}

// promOf are the labels of a finding: words of closed lists only.
func promOf(f *wire.Finding) string {
	return strings.Join([]string{promLabel("cause", f.Cause), promLabel("verdict", f.Verdict), promLabel("who", f.Who)},
		",")
}

// certificateEnd is when the first certificate ends of those that the addresses show; zero where none is shown.
func firstCertificateEnd(d *wire.Domain) time.Time {
	var first time.Time
	for _, c := range d.Facts.Certificates {
		if c.NotAfter != nil && (first.IsZero() || c.NotAfter.Before(first)) {
			first = *c.NotAfter
		}
	}
	return first
}

// stateCount is how many servers have a state.
type stateCount struct {
	state string
	n     int
}

// serverStates count the servers of all rows with an expectation; empty where nothing is expected.
func serverStates(d *wire.Domain) []stateCount {
	out := []stateCount{
		{string(observe.CellMatch), 0},
		{string(observe.CellDiffers), 0},
		{string(observe.CellMissing), 0},
		{string(observe.CellError), 0},
		{string(observe.CellNotAsked), 0},
	}
	expected := false
	for _, r := range d.Propagation {
		if r.Expected == nil {
			continue
		}
		expected = true
		for _, c := range r.Servers {
			for i := range out {
				if out[i].state == c.State {
					out[i].n++
				}
			}
		}
	}
	if !expected {
		return nil
	}
	return out
}

// End writes all metrics.
func (p *prometheusFormat) End(run *Run) error {
	byFamily := make([][]promSample, len(promFamilies))
	add := func(s promSample) { byFamily[s.family] = append(byFamily[s.family], s) }
	add(promSample{promBuild, promLabel("version", p.opt.Version), 1})
	add(promSample{promRunAt, "", promTime(p.opt.Started)})
	add(promSample{promRunTook, "", run.Took.Seconds()})
	add(promSample{promRunComplete, "", promBool(run.Incomplete == "")})
	for i, n := range []int{run.Totals.Pass, run.Totals.Warn, run.Totals.Fail, run.Totals.Inconclusive} {
		add(promSample{promDomains, promLabel("verdict", promVerdicts[i].String()), float64(n)})
	}
	for _, name := range slices.Sorted(maps.Keys(p.domains)) {
		for _, s := range p.domains[name].samples {
			add(s)
		}
	}
	tenants := slices.Clone(run.MoreTenants)
	if run.Tenant != nil {
		incidents, own := partition(run.Tenant.Findings, (*wire.Finding).IsIncident)
		for _, s := range promGeneral(promIncident, "", incidents) {
			add(s)
		}
		first := *run.Tenant
		first.Findings = own
		tenants = append([]*wire.Tenant{&first}, tenants...)
	}
	for _, t := range tenants {
		tenant := promLabel("tenant", t.ID)
		for _, s := range promGeneral(promTenantFinding, tenant+",", t.Findings) {
			add(s)
		}
		if t.Quota != nil && t.Quota.Used != nil {
			add(promSample{promTenantUsed, tenant, float64(*t.Quota.Used)})
		}
		if t.Quota != nil && t.Quota.Limit != nil {
			add(promSample{promTenantLimit, tenant, float64(*t.Quota.Limit)})
		}
	}
	if run.Vantage != nil {
		for _, s := range promGeneral(promVantage, "", run.Vantage.Findings) {
			add(s)
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

// promGeneral are findings that are about no one domain, each cause once; of an incident the number of its domains.
func promGeneral(f promFamily, more string, list []wire.Finding) []promSample {
	found := map[string]float64{}
	for i := range list {
		if x := &list[i]; x.IsRoot() {
			found[more+promOf(x)] += float64(max(1, len(x.IncidentDomains())))
		}
	}
	var out []promSample
	for _, labels := range slices.Sorted(maps.Keys(found)) {
		out = append(out, promSample{f, labels, found[labels]})
	}
	return out
}

// promVerdicts are the verdicts that a domain can have.
var promVerdicts = [...]catalog.Verdict{catalog.Pass, catalog.Warn, catalog.Fail, catalog.Inconclusive}

func promBool(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// promTime is a moment in whole seconds since 1970.
func promTime(t time.Time) float64 { return float64(t.Unix()) }

// promLabel writes a label, escaped as the text format wants it.
func promLabel(name, value string) string {
	return name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n",
		`\n`).Replace(strings.ToValidUTF8(value, "\uFFFD")) + `"`
}
