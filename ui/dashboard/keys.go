package dashboard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// action names something that the user can do. Keys are bound to actions, never to code.
type action string

const (
	actUp          action = "up"
	actDown        action = "down"
	actPageUp      action = "page-up"
	actPageDown    action = "page-down"
	actTop         action = "top"
	actBottom      action = "bottom"
	actOpen        action = "open"
	actBack        action = "back"
	actNextTab     action = "next-tab"
	actPrevTab     action = "previous-tab"
	actFindings    action = "findings"
	actPropagation action = "propagation"
	actEvidence    action = "evidence"
	actFacts       action = "facts"
	actNext        action = "next-domain"
	actPrevious    action = "previous-domain"
	actFilter      action = "filter"
	actSort        action = "sort"
	actReverse     action = "reverse"
	actDiagnose    action = "diagnose"
	actDiagnoseAll action = "diagnose-all"
	actCancel      action = "cancel"
	actReload      action = "reload"
	actCatalogue   action = "catalogue"
	actPaste       action = "paste"
	actClear       action = "clear"
	actHelp        action = "help"
	actSuspend     action = "suspend"
	actQuit        action = "quit"
)

// screen is one of the dashboard's views.
type screen uint8

const (
	screenList screen = iota
	screenDetail
	screenCatalogue
	screenEntry // one code or cause
	screenPaste
	screenHelp
	screens
)

func (s screen) String() string {
	return [...]string{"the list of domains", "one domain", "the catalogue", "a code or cause", "the box for a pasted error", "this help", ""}[s]
}

// binding ties keys to an action on some screens.
type binding struct {
	action  action
	keys    []string
	label   string // one or two words, for the line at the bottom
	help    string // what it does, for the help screen
	screens []screen
	// typing says that it also works while text is typed.
	typing bool
}

func everywhere() []screen {
	return []screen{screenList, screenDetail, screenCatalogue, screenEntry, screenPaste, screenHelp}
}

func reading() []screen { // screens without a text field
	return []screen{screenList, screenDetail, screenCatalogue, screenEntry, screenHelp}
}

