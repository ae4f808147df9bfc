package causes

import (
	"fmt"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"domdoc/catalog"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	ids := func(codes []catalog.Code) (out []string) {
		for _, c := range codes {
			out = append(out, c.ID)
		}
		return out
	}
	if got, want := ids(catalog.CodesByHTTP(409)), []string{"DOMAIN_002", "DOMAIN_015"}; !slices.Equal(got, want) {
		t.Errorf("by HTTP 409: got %v, want %v", got, want)
	}
	if got := catalog.CodesByHTTP(418); got != nil {
		t.Errorf("by HTTP 418: got %v, want none", got)
	}
	if got, want := ids(catalog.SearchCodes("wallet TOP")), []string{"DOMAIN_007"}; !slices.Equal(got, want) {
		t.Errorf("by words: got %v, want %v", got, want)
	}
	if got := catalog.SearchCodes("  "); got != nil {
		t.Errorf("no words: got %v, want none", got)
	}
	if got := catalog.CausesOf("DOMAIN_018"); len(got) == 0 || got[0] != RegistrationAuthCodeMalformed.Cause {
		t.Errorf("causes of DOMAIN_018: got %v", got)
	}
	if c, ok := catalog.FindCause("Record.Missing"); !ok || c != RecordMissing.Cause {
		t.Errorf("FindCause: got %v, %v", c, ok)
	}
}

// problems returns what is wrong with the declaration of a cause, by field.
func problems(c *catalog.Cause) []string {
	var out []string
	field := func(name, format string, args ...any) {
		out = append(out, fmt.Sprintf("%s: field "+name+": "+format, append([]any{c.ID}, args...)...))
	}
	if n := utf8.RuneCountInString(c.Title); n == 0 || n > 60 || strings.HasSuffix(c.Title, ".") {
		field("Title", "%q has %d characters; write 1 to 60, without a period", c.Title, n)
	}
	e := c.Example()
	for name, text := range map[string]string{
		"Description": c.Description, "Detection": c.Detection, "Text.Summary": e.Summary(), "Text.Why": e.Why(),
	} {
		if strings.TrimSpace(text) == "" || strings.Contains(text, "%!") {
			field(name, "%q; write a sentence, and check the verbs of its format", text)
		}
	}
	if strings.HasSuffix(e.Summary(), ".") {
		field("Text.Summary", "%q ends in a period; remove it", e.Summary())
	}
	if len(c.Who) == 0 {
		field("Who", "empty; list the actors that can fix it, or catalog.Wait")
	}
	for _, a := range c.Who {
		if a.Phrase() == string(a) {
			field("Who", "%q is not an actor of package catalog", a)
		}
	}
	if c.Frequency < 1 || c.Frequency > 9 {
		field("Frequency", "%d; use 1 (rare) to 9", c.Frequency)
	}
	if c.Verdict != catalog.Fail && c.Verdict != catalog.Warn && c.Verdict != catalog.Inconclusive {
		field("Verdict", "%s; use Fail, Warn or Inconclusive", c.Verdict)
	}
	if int(c.Rung) >= len(catalog.Rungs()) {
		field("Rung", "%d is not a rung", c.Rung)
	}
	codes := c.AllCodes()
	switch {
	case len(codes) == 0 && c.NoCode == "":
		field("NoCode",
			"empty, and no codes are predicted; fill in Codes, ByRole or OnceLive, or say here why there is none")
	case len(codes) > 0 && c.NoCode != "":
		field("NoCode", "set, although %v are predicted; remove one of the two", codes)
	}
	for _, code := range codes {
		if _, ok := catalog.FindCode(code); !ok {
			field("Codes", "%q is not a code of the service", code)
		}
	}
	for _, l := range c.Explains {
		if !slices.ContainsFunc(catalog.Causes(), func(x *catalog.Cause) bool { return x.ID.Matches(string(l.To)) }) {
			field("Explains", "%q matches no cause; refer to the cause by its variable, or to a family as \"http.*\"", l.To)
		}
	}
	if steps := e.Fix().Steps; len(steps) == 0 || slices.ContainsFunc(steps, func(s string) bool {
		return strings.TrimSpace(s) == "" || strings.Contains(s, "%!")
	}) {
		field("Text.Fix", "the steps are %q; write at least one, and check the verbs of its format", steps)
	}
	for _, name := range unset(reflect.ValueOf(e.Args)) {
		field("Text.Example", "%s is not set, but it is always part of the JSON (no omitempty)", name)
	}
	return out
}

