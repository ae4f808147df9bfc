package causes

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"domdoc/catalog"
)

func TestLookUps(t *testing.T) {
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

func TestCausesAreComplete(t *testing.T) {
	t.Parallel()
	seen := map[catalog.ID]bool{}
	predicted := map[string]bool{}
	for _, c := range catalog.Causes() {
		if seen[c.ID] {
			t.Errorf("%s is declared twice", c.ID)
		}
		seen[c.ID] = true
		if n := utf8.RuneCountInString(c.Title); n == 0 || n > 60 || strings.HasSuffix(c.Title, ".") {
			t.Errorf("%s: title %q: want 1 to 60 characters without a period", c.ID, c.Title)
		}
		for what, s := range map[string]string{
			"means": c.Description, "how": c.Detection, "summary": c.Example().Summary(),
			"why": c.Example().Why(),
		} {
			if strings.TrimSpace(s) == "" || strings.Contains(s, "%!") {
				t.Errorf("%s: %s is %q", c.ID, what, s)
			}
		}
		if strings.HasSuffix(c.Example().Summary(), ".") {
			t.Errorf("%s: the summary ends in a period", c.ID)
		}
		if len(c.Who) == 0 || c.Frequency < 1 || c.Frequency > 9 {
			t.Errorf("%s: nobody acts, or no frequency from 1 to 9", c.ID)
		}
		if c.Verdict != catalog.Fail && c.Verdict != catalog.Warn && c.Verdict != catalog.Inconclusive {
			t.Errorf("%s: verdict %s", c.ID, c.Verdict)
		}
		if (len(c.AllCodes()) == 0) == (c.NoCode == "") {
			t.Errorf("%s: predicts %v and says %q of it: want codes, or a reason for none", c.ID, c.AllCodes(), c.NoCode)
		}
		if f := c.Example().Fix(); len(f.Steps) == 0 || slices.ContainsFunc(f.Steps, func(s string) bool {
			return strings.TrimSpace(s) == "" || strings.Contains(s, "%!")
		}) {
			t.Errorf("%s: the fix is %q", c.ID, f.Steps)
		}
		for _, a := range c.Who {
			if a.Phrase() == string(a) {
				t.Errorf("%s: who acts is %q, of which no words are known", c.ID, a)
			}
		}
		for _, code := range c.AllCodes() {
			if _, ok := catalog.FindCode(code); !ok {
				t.Errorf("%s: predicts %q, which is no code", c.ID, code)
			}
			predicted[code] = true
		}
		if int(c.Rung) >= len(catalog.Rungs()) {
			t.Errorf("%s: no such rung", c.ID)
		}
	}
	for _, c := range catalog.Codes() {
		if !predicted[c.ID] {
			t.Errorf("no cause predicts %s", c.ID)
		}
	}
}

// TestEveryCauseIsToldFromOthers: what a cause is taken for names at least one declared cause, and says what the
// difference is.
func TestEveryCauseIsToldFromOthers(t *testing.T) {
	t.Parallel()
	for _, c := range catalog.Causes() {
		named := causeIDs.FindAllString(c.Confused, -1)
		for _, id := range named {
			if x, ok := catalog.FindCause(id); !ok || x == c {
				t.Errorf("%s: is confused with %q, which is no other cause", c.ID, id)
			}
		}
		rest := strings.Fields(causeIDs.ReplaceAllString(c.Confused, ""))
		if len(named) == 0 || len(rest) < 4 {
			t.Errorf("%s: is confused with %v for the reason %q; want another cause and the difference", c.ID, named, rest)
		}
		for _, x := range c.Alike() {
			if !slices.Contains(x.Alike(), c) {
				t.Errorf("%s is like %s, and not the reverse", c.ID, x.ID)
			}
		}
	}
	if got := RecordNameDoubled.Alike(); !slices.Equal(got,
		[]*catalog.Cause{RecordMissing.Cause, RecordWrongName.Cause, RecordTargetZoneAppended.Cause}) {
		t.Errorf("record.name-doubled is like %v", got)
	}
	if got := RecordNameDoubled.SeeAlso(); !slices.Equal(got, []*catalog.Cause{RecordTargetZoneAppended.Cause}) {
		t.Errorf("beside what its text names, record.name-doubled is taken for %v", got)
	}
}

// causeIDs matches the IDs in a Confused field.
var causeIDs = regexp.MustCompile(`\b[a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*`)

var (
	rfcRef     = regexp.MustCompile(`^RFC [1-9][0-9]{2,3}( ([1-9][0-9]*|[A-Z])(\.[1-9][0-9]*)*)?$`)
	codeRef    = regexp.MustCompile(`^Domains Service, error code (DOMAIN_[0-9]{3})$`)
	serviceRef = regexp.MustCompile(`^Domains Service API, ([A-Z]+) (/\S+)$`)
)

// TestEveryCauseHasReferences: each is a section of an RFC, a page of a provider, one of the 23 codes, or an
// operation of the service's contract.
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
		t.Error("the contract is not read right")
	}
	for _, c := range catalog.Causes() {
		if len(c.Refs) == 0 {
			t.Errorf("%s has no reference", c.ID)
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
				t.Errorf("%s: %q is no reference that it can have, or stands there twice", c.ID, ref)
			}
		}
	}
}

func codeExists(id string) bool {
	_, ok := catalog.FindCode(id)
	return ok
}

// TestCausesOfACodeComeTheCommonestFirst: a code's causes fall from the commonest to the rarest, none is left out,
// and not all count the same.
func TestCausesOfACodeComeTheCommonestFirst(t *testing.T) {
	t.Parallel()
	for _, code := range catalog.Codes() {
		causes := catalog.CausesOf(code.ID)
		for i, c := range causes {
			if i > 0 && causes[i-1].Frequency < c.Frequency {
				t.Errorf("%s: %s (%d) stands before %s (%d)", code.ID, causes[i-1].ID, causes[i-1].Frequency, c.ID,
					c.Frequency)
			}
		}
		for _, c := range catalog.Causes() {
			if slices.Contains(c.AllCodes(), code.ID) != slices.Contains(causes, c) {
				t.Errorf("%s: %s is left out, or does not belong there", code.ID, c.ID)
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

// TestExplainsIsAcyclic follows what explains what: a circle would leave a domain without a root cause.
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
			t.Fatalf("causes explain each other in a circle: %s", strings.Join(path, " -> "))
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