// defaultBindings are the keys. None is on ctrl with h, j, k, l, a, b, g or p: tmux, screen, zellij and editors take those.
func defaultBindings() []binding {
	return []binding{
		{actUp, []string{"up", "k"}, "", "one up", reading(), false},
		{actDown, []string{"down", "j"}, "", "one down", reading(), false},
		{actPageUp, []string{"pgup", "ctrl+u"}, "", "one page up", reading(), false},
		{actPageDown, []string{"pgdown", " ", "ctrl+d"}, "page", "one page down", reading(), false},
		{actTop, []string{"home", "g"}, "", "to the beginning", reading(), false},
		{actBottom, []string{"end", "G"}, "", "to the end", reading(), false},

		{actOpen, []string{"enter"}, "open", "open the domain; one without a diagnosis is diagnosed", []screen{screenList}, false},
		{actOpen, []string{"enter"}, "open", "open the code or cause", []screen{screenCatalogue}, false},
		{actOpen, []string{"enter"}, "its domains", "show the domains that have it now, in the list", []screen{screenEntry}, false},
		{actOpen, []string{"enter"}, "find the domain", "read the text, find the domain and diagnose it", []screen{screenPaste}, true},
		{actBack, []string{"esc", "backspace"}, "back", "go back; in the list: twice to stop a run, or clear the filter", reading(), false},
		{actBack, []string{"esc"}, "back", "go back", []screen{screenPaste}, true},
		{actClear, []string{"ctrl+u"}, "clear", "empty the box", []screen{screenPaste}, true},

		{actDiagnose, []string{"d"}, "diagnose", "diagnose the domain, again if it was", []screen{screenList, screenDetail}, false},
		{actDiagnoseAll, []string{"D"}, "diagnose all", "diagnose every domain that the filter shows", []screen{screenList}, false},
		{actCancel, []string{"x"}, "stop", "stop what is being diagnosed", []screen{screenList, screenDetail}, false},
		{actReload, []string{"r"}, "reload", "read the list of domains again", []screen{screenList}, false},

		{actFilter, []string{"/"}, "filter", "filter by words and keys, such as verdict:fail code:010 shop", []screen{screenList}, false},
		{actFilter, []string{"/"}, "search", "search codes and causes", []screen{screenCatalogue}, false},
		{actSort, []string{"s"}, "sort", "sort by the next column", []screen{screenList}, false},
		{actReverse, []string{"S"}, "reverse", "sort the other way round", []screen{screenList}, false},

		{actNextTab, []string{"tab", "right", "l"}, "tabs", "the next tab", []screen{screenDetail}, false},
		{actPrevTab, []string{"shift+tab", "left", "h"}, "", "the tab before", []screen{screenDetail}, false},
		{actFindings, []string{"1"}, "", "what is wrong, and what to do", []screen{screenDetail}, false},
		{actPropagation, []string{"2", "p"}, "", "what each server has, and until when", []screen{screenDetail}, false},
		{actPropagation, []string{"p"}, "propagation", "open the domain at its propagation", []screen{screenList}, false},
		{actEvidence, []string{"3"}, "", "every question that was asked, with the command that repeats it", []screen{screenDetail}, false},
		{actFacts, []string{"4"}, "", "registration, delegation, certificates, records", []screen{screenDetail}, false},
		{actNext, []string{"n", "]"}, "next", "the next domain of the list", []screen{screenDetail}, false},
		{actPrevious, []string{"N", "["}, "", "the domain before it", []screen{screenDetail}, false},

		{actPaste, []string{"e"}, "paste an error", "a box for an error from a ticket or log; pasting anywhere opens it", []screen{screenList, screenDetail, screenCatalogue, screenEntry}, false},
		{actCatalogue, []string{"c"}, "codes", "the 23 codes and every cause", []screen{screenList}, false},
		{actCatalogue, []string{"c"}, "its cause", "the root cause in the catalogue", []screen{screenDetail}, false},

		{actHelp, []string{"?"}, "help", "show or hide this help (f1 also while text is typed)", reading(), false},
		{actHelp, []string{"f1"}, "", "show or hide this help (f1 also while text is typed)", everywhere(), true},
		{actSuspend, []string{"ctrl+z"}, "", "put domdoc into the background (fg brings it back)", everywhere(), true},
		{actQuit, []string{"q"}, "quit", "quit (ctrl+c also while text is typed)", reading(), false},
		{actQuit, []string{"ctrl+c"}, "", "quit (ctrl+c also while text is typed)", everywhere(), true},
	}
}

// keymap finds the action of a key.
type keymap struct {
	bindings []binding
	byKey    [screens]map[string]*binding
}

// newKeymap builds the map. An error names every clash by both actions.
func newKeymap(list []binding) (*keymap, error) {
	k := &keymap{bindings: list}
	for i := range k.byKey {
		k.byKey[i] = map[string]*binding{}
	}
	var clashes []string
	for i := range list {
		b := &list[i]
		for _, s := range b.screens {
			for _, name := range b.keys {
				if other := k.byKey[s][name]; other != nil && other.action != b.action {
					clashes = append(clashes, fmt.Sprintf("%q is bound to %s and to %s, both in %s", name, other.action, b.action, s))
					continue
				}
				k.byKey[s][name] = b
			}
		}
	}
	if len(clashes) > 0 {
		return nil, fmt.Errorf("keys clash: %s", strings.Join(clashes, "; "))
	}
	return k, nil
}

// action is what a key does on a screen; empty when nothing.
func (k *keymap) action(s screen, pressed string, typing bool) action {
	b := k.byKey[s][pressed]
	if b == nil || typing && !b.typing {
		return ""
	}
	return b.action
}

// binding is how an action is bound on a screen, as bubbles sees it; disabled when it is not.
func (k *keymap) binding(s screen, a action) key.Binding {
	var out key.Binding
	var keys []string
	for _, b := range k.bindings {
		if b.action == a && slices.Contains(b.screens, s) {
			if len(keys) == 0 {
				out = key.NewBinding(key.WithHelp(keyName(b.keys[0]), b.label))
			}
			keys = append(keys, b.keys...)
		}
	}
	if len(keys) == 0 {
		return key.NewBinding(key.WithDisabled())
	}
	out.SetKeys(keys...)
	return out
}

// keyName is a key as people call it.
func keyName(k string) string {
	switch k {
	case " ":
		return "space"
	case "pgdown":
		return "page down"
	case "pgup":
		return "page up"
	}
	return k
}
