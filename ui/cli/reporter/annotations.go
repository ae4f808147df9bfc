package reporter

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/checks/finding"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// maxAnnotations is how many annotations of a kind GitHub Actions shows for a step.
const maxAnnotations = 10

// annotationKinds are the kinds of annotations, worst first.
var annotationKinds = [...]string{"error", "warning", "notice"}

// annotations are the annotations of GitHub Actions: the worst of each kind, and the number of the others.
type annotations struct {
	kinds [len(annotationKinds)]struct {
		worst []annotation // sorted
		more  int
	}
	down map[string]bool // causes of a service that could not be used, of which one annotation is enough
	// place is where in a file the next annotations are, as properties that end with a comma; empty for none.
	place string
}

// annotation is one annotation.
type annotation struct {
	rank        int // how sure it is; 0 is about the whole run
	n           int // of the domain
	title, text string
	place       string
}

// add keeps an annotation if it is among the worst.
func (a *annotations) add(kind string, x annotation) {
	k := &a.kinds[slices.Index(annotationKinds[:], kind)]
	x.place = a.place
	at, _ := slices.BinarySearchFunc(k.worst, x, func(a, b annotation) int {
		return cmp.Or(a.rank-b.rank, a.n-b.n, cmp.Compare(a.title, b.title), cmp.Compare(a.text, b.text))
	})
	k.worst = slices.Insert(k.worst, at, x)
	if len(k.worst) > maxAnnotations {
		k.worst = k.worst[:maxAnnotations]
		k.more++
	}
}

// domain adds the findings of the n-th domain, and the checks that could not judge and have no finding. What an
// incident accounts for is in its annotation.
func (a *annotations) domain(n int, d *wire.Domain) {
	name := cmp.Or(d.Domain, d.ID)
	for _, f := range d.Roots() {
		if f.Incident == nil {
			a.finding(rankOf(f), n, name+": ", f)
		}
	}
	if d.News() != catalog.Inconclusive {
		return
	}
	for _, c := range d.Checks {
		found := slices.ContainsFunc(d.Findings, func(f wire.Finding) bool { return f.Check == c.ID })
		if c.Status == catalog.Inconclusive.String() && !c.Known && !found {
			a.add("notice", annotation{
				rank: len(certainties) + 1, n: n, title: name + ": " + c.ID + " not checked", text: wire.OrBlank(c.Reason),
			})
		}
	}
}

// certainties are the certainties of findings, the best first.
var certainties = []string{string(finding.Conclusive), string(finding.Likely), string(finding.Hint)}

// rankOf is how sure a finding is.
func rankOf(f *wire.Finding) int { return 1 + slices.Index(certainties, f.Certainty) }

// finding adds a finding. A service that could not be used is an error.
func (a *annotations) finding(rank, n int, about string, f *wire.Finding) {
	if f.BlockedBy != nil || f.Ignored != nil || f.Known {
		return
	}
	kind := ""
	switch wire.ParseVerdict(f.Verdict) {
	case catalog.Fail:
		kind = "error"
	case catalog.Warn:
		kind = "warning"
	case catalog.Inconclusive:
		kind = "notice"
	case catalog.Pass, catalog.Blocked, catalog.NotRun:
		return
	}
	if refusesService(f) {
		if a.down[f.Cause] {
			return
		}
		if a.down == nil {
			a.down = map[string]bool{}
		}
		a.down[f.Cause] = true
		kind, rank, n, about = "error", 0, 0, "domdoc: "
	}
	text := f.Summary
	if len(f.Fix.Steps) > 0 {
		text += "\nto do: " + strings.Join(f.Fix.Steps, "\n")
	}
	a.add(kind, annotation{rank: rank, n: n, title: about + f.Title + " (" + f.Cause + ")", text: text})
}

// run adds what is about the whole run: incidents, findings of the tenant if they matter, and why it is incomplete.
func (a *annotations) run(r *report.Run) {
	tenants := r.MoreTenants
	if r.Tenant != nil {
		tenants = append([]*wire.Tenant{r.Tenant}, tenants...)
	}
	for _, t := range tenants {
		for i := range t.Findings {
			if f := &t.Findings[i]; f.IsIncident() || r.TenantMatters || refusesService(f) {
				a.finding(0, i, "", f)
			}
		}
	}
	if r.Incomplete != "" {
		a.add("error", annotation{title: "domdoc: the run is incomplete", text: r.Incomplete})
	}
}

// write writes the annotations, worst first. The others are counted in a notice, which is one of those that are shown.
func (a *annotations) write(w io.Writer) {
	notices := &a.kinds[len(a.kinds)-1]
	var more []string
	for i := range a.kinds {
		k := &a.kinds[i]
		if k == notices && len(k.worst) == maxAnnotations && (len(more) > 0 || k.more > 0) {
			k.worst = k.worst[:maxAnnotations-1]
			k.more++
		}
		for _, x := range k.worst {
			fmt.Fprintf(w, "::%s %stitle=%s::%s\n", annotationKinds[i], x.place, annotationProperty.Replace(x.title),
				annotationText.Replace(x.text))
		}
		if k.more > 0 {
			more = append(more, layout.Count(k.more, annotationKinds[i]))
		}
	}
	if len(more) > 0 {
		fmt.Fprintf(w, "::notice title=domdoc::%s more: see the report\n", strings.Join(more, ", "))
	}
}

// Annotate writes one error of a run as an annotation.
func Annotate(w io.Writer, title, text string) {
	fmt.Fprintf(w, "::error title=%s::%s\n", annotationProperty.Replace(title), annotationText.Replace(text))
}

// Escapes of workflow commands: a command is one line, and a comma or a colon ends a property.
var (
	annotationText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	annotationProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
