package catalog

import "strings"

// State is the state of a domain or a finding: its verdict, or StateWaiting if only time mends it. A domain has
// exactly one. Lists, groups, filters, texts and reports name it by the same word.
type State uint8

// The states.
const (
	StateNone       State = iota // not diagnosed yet
	StatePass                    // everything was judged, and nothing is wrong
	StateWarn                    // it works, but something may break it
	StateWaiting                 // it fails or warns, and the only action is to wait
	StateNotChecked              // something could not be judged
	StateFail
	States // how many states there are
)

// StateOf returns the state of a verdict; waits means that the only action is to wait.
func StateOf(v Verdict, waits bool) State {
	switch v {
	case Pass:
		return StatePass
	case Warn, Fail:
		if waits {
			return StateWaiting
		}
		if v == Warn {
			return StateWarn
		}
		return StateFail
	case Inconclusive, Blocked, NotRun:
	}
	return StateNotChecked
}

// Word returns the word for a state.
func (s State) Word() string {
	return [...]string{"not yet", "pass", "warn", "waiting", "not checked", "fail", ""}[s]
}

// ID returns the word of a state as a value of the JSON and of filters, with hyphens for spaces.
func (s State) ID() string { return strings.ReplaceAll(s.Word(), " ", "-") }

// Glyph returns the symbol of a state, which its word accompanies.
func (s State) Glyph() string { return [...]string{"-", "✓", "!", "~", "?", "✗", ""}[s] }

// Means explains a state.
func (s State) Means() string {
	return [...]string{
		"not diagnosed yet",
		"everything was judged, and nothing is wrong",
		"it works, but something may break it",
		"no action needed but waiting; the latest end is shown",
		"something could not be queried, so its state is unknown; not a fault in itself",
		"it must be fixed", "",
	}[s]
}

// Severity orders states: 0 is what must be fixed first, then what is waiting; what is unknown comes last.
func (s State) Severity() int { return [...]int{5, 4, 3, 1, 2, 0, 6}[s] }
