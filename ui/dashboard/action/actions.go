// Package action is the registry of what a user can do, and the keys for it. The help, the palette and the bottom line
// are generated from it.
package action

import (
	"slices"
)

// Name names something that the user can do. Keys, the palette and the help all come from the registry of actions;
// the names are what the config file's "keys" go by, so they are for ever.
type Name string

const (
	Up             Name = "up"
	Down           Name = "down"
	PageUp         Name = "page-up"
	PageDown       Name = "page-down"
	Top            Name = "top"
	Bottom         Name = "bottom"
	Open           Name = "open"
	Back           Name = "back"
	NextTab        Name = "next-tab"
	PrevTab        Name = "previous-tab"
	Findings       Name = "findings"
	Propagation    Name = "propagation"
	Records        Name = "records"
	Certificate    Name = "certificate"
	Registration   Name = "registration"
	Routes         Name = "routes"
	Service        Name = "service"
	Ledger         Name = "ledger"
	Kind           Name = "kind"
	Next           Name = "next-domain"
	Previous       Name = "previous-domain"
	Filter         Name = "filter"
	Sort           Name = "sort"
	Reverse        Name = "reverse"
	Mark           Name = "mark"
	MarkShown      Name = "mark-shown"
	Unmark         Name = "unmark-all"
	Group          Name = "group"
	Incidents      Name = "incidents"
	Watch          Name = "watch"
	Ticket         Name = "ticket"
	Changes        Name = "changes"
	Diagnose       Name = "diagnose"
	DiagnoseAll    Name = "diagnose-all"
	DiagnoseMarked Name = "diagnose-marked"
	Cancel         Name = "cancel"
	Reload         Name = "reload"
	Catalogue      Name = "catalogue"
	Paste          Name = "paste"
	Clear          Name = "clear"
	Copy           Name = "copy"
	Export         Name = "export"
	Page           Name = "page"
	Verify         Name = "verify"
	Issue          Name = "issue"
	Confirm        Name = "confirm"
	Profile        Name = "profile"
	Mouse          Name = "mouse"
	Palette        Name = "palette"
	Help           Name = "help"
	Suspend        Name = "suspend"
	Quit           Name = "quit"
)

// Scope is a screen as far as keys and the help distinguish them.
type Scope uint8

const (
	ScopeList   Scope = iota
	ScopeGroups       // the domains by what they have in common
	ScopeTicket       // what a pasted error comes to
	ScopeDetail
	ScopeCatalogue
	ScopeEntry   // one code or cause
	ScopePaste   // the box for a pasted error
	ScopeChoose  // the palette, and every other list to choose from
	ScopeText    // a text to be selected
	ScopeConfirm // what the service is asked to do
	ScopeHelp
	Scopes
)

// String is what the help calls the screen.
func (s Scope) String() string {
	return [...]string{
		"the list of domains", "the groups of domains", "a ticket", "one domain", "the catalogue",
		"a code or cause", "the box for a pasted error", "a list to choose from", "a text to select",
		"a request to the service", "this help", "",
	}[s]
}

// Spec is what the registry has of an action.
type Spec struct {
	Name Name
	Keys []string // unless the config file says otherwise; none: the palette alone reaches it
	Uses []Use
}

// Use is what an action means on some screens. An action stands on a screen once.
type Use struct {
	Screens []Scope
	Label   string // one or two words, for the line at the bottom; empty: not named there
	Help    string // what it does, for the help and the palette
	Typing  bool   // it also works while text is typed, with such keys as are neither text nor edit it
	// fixed are keys that the config file cannot take away: without them nobody could leave.
	Fixed []string
	// except are keys that mean something else here, unless the config file binds them to this.
	except []string
}

func everywhere() []Scope {
	return append(Reading(), Writing()...)
}

// Reading are the screens without a text field of their own.
func Reading() []Scope {
	return []Scope{
		ScopeList, ScopeGroups, ScopeTicket, ScopeDetail, ScopeCatalogue, ScopeEntry, ScopeText,
		ScopeConfirm, ScopeHelp,
	}
}

// Writing are the screens on which keys are text.
func Writing() []Scope { return []Scope{ScopePaste, ScopeChoose} }

