package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/order"
	"domdoc/catalog/translation"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/query"
	"domdoc/ui/cli/arguments"
	"domdoc/ui/cli/credentials"
	"domdoc/ui/cli/usage"
	"domdoc/ui/dashboard/setup"
	"domdoc/ui/render/report"

	"go.yaml.in/yaml/v3"
)

// KeyCheck checks the keys of the dashboard's actions. It returns the mistakes by the name of the action that has
// them in the config file.
type KeyCheck func(keys map[string][]string) map[string][]string

// checker collects the mistakes of a config file.
type checker struct {
	path  string
	found []mistake
	hint  string // a valid example for the first of them
}

type mistake struct {
	line int
	text string
}

// check checks everything in a config file, whether or not it is used: keys, types and values. The error has a line
// for each mistake, which begins with the file and the line. keys may be nil.
func check(path string, doc *yaml.Node, keys KeyCheck) error {
	c := &checker{path: path}
	if doc.Kind == yaml.DocumentNode && len(doc.Content) > 0 {
		c.file(doc.Content[0], keys)
	}
	return c.err()
}

func (c *checker) err() error {
	if len(c.found) == 0 {
		return nil
	}
	order.StableBy(c.found, func(a, b mistake) int { return cmp.Compare(a.line, b.line) })
	var all []error
	for _, m := range c.found {
		all = append(all, fmt.Errorf("%s:%d: %s", c.path, m.line, m.text))
	}
	return &usage.Error{Err: errors.Join(all...), Hint: c.hint}
}

// add adds a mistake with an example of what is right.
func (c *checker) add(at *yaml.Node, example, format string, args ...any) {
	if len(c.found) == 0 || at.Line < c.found[0].line {
		c.hint = example
	}
	m := mistake{at.Line, usage.Clean(fmt.Sprintf(format, args...))}
	if !slices.Contains(c.found, m) {
		c.found = append(c.found, m)
	}
}

// kindOf names the type of a value.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		switch n.ShortTag() {
		case "!!null":
			return "empty"
		case "!!int", "!!float":
			return "a number"
		case "!!bool":
			return "a truth value"
		case "!!timestamp":
			return "a date"
		}
	case yaml.DocumentNode, yaml.AliasNode:
	}
	return "a text"
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// entry is a key of a map with its value.
type entry struct {
	key, value *yaml.Node
	name       string
}

// entries returns the entries of a map, those of merged maps ("<<: *base") after its own.
func (c *checker) entries(n *yaml.Node, what, example string) []entry {
	n = resolve(n)
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		c.add(n, example, "%s is not a map: it is %s", what, kindOf(n))
		return nil
	}
	var out []entry
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := resolve(n.Content[i]), resolve(n.Content[i+1])
		switch {
		case key.ShortTag() == "!!merge" && value.Kind == yaml.SequenceNode:
			merged = append(merged, value.Content...)
		case key.ShortTag() == "!!merge":
			merged = append(merged, value)
		case key.Kind != yaml.ScalarNode:
			c.add(key, example, "%s has a key that is not a word", what)
		default:
			out = append(out, entry{key, value, key.Value})
		}
	}
	for _, m := range merged {
		for _, e := range c.entries(m, what, example) {
			if !slices.ContainsFunc(out, func(o entry) bool { return o.name == e.name }) {
				out = append(out, e)
			}
		}
	}
	return out
}

// known checks the key of an entry.
func (c *checker) known(e entry, names []string, where, example string) bool {
	if slices.Contains(names, e.name) {
		return true
	}
	c.add(e.key, example, "%sunknown key %q; use %s%s", where, usage.Clean(e.name), strings.Join(names, ", "),
		arguments.Meant(e.name, names))
	return false
}

// text returns a value that is a text; false if there is none, or it is a mistake.
func (c *checker) text(n *yaml.Node, what, example string) (string, bool) {
	if isNull(n) {
		return "", false
	}
	if n.Kind != yaml.ScalarNode {
		c.add(n, example, "%s is %s; write one value", what, kindOf(n))
		return "", false
	}
	var v any
	if err := n.Decode(&v); err != nil || fmt.Sprint(v) != n.Value {
		if _, dated := v.(time.Time); dated || n.ShortTag() != "!!str" {
			c.add(n, example, "%s is read as %s: put it in quotes", what, kindOf(n))
			return "", false
		}
	}
	return n.Value, true
}

