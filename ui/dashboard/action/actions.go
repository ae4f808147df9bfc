// Package action is the registry of what a user can do, and the keys for it. The help, the palette and the bottom
// line are generated from it.
package action

import (
	"slices"
)

// Name identifies something that the user can do. Keys, the palette and the help come from the registry of actions.
// The config file refers to actions by name, so names are stable.
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
	Plan           Name = "plan"
	WhatIf         Name = "what-if"
	Complete       Name = "complete"
	Confirm        Name = "confirm"
	Profile        Name = "profile"
	Mouse          Name = "mouse"
	Palette        Name = "palette"
	Help           Name = "help"
	Suspend        Name = "suspend"
	Quit           Name = "quit"
)

// Scope is a screen, as far as keys and the help distinguish them.
type Scope uint8

const (
	ScopeList   Scope = iota
	ScopeGroups       // the domains by a common property
	ScopeTicket       // the domain and code of a pasted error
	ScopeDetail
	ScopeCatalogue
	ScopeEntry   // one code or cause
	ScopePaste   // the box for a pasted error
	ScopeChoose  // the palette, and every other list of choices
	ScopeText    // a text to be selected
	ScopeConfirm // a request to the service
	ScopePlan    // what a change would cause
	ScopeChange  // the box for a change
	ScopeHelp
	Scopes
)

// String returns the screen's name in the help.
func (s Scope) String() string {
	return [...]string{
		"the list of domains", "the groups of domains", "a ticket", "one domain", "the catalogue",
		"a code or cause", "the box for a pasted error", "a list to choose from", "a text to select",
		"a request to the service", "a plan", "the box for a change", "this help", "",
	}[s]
}

// Spec is the registry's entry of an action.
type Spec struct {
	Name Name
	Keys []string // default keys; none: only in the palette
	Uses []Use
}

// Use is what an action does on some screens. Each screen is in at most one use of an action.
type Use struct {
	Screens []Scope
	Label   string // one or two words, for the line at the bottom; empty: not listed there
	Help    string // what it does, for the help and the palette
	Typing  bool   // it also works in text fields, with keys that are not text and do not edit it
	// Fixed are keys that the config file cannot remove, such as those that leave the screen.
	Fixed []string
	// except are keys with another meaning here, unless the config file binds them to this action.
	except []string
}

func everywhere() []Scope {
	return append(Reading(), Writing()...)
}

// Reading are the screens without a text field of their own.
func Reading() []Scope {
	return []Scope{
		ScopeList, ScopeGroups, ScopeTicket, ScopeDetail, ScopeCatalogue, ScopeEntry, ScopeText,
		ScopeConfirm, ScopePlan, ScopeHelp,
	}
}

// Writing are the screens on which keys are text.
func Writing() []Scope { return []Scope{ScopePaste, ScopeChoose, ScopeChange} }

