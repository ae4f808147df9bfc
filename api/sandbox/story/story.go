// Package story parses the stories of the sandbox: what the service holds of a domain, what the Internet around it
// looks like, and what a diagnosis must report. It defines the grammar of the files; package sandbox runs the
// stories.
package story

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/tools/txtar"

	"domdoc/catalog/lazyregexp"
)

// Story is one situation: a domain, its state at the service, the Internet around it, and the expected findings of a
// diagnosis. It is a txtar file; api/sandbox/STORIES.md describes the format.
type Story struct {
	Name    string // the file's name without .txtar
	File    string // the file's path below the scenarios
	Title   string // the first line
	Text    string // the rest of the comment before the first section
	Expects []Expect
	Advice  []Advice
	Healthy bool
	// Partly lists the checks that cannot judge a part, such as one of the resolvers.
	Partly []string
	// Unjudged lists the checks that cannot judge at all.
	Unjudged []string
	// Intent is what the tenant wants to do with the domain: attach, register or transfer; "" if not stated.
	Intent string
	// Expected lists records that the user expects to be published ("TXT _verify.@=tok-1").
	Expected []string
	// AuthCode is the authorization code that the user supplies for a transfer.
	AuthCode string
	// With names stories whose domains the tenant of this story also has.
	With []string
	// Twin lists the causes for which this healthy story is the closest situation without a fault.
	Twin []string
	// Seen lists the real servers on which the story's shape was observed, each with its version.
	Seen []string
	// Alone reports whether the story changes the environment (the machine, its network, the service or the whole
	// tenant), so that it needs a sandbox of its own.
	Alone       bool
	Environment Environment
	// Lasts is the time from the start to the story's last scheduled change; 0 if it has none.
	Lasts time.Duration
	// ID is the service's id of the domain, and Listed whether the tenant has it. Servers are the addresses of the web
	// servers that the story adds to the world.
	ID      string
	Listed  bool
	Servers []netip.Addr

	raw      string           // the whole file, with the names of copy 0
	bases    []string         // the registrable names that belong to this story
	mentions func() []mention // of bases in raw
}

// brief matches an error that the service reported less than ten minutes ago.
var brief = lazyregexp.New(`(?m)^error \S+ (?:[1-9]m|\d+s)\b`)

// Brief reports whether the story's meaning changes within minutes: the service reported its error just now.
func (s *Story) Brief() bool { return brief.MatchString(s.raw) }

// Series returns the name that the parts of one incident share: "host-outage" for host-outage-one, -two and -three.
// Together they expect one finding about the tenant.
func (s *Story) Series() string {
	if i := strings.LastIndexByte(s.Name, '-'); i > 0 {
		return s.Name[:i]
	}
	return s.Name
}

// Environment is everything around the domain that a story which runs alone can change.
type Environment struct {
	Network Network
	Skew    time.Duration // of the local clock from the sandbox's
	Service string        // "down", "unauthorized", "expired-token", "rate-limited" or "wrong-endpoint"
	Tenant  string        // that the user configures
	Quota   int           // of the tenant; 0: more than it uses
	Balance string        // of the wallet; "": sufficient
}

// Parse parses one story, without the lines and sections that describe its world: those are checked when the sandbox
// builds it. An error names the line and the word.
func Parse(name string, raw []byte) (*Story, error) {
	a := txtar.Parse(raw)
	title, text, _ := strings.Cut(strings.TrimSpace(string(a.Comment)), "\n")
	s := &Story{
		Name: name, Title: strings.TrimSpace(title), Text: strings.TrimSpace(text), raw: string(raw),
	}
	if s.Title == "" {
		return nil, errors.New("the first line must say what the story is about")
	}
	if err := s.readSections(sectionsOf(a)); err != nil {
		return nil, err
	}
	switch {
	case len(s.bases) == 0:
		return nil, errors.New("the story names no domain")
	case !s.Healthy && len(s.Expects)+len(s.Unjudged) == 0:
		return nil, errors.New("the story has no section expect")
	case len(s.Twin) > 0 && !s.Healthy:
		return nil, errors.New("twin: only a story that passes can be the healthy twin of a cause")
	}
	s.mentions = sync.OnceValue(func() []mention { return mentionsOf(s.bases, s.raw) })
	return s, nil
}

// Sections returns the sections of a copy of the story in the order of the file. Copy 0 is the story itself; in other
// copies, its own names are replaced.
func (s *Story) Sections(copyNo int) []Section {
	return sectionsOf(txtar.Parse(s.text(copyNo)))
}