// Registry lists every action, in the order in which the help and the palette show them. No default key is on ctrl
// with h, j, k, l, a, b, g or p: tmux, screen, zellij and editors take those.
func Registry() []Spec {
	domain := []Scope{ScopeList, ScopeTicket, ScopeDetail}
	list, detail := []Scope{ScopeList}, []Scope{ScopeDetail}
	return []Spec{
		{Open, []string{"enter"}, []Use{
			{Screens: list, Label: "open", Help: "open the domain; one without a diagnosis is diagnosed"},
			{Screens: []Scope{ScopeGroups}, Label: "its domains", Help: "show the domains of the group in the list"},
			{Screens: []Scope{ScopeTicket}, Label: "the domain", Help: "open the domain with everything that was found"},
			{
				Screens: detail, Label: "more",
				Help: "show more: the whole answer in the ledger, and what follows from a root cause",
			},
			{Screens: []Scope{ScopeCatalogue}, Label: "open", Help: "open the code or cause"},
			{Screens: []Scope{ScopeEntry}, Label: "its domains", Help: "show the domains that have it now, in the list"},
			{
				Screens: []Scope{ScopePaste}, Label: "find the domain",
				Help: "read the text, find the domain and diagnose it", Typing: true, Fixed: []string{"enter"},
			},
			{
				Screens: []Scope{ScopeChoose}, Label: "choose", Help: "take what is selected", Typing: true,
				Fixed: []string{"enter"},
			},
		}},
		{Back, []string{"esc", "backspace"}, []Use{
			{
				Screens: list, Label: "back",
				Help: "stop what is diagnosed (press it twice), leave a group, or clear the filter",
			},
			{Screens: Reading()[1:], Label: "back", Help: "go back"},
			{Screens: Writing(), Label: "back", Help: "go back", Typing: true, Fixed: []string{"esc"}},
		}},
		{Clear, nil, []Use{
			{
				Screens: []Scope{ScopePaste}, Label: "clear", Help: "empty the box", Typing: true,
				Fixed: []string{"ctrl+u"},
			},
		}},

		{Diagnose, []string{"d"}, []Use{{
			Screens: domain, Label: "diagnose",
			Help: "diagnose the domain, again if it was",
		}}},
		{DiagnoseAll, []string{"D"}, []Use{{
			Screens: list, Label: "diagnose all",
			Help: "diagnose every domain that the filter shows",
		}}},
		{DiagnoseMarked, []string{"M"}, []Use{{
			Screens: list, Help: "diagnose the domains that are marked",
		}}},
		{Cancel, []string{"x"}, []Use{{
			Screens: domain, Label: "stop", Help: "stop what is being diagnosed",
		}}},
		{Reload, []string{"r"}, []Use{{Screens: list, Label: "reload", Help: "read the list of domains again"}}},

		{Filter, []string{"/"}, []Use{
			{Screens: list, Label: "filter", Help: "filter by words and keys, such as verdict:fail code:010 shop"},
			{
				Screens: detail, Label: "search", Help: "search the ledger for words, such as 8.8.8.8 NXDOMAIN",
			},
			{Screens: []Scope{ScopeCatalogue}, Label: "search", Help: "search codes and causes"},
		}},
		{Sort, []string{"s"}, []Use{{Screens: list, Label: "sort", Help: "sort by the next column"}}},
		{Reverse, []string{"S"}, []Use{{Screens: list, Label: "reverse", Help: "sort the other way round"}}},

		{
			Mark,
			[]string{"space"},
			[]Use{{
				Screens: list, Label: "mark", Help: "mark the domain, or take its mark away, and go to the next",
			}},
		},
		{MarkShown, []string{"a"}, []Use{{
			Screens: list, Help: "mark every domain that the list shows",
		}}},
		{Unmark, []string{"U"}, []Use{{Screens: list, Help: "take every mark away"}}},
		{Group, []string{"b"}, []Use{
			{
				Screens: list, Label: "groups",
				Help: "group the domains of the list by root cause, code, DNS host or registrar",
			},
			{
				Screens: []Scope{ScopeGroups}, Label: "by what",
				Help: "group by the next thing: root cause, code, DNS host, registrar",
			},
		}},
		{Incidents, []string{"I"}, []Use{{
			Screens: list, Help: "select the first incident above the list",
		}}},
		{Watch, []string{"w"}, []Use{
			{
				Screens: list, Label: "watch", Help: "watch what is marked, else the selected domain: it rings when healthy",
			},
			{
				Screens: []Scope{ScopeDetail, ScopeTicket}, Label: "watch",
				Help: "watch the domain: ask again when answers can have changed, ring when it is healthy",
			},
		}},
		{Ticket, []string{"t"}, []Use{{
			Screens: []Scope{ScopeList, ScopeDetail},
			Help:    "what was pasted about the domain, and the reply to send",
		}}},

		{NextTab, []string{"tab", "right", "l"}, []Use{{Screens: detail, Label: "tabs", Help: "the next tab"}}},
		{PrevTab, []string{"shift+tab", "left", "h"}, []Use{{Screens: detail, Help: "the tab before"}}},
		{Findings, []string{"1"}, []Use{{Screens: detail, Help: "what is wrong, and what to do"}}},
		{Propagation, []string{"p", "2"}, []Use{
			{Screens: detail, Help: "what each server has, and until when"},
			{Screens: list, Label: "propagation", Help: "open the domain at its propagation"},
		}},
		{
			Records,
			[]string{"3"},
			[]Use{{Screens: detail, Help: "what the service holds beside what is seen, and the records to publish"}},
		},
		{
			Certificate,
			[]string{"4"},
			[]Use{{Screens: detail, Help: "the certificate at each address, its names and days, and CAA"}},
		},
		{
			Registration,
			[]string{"5"},
			[]Use{{Screens: detail, Help: "registration with its statuses in words, delegation, DNSSEC"}},
		},
		{Routes, []string{"6"}, []Use{{Screens: detail, Help: "routes in their order, the page, and transfers"}}},
		{
			Service,
			[]string{"7"},
			[]Use{{Screens: detail, Help: "the domain as the service gave it, and its last error"}},
		},
		{
			Ledger,
			[]string{"8"},
			[]Use{{Screens: detail, Help: "every question that was asked, its answer, and the command that repeats it"}},
		},
		{Changes, []string{"9"}, []Use{{Screens: detail, Help: "what changed from one diagnosis to the next"}}},
		{
			Kind,
			[]string{"f"},
			[]Use{{
				Screens: detail, Label: "kind", Help: "show only the next kind of questions in the ledger",
			}},
		},
		{Next, []string{"n", "]"}, []Use{
			{
				Screens: []Scope{ScopeTicket}, Label: "next",
				Help: "the next domain of the ticket",
			},
			{Screens: detail, Label: "next", Help: "the next domain of the list"},
		}},
		{Previous, []string{"N", "["}, []Use{{Screens: detail, Help: "the domain before it"}}},

		{
			Paste,
			[]string{"e"},
			[]Use{{
				Screens: []Scope{ScopeList, ScopeGroups, ScopeTicket, ScopeDetail, ScopeCatalogue, ScopeEntry},
				Label:   "paste an error", Help: "a box for an error from a ticket or log; pasting anywhere opens it",
			}},
		},
		{Catalogue, []string{"c"}, []Use{
			{Screens: list, Label: "codes", Help: "the 23 codes and every cause"},
			{
				Screens: []Scope{ScopeGroups}, Label: "codes",
				Help: "the group in the catalogue, where it is a code or a root cause",
			},
			{Screens: []Scope{ScopeTicket}, Label: "its code", Help: "the code in the catalogue"},
			{Screens: detail, Label: "its cause", Help: "the root cause in the catalogue"},
		}},

		{
			Copy,
			[]string{"y"},
			[]Use{{Screens: domain, Label: "copy", Help: "copy a name, a record, a finding, a command …"}},
		},
		{
			Export,
			[]string{"E"},
			[]Use{{
				Screens: domain, Label: "export", Help: "write the report into a new file, as text, JSON, Markdown …",
			}},
		},
		{Page, []string{"o"}, []Use{{
			Screens: domain, Help: "open the service's page of the domain in a browser",
		}}},
		{
			Verify,
			[]string{"v"},
			[]Use{{
				Screens: domain, Help: "ask the service to look for the verification record now (shown first)",
			}},
		},
		{Issue, []string{"i"}, []Use{{
			Screens: domain, Help: "ask the service to request a certificate (shown first)",
		}}},
		{Confirm, []string{"y"}, []Use{{
			Screens: []Scope{ScopeConfirm}, Label: "send it",
			Help: "send what is shown to the service",
		}}},
		{Profile, []string{"P"}, []Use{{
			Screens: list, Help: "show another profile of the config file",
		}}},
		{
			Mouse, nil,
			[]Use{{
				Screens: Reading(), Help: "let the mouse select, scroll and mark, or leave it to the terminal",
			}},
		},

		{Palette, []string{":"}, []Use{{
			Screens: Reading(), Label: "all actions",
			Help: "every action by its name, also those without a key",
		}}},
		{Up, []string{"up", "k"}, []Use{
			{Screens: Reading(), Help: "one up"},
			{Screens: []Scope{ScopeChoose}, Help: "one up", Typing: true, Fixed: []string{"up"}},
		}},
		{Down, []string{"down", "j"}, []Use{
			{Screens: Reading(), Help: "one down"},
			{Screens: []Scope{ScopeChoose}, Help: "one down", Typing: true, Fixed: []string{"down"}},
		}},
		{PageUp, []string{"pgup", "ctrl+u"}, []Use{
			{Screens: Reading(), Help: "one page up"},
			{Screens: []Scope{ScopeChoose}, Help: "one page up", Typing: true},
		}},
		{PageDown, []string{"pgdown", "space", "ctrl+d"}, []Use{
			{Screens: Reading()[1:], Label: "page", Help: "one page down"},
			{Screens: list, Label: "page", Help: "one page down", except: []string{"space"}},
			{Screens: []Scope{ScopeChoose}, Help: "one page down", Typing: true},
		}},
		{Top, []string{"home", "g"}, []Use{{Screens: Reading(), Help: "to the beginning"}}},
		{Bottom, []string{"end", "G"}, []Use{{Screens: Reading(), Help: "to the end"}}},
		{Help, []string{"?", "f1"}, []Use{{
			Screens: everywhere(), Label: "help", Help: "show or hide this help",
			Typing: true,
		}}},
		{
			Suspend,
			[]string{"ctrl+z"},
			[]Use{{Screens: everywhere(), Help: "put domdoc into the background (fg brings it back)", Typing: true}},
		},
		{Quit, []string{"q"}, []Use{{
			Screens: everywhere(), Label: "quit", Help: "quit", Typing: true,
			Fixed: []string{"ctrl+c"},
		}}},
	}
}

// Find is what an action means on a screen; nil when nothing.
func (s *Spec) Find(on Scope) *Use {
	for i := range s.Uses {
		if slices.Contains(s.Uses[i].Screens, on) {
			return &s.Uses[i]
		}
	}
	return nil
}