// Registry lists every action, in the order of the help and the palette. No default key is ctrl with h, j, k, l, a,
// b, g or p, which tmux, screen, zellij and editors use.
func Registry() []Spec {
	domain := []Scope{ScopeList, ScopeTicket, ScopeDetail}
	plan, change := []Scope{ScopePlan}, []Scope{ScopeChange}
	list, detail := []Scope{ScopeList}, []Scope{ScopeDetail}
	return []Spec{
		{Open, []string{"enter"}, []Use{
			{Screens: list, Label: "open", Help: "open the domain; diagnose it first if needed"},
			{Screens: []Scope{ScopeGroups}, Label: "its domains", Help: "list the domains of the group"},
			{Screens: []Scope{ScopeTicket}, Label: "the domain", Help: "open the domain with all findings"},
			{
				Screens: detail, Label: "more",
				Help: "show more: the complete answer in the ledger, or the consequences of a root cause",
			},
			{Screens: []Scope{ScopeCatalogue}, Label: "open", Help: "open the code or cause"},
			{Screens: []Scope{ScopeEntry}, Label: "its domains", Help: "list the domains that are affected now"},
			{
				Screens: []Scope{ScopePaste}, Label: "find domain",
				Help: "read the text, find the domain and diagnose it", Typing: true, Fixed: []string{"enter"},
			},
			{
				Screens: []Scope{ScopeChoose}, Label: "choose", Help: "choose the selected item", Typing: true,
				Fixed: []string{"enter"},
			},
			{Screens: plan, Label: "edit", Help: "edit the change, to plan it again"},
			{
				Screens: change, Label: "plan", Help: "plan the changes: what they would cause and cure", Typing: true,
				Fixed: []string{"enter"},
			},
		}},
		{Back, []string{"esc", "backspace"}, []Use{
			{
				Screens: list, Label: "back",
				Help: "stop running diagnoses (press twice), leave a group, or clear the filter",
			},
			{Screens: Reading()[1:], Label: "back", Help: "go back"},
			{Screens: Writing(), Label: "back", Help: "go back", Typing: true, Fixed: []string{"esc"}},
		}},
		{Clear, nil, []Use{
			{
				Screens: []Scope{ScopePaste}, Label: "clear", Help: "clear the box", Typing: true,
				Fixed: []string{"ctrl+u"},
			},
		}},

		{Diagnose, []string{"d"}, []Use{
			{Screens: domain, Label: "diagnose", Help: "diagnose the domain, or diagnose it again"},
			{Screens: plan, Label: "again", Help: "make the plan again"},
		}},
		{DiagnoseAll, []string{"D"}, []Use{{
			Screens: list, Label: "diagnose all",
			Help: "diagnose all domains that match the filter",
		}}},
		{DiagnoseMarked, []string{"M"}, []Use{{
			Screens: list, Help: "diagnose the marked domains",
		}}},
		{Cancel, []string{"x"}, []Use{
			{Screens: domain, Label: "stop", Help: "stop running diagnoses"},
			{Screens: plan, Label: "stop", Help: "stop the plan that is being made"},
		}},
		{Reload, []string{"r"}, []Use{{Screens: list, Label: "reload", Help: "read the list of domains again"}}},

		{Filter, []string{"/"}, []Use{
			{Screens: list, Label: "filter", Help: "filter by words and keys, for example verdict:fail code:010 shop"},
			{
				Screens: detail, Label: "search", Help: "search the ledger for words, for example 8.8.8.8 NXDOMAIN",
			},
			{Screens: []Scope{ScopeCatalogue}, Label: "search", Help: "search codes and causes"},
			{Screens: []Scope{ScopeHelp}, Label: "search", Help: "search this help"},
		}},
		{Sort, []string{"s"}, []Use{{Screens: list, Label: "sort", Help: "sort by the next column"}}},
		{Reverse, []string{"S"}, []Use{{Screens: list, Label: "reverse", Help: "reverse the sort order"}}},

		{
			Mark,
			[]string{"space"},
			[]Use{{
				Screens: list, Label: "mark", Help: "mark or unmark the domain and go to the next",
			}},
		},
		{MarkShown, []string{"a"}, []Use{{
			Screens: list, Help: "mark all listed domains",
		}}},
		{Unmark, []string{"U"}, []Use{{Screens: list, Help: "unmark all domains"}}},
		{Group, []string{"b"}, []Use{
			{
				Screens: list, Label: "groups",
				Help: "group the listed domains by cause, code, host, registrar, owner, status, expiry",
			},
			{
				Screens: []Scope{ScopeGroups}, Label: "group by",
				Help: "group by the next: cause, code, host, registrar, owner, status, expiry",
			},
		}},
		{Incidents, []string{"I"}, []Use{{
			Screens: list, Help: "select the first incident above the list",
		}}},
		{Watch, []string{"w"}, []Use{
			{
				Screens: list, Label: "watch",
				Help: "watch the marked domains or the selected one; the bell rings once healthy",
			},
			{
				Screens: []Scope{ScopeDetail, ScopeTicket}, Label: "watch",
				Help: "watch the domain: check again when answers may have changed, ring once healthy",
			},
		}},
		{Ticket, []string{"t"}, []Use{{
			Screens: []Scope{ScopeList, ScopeDetail},
			Help:    "the pasted ticket and the reply to send",
		}}},

		{NextTab, []string{"tab", "right", "l"}, []Use{{Screens: detail, Label: "tabs", Help: "the next tab"}}},
		{PrevTab, []string{"shift+tab", "left", "h"}, []Use{{Screens: detail, Help: "the previous tab"}}},
		{Findings, []string{"1"}, []Use{{Screens: detail, Help: "what is wrong and how to fix it"}}},
		{Propagation, []string{"p", "2"}, []Use{
			{Screens: detail, Help: "the answer of each server, and when caches expire"},
			{Screens: list, Label: "propagation", Help: "open the propagation of the domain"},
		}},
		{
			Records,
			[]string{"3"},
			[]Use{{Screens: detail, Help: "expected records compared with DNS, and the records to publish"}},
		},
		{
			Certificate,
			[]string{"4"},
			[]Use{{Screens: detail, Help: "the certificate at each address, its names and validity, and CAA"}},
		},
		{
			Registration,
			[]string{"5"},
			[]Use{{Screens: detail, Help: "registration and its statuses, delegation, DNSSEC"}},
		},
		{Routes, []string{"6"}, []Use{{Screens: detail, Help: "routes in order of priority, the page, and transfers"}}},
		{
			Service,
			[]string{"7"},
			[]Use{{Screens: detail, Help: "the domain as returned by the service, and its last error"}},
		},
		{
			Ledger,
			[]string{"8"},
			[]Use{{Screens: detail, Help: "every query with its answer and the command that repeats it"}},
		},
		{Changes, []string{"9"}, []Use{{Screens: detail, Help: "what changed between diagnoses"}}},
		{
			Kind,
			[]string{"f"},
			[]Use{{
				Screens: detail, Label: "kind", Help: "show only the next kind of query in the ledger",
			}},
		},
		{Next, []string{"n", "]"}, []Use{
			{
				Screens: []Scope{ScopeTicket}, Label: "next",
				Help: "the next domain of the ticket",
			},
			{Screens: detail, Label: "next", Help: "the next domain of the list"},
		}},
		{Previous, []string{"N", "["}, []Use{{Screens: detail, Help: "the previous domain of the list"}}},

		{
			Paste,
			[]string{"e"},
			[]Use{{
				Screens: []Scope{ScopeList, ScopeGroups, ScopeTicket, ScopeDetail, ScopeCatalogue, ScopeEntry},
				Label:   "paste an error", Help: "paste an error from a ticket or log; pasting on any screen works too",
			}},
		},
		{Catalogue, []string{"c"}, []Use{
			{Screens: list, Label: "codes", Help: "the 23 codes and every cause"},
			{
				Screens: []Scope{ScopeGroups}, Label: "codes",
				Help: "the code or root cause of the group in the catalogue",
			},
			{Screens: []Scope{ScopeTicket}, Label: "its code", Help: "the code in the catalogue"},
			{Screens: detail, Label: "its cause", Help: "the root cause in the catalogue"},
		}},

		{
			Copy,
			[]string{"y"},
			[]Use{
				{Screens: domain, Label: "copy", Help: "copy a name, a record, a finding, a command …"},
				{Screens: plan, Label: "copy", Help: "copy the plan, or the command that makes it"},
			},
		},
		{
			Export,
			[]string{"E"},
			[]Use{
				{Screens: domain, Label: "export", Help: "export the report to a new file as text, JSON, Markdown …"},
				{Screens: plan, Label: "export", Help: "export the plan to a new file as text or JSON"},
			},
		},
		{WhatIf, []string{"W"}, []Use{{
			Screens: detail, Label: "what if",
			Help: "what if the advice was followed: plan the fix of the selected root cause",
		}}},
		{Plan, []string{"C"}, []Use{{
			Screens: domain, Label: "plan a change",
			Help: "plan a change of the zone or of its name servers: what it would cause and cure",
		}}},
		{Complete, nil, []Use{{
			Screens: change, Label: "complete", Help: "complete the line from the records that are known",
			Typing: true, Fixed: []string{"tab"},
		}}},
		{Page, []string{"o"}, []Use{{
			Screens: domain, Help: "open the domain's page at the service in a browser",
		}}},
		{
			Verify,
			[]string{"v"},
			[]Use{{
				Screens: domain, Help: "ask the service to verify the domain now (asks first)",
			}},
		},
		{Issue, []string{"i"}, []Use{{
			Screens: domain, Help: "ask the service to issue a certificate (asks first)",
		}}},
		{Confirm, []string{"y"}, []Use{{
			Screens: []Scope{ScopeConfirm}, Label: "send",
			Help: "send the request to the service",
		}}},
		{Profile, []string{"P"}, []Use{{
			Screens: list, Help: "switch to another profile",
		}}},
		{
			Mouse, nil,
			[]Use{{
				Screens: Reading(), Help: "turn the mouse on or off",
			}},
		},

		{Palette, []string{":"}, []Use{{
			Screens: Reading(), Label: "all actions",
			Help: "all actions by name, including those without a key",
		}}},
		{Up, []string{"up", "k"}, []Use{
			{Screens: Reading(), Help: "move up"},
			{Screens: []Scope{ScopeChoose}, Help: "move up", Typing: true, Fixed: []string{"up"}},
			{Screens: change, Help: "go to the line above", Typing: true, Fixed: []string{"up"}},
		}},
		{Down, []string{"down", "j"}, []Use{
			{Screens: Reading(), Help: "move down"},
			{Screens: []Scope{ScopeChoose}, Help: "move down", Typing: true, Fixed: []string{"down"}},
			{
				Screens: change, Label: "next line", Help: "go to the next line, or to a new one", Typing: true,
				Fixed: []string{"down"},
			},
		}},
		{PageUp, []string{"pgup", "ctrl+u"}, []Use{
			{Screens: Reading(), Help: "page up"},
			{Screens: []Scope{ScopeChoose}, Help: "page up", Typing: true},
		}},
		{PageDown, []string{"pgdown", "space", "ctrl+d"}, []Use{
			{Screens: Reading()[1:], Label: "page", Help: "page down"},
			{Screens: list, Label: "page", Help: "page down", except: []string{"space"}},
			{Screens: []Scope{ScopeChoose}, Help: "page down", Typing: true},
		}},
		{Top, []string{"home", "g"}, []Use{{Screens: Reading(), Help: "go to the beginning"}}},
		{Bottom, []string{"end", "G"}, []Use{{Screens: Reading(), Help: "go to the end"}}},
		{Help, []string{"?", "f1"}, []Use{{
			Screens: everywhere(), Label: "help", Help: "show or hide this help",
			Typing: true,
		}}},
		{
			Suspend,
			[]string{"ctrl+z"},
			[]Use{{Screens: everywhere(), Help: "suspend domdoc to the background (fg resumes it)", Typing: true}},
		},
		{Quit, []string{"q"}, []Use{{
			Screens: everywhere(), Label: "quit", Help: "quit", Typing: true,
			Fixed: []string{"ctrl+c"},
		}}},
	}
}

// Find returns the use of an action on a screen; nil if it has none.
func (s *Spec) Find(on Scope) *Use {
	for i := range s.Uses {
		if slices.Contains(s.Uses[i].Screens, on) {
			return &s.Uses[i]
		}
	}
	return nil
}