// texts returns the texts of a list, or of one value.
func (c *checker) texts(n *yaml.Node, what, example string) []*yaml.Node {
	if n.Kind == yaml.MappingNode {
		c.add(n, example, "%s is a map; write a list", what)
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		if _, ok := c.text(n, what, example); ok {
			return []*yaml.Node{n}
		}
		return nil
	}
	var out []*yaml.Node
	for _, item := range n.Content {
		item = resolve(item)
		if _, ok := c.text(item, what, example); ok {
			out = append(out, item)
		} else if isNull(item) {
			c.add(item, example, "%s has an empty item", what)
		}
	}
	return out
}

// one checks a value that is one of a few words; nothing is right, too.
func (c *checker) one(n *yaml.Node, what string, words []string) {
	if v, ok := c.text(n, what, what+": "+words[0]); ok && v != "" && !slices.Contains(words, v) {
		c.add(n, what+": "+words[0], "%s: %q; use %s%s", what, v, orList(words), arguments.Meant(v, words))
	}
}

// orList is "keyring or file", or "tenant, support, operator".
func orList(words []string) string {
	if len(words) == 2 {
		return words[0] + " or " + words[1]
	}
	return strings.Join(words, ", ")
}

func (c *checker) file(n *yaml.Node, keys KeyCheck) {
	for _, e := range c.entries(n, "the config file", fileExample) {
		switch {
		case slices.Contains(profileKeys, e.name):
			c.add(e.key, fileExample, "unknown key %q; it belongs under \"profiles\", in a profile", e.name)
		case !c.known(e, topKeys, "", fileExample):
		case e.name == "profiles":
			for _, p := range c.entries(e.value, `"profiles"`, fileExample) {
				c.profile(p)
			}
		case e.name == "keys":
			c.keys(e.value, keys)
		case e.name == "theme":
			c.one(e.value, "theme", setup.Themes())
		case e.name == "severity":
			c.severities(e.value)
		case e.name == "ignore":
			for _, item := range c.texts(e.value, "ignore", ignoreExample) {
				if _, err := query.ParseIgnore(item.Value); err != nil {
					c.add(item, ignoreExample, "ignore: %v", err)
				}
			}
		}
	}
}

const (
	ignoreExample   = "ignore:\n  - record.ttl-out-of-range@shop.example.com:until 2026-12-31"
	severityExample = "severity:\n  registration.expires-soon: fail"
	pageExample     = "page-url: https://console.example.com/domains/{id}"
	resolverExample = "resolvers: [9.9.9.9, tls://1.1.1.1]"
	pathsExample    = "paths:\n  domains: /domains/v1/domains"
)

func (c *checker) severities(n *yaml.Node) {
	for _, e := range c.entries(n, `"severity"`, severityExample) {
		verdict, ok := c.text(e.value, "severity: "+e.name, severityExample)
		if !ok {
			if isNull(e.value) {
				c.add(e.value, severityExample, "severity: %s has no value; use fail or warn", e.name)
			}
			continue
		}
		if _, err := query.ParseSeverity(e.name, verdict); err != nil {
			c.add(e.key, severityExample, "severity: %v", err)
		}
	}
}

// keys checks the keys of the dashboard.
func (c *checker) keys(n *yaml.Node, check KeyCheck) {
	if n.Kind != yaml.MappingNode && !isNull(n) {
		c.add(n, keysExample, `"keys" is not a map from actions to keys: it is %s`, kindOf(n))
		return
	}
	list := map[string][]string{}
	at := map[string]*yaml.Node{}
	for _, e := range c.entries(n, `"keys"`, keysExample) {
		items := []*yaml.Node{e.value}
		if e.value.Kind == yaml.SequenceNode {
			items = e.value.Content
		}
		at[e.name], list[e.name] = e.key, []string{}
		for _, item := range items {
			var v any
			key, ok := "", false
			if item = resolve(item); item.Kind == yaml.ScalarNode && item.Decode(&v) == nil {
				key, ok = keyText(v)
			}
			if !ok {
				c.add(item, keysExample, "keys: invalid key for the action %q: write a key, a list of keys, or [] for none",
					e.name)
				delete(list, e.name)
				break
			}
			list[e.name] = append(list[e.name], key)
		}
	}
	if check == nil {
		return
	}
	for action, mistakes := range check(list) {
		for _, m := range mistakes {
			c.add(cmp.Or(at[action], n), keysExample, "keys: %s", m)
		}
	}
}

