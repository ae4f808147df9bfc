package dashboard

import "domdoc/ui/dashboard/page"

// copyables are what can be copied of the domain and the tab that are shown: what is selected first, then the rest of
// the tab, then the domain itself. Texts are whole and undecorated, and hold nothing that a terminal would obey.
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
