package dashboard

import (
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/planview"
	"domdoc/ui/dashboard/screen"
)

// unavailable returns why an action is not available on the current screen; "" if it is.
func (m *model) Unavailable(a action.Name) string {
	sp := m.Keys.Spec(a)
	switch {
	case sp == nil:
		return "there is no action " + string(a)
	case sp.Find(m.Screen.Scope()) == nil:
		return "only available in " + sp.Uses[0].Screens[0].String()
	}
	if why := m.Screen.Unavailable(a); why != "" {
		return why
	}
	r := m.Screen.Subject()
	switch a {
	case action.Diagnose, action.Copy:
		if r == nil {
			return screen.NoSubject
		}
	case action.Cancel:
		if !m.Busy() && m.Screen.Scope() != action.ScopePlan {
			return "no diagnosis is running"
		}
	case action.Watch:
		if len(m.watchTargets()) == 0 {
			return "there is no domain to watch"
		}
	case action.Ticket:
		if r == nil || m.Pasted[r.ID] == nil {
			return "no ticket was pasted for this domain; press " + m.KeyOf(action.ScopeList, action.Paste) +
				" to paste one"
		}
	case action.Export:
		return m.exportUnavailable(r)
	case action.Page:
		return m.pageUnavailable(r)
	case action.Plan, action.WhatIf:
		return m.planUnavailable(a, r)
	case action.Verify, action.Issue:
		return m.requestUnavailable(r)
	case action.Profile:
		return m.profileUnavailable()
	case action.Mouse:
		if m.opt.Plain {
			return "the mouse is not available in plain mode"
		}
	}
	return ""
}

// planUnavailable returns why no change of a domain can be planned.
func (m *model) planUnavailable(a action.Name, r *inventory.Row) string {
	switch {
	case m.opt.Wire == nil:
		return "this is a recorded case: no new queries are made"
	case r == nil:
		return screen.NoSubject
	case r.ASCII == "":
		return "the name of this domain is not valid"
	case a == action.Plan:
		return ""
	case m.detail.report() == nil:
		return noReport
	}
	f := m.detail.root()
	if f == nil {
		return "no root cause was found, so there is no advice to follow"
	}
	if fix := f.Fix(); len(fix.Records)+len(fix.Deletes) == 0 {
		return planview.NoRecords
	}
	return ""
}

// requestUnavailable returns why no request about a domain can be sent to the service.
func (m *model) requestUnavailable(r *inventory.Row) string {
	switch {
	case m.Client == nil:
		return "no service is connected"
	case r == nil:
		return screen.NoSubject
	case r.Domain == nil || r.Domain.ID == "":
		return "the service does not list this domain"
	}
	return ""
}
