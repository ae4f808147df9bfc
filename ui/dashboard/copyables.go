package dashboard

import "domdoc/ui/dashboard/page"

// copyables returns what can be copied of the current domain and tab: the selected item first, then the rest of the
// tab, then the domain itself. Texts are complete and undecorated, and contain nothing that a terminal would
// interpret.
func (m *model) copyables() []page.Copyable {
	r := m.Screen.Subject()
	if r == nil {
		return nil
	}
	list := append([]page.Copyable{}, m.Screen.Copies()...)
	list = append(list, page.Copyable{Label: "the domain's name", Text: r.ASCII})
	if r.Name != r.ASCII {
		list = append(list, page.Copyable{Label: "the Unicode name", Text: r.Name})
	}
	if r.Domain != nil {
		list = append(list, page.Copyable{Label: "the service's id", Text: r.Domain.ID})
	}
	return page.Tidy(list)
}
