package sandbox

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/tools/txtar"
)

// Story is one told situation: a domain, what the service holds of it, what the Internet around it looks like, and what a diagnosis must say. It is
// a txtar file; CONTRIBUTING.md tells how to write one.
type Story struct {
	Name    string // the file's name without .txtar
	Title   string // the first line
	Text    string // the rest of the words before the first file
	Expects []Expect
	Healthy bool
	// Intent is what the tenant is trying to do, where the story says so.
	Intent string
	// Expected are records that the user says should be published ("TXT _verify.shop.example=tok-1"); copies put their names into them.
	Expected []string
	// AuthCode is a transfer's authorization code that the user gives.
	AuthCode string
	// Solo is a story about the machine, its network, the service or the tenant as a whole: it is told alone.
	Solo  bool
	Stage Stage

	text  string   // the whole file, before a copy's names are put in
	bases []string // the registrable names that are this story's own
}

// Stage is what a solo story changes around its domain.
type Stage struct {
	Network string        // "offline", "port53-blocked", "intercepted", "no-ipv6", "dns64" or "tls-intercepted"
	Skew    time.Duration // of the local clock
	Service string        // "down", "unauthorized", "expired-token", "rate-limited" or "wrong-endpoint"
	Tenant  string        // as the user sets it
	Quota   int           // the tenant's limit; 0 leaves room
	Balance string        // the wallet's; empty is enough
}

// Expect is one finding that a diagnosis of the story must report.
type Expect struct {
	Scope   string // "" for the domain, "tenant" or "vantage"
	Verdict string // "fail", "warn", "inconclusive" or "blocked"
	Cause   string
	Role    string
	Codes   []string
	Under   string // of a blocked finding: the cause that explains it
}

func (e Expect) String() string {
	s := e.Verdict + " " + e.Cause
	if e.Scope != "" {
		s = e.Scope + " " + s
	}
	if e.Role != "" {
		s += " " + e.Role
	}
	if len(e.Codes) > 0 {
		s += " " + strings.Join(e.Codes, " ")
	}
	if e.Under != "" {
		s += " under " + e.Under
	}
	return s
}

// ReadStories reads every story of a file system, in the order of their names. Names that begin with an underscore are not stories.
func ReadStories(fsys fs.FS) ([]*Story, error) {
	names, err := fs.Glob(fsys, "*.txtar")
	if err != nil {
		return nil, err
	}
	var out []*Story
	for _, name := range names {
		if strings.HasPrefix(name, "_") {
			continue
		}
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		s, err := ReadStory(strings.TrimSuffix(path.Base(name), ".txtar"), raw)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *Story) int { return cmp.Compare(a.Name, b.Name) })
	owner := map[string]string{}
	for _, s := range out {
		for _, b := range s.bases {
			if other := owner[b]; other != "" {
				return nil, fmt.Errorf("%s and %s both use the name %s: each story needs names of its own", other, s.Name, b)
			}
			owner[b] = s.Name
		}
	}
	return out, nil
}

// ReadStory reads one story.
func ReadStory(name string, raw []byte) (*Story, error) {
	a := txtar.Parse(raw)
	title, text, _ := strings.Cut(strings.TrimSpace(string(a.Comment)), "\n")
	s := &Story{Name: name, Title: strings.TrimSpace(title), Text: strings.TrimSpace(text), text: string(raw)}
	if s.Title == "" {
		return nil, fmt.Errorf("story %s: the first line must say what it is about", name)
	}
	for _, f := range a.Files {
		kind, rest, _ := strings.Cut(f.Name, " ")
		switch kind {
		case "story":
			if err := s.readHead(string(f.Data)); err != nil {
				return nil, fmt.Errorf("story %s: %w", name, err)
			}
		case "zone":
			if zone, _, _ := strings.Cut(rest, " "); zone != "" {
				s.addBase(zone)
			}
		case "expect":
			if err := s.readExpects(string(f.Data)); err != nil {
				return nil, fmt.Errorf("story %s: %w", name, err)
			}
		case "rdap", "whois", "service":
		default:
			return nil, fmt.Errorf("story %s: there is no section %q; use story, zone, rdap, whois, service or expect", name, kind)
		}
	}
	if len(s.bases) == 0 {
		return nil, fmt.Errorf("story %s: it names no domain", name)
	}
	if !s.Healthy && len(s.Expects) == 0 {
		return nil, fmt.Errorf("story %s: it has no section expect", name)
	}
	// The instance is built once here, so that a mistake in the file is found when it is read.
	if _, err := s.build(0, time.Unix(0, 0)); err != nil {
		return nil, fmt.Errorf("story %s: %w", name, err)
	}
	return s, nil
}

// addBase remembers the registrable part of a name, the one that copies replace.
func (s *Story) addBase(name string) {
	name = strings.ToLower(strings.TrimPrefix(name, "*."))
	labels := strings.Split(name, ".")
	n := 2
	if len(labels) > 2 && labels[len(labels)-2] == "co" { // co.uk and its like, as the sandbox's world has them
		n = 3
	}
	if len(labels) < n {
		return
	}
	base := strings.Join(labels[len(labels)-n:], ".")
	if !slices.Contains(s.bases, base) {
		s.bases = append(s.bases, base)
	}
}