// Bases returns the registrable names that belong to a copy of the story.
func (s *Story) Bases(copyNo int) []string {
	if copyNo == 0 {
		return s.bases
	}
	out := make([]string, len(s.bases))
	for i, b := range s.bases {
		out[i] = CopyName(b, copyNo)
	}
	return out
}

// Section is one file of the txtar archive.
type Section struct {
	Kind string
	Args []string
	Data string
	Line int // of its heading; its data begins on the next line
}

func sectionsOf(a *txtar.Archive) []Section {
	no := 1 + bytes.Count(a.Comment, []byte("\n"))
	out := make([]Section, 0, len(a.Files))
	for _, f := range a.Files {
		w := strings.Fields(f.Name) // txtar has no files without a name
		out = append(out, Section{w[0], w[1:], string(f.Data), no})
		no += 1 + bytes.Count(f.Data, []byte("\n"))
	}
	return out
}

// Wrap adds the section's line and heading to an error.
func (f Section) Wrap(err error) error {
	return fmt.Errorf("line %d: section %q: %w", f.Line, strings.Join(append([]string{f.Kind}, f.Args...), " "), err)
}

// readSections reads the sections that are the same for all copies: the expectations, and from the head the names and
// the options of the story.
func (s *Story) readSections(sections []Section) error {
	seen := map[string]bool{}
	for _, f := range sections {
		var err error
		switch f.Kind {
		case "story", "expect", "advice":
			if seen[f.Kind] {
				return f.Wrap(errors.New("the section is given twice"))
			}
			seen[f.Kind] = true
			if len(f.Args) > 0 {
				return f.Wrap(fmt.Errorf("unexpected %q", f.Args[0]))
			}
			read := s.readHead
			switch f.Kind {
			case "expect":
				read = s.readExpects
			case "advice":
				read = s.readAdvice
			}
			err = read(f)
		case "zone":
			if len(f.Args) > 0 {
				s.addBase(f.Args[0])
			}
		case "rdap", "whois", "service", "page", "after":
		default:
			return fmt.Errorf(
				"line %d: unknown section %q: use story, zone, rdap, whois, service, page, after, expect or advice", f.Line,
				f.Kind)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addBase adds the registrable part of a name to those that copies replace.
func (s *Story) addBase(name string) {
	if b, ok := RegistrableName(name); ok && !slices.Contains(s.bases, b) {
		s.bases = append(s.bases, b)
	}
}

// RegistrableName returns the registrable part of a name under the public suffixes of the sandbox's world, and
// whether it has one.
func RegistrableName(name string) (string, bool) {
	name = strings.ToLower(strings.TrimPrefix(name, "*."))
	top := strings.LastIndexByte(name, '.')
	if top < 0 {
		return name, false
	}
	at := strings.LastIndexByte(name[:top], '.') // before the second label from the end
	if at >= 0 && (name[at+1:top] == "co" ||     // co.uk and the like
		strings.HasSuffix(name, ".uk.com")) { // a registry sells names below it
		at = strings.LastIndexByte(name[:at], '.')
	}
	return name[at+1:], true
}

func (s *Story) readHead(f Section) error {
	all, err := ReadLines(f.Data, f.Line+1)
	if err != nil {
		return err
	}
	for _, l := range all {
		if err := s.headLine(l); err != nil {
			return l.Wrap(err)
		}
	}
	return nil
}

func (s *Story) headLine(l Line) error {
	switch l.Word(0) {
	case "domain":
		s.addBase(l.Word(1))
	case "intent":
		s.Intent = l.Word(1)
		return OneOf("intent", s.Intent, intents...)
	case "expected":
		rrtype, rest, _ := strings.Cut(l.Word(1), " ")
		if _, err := RecordType(rrtype); err != nil {
			return err
		}
		if name, value, ok := strings.Cut(rest, "="); !ok || name == "" || value == "" {
			return fmt.Errorf("%q: want NAME=VALUE", rest)
		}
		s.Expected = append(s.Expected, l.Word(1))
	case "auth-code":
		s.AuthCode = l.Word(1)
	case "beside":
		s.With = append(s.With, l.Word(1))
	case "twin":
		return s.readTwin(l)
	case "seen-on":
		return s.readSeen(l)
	case "solo":
		s.Alone = true
		return s.Environment.read(l)
	}
	return nil
}

// readTwin reads "twin CAUSE [CAUSE…]".
func (s *Story) readTwin(l Line) error {
	for _, cause := range l.Words[1:] {
		if err := checkCause(cause); err != nil {
			return err
		}
		if slices.Contains(s.Twin, cause) {
			return fmt.Errorf("%q is given twice", cause)
		}
		s.Twin = append(s.Twin, cause)
	}
	return nil
}

// readSeen reads "seen-on SERVER VERSION[, SERVER VERSION…]".
func (s *Story) readSeen(l Line) error {
	for server := range strings.SplitSeq(l.Rest(1), ",") {
		server = strings.TrimSpace(server)
		if name, version, _ := strings.Cut(server, " "); name == "" || !strings.ContainsAny(version, "0123456789") {
			return fmt.Errorf("%q: want SERVER VERSION", server)
		}
		if slices.Contains(s.Seen, server) {
			return fmt.Errorf("%q is given twice", server)
		}
		s.Seen = append(s.Seen, server)
	}
	return nil
}

// read reads "solo [network=…] [skew=…] [service=…] [tenant=…] [quota=N] [balance=…]".
func (st *Environment) read(l Line) error {
	seen := map[string]bool{}
	for _, w := range l.Words[1:] {
		key, value, ok := strings.Cut(w, "=")
		if !ok || value == "" {
			return fmt.Errorf("solo: %q: want key=value", w)
		}
		if seen[key] {
			return fmt.Errorf("solo: %q is given twice", key)
		}
		seen[key] = true
		var err error
		switch key {
		case "network":
			st.Network, err = ParseNetwork(value)
		case "service":
			st.Service, err = value, OneOf("state of the service", value, services...)
		case "tenant":
			st.Tenant = value
		case "balance":
			st.Balance = value
			if _, ok := new(big.Rat).SetString(value); !ok {
				err = fmt.Errorf("invalid balance %q: use a number such as -3.10", value)
			}
		case "quota":
			if st.Quota, err = strconv.Atoi(value); err != nil || st.Quota < 1 {
				err = fmt.Errorf("invalid quota %q: use a number from 1", value)
			}
		case "skew":
			var t time.Time
			t, err = ParseTime(value, time.Unix(0, 0))
			st.Skew = t.Sub(time.Unix(0, 0))
		default:
			err = fmt.Errorf("%q: use network, skew, service, tenant, quota or balance", key)
		}
		if err != nil {
			return fmt.Errorf("solo: %w", err)
		}
	}
	return nil
}

// mention is where a text has one of a story's own names.
type mention struct{ begin, end int }

// mentionsOf finds the registrable names of a story in a text, in upper and lower case. A longer label that only ends
// in one is another name.
func mentionsOf(bases []string, text string) (out []mention) {
	quoted := make([]string, len(bases))
	for i, b := range bases {
		quoted[i] = regexp.QuoteMeta(b)
	}
	slices.SortFunc(quoted, func(a, b string) int { return len(b) - len(a) }) // prefer the longest match
	matcher := regexp.MustCompile("(?i)" + strings.Join(quoted, "|"))
	for from := 0; from < len(text); {
		m := matcher.FindStringIndex(text[from:])
		if m == nil {
			break
		}
		begin, end := from+m[0], from+m[1]
		if begin > 0 && inLabel(text[begin-1]) || end < len(text) && inLabel(text[end]) {
			from = begin + 1
			continue
		}
		out = append(out, mention{begin, end})
		from = end
	}
	return out
}

// text returns the file of a copy of the story, in which the story's own names are replaced. Copy 0 is the story
// itself.
func (s *Story) text(copyNo int) []byte {
	if copyNo == 0 {
		return []byte(s.raw)
	}
	mentions := s.mentions()
	out := make([]byte, 0, len(s.raw)+8*len(mentions)) // for "-1234"
	done := 0
	for _, m := range mentions {
		out = append(out, s.raw[done:m.begin]...)
		out = append(out, CopyName(s.raw[m.begin:m.end], copyNo)...)
		done = m.end
	}
	return append(out, s.raw[done:]...)
}

// inLabel reports whether an octet can be part of a label, so that the name next to it is a different one.
func inLabel(c byte) bool {
	return c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func CopyName(base string, n int) string {
	label, rest, _ := strings.Cut(base, ".")
	return label + "-" + strconv.Itoa(n) + "." + rest
}