// unset returns the required fields of arguments that are zero. A field is required if it has no omitempty or
// omitzero.
func unset(args reflect.Value) []string {
	var out []string
	for i := range args.NumField() {
		f := args.Type().Field(i)
		switch tag := f.Tag.Get("json"); {
		case f.Anonymous:
			out = append(out, unset(args.Field(i))...)
		case tag == "healthy": // 0 has a meaning
		case !strings.Contains(tag, ",omit") && args.Field(i).IsZero():
			out = append(out, f.Name)
		}
	}
	return out
}

func TestCausesAreComplete(t *testing.T) {
	t.Parallel()
	for _, c := range catalog.Causes() {
		for _, p := range problems(c) {
			t.Error(p)
		}
	}
	for _, code := range catalog.Codes() {
		if len(catalog.CausesOf(code.ID)) == 0 {
			t.Errorf("%s: no cause predicts it; add it to the Codes of one", code.ID)
		}
	}
}

// TestIncompleteCauseIsReported breaks one field of a declaration at a time: the message names it.
func TestIncompleteCauseIsReported(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*catalog.Cause){
		"Title":       func(c *catalog.Cause) { c.Title = strings.Repeat("long ", 13) },
		"Description": func(c *catalog.Cause) { c.Description = " " },
		"Detection":   func(c *catalog.Cause) { c.Detection = "" },
		"Who":         func(c *catalog.Cause) { c.Who = nil },
		"Frequency":   func(c *catalog.Cause) { c.Frequency = 0 },
		"Verdict":     func(c *catalog.Cause) { c.Verdict = catalog.Pass },
		"Rung":        func(c *catalog.Cause) { c.Rung = 99 },
		"NoCode":      func(c *catalog.Cause) { c.Codes, c.ByRole, c.OnceLive = nil, nil, nil },
		"Codes":       func(c *catalog.Cause) { c.Codes = []string{"DOMAIN_099"} },
		"Explains":    func(c *catalog.Cause) { c.Explains = links("record.misspelled") },
	} {
		c := *RecordMissing.Cause
		spoil(&c)
		got := problems(&c)
		if len(got) != 1 || !strings.Contains(got[0], "record.missing: field "+name+": ") {
			t.Errorf("%s: got %q, want one problem with that field", name, got)
		}
	}
}

// TestDuplicateIDPanics declares a cause a second time.
func TestDuplicateIDPanics(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, `ID "record.missing"`) {
			t.Errorf("got %q, want a panic that names the ID", got)
		}
	}()
	catalog.Declare(catalog.Cause{ID: RecordMissing.ID}, catalog.Text[struct{}]{})
}

// TestConfusedNamesCauses checks that each Confused field names another cause and the difference.
func TestConfusedNamesCauses(t *testing.T) {
	t.Parallel()
	for _, c := range catalog.Causes() {
		named := causeIDs.FindAllString(c.Confused, -1)
		for _, id := range named {
			if x, ok := catalog.FindCause(id); !ok || x == c {
				t.Errorf("%s: field Confused: %q is not another cause", c.ID, id)
			}
		}
		rest := strings.Fields(causeIDs.ReplaceAllString(c.Confused, ""))
		if len(named) == 0 || len(rest) < 4 {
			t.Errorf("%s: field Confused: names %v and says %q; name another cause and the difference", c.ID, named, rest)
		}
		for _, x := range c.Alike() {
			if !slices.Contains(x.Alike(), c) {
				t.Errorf("%s is like %s, but not the reverse", c.ID, x.ID)
			}
		}
	}
	if got := RecordNameDoubled.Alike(); !slices.Equal(got,
		[]*catalog.Cause{RecordMissing.Cause, RecordWrongName.Cause, RecordTargetZoneAppended.Cause}) {
		t.Errorf("record.name-doubled is like %v", got)
	}
	if got := RecordNameDoubled.SeeAlso(); !slices.Equal(got, []*catalog.Cause{RecordTargetZoneAppended.Cause}) {
		t.Errorf("see also of record.name-doubled: %v", got)
	}
}

