package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/ui/cli/config"
	"domdoc/ui/cli/usage"
	"domdoc/ui/dashboard/action"
)

// read reads a config file with some text, and returns the mistakes without the path.
func read(t *testing.T, text string) (*config.File, []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := config.Read(path, action.CheckKeys)
	if err == nil {
		return f, nil
	}
	var out []string
	for _, e := range usage.Each(err) {
		at, ok := strings.CutPrefix(e.Error(), path+":")
		if !ok {
			t.Errorf("%q does not begin with the file", e)
		}
		out = append(out, at)
	}
	return f, out
}

// TestMistakes checks that every mistake in a config file is refused with its line, in any profile, and what is near
// it and right is not.
func TestMistakes(t *testing.T) {
	t.Parallel()
	const other = "profiles:\n  default:\n    api-url: https://api.example.com\n  other:\n"
	for _, tt := range []struct {
		name, wrong, right string
		want               []string // the beginning of each mistake
	}{
		{
			"unknown key at the top", "colour: red\n", "theme: light\n",
			[]string{`1: unknown key "colour"; use profiles, keys, theme, severity, ignore`},
		},
		{
			"misspelled key at the top", "# mine\n\nprofile:\n  default: {}\n", "# mine\n\nprofiles:\n  default: {}\n",
			[]string{`3: unknown key "profile"; use profiles, keys, theme, severity, ignore; did you mean profiles?`},
		},
		{
			"a setting outside of a profile", "tenant: t-1\n", "profiles: {default: {tenant: t-1}}\n",
			[]string{`1: unknown key "tenant"; it belongs under "profiles", in a profile`},
		},
		{
			"unknown key of another profile", other + "    api_url: https://b.example.com\n",
			other + "    api-url: https://b.example.com\n",
			[]string{`5: profile "other" has an unknown key "api_url"; use api-url, tenant,`},
		},
		{
			"a secret", other + "    token: secret-1\n", other + "    credentials: file\n",
			[]string{`5: profile "other" has an unknown key "token": the config file has no secrets`},
		},
		{
			"api-url", other + "    api-url: http://b.example.com\n", other + "    api-url: http://127.0.0.1:8080\n",
			[]string{`5: api-url "http://b.example.com" would send the token unencrypted`},
		},
		{
			"output", other + "    output: jsn\n", other + "    output: json\n",
			[]string{`5: output: "jsn"; use text, json, jsonl, junit, markdown, prometheus, sarif, codequality, html; ` +
				"did you mean json?"},
		},
		{
			"as", other + "    as: operater\n", other + "    as: operator\n",
			[]string{`5: as: "operater"; use tenant, support, operator; did you mean operator?`},
		},
		{
			"credentials", other + "    credentials: hidden\n", other + "    credentials: keyring\n",
			[]string{`5: credentials: "hidden"; use keyring or file`},
		},
		{
			"one of several resolvers", other + "    resolvers:\n      - 9.9.9.9\n      - 300.1.1.1\n",
			other + "    resolvers:\n      - 9.9.9.9\n      - tls://1.1.1.1\n",
			[]string{`7: resolvers: "300.1.1.1" is not a resolver`},
		},
		{
			"resolvers as one value", other + "    resolvers: 9.9.9.9 nine\n", other + "    resolvers: 9.9.9.9 1.1.1.1\n",
			[]string{`5: resolvers: "nine" is not a resolver`},
		},
		{
			"resolvers of another type", other + "    resolvers: {first: 9.9.9.9}\n", other + "    resolvers: [9.9.9.9]\n",
			[]string{"5: resolvers is a map; write a list"},
		},
		{
			"page-url", other + "    page-url: https://console.example.com/domains\n",
			other + "    page-url: https://console.example.com/domains/{id}\n",
			[]string{`5: page-url: "https://console.example.com/domains" is the same page for every domain`},
		},
		{
			"paths", other + "    paths: {domain: /x, list: /y}\n", other + "    paths: {domain: '/x/{id}', domains: /y}\n",
			[]string{`5: paths.domain "/x" must contain {id}`, `5: paths: unknown operation "list"; use `},
		},
		{
			"reply", other + "    reply:\n      language: klingon\n      sign: Ann\n",
			other + "    reply:\n      language: de\n      signature: Ann\n",
			[]string{
				`6: reply: language: no such language: "klingon"`,
				`7: profile "other" has an unknown key "sign" in reply`,
			},
		},
		{
			"reply of another type", other + "    reply: de\n", other + "    reply:\n",
			[]string{`5: "reply" is not a map: it is a text`},
		},
		{
			"a profile of another type", "profiles:\n  default: https://api.example.com\n", "profiles:\n  default:\n",
			[]string{`2: the profile "default" is not a map: it is a text`},
		},
		{
			"profiles of another type", "profiles: [default]\n", "profiles:\n",
			[]string{`1: "profiles" is not a map: it is a list`},
		},
		{
			"a list in place of a text", other + "    tenant: [a, b]\n", other + "    tenant: a\n",
			[]string{"5: tenant is a list; write one value"},
		},
		{
			"a number that YAML reads as another", other + "    tenant: 0123\n", other + "    tenant: \"0123\"\n",
			[]string{"5: tenant is read as a number: put it in quotes"},
		},
		{
			"a date", other + "    tenant: 2026-11-30\n", other + "    tenant: 20261130\n",
			[]string{"5: tenant is read as a date: put it in quotes"},
		},
		{
			"in a merged map", "profiles:\n  a: &a\n    output: xml\n  b:\n    <<: *a\n",
			"profiles:\n  a: &a\n    output: json\n  b:\n    <<: *a\n    tenant: t-2\n",
			[]string{`3: output: "xml"; use `},
		},
		{
			"theme", "theme: drak\n", "theme: dark\n",
			[]string{`1: theme: "drak"; use terminal, light, dark, contrast; did you mean dark?`},
		},
		{
			"severity", "severity:\n  record.missing: hidden\n  recrd.missing: warn\n",
			"severity:\n  record.missing: warn\n",
			[]string{
				`2: severity: record.missing: invalid severity "hidden"`,
				`3: severity: "recrd.missing" is neither a cause`,
			},
		},
		{
			"ignore as one value", "ignore: record.misng\n", "ignore: record.missing\n",
			[]string{`1: ignore: "record.misng": "record.misng" is neither a cause`},
		},
		{
			"ignore with a date", "ignore:\n  - record.missing\n  - record.missing:2026-12-31\n",
			"ignore:\n  - record.missing\n  - record.missing:until 2026-12-31\n",
			[]string{`3: ignore: "record.missing:2026-12-31": invalid date after the colon`},
		},
		{
			"an action of the dashboard", "keys:\n  sort: f4\n  sorrt: f5\n", "keys:\n  sort: f4\n  reload: f5\n",
			[]string{`3: keys: there is no action "sorrt"`},
		},
		{
			"a key of the dashboard", "keys:\n  sort: [f4, hyper+q]\n", "keys:\n  sort: [f4, ctrl+q]\n",
			[]string{`2: keys: sort: invalid key "hyper+q"`},
		},
		{
			"a key that is taken", "keys:\n  sort: f4\n  diagnose: r\n", "keys:\n  reload: f4\n  diagnose: r\n",
			[]string{"3: keys: r is bound to both diagnose and reload (by default)"},
		},
		{
			"a key of another type", "keys:\n  sort: 10\n", "keys:\n  sort: 9\n",
			[]string{`2: keys: invalid key for the action "sort"`},
		},
		{
			"keys of another type", "keys: [sort]\n", "keys:\n",
			[]string{`1: "keys" is not a map from actions to keys: it is a list`},
		},
		{
			"no map", "- profiles\n", "# only a comment\n",
			[]string{"1: the config file is not a map: it is a list"},
		},
		{
			"no YAML", "profiles:\n  default: [\n", "profiles:\n  default: {}\n",
			[]string{"2: the config file is not valid YAML: "},
		},
		{
			"a key twice", "theme: dark\nprofiles: {}\ntheme: light\n", "theme: dark\nprofiles: {}\n",
			[]string{`3: the config file is not valid YAML: mapping key "theme" already defined at line 1`},
		},
		{
			"two documents", "theme: dark\n---\ntheme: light\n", "---\ntheme: dark\n",
			[]string{"2: the config file has several documents"},
		},
		{
			"all are listed, in their order", "theme: drak\nprofiles:\n  a: {output: xml}\ncolour: red\n",
			"theme: dark\nprofiles:\n  a: {output: json}\n",
			[]string{`1: theme: "drak"`, `3: output: "xml"`, `4: unknown key "colour"`},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, got := read(t, tt.wrong)
			if len(got) != len(tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("got %q, want %q", got[i], want)
				}
			}
			if _, got := read(t, tt.right); got != nil {
				t.Errorf("a valid setting is refused: %q", got)
			}
		})
	}
}