func (s *Story) readHead(text string) error {
	for _, l := range lines(text) {
		switch l.word(0) {
		case "domain":
			s.addBase(l.word(1))
		case "intent":
			s.Intent = l.word(1)
		case "expected":
			s.Expected = append(s.Expected, l.word(1))
		case "auth-code":
			s.AuthCode = l.word(1)
		case "solo":
			s.Solo = true
			if err := s.Stage.read(l); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads "solo [network=…] [skew=…] [service=…] [tenant=…] [quota=N] [balance=…]".
func (st *Stage) read(l line) error {
	for _, w := range l.words[1:] {
		key, value, ok := strings.Cut(w, "=")
		if !ok {
			return fmt.Errorf("solo: %q: want key=value", w)
		}
		switch key {
		case "network":
			st.Network = value
		case "service":
			st.Service = value
		case "tenant":
			st.Tenant = value
		case "balance":
			st.Balance = value
		case "quota":
			n, err := strconv.Atoi(value)
			if err != nil {
				return err
			}
			st.Quota = n
		case "skew":
			t, err := when(value, time.Unix(0, 0))
			if err != nil {
				return err
			}
			st.Skew = t.Sub(time.Unix(0, 0))
		default:
			return fmt.Errorf("solo: %q: use network, skew, service, tenant, quota or balance", key)
		}
	}
	return nil
}

func (s *Story) readExpects(text string) error {
	for _, l := range lines(text) {
		if l.word(0) == "pass" {
			s.Healthy = true
			continue
		}
		scope, w := "", l.words
		if w[0] == "tenant" || w[0] == "vantage" {
			scope, w = w[0], w[1:]
		}
		if len(w) < 2 {
			return fmt.Errorf("expect: %q: want [tenant|vantage] VERDICT CAUSE [ROLE] [CODE…] [under CAUSE]", l.text)
		}
		l.words = w
		e := Expect{Scope: scope, Verdict: w[0], Cause: w[1]}
		for i := 2; i < len(l.words); i++ {
			switch w := l.words[i]; {
			case w == "under":
				e.Under = l.word(i + 1)
				i++
			case strings.HasPrefix(w, "DOMAIN_"):
				e.Codes = append(e.Codes, w)
			default:
				e.Role = w
			}
		}
		s.Expects = append(s.Expects, e)
	}
	if s.Healthy && len(s.Expects) > 0 {
		return fmt.Errorf("expect: a story that passes has no findings")
	}
	return nil
}

// line is a line of words; quotation marks keep words together, # begins a comment.
type line struct {
	text  string
	words []string
}

func (l line) word(i int) string {
	if i < len(l.words) {
		return l.words[i]
	}
	return ""
}

// option returns the value of a word "key=value".
func (l line) option(key string) (string, bool) {
	for _, w := range l.words {
		if v, ok := strings.CutPrefix(w, key+"="); ok {
			return v, true
		}
	}
	return "", false
}

// options are the keys of words "key=value"; any other word with a = is a plain one.
var options = []string{"checked", "created", "down", "ds", "expires", "from", "host", "http", "id", "issuer", "keys", "names", "priority", "reason", "registrar", "requested", "signature", "status", "tls", "transferred", "ttl", "updated", "validation"}

// plain are the words after the first that are no options.
func (l line) plain() []string {
	var out []string
	for _, w := range l.words[1:] {
		if key, _, ok := strings.Cut(w, "="); !ok || !slices.Contains(options, key) {
			out = append(out, w)
		}
	}
	return out
}

func lines(text string) []line {
	var out []line
	for _, t := range strings.Split(text, "\n") {
		if w := words(t); len(w) > 0 {
			out = append(out, line{strings.TrimSpace(t), w})
		}
	}
	return out
}

func words(s string) []string {
	var out []string
	var b strings.Builder
	quoted, any := false, false
	flush := func() {
		if any {
			out = append(out, b.String())
		}
		b.Reset()
		any = false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case c == '"':
			quoted, any = !quoted, true
		case c == '#' && !quoted && !any:
			return out
		case (c == ' ' || c == '\t' || c == '\r') && !quoted:
			flush()
		default:
			b.WriteByte(c)
			any = true
		}
	}
	flush()
	return out
}

// when reads a moment relative to now: "3d" is three days ago, "+200d" is in two hundred days, "0" is now.
func when(s string, now time.Time) (time.Time, error) {
	sign := time.Duration(-1)
	if strings.HasPrefix(s, "+") {
		sign, s = 1, s[1:]
	}
	if s == "0" {
		return now, nil
	}
	if len(s) < 2 {
		return time.Time{}, fmt.Errorf("%q is no time: use 90s, 20m, 3h, 2d or 1y for ago, +2d for ahead", s)
	}
	n, err := strconv.Atoi(s[:len(s)-1])
	unit := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'y': 365 * 24 * time.Hour}[s[len(s)-1]]
	if err != nil || unit == 0 {
		return time.Time{}, fmt.Errorf("%q is no time: use 90s, 20m, 3h, 2d or 1y for ago, +2d for ahead", s)
	}
	return now.Add(sign * time.Duration(n) * unit), nil
}

// replaceBases puts a copy's names in place of the story's own. Copy 0 is the story itself.
func (s *Story) replaceBases(text string, copyNo int) string {
	if copyNo == 0 {
		return text
	}
	pairs := make([]string, 0, 2*len(s.bases))
	for _, b := range s.bases {
		pairs = append(pairs, b, copyName(b, copyNo))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func copyName(base string, n int) string {
	label, rest, _ := strings.Cut(base, ".")
	return label + "-" + strconv.Itoa(n) + "." + rest
}
