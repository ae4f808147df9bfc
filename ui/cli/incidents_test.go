package cli_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/incident"
	"domdoc/ui/cli"
	"domdoc/ui/render/wire"
)

// jsonOutput is the part of the JSON that the tests read.
type jsonOutput struct {
	Tenant struct {
		Findings []struct {
			Cause string
			Args  struct {
				Name    string
				Domains []string
			}
		}
	}
	Domains []wireDomain
}

type wireDomain struct {
	Domain   string
	Findings []struct {
		Cause, Who, Incident string
		BlockedBy            *string
		Fix                  struct {
			Steps, Commands []string
			Records         []any
		}
	}
	Facts struct {
		Delegation *struct{ DNSHost *string }
	}
}

// runOn runs the program on a sandbox.
func runOn(t *testing.T, world *sandbox.Sandbox, args ...string) (stdout string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	env := cli.Env{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string {
		return ""
	}, Version: "test"}
	code = cli.MainOn(t.Context(), env, world)
	if errs.Len() > 0 {
		t.Logf("stderr: %s", errs.String())
	}
	return out.String(), code
}

// TestOneProviderDown checks 200 domains while one DNS host is down: that is one incident, and no domain's fix asks its
// owner to act.
func TestOneProviderDown(t *testing.T) {
	t.Parallel()
	world, err := sandbox.Start(sandbox.Options{Domains: 200, Down: []string{"cloudflare"}})
	if err != nil {
		t.Fatal(err)
	}
	defer world.Close()
	file := filepath.Join(t.TempDir(), "case.json")
	out, _ := runOn(t, world, "check", "--all", "-o", "json", "--record", file)
	var got jsonOutput
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Domains) != 200 {
		t.Fatalf("%d domains, want 200", len(got.Domains))
	}
	var names []string
	down := map[string]bool{}
	for _, f := range got.Tenant.Findings {
		if f.Cause != string(causes.DelegationHostIncident.ID) {
			continue
		}
		if names = append(names, f.Args.Name); f.Args.Name != "Cloudflare" {
			continue
		}
		for _, d := range f.Args.Domains {
			down[d] = true
		}
	}
	slices.Sort(names)
	// the stories of stormhost.example are an incident of their own
	others := slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		return n == "Cloudflare" || n == "stormhost.example"
	})
	if !slices.Contains(names, "Cloudflare") || len(others) > 0 ||
		len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("incidents at %v", names)
	}
	if len(down) < 10 {
		t.Errorf("%d domains are in the incident, want all at the host", len(down))
	}
	withheld := 0
	for _, d := range got.Domains {
		for _, f := range d.Findings {
			serversFail := f.Cause == string(causes.DelegationUnreachable.ID) ||
				f.Cause == string(causes.DelegationLame.ID)
			if !down[d.Domain] || !serversFail && (f.BlockedBy == nil ||
				*f.BlockedBy != string(causes.DelegationUnreachable.ID) &&
					*f.BlockedBy != string(causes.DelegationLame.ID)) {
				continue
			}
			withheld++
			if f.Incident == "" || f.Who != string(catalog.DNSHost) || len(f.Fix.Records)+len(f.Fix.Commands) > 0 ||
				len(f.Fix.Steps) != 1 || !strings.Contains(f.Fix.Steps[0], "Cloudflare") {
				t.Errorf("%s: %s asks the tenant to act: incident %q, who %s, fix %+v", d.Domain, f.Cause, f.Incident, f.Who,
					f.Fix)
			}
		}
	}
	if withheld < len(down) {
		t.Errorf("%d findings are part of an incident, of %d domains", withheld, len(down))
	}

	text, _ := runOn(t, world, "replay", file, "-o", "text")
	if n := strings.Count(text, ": the fault is at the DNS host, not at the domains"); n != len(names) ||
		!strings.Contains(text, "Cloudflare fails for") {
		t.Errorf("the text names incidents %d times, want each once", n)
	}
	for d := range down {
		if n := strings.Count(text, "none of the name servers of "+strings.TrimPrefix(d, "shop.")+" answers"); n > 0 {
			t.Errorf("%s has findings of its own beside the incident", d)
		}
	}
}

// TestIncidentsFromLines reads a report back from its JSON lines and finds the same incidents as the run itself.
func TestIncidentsFromLines(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(everyStory(t, "jsonl")), "\n")
	all, half := incident.NewDetector(), [2]*incident.Detector{incident.NewDetector(), incident.NewDetector()}
	for n, l := range lines[:len(lines)-1] { // the last one is about the run
		var d wire.Domain
		if err := json.Unmarshal([]byte(l), &d); err != nil {
			t.Fatal(err)
		}
		f := d.FleetFacts()
		all.Add(f)
		half[n%2].Add(f)
	}
	var got jsonOutput
	if err := json.Unmarshal([]byte(everyStory(t, "live")), &got); err != nil {
		t.Fatal(err)
	}
	var inRun, fromLines []string
	for _, f := range got.Tenant.Findings {
		if len(f.Args.Domains) > 0 {
			inRun = append(inRun, f.Cause+" "+strings.Join(f.Args.Domains, " "))
		}
	}
	for _, f := range all.Findings() {
		fromLines = append(fromLines, string(f.ID)+" "+strings.Join(incident.DomainsOf(f), " "))
	}
	slices.Sort(inRun)
	slices.Sort(fromLines)
	const incidentKinds = 4 // the sandbox has one incident of each
	if !slices.Equal(inRun, fromLines) || len(inRun) != incidentKinds {
		t.Errorf("in the run:\n\t%s\nfrom its lines:\n\t%s", strings.Join(inRun, "\n\t"), strings.Join(fromLines, "\n\t"))
	}
	if len(half[0].Findings()) >= len(inRun) {
		t.Error("half of the domains show as many incidents as all")
	}
}
