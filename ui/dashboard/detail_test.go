package dashboard

import (
	"maps"
	"strings"
	"sync"
	"testing"

	"domdoc/checks/finding"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/reportfile"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/tab"

	tea "github.com/charmbracelet/bubbletea"
)

// toldDeeply are the stories of the domain's tabs, apart from those of the list, so that another one changes no
// picture of the list.
var toldDeeply = []string{
	"certificate-ends-soon", "caa-forbids", "caa-from-target", "transfer-locked", "route-shadowed", "redirect-cycle",
	"healthy-signed", "dnssec-stale-ds", "delegation-half-lame",
	"combined-two-fixes", "cache-old-answer", "ttl-too-short", "default-certificate", "addresses-differ",
	"healthy-redirect", "taken", "malformed-name",
}

var theDeepLab = sync.OnceValues(func() (*lab, error) { return startLabOf(toldDeeply) })

// deepBench is a bench whose domains have all that the tabs can show.
func deepBench(t testing.TB, change func(*options)) *bench {
	t.Helper()
	l, err := theDeepLab()
	if err != nil {
		t.Fatal(err)
	}
	return benchOf(t, l, change)
}

// domainScreens are the tabs of a domain, each as somebody reaches it.
func domainScreens() map[string]func(b *bench) {
	at := func(story string, keys ...string) func(b *bench) {
		return func(b *bench) { b.load().results().open(story).press(keys...) }
	}
	return map[string]func(b *bench){
		"records":              at("name-doubled", "3"),
		"records-partly":       at("servers-disagree", "3"),
		"registration":         at("on-hold", "5"),
		"registration-unasked": at("registry-limited", "5"),
		"service":              at("name-doubled", "7"),
		"ledger":               at("name-doubled", "8"),
		"ledger-whole":         at("name-doubled", "8", "down", "enter"),
		"ledger-search":        at("name-doubled", "8", "/", "d", "o", "u"),
		"ledger-nothing":       at("name-doubled", "8", "/", "z", "z", "z", "enter"),
	}
}

// deepScreens are tabs of the deeper stories.
func deepScreens() map[string]func(b *bench) {
	at := func(story string, keys ...string) func(b *bench) {
		return func(b *bench) { b.load().results().open(story).press(keys...) }
	}
	return map[string]func(b *bench){
		"deep-two-causes":       at("combined-two-fixes", "down", "down", "down"),
		"deep-folded":           at("caa-forbids"),
		"deep-unfolded":         at("caa-forbids", "enter"),
		"deep-certificate":      at("certificate-ends-soon", "4"),
		"deep-caa":              at("caa-forbids", "4"),
		"deep-caa-target":       at("caa-from-target", "4"),
		"deep-addresses-differ": at("addresses-differ", "4"),
		"deep-propagation":      at("cache-old-answer", "2"),
		"deep-ttl":              at("ttl-too-short", "3"),
		"deep-signed":           at("healthy-signed", "5"),
		"deep-stale-ds":         at("dnssec-stale-ds", "5"),
		"deep-half-lame":        at("delegation-half-lame", "5"),
		"deep-taken":            at("taken", "5"),
		"deep-transfer":         at("transfer-locked", "6"),
		"deep-shadowed":         at("route-shadowed", "6"),
		"deep-cycle":            at("redirect-cycle", "6"),
		"deep-page":             at("healthy-redirect", "6"),
		"deep-healthy":          at("healthy-signed"),
		"deep-service":          at("certificate-ends-soon", "7"),
		"deep-unparsed":         at("malformed-name", "7"),
		"deep-unasked":          at("malformed-name", "8"),
	}
}

func allScreens() map[string]func(b *bench) {
	out := screensOf()
	maps.Copy(out, domainScreens())
	return out
}

// TestServiceWords checks that the service's own words are there after a domain was asked for by itself, and that
// their absence is said.
func TestServiceWords(t *testing.T) {
	t.Parallel()
	b := deepBench(t, nil)
	b.load()
	id := b.l.ids["caa-forbids"]
	r := *reportfile.Snapshot(b.l.reports[id])
	without := *r.Domain
	without.Raw = nil
	r.Domain = &without
	b.Run = runner.RunState{Gen: 3, Cancel: func() {}, Total: 1}
	b.send(batchMsg{{Gen: 3, ID: id, Report: &r, Sum: inventory.Summarise(&r)}})
	b.open("caa-forbids").press("7")
	b.shows("the response was not kept")
	b.opt.Fresh = b.l.doctor
	if !yields(b.press("d"), func(msg tea.Msg) bool {
		e, ok := msg.(resultMsg)
		if ok {
			b.send(msg)
		}
		return ok && e.Report != nil && e.Report.Domain != nil && len(e.Report.Domain.Raw) > 0
	}) {
		t.Error("asking again brings no words")
	}
	b.shows(`"domain": "shop.treyresearch.example"`)
}

// TestIncidentIsNamed checks that a finding that an incident accounts for says so, and whom it concerns.
func TestIncidentIsNamed(t *testing.T) {
	t.Parallel()
	b := deepBench(t, nil)
	r := reportfile.Snapshot(b.l.reports[b.l.ids["delegation-half-lame"]])
	page := func() string {
		p := page.New(b.Th, 80)
		tab.FindingsPage(p, r, noon, false)
		return p.String()
	}
	if strings.Contains(page(), "part of") {
		t.Error("an incident that is none")
	}
	incident := &finding.Finding{Instance: causes.DelegationHostIncident.Example()}
	r.Roots()[0].Incident = incident
	for _, want := range []string{"part of", incident.Title, tab.Actors(incident.Who, catalog.Reader{})} {
		if !strings.Contains(page(), want) {
			t.Errorf("%q is not said:\n%s", want, page())
		}
	}
}
