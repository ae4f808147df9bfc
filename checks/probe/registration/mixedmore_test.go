package registration

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"domdoc/api/sandbox/sandboxtest"
)

// tries is how many combinations a test tries: few by default, and fewer under the race detector, which has nothing to
// find in reading a text (see sandboxtest.UnderRace).
func tries(n int) int {
	switch {
	case sandboxtest.Race:
		return max(1, n/8)
	case sandboxtest.Full():
		return 8 * n
	}
	return n
}

func read(text string) State { return ReadWHOIS(sampleName, []byte(text), false).State }

// repliesOf returns the texts of the samples that are read as a state.
func repliesOf(t *testing.T, folder string, want ...State) (names, texts []string) {
	t.Helper()
	for _, s := range sampleReplies(t, folder) {
		if text := strings.Join(s.lines, "\n"); slices.Contains(want, read(text)) {
			names, texts = append(names, s.file), append(texts, text)
		}
	}
	if len(texts) == 0 {
		t.Fatal("no samples")
	}
	return names, texts
}

// TestMixedTakenNeverFree puts as much of a registered name's reply as shows the registration before, after, or in a
// reply that says "free".
func TestMixedTakenNeverFree(t *testing.T) {
	t.Parallel()
	takenNames, taken := repliesOf(t, "noterror", Registered)
	freeNames, free := repliesOf(t, "notfound", NotRegistered)
	r := rand.New(rand.NewPCG(19, 1))
	for range tries(500) {
		a, b := r.IntN(len(taken)), r.IntN(len(free))
		lines, other := strings.SplitAfter(taken[a], "\n"), strings.SplitAfter(free[b], "\n")
		part := strings.Join(lines[:r.IntN(len(lines))+1], "")
		if read(part) != Registered {
			part = taken[a]
		}
		at := r.IntN(len(other) + 1)
		for where, text := range map[string]string{
			"before": part + "\n" + free[b], "after": free[b] + "\n" + part,
			"in": strings.Join(other[:at], "") + "\n" + part + "\n" + strings.Join(other[at:], ""),
		} {
			if read(text) == NotRegistered {
				t.Fatalf("%s is called free with %s %s it:\n%.3000s", freeNames[b], takenNames[a], where, text)
			}
		}
	}
}

// TestMixedRefusalNeverFree does the same with the replies of servers that limit, refuse or fail, and with those
// about reserved names.
func TestMixedRefusalNeverFree(t *testing.T) {
	t.Parallel()
	freeNames, free := repliesOf(t, "notfound", NotRegistered)
	_, against := repliesOf(t, "notfound", Reserved)
	against = append(against,
		"WHOIS LIMIT EXCEEDED - SEE WWW.PIR.ORG/WHOIS FOR DETAILS\n",
		"% Query rate limit exceeded. Reduced information.\n", "Too many requests, please try again in 60 seconds.\n",
		"Your access is too fast,please try again later.\n", "Sie haben die maximale Anzahl von Abfragen erreicht.\n",
		"Trop de requêtes. Veuillez réessayer plus tard.\n", "Demasiadas consultas desde su dirección IP.\n",
		"Превышен лимит запросов\n", "查询过于频繁，请稍后再试\n", "조회 횟수를 초과하였습니다.\n",
		"% Access denied.\n", "Service temporarily unavailable\n", "%% Le nom "+sampleName+" est réservé.\n",
		"El dominio "+sampleName+" está reservado.\n", "Der Name ist gesperrt.\n",
		sampleName+" is blocked by the registry\n",
	)
	r := rand.New(rand.NewPCG(19, 2))
	for range tries(400) {
		b, text := r.IntN(len(free)), against[r.IntN(len(against))]
		other := strings.SplitAfter(free[b], "\n")
		at := r.IntN(len(other) + 1)
		for where, mixed := range map[string]string{
			"before": text + "\n" + free[b], "after": free[b] + "\n\n" + text,
			"in": strings.Join(other[:at], "") + "\n\n" + text + "\n" + strings.Join(other[at:], ""),
		} {
			if read(mixed) == NotRegistered {
				t.Fatalf("%s is called free with %q %s it:\n%.3000s", freeNames[b], text, where, mixed)
			}
		}
	}
}

// TestCutNeverFree breaks replies off at every line: the missing end may hold the decisive one.
func TestCutNeverFree(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(19, 3))
	for _, folder := range []string{"noterror", "notfound"} {
		for _, s := range sampleReplies(t, folder) {
			whole := read(strings.Join(s.lines, "\n"))
			for i := range s.lines {
				if r.IntN(8*len(s.lines)) >= tries(24) { // some of each
					continue
				}
				part := []byte(strings.Join(s.lines[:i], "\n"))
				if got := ReadWHOIS(sampleName, part, true); got.State == NotRegistered || got.State == Registered &&
					whole != Registered {
					t.Errorf("%s, broken off at line %d: %s", s.file, i, got.State)
				}
			}
		}
	}
}

// TestOtherRecordsNeverFree asks about a name, and gets the record of another: neither says anything about the name.
func TestOtherRecordsNeverFree(t *testing.T) {
	t.Parallel()
	taken := sampleReplies(t, "noterror")
	r := rand.New(rand.NewPCG(19, 4))
	for range tries(100) {
		a, b := taken[r.IntN(len(taken))], taken[r.IntN(len(taken))]
		text := strings.ReplaceAll(strings.Join(a.lines, "\n")+"\n\n"+strings.Join(b.lines, "\n"), sampleName,
			"other-"+sampleName)
		if !strings.Contains(text, "other-"+sampleName) {
			continue // neither names its domain
		}
		if got := read(text); got == NotRegistered {
			t.Fatalf("called free by the records of another name, %s and %s:\n%.3000s", a.file, b.file, text)
		}
	}
}

