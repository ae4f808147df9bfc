package dashboard

import (
	"slices"
)

// action names something that the user can do. Keys, the palette and the help all come from the registry of actions;
// the names are what the config file's "keys" go by, so they are for ever.
type action string

const (
	actUp             action = "up"
	actDown           action = "down"
	actPageUp         action = "page-up"
	actPageDown       action = "page-down"
	actTop            action = "top"
	actBottom         action = "bottom"
	actOpen           action = "open"
	actBack           action = "back"
	actNextTab        action = "next-tab"
	actPrevTab        action = "previous-tab"
	actFindings       action = "findings"
	actPropagation    action = "propagation"
	actRecords        action = "records"
	actCertificate    action = "certificate"
	actRegistration   action = "registration"
	actRoutes         action = "routes"
	actService        action = "service"
	actLedger         action = "ledger"
	actKind           action = "kind"
	actNext           action = "next-domain"
	actPrevious       action = "previous-domain"
	actFilter         action = "filter"
	actSort           action = "sort"
	actReverse        action = "reverse"
	actMark           action = "mark"
	actMarkShown      action = "mark-shown"
	actUnmark         action = "unmark-all"
	actGroup          action = "group"
	actIncidents      action = "incidents"
	actWatch          action = "watch"
	actTicket         action = "ticket"
	actChanges        action = "changes"
	actDiagnose       action = "diagnose"
	actDiagnoseAll    action = "diagnose-all"
	actDiagnoseMarked action = "diagnose-marked"
	actCancel         action = "cancel"
	actReload         action = "reload"
	actCatalogue      action = "catalogue"
	actPaste          action = "paste"
	actClear          action = "clear"
	actCopy           action = "copy"
	actExport         action = "export"
	actPage           action = "page"
	actVerify         action = "verify"
	actIssue          action = "issue"
	actConfirm        action = "confirm"
	actProfile        action = "profile"
	actMouse          action = "mouse"
	actPalette        action = "palette"
	actHelp           action = "help"
	actSuspend        action = "suspend"
	actQuit           action = "quit"
)

// scope is a screen as far as keys and the help distinguish them.
type scope uint8

const (
	scopeList   scope = iota
	scopeGroups       // the domains by what they have in common
	scopeTicket       // what a pasted error comes to
	scopeDetail
	scopeCatalogue
	scopeEntry   // one code or cause
	scopePaste   // the box for a pasted error
	scopeChoose  // the palette, and every other list to choose from
	scopeText    // a text to be selected
	scopeConfirm // what the service is asked to do
	scopeHelp
	scopes
)

func (s scope) String() string {
	return [...]string{
		"the list of domains", "the groups of domains", "a ticket", "one domain", "the catalogue",
		"a code or cause", "the box for a pasted error", "a list to choose from", "a text to select",
		"a request to the service", "this help", "",
	}[s]
}

// spec is what the registry has of an action.
type spec struct {
	action action
	keys   []string // unless the config file says otherwise; none: the palette alone reaches it
	uses   []use
}

// use is what an action means on some screens. An action stands on a screen once.
type use struct {
	screens []scope
	label   string // one or two words, for the line at the bottom; empty: not named there
	help    string // what it does, for the help and the palette
	typing  bool   // it also works while text is typed, with such keys as are neither text nor edit it
	// fixed are keys that the config file cannot take away: without them nobody could leave.
	fixed []string
	// except are keys that mean something else here, unless the config file binds them to this.
	except []string
}

func everywhere() []scope {
	return append(reading(), writing()...)
}

func reading() []scope { // screens without a text field of their own
	return []scope{
		scopeList, scopeGroups, scopeTicket, scopeDetail, scopeCatalogue, scopeEntry, scopeText,
		scopeConfirm, scopeHelp,
	}
}

func writing() []scope { return []scope{scopePaste, scopeChoose} } // keys are text there

