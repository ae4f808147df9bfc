package tab

import (
	"strings"

	"domdoc/catalog"
	"domdoc/checks/probe/registration"
	"domdoc/ui/dashboard/page"
)

// lifecycleFacts shows where in its life a registration is, and the dates of its end. Created, transferred and
// expires are shown above.
func lifecycleFacts(p *page.Builder, l registration.Lifecycle) {
	fact(p, "phase", catalog.PhaseWords(string(l.Phase)))
	if len(l.Locks) > 0 {
		fact(p, "transfer", "locked ("+strings.Join(l.Locks, ", ")+")")
	}
	var end []registration.Stage
	for _, s := range l.Stages {
		switch s.Kind {
		case registration.StageCreated, registration.StageTransferred, registration.StageExpires:
		case registration.StageTransferable:
			fact(p, "transfer lock", "until "+catalog.StageUntil(s.At, s.Latest, true)+
				", by ICANN's policy for young names")
		default:
			end = append(end, s)
		}
	}
	if len(end) == 0 {
		if l.Phase != registration.NoPhase && !l.Rules.Known {
			p.Text(2, p.Th.Faint, catalog.RulesUnknown(l.Rules.Ending)+": no dates of its end")
		}
		return
	}
	if l.Phase == registration.Active {
		var parts []string
		for _, s := range end {
			parts = append(parts, catalog.StageWords(string(s.Kind))+" "+stageDate(s))
		}
		fact(p, "not renewed", strings.Join(parts, ", "))
		return
	}
	for _, s := range end {
		date := stageDate(s)
		if s.Kind == registration.StageRestoreEnds {
			date = "until " + date
		}
		fact(p, stageLabel(s.Kind), date)
	}
}

// stageLabel names a stage in the width of a fact's label.
func stageLabel(kind registration.StageKind) string {
	switch kind {
	case registration.StageOutOfDNS:
		return "out of DNS"
	case registration.StageRestoreEnds:
		return "restorable"
	case registration.StageOption:
		return "option until"
	}
	return catalog.StageWords(string(kind))
}

func stageDate(s registration.Stage) string {
	switch s.Kind {
	case registration.StageGraceEnds:
		return catalog.StageUntil(s.At, s.Latest, s.Estimated)
	case registration.StageRestoreEnds:
		return catalog.StageUntil(s.At, s.Latest, s.Estimated)
	case registration.StageOption:
		return catalog.StageUntil(s.At, s.Latest, s.Estimated)
	}
	return catalog.StageDate(s.At, s.Latest, s.Estimated)
}

// over reports whether a registration has ended.
func over(p registration.Phase) bool {
	return p == registration.InRedemption || p == registration.PendingDelete || p == registration.Restoring
}