// profile checks a profile.
func (c *checker) profile(p entry) {
	where := fmt.Sprintf("profile %q has an ", usage.Clean(p.name))
	for _, e := range c.entries(p.value, fmt.Sprintf("the profile %q", usage.Clean(p.name)), fileExample) {
		if slices.Contains([]string{"token", "password", "api-key", "secret"}, strings.ToLower(e.name)) {
			c.add(e.key, "domdoc login --profile "+usage.Clean(p.name),
				"%sunknown key %q: the config file has no secrets; log in with `domdoc login`, or set DOMDOC_TOKEN",
				where, e.name)
			continue
		}
		if !c.known(e, profileKeys, where, fileExample) {
			continue
		}
		c.setting(p.name, e)
	}
}

// setting checks a setting of a profile.
func (c *checker) setting(profile string, e entry) {
	switch e.name {
	case "api-url":
		if v, ok := c.text(e.value, e.name, fileExample); ok && v != "" {
			if err := api.CheckBaseURL(e.name, v); err != nil {
				c.add(e.value, fileExample, "%v", err)
			}
		}
	case "tenant":
		if v, ok := c.text(e.value, e.name, "tenant: t-1"); ok {
			if err := api.CheckTenant(e.name, v); err != nil {
				c.add(e.value, "tenant: t-1", "%v", err)
			}
		}
	case "output":
		c.one(e.value, e.name, report.FormatNames())
	case "credentials":
		c.one(e.value, e.name, []string{string(credentials.Keyring), string(credentials.File)})
	case "as":
		var words []string
		for _, a := range catalog.Audiences() {
			words = append(words, string(a))
		}
		c.one(e.value, e.name, words)
	case "resolvers":
		for _, item := range c.texts(e.value, e.name, resolverExample) {
			for _, r := range splitWords(item.Value) {
				if _, err := exchange.ParseResolver(r); err != nil {
					c.add(item, resolverExample, "resolvers: %v", err)
				}
			}
		}
	case "page-url":
		if v, ok := c.text(e.value, e.name, pageExample); ok {
			if err := checkPageURL(v); err != nil {
				c.add(e.value, pageExample, "page-url: %v", err)
			}
		}
	case "paths":
		c.paths(e.value)
	case "reply":
		c.reply(profile, e.value)
	}
}

func (c *checker) paths(n *yaml.Node) {
	var names []string
	for _, op := range api.Operations() {
		names = append(names, string(op))
	}
	for _, e := range c.entries(n, `"paths"`, pathsExample) {
		if !slices.Contains(names, e.name) {
			c.add(e.key, pathsExample, "paths: unknown operation %q; use %s%s", usage.Clean(e.name),
				strings.Join(names, ", "),
				arguments.Meant(e.name, names))
			continue
		}
		path, ok := c.text(e.value, "paths: "+e.name, pathsExample)
		if !ok {
			continue
		}
		if err := api.CheckPath(api.Operation(e.name), path); err != nil {
			c.add(e.value, pathsExample, "%v", err)
		}
	}
}

func (c *checker) reply(profile string, n *yaml.Node) {
	for _, e := range c.entries(n, `"reply"`, replyExample) {
		switch {
		case !slices.Contains(replyKeys, e.name):
			c.add(e.key, replyExample, "profile %q has an unknown key %q in reply; use %s%s", usage.Clean(profile),
				usage.Clean(e.name), strings.Join(replyKeys, ", "), arguments.Meant(e.name, replyKeys))
		case e.name == "language":
			if v, ok := c.text(e.value, "reply: language", replyExample); ok && v != "" {
				if _, err := translation.Find(v); err != nil {
					c.add(e.value, replyExample, "reply: language: %v", err)
				}
			}
		default:
			c.text(e.value, "reply: "+e.name, replyExample)
		}
	}
}

// yamlLine is where the YAML parser found a mistake.
var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:unmarshal errors:\s+)?line (\d+): `)

// parse reads the document of a config file. It refuses what the parser refuses, a repeated key among them, and
// several documents, of which only the first would be read.
func parse(path string, in io.Reader) (*yaml.Node, error) {
	var doc, more yaml.Node
	d := yaml.NewDecoder(in)
	err := d.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF): // empty, or comments only
		return &doc, nil
	case err == nil:
		var any map[string]any
		if doc.Content[0].Kind == yaml.MappingNode {
			err = doc.Decode(&any) // finds repeated keys
		}
	}
	if err != nil {
		text, line := err.Error(), 1
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			text = text[len(m[0]):]
			line, _ = strconv.Atoi(m[1])
		}
		return nil, usage.Errorf(fileExample, "%s:%d: the config file is not valid YAML: %s", path, line,
			usage.Clean(strings.TrimPrefix(text, "yaml: ")))
	}
	if d.Decode(&more) == nil {
		return nil, usage.Errorf(fileExample, "%s:%d: the config file has several documents (---): write it as one", path,
			more.Line)
	}
	return &doc, nil
}