// causeIDs matches the IDs in a Confused field.
var causeIDs = regexp.MustCompile(`\b[a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*`)

var (
	rfcRef     = regexp.MustCompile(`^RFC [1-9][0-9]{2,3}( ([1-9][0-9]*|[A-Z])(\.[1-9][0-9]*)*)?$`)
	codeRef    = regexp.MustCompile(`^Domains Service, error code (DOMAIN_[0-9]{3})$`)
	serviceRef = regexp.MustCompile(`^Domains Service API, ([A-Z]+) (/\S+)$`)
)

// TestEveryCauseHasReferences checks that each reference is an RFC section, a web page, one of the 23 codes, or an
// operation of the service's API.
func TestEveryCauseHasReferences(t *testing.T) {
	t.Parallel()
	contract, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	offered := func(method, path string) bool {
		_, after, found := strings.Cut(string(contract), "\n  "+path+":\n")
		if end := strings.Index(after, "\n  /"); end >= 0 {
			after = after[:end]
		}
		return found && strings.Contains("\n"+after, "\n    "+strings.ToLower(method)+":")
	}
	if offered("DELETE", "/domains/v1/quota") || offered("GET", "/domains/v1/nothing") {
		t.Error("the API contract is not parsed correctly")
	}
	for _, c := range catalog.Causes() {
		if len(c.Refs) == 0 {
			t.Errorf("%s: field Refs: empty; add an RFC section or a document", c.ID)
		}
		for i, ref := range c.Refs {
			ok := rfcRef.MatchString(ref)
			if m := codeRef.FindStringSubmatch(ref); m != nil {
				ok = slices.Contains(c.AllCodes(), m[1]) || c.NoCode != "" && codeExists(m[1])
			} else if m := serviceRef.FindStringSubmatch(ref); m != nil {
				ok = offered(m[1], m[2])
			} else if u, err := url.Parse(ref); err == nil && u.Scheme == "https" {
				ok = strings.Contains(u.Host, ".") && len(u.Path) > 1
			}
			if !ok || slices.Contains(c.Refs[:i], ref) {
				t.Errorf("%s: field Refs: %q is not a valid reference, or is listed twice", c.ID, ref)
			}
		}
	}
}

func codeExists(id string) bool {
	_, ok := catalog.FindCode(id)
	return ok
}

// TestCausesOfSortsByFrequency checks that the causes of a code are complete and sorted by frequency.
func TestCausesOfSortsByFrequency(t *testing.T) {
	t.Parallel()
	for _, code := range catalog.Codes() {
		causes := catalog.CausesOf(code.ID)
		for i, c := range causes {
			if i > 0 && causes[i-1].Frequency < c.Frequency {
				t.Errorf("%s: %s (%d) comes before %s (%d)", code.ID, causes[i-1].ID, causes[i-1].Frequency, c.ID,
					c.Frequency)
			}
		}
		for _, c := range catalog.Causes() {
			if slices.Contains(c.AllCodes(), code.ID) != slices.Contains(causes, c) {
				t.Errorf("%s: %s is missing, or is not one of its causes", code.ID, c.ID)
			}
		}
	}
	var first []catalog.ID
	for _, c := range catalog.CausesOf("DOMAIN_004")[:3] {
		first = append(first, c.ID)
	}
	if want := []catalog.ID{"record.missing", "record.name-doubled", "delegation.wrong-host"}; !slices.Equal(first, want) {
		t.Errorf("DOMAIN_004 begins with %v, want %v", first, want)
	}
}

// TestExplainsIsAcyclic follows the Explains fields: a cycle would leave a domain without a root cause.
func TestExplainsIsAcyclic(t *testing.T) {
	t.Parallel()
	const (
		walking = 1
		done    = 2
	)
	state := map[catalog.ID]int{}
	var walk func(c *catalog.Cause, path []string)
	walk = func(c *catalog.Cause, path []string) {
		path = append(path, string(c.ID))
		switch state[c.ID] {
		case done:
			return
		case walking:
			t.Fatalf("the Explains fields form a cycle: %s", strings.Join(path, " -> "))
		}
		state[c.ID] = walking
		for _, next := range catalog.Causes() {
			if c.MayExplain(next) {
				walk(next, path)
			}
		}
		state[c.ID] = done
	}
	for _, c := range catalog.Causes() {
		walk(c, nil)
	}
}