// TestNonsenseInBoilerplate puts a sentence that nobody has seen before among the sentences of a registry's terms of
// use, where it is as much a part of the reply as in a paragraph of its own.
func TestNonsenseInBoilerplate(t *testing.T) {
	t.Parallel()
	sentences := []string{
		"Questo nome e in attesa di assegnazione.", "Diese Auskunft gilt nur für Mitglieder.",
		"This reply is provisional.", "Ta nazwa oczekuje na przydział.", "Only for holders of a mark.",
		"This name is allotted to a museum.", "Ответ неокончательный.", "この応答は確定していません。", "本域名等待审核。",
	}
	names, free := repliesOf(t, "notfound", NotRegistered)
	r := rand.New(rand.NewPCG(19, 5))
	tried := 0
	for range tries(600) {
		b := r.IntN(len(free))
		lines := strings.Split(free[b], "\n")
		at := 1 + r.IntN(len(lines))
		above := newWhoisLine(lines[at-1])
		if !stops(above.low) { // the sentence would be a part of another
			continue
		}
		mark := above.text[:len(above.text)-len(strings.TrimLeft(above.text, "%#*; "))]
		if got := ReadWHOIS(sampleName, []byte(free[b]), false); got.Domain != sampleName {
			t.Fatal(got)
		}
		n := newDomainNames(sampleName)
		all, _ := whoisLines([]byte(free[b]))
		if rec := readWhoisFields(n, whoisFields(all), all); above.comment && rec.named && rec.statusIs(statusOfFree) {
			continue // beside a record, comments do not count
		}
		tried++
		text := strings.Join(slices.Concat(lines[:at], []string{mark + sentences[r.IntN(len(sentences))]}, lines[at:]),
			"\n")
		if read(text) == NotRegistered {
			t.Errorf("%s is called free:\n%.3000s", names[b], text)
		}
	}
	if tried < 50 && !sandboxtest.Race {
		t.Errorf("only %d were tried", tried)
	}
}

// TestMixedRDAPNeverFree mixes the members of RDAP documents about a registered name, of errors, refusals and
// notices: a 404 that has any of them is no "not registered".
func TestMixedRDAPNeverFree(t *testing.T) {
	t.Parallel()
	const name = "quillwort-sample.example"
	base := []string{
		`"errorCode":404`, `"title":"Not Found"`, `"rdapConformance":["rdap_level_0"]`, `"lang":"en"`,
		`"notices":[{"title":"Terms of Use","description":["Service subject to Terms of Use."]}]`,
	}
	against := []string{
		`"objectClassName":"domain"`, `"objectClassName":"domain","ldhName":"` + name + `","status":["active"]`,
		`"errorCode":429`, `"errorCode":403`, `"errorCode":200`, `"title":"Too many requests"`, `"title":"Reserved name"`,
		`"description":["Query limit exceeded"]`, `"description":["This name is allotted to a museum."]`,
		`"description":["` + name + ` not found","This reply is provisional."]`, `"title":"Zu viele Anfragen"`,
		`"description":["The domain ` + name + ` is blocked by the registry"]`,
		`"description":["This TLD is not served by this server"]`, `"description":["この応答は確定していません。"]`,
		`"notices":[{"title":"GlobalBlock","description":["The name is blocked by GlobalBlock."]}]`,
		`"notices":[{"title":"Limit","description":["Too many requests"]}]`, `"title":"Ask again tomorrow"`,
	}
	r := rand.New(rand.NewPCG(19, 6))
	for range tries(600) {
		bad := against[r.IntN(len(against))]
		key, _, _ := strings.Cut(bad, ":")
		members := []string{bad}
		for _, m := range base {
			if k, _, _ := strings.Cut(m, ":"); k != key && (k == `"errorCode"` || r.IntN(2) == 0) {
				members = append(members, m)
			}
		}
		r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		body := "{" + strings.Join(members, ",") + "}"
		if !json.Valid([]byte(body)) {
			t.Fatal(body)
		}
		for _, kind := range []string{rdapType, "application/json", "text/plain", "application/problem+json"} {
			if got := ReadRDAP(name, 404, kind, "", []byte(body)); got.State == NotRegistered {
				t.Fatalf("%s: called free: %s", kind, body)
			}
		}
	}
	whole := "{" + strings.Join(base, ",") + "}"
	if got := ReadRDAP(name, 404, rdapType, "", []byte(whole)); got.State != NotRegistered {
		t.Errorf("without any of them: %+v", got)
	}
	for at := 1; at < len(whole); at++ {
		if got := ReadRDAP(name, 404, rdapType, "", []byte(whole[:at])); got.State == NotRegistered {
			t.Errorf("called free by %s", whole[:at])
		}
	}
	for _, status := range []int{200, 301, 400, 403, 429, 451, 500, 502, 503} {
		if got := ReadRDAP(name, status, rdapType, "", []byte(whole)); got.State == NotRegistered {
			t.Errorf("called free by HTTP %d", status)
		}
	}
	two := fmt.Sprintf("%s%s", whole, `{"objectClassName":"domain","ldhName":"`+name+`"}`)
	if got := ReadRDAP(name, 404, rdapType, "", []byte(two)); got.State == NotRegistered {
		t.Errorf("called free by two documents: %s", two)
	}
}