// registry lists every action, in the order in which the help and the palette show them. No default key is on ctrl
// with h, j, k, l, a, b, g or p: tmux, screen, zellij and editors take those.
func registry() []spec {
	domain := []scope{scopeList, scopeTicket, scopeDetail}
	list, detail := []scope{scopeList}, []scope{scopeDetail}
	return []spec{
		{actOpen, []string{"enter"}, []use{
			{screens: list, label: "open", help: "open the domain; one without a diagnosis is diagnosed"},
			{screens: []scope{scopeGroups}, label: "its domains", help: "show the domains of the group in the list"},
			{screens: []scope{scopeTicket}, label: "the domain", help: "open the domain with everything that was found"},
			{
				screens: detail, label: "more",
				help: "show more: the whole answer in the ledger, and what follows from a root cause",
			},
			{screens: []scope{scopeCatalogue}, label: "open", help: "open the code or cause"},
			{screens: []scope{scopeEntry}, label: "its domains", help: "show the domains that have it now, in the list"},
			{
				screens: []scope{scopePaste}, label: "find the domain",
				help: "read the text, find the domain and diagnose it", typing: true, fixed: []string{"enter"},
			},
			{
				screens: []scope{scopeChoose}, label: "choose", help: "take what is selected", typing: true,
				fixed: []string{"enter"},
			},
		}},
		{actBack, []string{"esc", "backspace"}, []use{
			{
				screens: list, label: "back",
				help: "stop what is diagnosed (press it twice), leave a group, or clear the filter",
			},
			{screens: reading()[1:], label: "back", help: "go back"},
			{screens: writing(), label: "back", help: "go back", typing: true, fixed: []string{"esc"}},
		}},
		{actClear, nil, []use{
			{
				screens: []scope{scopePaste}, label: "clear", help: "empty the box", typing: true,
				fixed: []string{"ctrl+u"},
			},
		}},

		{actDiagnose, []string{"d"}, []use{{
			screens: domain, label: "diagnose",
			help: "diagnose the domain, again if it was",
		}}},
		{actDiagnoseAll, []string{"D"}, []use{{
			screens: list, label: "diagnose all",
			help: "diagnose every domain that the filter shows",
		}}},
		{actDiagnoseMarked, []string{"M"}, []use{{
			screens: list, help: "diagnose the domains that are marked",
		}}},
		{actCancel, []string{"x"}, []use{{
			screens: domain, label: "stop", help: "stop what is being diagnosed",
		}}},
		{actReload, []string{"r"}, []use{{screens: list, label: "reload", help: "read the list of domains again"}}},

		{actFilter, []string{"/"}, []use{
			{screens: list, label: "filter", help: "filter by words and keys, such as verdict:fail code:010 shop"},
			{
				screens: detail, label: "search", help: "search the ledger for words, such as 8.8.8.8 NXDOMAIN",
			},
			{screens: []scope{scopeCatalogue}, label: "search", help: "search codes and causes"},
		}},
		{actSort, []string{"s"}, []use{{screens: list, label: "sort", help: "sort by the next column"}}},
		{actReverse, []string{"S"}, []use{{screens: list, label: "reverse", help: "sort the other way round"}}},

		{
			actMark,
			[]string{"space"},
			[]use{{
				screens: list, label: "mark", help: "mark the domain, or take its mark away, and go to the next",
			}},
		},
		{actMarkShown, []string{"a"}, []use{{
			screens: list, help: "mark every domain that the list shows",
		}}},
		{actUnmark, []string{"U"}, []use{{screens: list, help: "take every mark away"}}},
		{actGroup, []string{"b"}, []use{
			{
				screens: list, label: "groups",
				help: "group the domains of the list by root cause, code, DNS host or registrar",
			},
			{
				screens: []scope{scopeGroups}, label: "by what",
				help: "group by the next thing: root cause, code, DNS host, registrar",
			},
		}},
		{actIncidents, []string{"I"}, []use{{
			screens: list, help: "select the first incident above the list",
		}}},
		{actWatch, []string{"w"}, []use{
			{
				screens: list, label: "watch", help: "watch what is marked, else the selected domain: it rings when healthy",
			},
			{
				screens: []scope{scopeDetail, scopeTicket}, label: "watch",
				help: "watch the domain: ask again when answers can have changed, ring when it is healthy",
			},
		}},
		{actTicket, []string{"t"}, []use{{
			screens: []scope{scopeList, scopeDetail},
			help:    "what was pasted about the domain, and the reply to send",
		}}},

		{actNextTab, []string{"tab", "right", "l"}, []use{{screens: detail, label: "tabs", help: "the next tab"}}},
		{actPrevTab, []string{"shift+tab", "left", "h"}, []use{{screens: detail, help: "the tab before"}}},
		{actFindings, []string{"1"}, []use{{screens: detail, help: "what is wrong, and what to do"}}},
		{actPropagation, []string{"p", "2"}, []use{
			{screens: detail, help: "what each server has, and until when"},
			{screens: list, label: "propagation", help: "open the domain at its propagation"},
		}},
		{
			actRecords,
			[]string{"3"},
			[]use{{screens: detail, help: "what the service holds beside what is seen, and the records to publish"}},
		},
		{
			actCertificate,
			[]string{"4"},
			[]use{{screens: detail, help: "the certificate at each address, its names and days, and CAA"}},
		},
		{
			actRegistration,
			[]string{"5"},
			[]use{{screens: detail, help: "registration with its statuses in words, delegation, DNSSEC"}},
		},
		{actRoutes, []string{"6"}, []use{{screens: detail, help: "routes in their order, the page, and transfers"}}},
		{
			actService,
			[]string{"7"},
			[]use{{screens: detail, help: "the domain as the service gave it, and its last error"}},
		},
		{
			actLedger,
			[]string{"8"},
			[]use{{screens: detail, help: "every question that was asked, its answer, and the command that repeats it"}},
		},
		{actChanges, []string{"9"}, []use{{screens: detail, help: "what changed from one diagnosis to the next"}}},
		{
			actKind,
			[]string{"f"},
			[]use{{
				screens: detail, label: "kind", help: "show only the next kind of questions in the ledger",
			}},
		},
		{actNext, []string{"n", "]"}, []use{
			{
				screens: []scope{scopeTicket}, label: "next",
				help: "the next domain of the ticket",
			},
			{screens: detail, label: "next", help: "the next domain of the list"},
		}},
		{actPrevious, []string{"N", "["}, []use{{screens: detail, help: "the domain before it"}}},

		{
			actPaste,
			[]string{"e"},
			[]use{{
				screens: []scope{scopeList, scopeGroups, scopeTicket, scopeDetail, scopeCatalogue, scopeEntry},
				label:   "paste an error", help: "a box for an error from a ticket or log; pasting anywhere opens it",
			}},
		},
		{actCatalogue, []string{"c"}, []use{
			{screens: list, label: "codes", help: "the 23 codes and every cause"},
			{
				screens: []scope{scopeGroups}, label: "codes",
				help: "the group in the catalogue, where it is a code or a root cause",
			},
			{screens: []scope{scopeTicket}, label: "its code", help: "the code in the catalogue"},
			{screens: detail, label: "its cause", help: "the root cause in the catalogue"},
		}},

		{
			actCopy,
			[]string{"y"},
			[]use{{screens: domain, label: "copy", help: "copy a name, a record, a finding, a command …"}},
		},
		{
			actExport,
			[]string{"E"},
			[]use{{
				screens: domain, label: "export", help: "write the report into a new file, as text, JSON, Markdown …",
			}},
		},
		{actPage, []string{"o"}, []use{{
			screens: domain, help: "open the service's page of the domain in a browser",
		}}},
		{
			actVerify,
			[]string{"v"},
			[]use{{
				screens: domain, help: "ask the service to look for the verification record now (shown first)",
			}},
		},
		{actIssue, []string{"i"}, []use{{
			screens: domain, help: "ask the service to request a certificate (shown first)",
		}}},
		{actConfirm, []string{"y"}, []use{{
			screens: []scope{scopeConfirm}, label: "send it",
			help: "send what is shown to the service",
		}}},
		{actProfile, []string{"P"}, []use{{
			screens: list, help: "show another profile of the config file",
		}}},
		{
			actMouse, nil,
			[]use{{
				screens: reading(), help: "let the mouse select, scroll and mark, or leave it to the terminal",
			}},
		},

		{actPalette, []string{":"}, []use{{
			screens: reading(), label: "all actions",
			help: "every action by its name, also those without a key",
		}}},
		{actUp, []string{"up", "k"}, []use{
			{screens: reading(), help: "one up"},
			{screens: []scope{scopeChoose}, help: "one up", typing: true, fixed: []string{"up"}},
		}},
		{actDown, []string{"down", "j"}, []use{
			{screens: reading(), help: "one down"},
			{screens: []scope{scopeChoose}, help: "one down", typing: true, fixed: []string{"down"}},
		}},
		{actPageUp, []string{"pgup", "ctrl+u"}, []use{
			{screens: reading(), help: "one page up"},
			{screens: []scope{scopeChoose}, help: "one page up", typing: true},
		}},
		{actPageDown, []string{"pgdown", "space", "ctrl+d"}, []use{
			{screens: reading()[1:], label: "page", help: "one page down"},
			{screens: list, label: "page", help: "one page down", except: []string{"space"}},
			{screens: []scope{scopeChoose}, help: "one page down", typing: true},
		}},
		{actTop, []string{"home", "g"}, []use{{screens: reading(), help: "to the beginning"}}},
		{actBottom, []string{"end", "G"}, []use{{screens: reading(), help: "to the end"}}},
		{actHelp, []string{"?", "f1"}, []use{{
			screens: everywhere(), label: "help", help: "show or hide this help",
			typing: true,
		}}},
		{
			actSuspend,
			[]string{"ctrl+z"},
			[]use{{screens: everywhere(), help: "put domdoc into the background (fg brings it back)", typing: true}},
		},
		{actQuit, []string{"q"}, []use{{
			screens: everywhere(), label: "quit", help: "quit", typing: true,
			fixed: []string{"ctrl+c"},
		}}},
	}
}

