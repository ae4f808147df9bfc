package sandbox

import (
	"path"
	"slices"
	"strings"
	"testing"

	"domdoc/catalog"
)

// storyOf returns a story with these lines in its first section, a zone, and an expectation.
func storyOf(lines ...string) string {
	return "A title\n\n-- story --\ndomain shop.bad.example\n" + strings.Join(lines, "\n") +
		"\n-- zone bad.example --\nshop A 192.0.2.1\n-- expect --\npass\n"
}

// TestBadStories: a mistake is reported when the story is read, and the error says what and where it is.
func TestBadStories(t *testing.T) {
	t.Parallel()
	const good = "A title\n-- story --\ndomain shop.bad.example\n-- zone bad.example --\nshop A 192.0.2.1\n-- " +
		"expect --\npass\n"
	for _, tt := range []struct {
		name, text string
		parts      []string // of the error
	}{
		{"nothing", "", []string{"first line"}},
		{"blank lines", "\n \n", []string{"first line"}},
		{"no title", "-- story --\ndomain a.example\n", []string{"first line"}},
		{"a title only", "A title\n", []string{"names no domain"}},
		{"no domain", "A title\n-- zone bad.example --\n-- expect --\npass\n", []string{"no line domain"}},
		{
			"a domain without a dot", "A title\n-- story --\ndomain localhost\n-- expect --\npass\n",
			[]string{"names no domain"},
		},
		{
			"a section that is none", good + "-- zones bad.example --\n",
			[]string{`unknown section "zones"`, "story, zone, rdap"},
		},
		{"no expectation", "A title\n-- story --\ndomain a.example\n", []string{"no section expect"}},
		{"an empty expectation", "A title\n-- story --\ndomain a.example\n-- expect --\n", []string{"no section expect"}},
		{
			"a finding without a cause", "A title\n-- story --\ndomain a.example\n-- expect --\nfail\n",
			[]string{"expect", `"fail"`, "VERDICT CAUSE"},
		},
		{
			"a scope without a finding", "A title\n-- story --\ndomain a.example\n-- expect --\ntenant fail\n",
			[]string{"VERDICT CAUSE"},
		},
		{"a pass with findings", good + "fail record.missing\n", []string{"cannot expect findings"}},
		{
			"a line that is none", storyOf("domian shop.bad.example"),
			[]string{`"domian shop.bad.example"`, "unknown line"},
		},
		{"verify without a value", storyOf("verify TXT _verify.@"), []string{"verify TYPE NAME VALUE"}},
		{"held without a value", storyOf("held A @"), []string{"held TYPE NAME VALUE"}},
		{"held with a TTL in words", storyOf("held A @ 192.0.2.1 ttl=long"), []string{"ttl=long", `"long"`}},
		{"a twin of nothing", storyOf("twin"), []string{"twin CAUSE"}},
		{
			"a twin of a cause that is none", storyOf("twin record.missing record.mising"),
			[]string{`"record.mising" is not a cause`},
		},
		{
			"a twin twice of one cause", storyOf("twin record.missing record.missing"),
			[]string{`"record.missing" is given twice`},
		},
		{
			"two lines of twins", storyOf("twin record.missing", "twin caa.forbids"),
			[]string{"the line twin is given twice"},
		},
		{"a twin with a fault", strings.Replace(storyOf("twin record.missing"), "pass",
			"fail record.missing verification DOMAIN_004", 1), []string{"twin", "only a story that passes"}},
		{"seen on a server without a version", storyOf("seen-on NSD 4.6.1, tinydns"), []string{"seen-on", `"tinydns"`}},
		{"seen on a server twice", storyOf("seen-on NSD 4.6.1, NSD 4.6.1"), []string{"NSD 4.6.1", "given twice"}},
		{"beside nothing", storyOf("beside"), []string{"beside STORY"}},
		{"a route without a target", storyOf("route /"), []string{"route PATH TARGET"}},
		{"a route with a priority in words", storyOf("route / event:1 priority=high"), []string{`"high"`}},
		{"a transfer without a status", storyOf("transfer t-1 IN"), []string{"transfer ID DIRECTION STATUS"}},
		{
			"a transfer at no time", storyOf("transfer t-1 IN PENDING created=yesterday"),
			[]string{`invalid time "yesterday"`, "2d"},
		},
		{"a certificate at no time", storyOf("certificate ISSUED expires=soon"), []string{`invalid time "soon"`}},
		{"created at no time", storyOf("created x"), []string{`invalid time "x"`}},
		{"an error at no time", storyOf("error DOMAIN_004 now Failed"), []string{`invalid time "now"`}},
		{"an error without a time", storyOf("error DOMAIN_004"), []string{`invalid time ""`}},
		{"a registration at no time", storyOf("registration active expires=2027-01-01"), []string{"invalid time"}},
		{"an edge at no address", storyOf("edge cnd"), []string{`"edge cnd"`}},
		{"an edge nowhere", storyOf("edge"), []string{"edge cdn|ADDRESS"}},
		{"an edge at no time", storyOf("edge cdn expires=1week"), []string{"invalid time"}},
		{"cached at no resolver", storyOf("cached google @ A 5m"), []string{`"google"`}},
		{"cached at no time", storyOf("cached 8.8.8.8 @ A"), []string{"invalid time"}},
		{"before nothing", storyOf("before"), []string{"invalid time"}},
		{
			"a field that is no JSON", storyOf("field autoRenew maybe"),
			[]string{`"field autoRenew maybe"`, "invalid character"},
		},
		{
			"a signature that ended at no time", storyOf("signed bad.example signature=old"),
			[]string{`invalid time "old"`},
		},
		{"a stage without a value", storyOf("solo offline"), []string{`"offline"`, "key=value"}},
		{"a stage that is none", storyOf("solo weather=rain"), []string{`"weather"`, "network"}},
		{"a quota in words", storyOf("solo quota=none"), []string{`"none"`}},
		{"a skew of nothing", storyOf("solo skew=late"), []string{`invalid time "late"`}},
		{
			"a zone with a bad record", good + "-- zone two.bad.example --\nshop A 999.0.2.1\n",
			[]string{"zone two.bad.example", "999.0.2.1"},
		},
		{
			"a zone with a type that is none", good + "-- zone two.bad.example --\nshop CNAMES x\n",
			[]string{"zone two.bad.example"},
		},
		{
			"a zone with a record of another", good + "-- zone two.bad.example --\nshop.other.example. A 192.0.2.1\n",
			[]string{"shop.other.example.", "outside of the zone"},
		},
		{
			"a zone with an argument that is none", good + "-- zone two.bad.example at hoster --\n",
			[]string{`"at"`, "@ HOSTS"},
		},
		{"a zone that includes a file", good + "-- zone two.bad.example --\n$INCLUDE /etc/passwd\n", []string{"INCLUDE"}},
		{"RDAP without a status", good + "-- rdap bad.example --\n{}\n", []string{"rdap NAME STATUS"}},
		{"RDAP with a status in words", good + "-- rdap bad.example gone --\n{}\n", []string{`"gone"`}},
		{
			"a service's answer without a status", good + "-- service GET /x --\n{}\n",
			[]string{"service METHOD PATH STATUS"},
		},
		{"a service's answer with a status in words", good + "-- service GET /x OK --\n{}\n", []string{`"OK"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := readStory("bad", []byte(tt.text))
			if err == nil {
				t.Fatal("it is taken")
			}
			for _, part := range append(tt.parts, "story bad: ") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error %q lacks %q", err, part)
				}
			}
		})
	}
	if _, err := readStory("good", []byte(good)); err != nil {
		t.Error(err)
	}
}

// TestStoriesThatBroke: mistakes that once caused a panic are errors.
func TestStoriesThatBroke(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a zone without a name":            storyOf() + "-- zone --\n",
		"WHOIS without a name":             storyOf() + "-- whois --\nx\n",
		"a resolver that is no address":    storyOf("resolver google blocked"),
		"a delegation of nothing":          storyOf("delegate"),
		"an earlier delegation of nothing": storyOf("delegated-before"),
		"a server without a name":          storyOf("server"),
		"a status of nothing":              storyOf(`registration ""`),
		"a status of dashes":               storyOf("registration --"),
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("panic: %v", r)
				}
			}()
			if _, err := readStory("bad", []byte(text)); err == nil {
				t.Error("it is taken")
			}
		})
	}
}

// TestStoryErrors: an unknown or ambiguous word is an error that names the story, the line and the word.
func TestStoryErrors(t *testing.T) {
	t.Parallel()
	for line, word := range map[string]string{
		"server hoster explodes":                   "explodes",
		"server hoster refuses TEXT":               "TEXT",
		"server hoster refuses None":               "None",
		"server hoster refuses A B":                "B",
		"server nowhere.example refuses":           "nowhere.example",
		"server dns.google refuses":                "dns.google",
		"server hoster":                            "want server",
		"verify MX _verify.@ x":                    "MX",
		"verify TXT _verify.@ x y":                 "y",
		"verify TXT _verify.@ x statsu=PENDING":    "statsu=PENDING",
		"verify TXT _verify.@ x status=A status=B": "status=",
		"held XT @ x":                              "XT",
		"cached 8.8.8.8 @ TEXT 5m":                 "TEXT",
		"cached 9.9.9.9 @ A 5m":                    "9.9.9.9",
		"cached 46.4.10.1 @ A 5m":                  "46.4.10.1",
		"cached 8.8.8.8 a..b A 5m":                 "a..b",
		"resolver 8.8.8.8 sleeps":                  "sleeps",
		"error DOMAIN_999 5m x":                    "DOMAIN_999",
		"error 4 5m x":                             `"4"`,
		"error DOMAIN_004 5m":                      "want error CODE",
		"certificate DONE expires=+3d":             "DONE",
		"certificate none expires=+3d":             "expires=+3d",
		"certificate ISSUED expiers=+3d":           "expiers=+3d",
		"certificate ISSUED validation=a":          "validation=a",
		"transfer t-1 UP PENDING":                  "UP",
		"route none /":                             "",
		"cdn":                                      "want cdn",
		"cdn none DEPLOYED":                        "DEPLOYED",
		"edge cdn issuer=nobody":                   "nobody",
		"edge cdn http=teapot":                     "teapot",
		"edge cdn http=7":                          `"7"`,
		"edge cdn http=1000":                       "1000",
		"edge cdn http=redirect":                   "redirect:URL",
		"edge cdn tls=works":                       "works",
		"edge cdn expiers=3d":                      "expiers=3d",
		"edge 46.4.10.1":                           "ns1.hoster.example",
		"edge 13.32.10.1":                          "13.32.10.1",
		"signed bad.example ds=old":                "old",
		"signed bad.example keys=some":             "some",
		"signed shop.bad.example":                  "no section zone",
		"signed":                                   "want signed",
		"delegate bad.example":                     "want delegate",
		"delegate bad.example nowhere hoster":      "nowhere",
		"delegate other.example hoster":            "other.example",
		"delegated-before bad.example nowhere":     "nowhere",
		"registration suspended":                   "suspended",
		"registration none client-hold":            "client-hold",
		"registration other.example none":          "other.example",
		"registration bad.example":                 "want registration",
		"registration active down=up":              `"up"`,
		"registration active expires=99999999999y": "99999999999y",
		"registration active expires=-5d":          "-5d",
		"solo network=slow":                        "slow",
		"solo service=slow":                        "slow",
		"solo balance=much":                        "much",
		"solo quota=0":                             `"0"`,
		"solo skew=1h skew=2h":                     "skew",
		"intent sell":                              "sell",
		"expected TXT":                             "NAME=VALUE",
		`expected "TEXT @=x"`:                      "TEXT",
		"before 5m":                                "zone NAME before",
		"created":                                  "invalid time",
		"created 5m 6m":                            "6m",
		"status":                                   "want status",
		"status A B":                               `"B"`,
		"id":                                       "want id",
		"unlisted really":                          "really",
		"domain other.example":                     "the line domain is given twice",
		"field":                                    "want field",
		"field autoRenew":                          "want field",
		"field e nonsense":                         "invalid character",
		`held TXT @ "never closed`:                 "quotation mark",
		"zone bad.example add x A 192.0.2.1":       "unknown line",
	} {
		_, err := readStory("bad", []byte(storyOf(line)))
		if err == nil {
			t.Errorf("%q is taken", line)
			continue
		}
		if !strings.HasPrefix(err.Error(), "story bad: line 5: ") || !strings.Contains(err.Error(), word) {
			t.Errorf("%q: the error %q lacks the place or %q", line, err, word)
		}
	}
	for expect, word := range map[string]string{
		"fails record.missing": "fails", "fail record.missing DOMAIN_999": "DOMAIN_999",
		"fail record.missing verification under": "under", "fail no.such.cause": "no.such.cause",
		"fail Record.Missing": "Record.Missing", "blocked record.missing": "blocked",
		"fail record.missing under caa.forbids": "fail", "blocked record.missing under no.such.cause": "no.such.cause",
		"fail record.missing verification routing": "routing", "fail record.missing sometimes": "sometimes",
		"pass and be gone": "and", "tenant": "VERDICT CAUSE",
	} {
		_, err := readStory("bad", []byte(strings.Replace(storyOf(), "pass\n", expect+"\n", 1)))
		if err == nil || !strings.HasPrefix(err.Error(), "story bad: line 9: ") || !strings.Contains(err.Error(), word) {
			t.Errorf("expect: %q: %v", expect, err)
		}
	}
	for heading, word := range map[string]string{
		"zone":                             "want zone",
		"zone a..b":                        "a..b",
		"zone other.test @ nobody.example": "nobody.example",
		"zone bad.example @":               `"@"`,
		"zone bad.example before":          "before AGO",
		"zone bad.example before before":   `"before"`,
		"zone example":                     "not a name of this story",
		"rdap":                             "want rdap",
		"rdap bad.example 99":              "99",
		"rdap other.example 200":           "other.example",
		"whois":                            "want whois",
		"whois bad.example 200":            "want whois",
		"service GET /x 700":               "700",
		"service get /x 200":               "get",
		"service GET x 200":                `"x"`,
		"story":                            "twice",
		"expect":                           "twice",
		"after":                            "want after TIME",
		"after soon":                       "soon",
		"after +5s":                        "want after TIME",
		"after 5s 6s":                      "want after TIME",
		"after 5s":                         "the section has no lines",
		"afterwards":                       "unknown section",
	} {
		_, err := readStory("bad", []byte(storyOf()+"-- "+heading+" --\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "story bad: line 10: ") || !strings.Contains(err.Error(), word) {
			t.Errorf("a section %q: %v", heading, err)
		}
	}
	// Errors of the zone parser have the line numbers of the file.
	_, err := readStory("bad", []byte(storyOf()+"-- zone two.bad.example --\nwww A 192.0.2.1\nshop A 999.0.2.1\n"))
	if err == nil || !strings.Contains(err.Error(), "at line: 12:") {
		t.Errorf("a bad record: %v", err)
	}
	_, err = readStory("bad", []byte(storyOf()+"-- zone two.bad.example --\n$GENERATE 1-65535 h$ A 192.0.2.1\n"))
	if err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a zone of any size: %v", err)
	}
}

// TestWorldErrors is TestStoryErrors for the world's file.
func TestWorldErrors(t *testing.T) {
	t.Parallel()
	for text, word := range map[string]string{
		"-- hosts --\n192.0.2.1 ns1.x.example\n":          "want ADDRESS NAME ROLE",
		"-- hosts --\n192.0.2.1 ns1.x.example dnss\n":     "dnss",
		"-- hosts --\n192.0.2.1 a dns\n192.0.2.1 b dns\n": "address of a",
		"-- hosts --\nns1 ns1.x.example dns\n":            "ns1",
		"-- tlds --\na..b\n":                              "a..b",
		"-- zone --\n":                                    "want zone NAME @ HOSTS",
		"-- zone x.example --\n":                          "want zone NAME @ HOSTS",
		"-- zone x.example @ hoster --\n@ A 1.2.3.999\n":  "1.2.3.999",
		"-- zones x.example --\n":                         "unknown section",
	} {
		_, _, err := ReadStories(storyFS(map[string]string{"_world": "A world\n" + text, "a": storyOf()}))
		if err == nil || !strings.HasPrefix(err.Error(), "world: line ") || !strings.Contains(err.Error(), word) {
			t.Errorf("%q: %v", text, err)
		}
	}
	_, err := Start(Options{Stories: storyFS(zoneStory("hoster.example", "x A 192.0.2.1"))})
	if err == nil || !strings.Contains(err.Error(), "hoster.example is a name of the world") {
		t.Errorf("a story of the world's own names: %v", err)
	}
}

// TestBrokenStoriesBreakNoOthers: stories that cannot be run, each for another reason, are reported separately, and
// the others run.
func TestBrokenStoriesBreakNoOthers(t *testing.T) {
	t.Parallel()
	good := func(base string) string { return strings.ReplaceAll(storyOf(), "bad.example", base) }
	fsys := storyFS(map[string]string{
		"a-first": good("taken.example"), "b-second": good("taken.example"), "c-third": storyOf("nonsense"),
		"dns/d-folder": good("folder.example"), "dns/e-twice": good("one.example"), "web/e-twice": good("two.example"),
		"f-with-broken":  strings.ReplaceAll(storyOf("beside b-second"), "bad.example", "beside.example"),
		"g-of-the-world": good("hoster.example"), "h-last": good("last.example"),
	})
	stories, broken, err := ReadStories(fsys)
	if err != nil {
		t.Fatal(err)
	}
	var names, files []string
	for _, s := range stories {
		names, files = append(names, s.Name), append(files, s.File)
	}
	if want := []string{"a-first", "d-folder", "h-last"}; !slices.Equal(names, want) ||
		files[1] != "dns/d-folder.txtar" {
		t.Errorf("read are %q from %q, want %q", names, files, want)
	}
	want := map[string]string{
		"b-second":       "the name taken.example is used by the story a-first",
		"c-third":        `line 5: "nonsense"`,
		"e-twice":        "dns/e-twice.txtar and web/e-twice.txtar",
		"f-with-broken":  `cannot be run with the story "b-second"`,
		"g-of-the-world": "hoster.example is a name of the world",
	}
	for _, e := range broken {
		if part := want[e.Story]; part == "" || !strings.Contains(e.Error(), part) ||
			!strings.HasPrefix(e.Error(), "story "+e.Story+": ") {
			t.Errorf("%s: the error %q lacks %q", e.Story, e, part)
		}
		delete(want, e.Story)
	}
	if len(want) > 0 {
		t.Errorf("not reported: %v", want)
	}
	b := start(t, Options{Stories: fsys})
	if n := len(b.Stories()); n != 3 {
		t.Errorf("%d stories run, want 3", n)
	}
	if b, err := Start(Options{Stories: fsys, Only: []string{"a-first", "b-second"}}); err == nil {
		b.Close()
		t.Error("a broken story runs when it is asked for by name")
	} else if !strings.Contains(err.Error(), want["b-second"]) {
		t.Error(err)
	}
	if b, err := Start(Options{Stories: storyFS(map[string]string{"x": "x", "y": "y"})}); err == nil {
		b.Close()
		t.Error("a sandbox without a story runs")
	} else if !strings.Contains(err.Error(), "story x: ") || !strings.Contains(err.Error(), "story y: ") {
		t.Errorf("the error %q lacks a story", err)
	}
}

// TestStageNeedsItsOwnSandbox: a story that changes the environment cannot be run with others.
func TestStageNeedsItsOwnSandbox(t *testing.T) {
	t.Parallel()
	b, err := Start(Options{Stories: storyFS(map[string]string{
		"one": storyOf("solo network=offline"),
		"two": zoneStory("two.example", "")["zone"],
	}), Only: []string{"one", "two"}})
	if err == nil {
		b.Close()
	}
	if err == nil || !strings.Contains(err.Error(), `"one" changes the environment`) {
		t.Errorf("error %v", err)
	}
}

// TestStoriesByRung: a story is in the folder of the rung of a cause that it shows as a root, and a healthy twin in
// that of a cause whose twin it is. Other healthy stories are in the folder healthy.
func TestStoriesByRung(t *testing.T) {
	t.Parallel()
	for _, s := range readAll(t, Scenarios()) {
		causes := slices.Clone(s.Twin)
		for _, e := range s.Expects {
			if e.Under == "" {
				causes = append(causes, e.Cause)
			}
		}
		var rungs []string
		for _, id := range causes {
			if c, ok := catalog.FindCause(id); ok {
				rungs = append(rungs, c.Rung.String())
			}
		}
		switch {
		case len(s.Unjudged) > 0: // named after their rung
			rungs = append(rungs, s.Unjudged...)
		case len(causes) == 0:
			rungs = []string{"healthy"}
		}
		if !slices.Contains(rungs, path.Dir(s.File)) {
			t.Errorf("%s belongs in the folder %s", s.File, strings.Join(rungs, " or "))
		}
	}
}

// TestBuiltInStories: each built-in story is valid and has a title of its own.
func TestBuiltInStories(t *testing.T) {
	t.Parallel()
	all := readAll(t, Scenarios())
	titles := map[string]string{}
	healthy := 0
	for _, s := range all {
		if s.Healthy {
			healthy++
		}
		if other := titles[s.Title]; other != "" {
			t.Errorf("%s and %s have the same title", s.Name, other)
		}
		titles[s.Title] = s.Name
		if len(s.Title) > 120 || strings.HasSuffix(s.Title, ".") || s.Title != strings.TrimSpace(s.Title) {
			t.Errorf("%s: title %q", s.Name, s.Title)
		}
		for _, e := range s.Expects {
			if e.String() == "" || !slices.Contains([]string{"fail", "warn", "inconclusive", "blocked"}, e.Verdict) {
				t.Errorf("%s: %q", s.Name, e)
			}
		}
	}
	if len(all) < 24 || healthy < 5 {
		t.Errorf("%d stories, %d healthy", len(all), healthy)
	}
}
