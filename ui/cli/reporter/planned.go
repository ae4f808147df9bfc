package reporter

import (
	"cmp"
	"fmt"
	"io"

	"domdoc/checks/finding"
	"domdoc/checks/plan/planner"
	"domdoc/ui/render/wire"
)

// AnnotatePlan writes what a change would break as annotations of GitHub Actions: at the line of the file that makes
// the change, where there is one. file is empty for a change that is in no file.
func AnnotatePlan(w io.Writer, file string, p *planner.Plan) {
	a := annotations{}
	add := func(n int, about string, list []*finding.Finding) {
		for i, f := range wire.NewFindings(list) {
			a.place = placeIn(file, p, list[i].About)
			a.finding(rankOf(&f), n, about, &f)
		}
	}
	for n, d := range p.Report.Domains {
		planned := wire.NewDomain(d.After)
		add(n, cmp.Or(planned.Domain, planned.ID)+" after the change: ", d.New)
	}
	add(0, "the service refuses: ", p.Report.Refused)
	a.place = placeIn(file, p, "")
	for _, o := range p.Open {
		a.add("notice", annotation{rank: len(certainties) + 1, title: "domdoc: not judged", text: o})
	}
	a.write(w)
}

// placeIn returns where a file changes a name, as properties of an annotation.
func placeIn(file string, p *planner.Plan, name string) string {
	if file == "" || file == "-" {
		return ""
	}
	for _, e := range p.Edits {
		if e.Name == name && e.Where.Line > 0 {
			return fmt.Sprintf("file=%s,line=%d,", annotationProperty.Replace(file), e.Where.Line)
		}
	}
	return "file=" + annotationProperty.Replace(file) + ","
}