// find is what an action means on a screen; nil when nothing.
func (s *spec) find(on scope) *use {
	for i := range s.uses {
		if slices.Contains(s.uses[i].screens, on) {
			return &s.uses[i]
		}
	}
	return nil
}

// unavailable says why an action cannot be done on the screen that is shown; "" when it can.
func (m *model) unavailable(a action) string {
	sp := m.keys.spec(a)
	switch {
	case sp == nil:
		return "there is no action " + string(a)
	case sp.find(m.screen.scope()) == nil:
		return "only in " + sp.uses[0].screens[0].String()
	}
	if why := m.screen.unavailable(a); why != "" {
		return why
	}
	r := m.screen.subject()
	switch a {
	case actDiagnose, actCopy:
		if r == nil {
			return noSubject
		}
	case actCancel:
		if !m.busy() {
			return "nothing is being diagnosed"
		}
	case actWatch:
		if len(m.watchTargets()) == 0 {
			return "there is no domain to watch"
		}
	case actTicket:
		if r == nil || m.pasted[r.id] == nil {
			return "nothing was pasted about this domain; " + m.keyOf(scopeList, actPaste) + " opens the box for it"
		}
	case actExport:
		return m.exportUnavailable(r)
	case actPage:
		return m.pageUnavailable(r)
	case actVerify, actIssue:
		return m.requestUnavailable(r)
	case actProfile:
		return m.profileUnavailable()
	case actMouse:
		if m.opt.Plain {
			return "there is no mouse in plain lines"
		}
	}
	return ""
}

// noSubject is the reason for what needs a domain: the selected one, or the one that is shown.
const noSubject = "there is no domain to do that with"