// TestValues checks what is read from a config file.
func TestValues(t *testing.T) {
	t.Parallel()
	f, wrong := read(t, `
profiles:
  default: &base
    api-url: https://api.example.com
    tenant: 123
    resolvers: [9.9.9.9, "1.1.1.1, 8.8.8.8"]
    reply: {language: de}
  other:
    <<: *base
    tenant: "0123"
ignore: record.missing
keys: {sort: 1, quit: [], reload: [f5, R]}
`)
	if wrong != nil {
		t.Fatal(wrong)
	}
	p, o := f.Profile("default"), f.Profile("other")
	if p.Tenant != "123" || strings.Join(p.Resolvers, " ") != "9.9.9.9 1.1.1.1 8.8.8.8" || p.Reply.Language != "de" {
		t.Errorf("default: %+v", p)
	}
	if o.Tenant != "0123" || o.APIURL != "https://api.example.com" {
		t.Errorf("other: %+v", o)
	}
	if got := f.Ignores(); len(got) != 1 || got[0] != "record.missing" {
		t.Errorf("ignore: %q", got)
	}
	keys := f.Keys()
	if len(keys) != 3 || keys["sort"][0] != "1" || len(keys["quit"]) != 0 ||
		strings.Join(keys["reload"], " ") != "f5 R" {
		t.Errorf("keys: %q", keys)
	}
	if f.Profile("no") != nil {
		t.Error("a profile that the file does not have")
	}
}
