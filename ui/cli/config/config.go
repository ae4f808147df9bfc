// Package config reads and extends domdoc's config file, and locates it and the other directories that domdoc uses.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"domdoc/api"
	"domdoc/catalog/translation"
	"domdoc/ui/cli/credentials"
	"domdoc/ui/cli/usage"

	koanfyaml "github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
)

// DefaultProfile is the profile that is used when none is named.
const DefaultProfile = "default"

// maxSize bounds the config file, in bytes.
const maxSize = 1 << 20

// topKeys are the keys at the top of the config file, profileKeys those of a profile. Any other is rejected.
var (
	topKeys     = []string{"profiles", "keys", "theme", "severity", "ignore"}
	profileKeys = []string{"api-url", "tenant", "output", "resolvers", "paths", "credentials", "page-url", "reply", "as"}
)

const (
	fileExample  = "profiles:\n  default:\n    api-url: https://api.example.com"
	replyExample = "reply: {language: de, signature: \"Ann Other, Support\"}"
	keysExample  = "keys:\n  diagnose-all: A\n  page-down: [space, ctrl+f]\n  sort: []"
)

// File is a config file. A nil File has no profiles and no rules.
type File struct {
	path   string
	values *koanf.Koanf
}

// Profile holds the settings of one profile.
type Profile struct {
	APIURL, Tenant, Output string
	Resolvers              []string
	Paths                  map[string]string // paths of single operations
	Credentials            credentials.Place // empty: the keyring where there is one
	As                     string            // who reads: tenant, support or operator; empty: by the session
	PageURL                string            // the service's page of a domain, with {id} or {domain}
	Reply                  Reply
}

// Reply says how replies to tickets are written.
type Reply struct {
	Language  string // a code that translation.Find knows; empty: English
	Signature string // the last lines
}

// replyKeys are the keys of a profile's reply.
var replyKeys = []string{"language", "signature"}

// Read reads a config file. It returns nil when there is none.
func Read(path string) (*File, error) {
	if path == "" {
		return nil, nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && info.Size() > maxSize {
		err = errors.New("larger than 1 MiB")
	}
	if err != nil {
		return nil, usage.Errorf("", "cannot read the config file %s: %w", path, err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, usage.Errorf("", "cannot read the config file: %w", err)
	}
	k := koanf.New("\x00") // keys may contain dots
	if err := k.Load(rawbytes.Provider(raw), koanfyaml.Parser()); err != nil {
		return nil, usage.Errorf(fileExample, "the config file %s is not valid YAML: %w", path, err)
	}
	for _, key := range k.MapKeys("") {
		if !slices.Contains(topKeys, key) {
			return nil, usage.Errorf(fileExample,
				"the config file %s has an unknown key %q; profiles belong under \"profiles\"", path, key)
		}
	}
	return &File{path, k}, nil
}

// Profile returns a profile with its keys checked; nil when the file does not have it.
func (f *File) Profile(name string) (*Profile, error) {
	at := "profiles\x00" + name
	if f == nil || !f.values.Exists(at) {
		return nil, nil
	}
	p := f.values.Cut(at)
	for _, key := range p.MapKeys("") {
		if !slices.Contains(profileKeys, key) {
			return nil, usage.Errorf("", "profile %q in %s has an unknown key %q; use %s", name, f.path, key,
				strings.Join(profileKeys, ", "))
		}
	}
	for _, key := range p.MapKeys("reply") {
		if !slices.Contains(replyKeys, key) {
			return nil, usage.Errorf(replyExample, "profile %q in %s has an unknown key %q in reply; use %s", name, f.path, key,
				strings.Join(replyKeys, ", "))
		}
	}
	if v, ok := p.Get("reply").(map[string]any); p.Exists("reply") && !ok && v == nil {
		return nil, usage.Errorf(replyExample, "\"reply\" of the profile %q in %s is not a map", name, f.path)
	}
	return &Profile{
		Reply:  Reply{p.String("reply\x00language"), p.String("reply\x00signature")},
		APIURL: p.String("api-url"), Tenant: p.String("tenant"), Output: p.String("output"),
		Resolvers: words(p, "resolvers"), Paths: p.StringMap("paths"),
		Credentials: credentials.Place(p.String("credentials")), PageURL: p.String("page-url"), As: p.String("as"),
	}, nil
}

// words returns a list, which may be written as one value: separated by commas or spaces.
func words(k *koanf.Koanf, key string) []string {
	if one, ok := k.Get(key).(string); ok {
		return strings.FieldsFunc(one, func(r rune) bool { return r == ',' || r == ' ' })
	}
	return k.Strings(key)
}

// Check checks the values of a profile.
func (p *Profile) Check(name string) error {
	switch p.Credentials {
	case "", credentials.Keyring, credentials.File:
	default:
		return usage.Errorf("credentials: file", "the profile %q has credentials: %q; use keyring or file", name,
			usage.Clean(string(p.Credentials)))
	}
	if p.Reply.Language != "" {
		if _, err := translation.Find(p.Reply.Language); err != nil {
			return usage.Errorf(replyExample, "the profile %q has reply: language: %w", name, err)
		}
	}
	if err := checkPageURL(p.PageURL); err != nil {
		return usage.Errorf("page-url: https://console.example.com/domains/{id}", "the profile %q has page-url: %w", name,
			err)
	}
	return nil
}

// Profiles returns the names of the profiles, sorted.
func (f *File) Profiles() []string {
	if f == nil {
		return nil
	}
	names := f.values.MapKeys("profiles")
	slices.Sort(names)
	return names
}

// Severities returns the verdicts that the file gives to causes, by pattern.
func (f *File) Severities() map[string]string {
	if f == nil {
		return nil
	}
	return f.values.StringMap("severity")
}

// Ignores returns the file's exceptions.
func (f *File) Ignores() []string {
	if f == nil {
		return nil
	}
	return f.values.Strings("ignore")
}

// Theme returns the palette of the dashboard; empty if the file names none.
func (f *File) Theme() string {
	if f == nil {
		return ""
	}
	return f.values.String("theme")
}

// Keys returns the keys of the dashboard's actions. It does not check that the actions and keys exist.
func (f *File) Keys() (map[string][]string, error) {
	if f == nil || !f.values.Exists("keys") {
		return nil, nil
	}
	list, ok := f.values.Get("keys").(map[string]any)
	if !ok {
		return nil, usage.Errorf(keysExample, "\"keys\" in the config file %s is not a map from actions to keys", f.path)
	}
	out := map[string][]string{}
	for action, value := range list {
		values, many := value.([]any)
		if !many {
			values = []any{value}
		}
		out[action] = []string{}
		for _, v := range values {
			key, ok := keyText(v)
			if !ok {
				return nil, usage.Errorf(keysExample,
					"the config file %s has an invalid key for the action %q: write a key, a list of keys, or [] for none",
					f.path, usage.Clean(action))
			}
			out[action] = append(out[action], key)
		}
	}
	return out, nil
}

// keyText returns a key as written in YAML: a string or a digit.
func keyText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int:
		return strconv.Itoa(v), v >= 0 && v <= 9
	}
	return "", false
}

// checkPageURL checks the address of a domain's page at the service.
func checkPageURL(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(strings.NewReplacer("{id}", "x", "{domain}", "x").Replace(s))
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil:
		return fmt.Errorf("%q is not the address of a web page", usage.Clean(s))
	case !strings.Contains(s, "{id}") && !strings.Contains(s, "{domain}"):
		return fmt.Errorf("%q is the same page for every domain: add {id} or {domain}", usage.Clean(s))
	}
	return nil
}

// OperationPaths checks a profile's paths and returns them by operation.
func OperationPaths(paths map[string]string) (map[api.Operation]string, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	out := map[api.Operation]string{}
	for name, path := range paths {
		if !slices.Contains(api.Operations(), api.Operation(name)) {
			var names []string
			for _, op := range api.Operations() {
				names = append(names, string(op))
			}
			return nil, usage.Errorf("paths:\n  domains: /domains/v1/domains",
				"\"paths\" in the config file has an unknown operation %q; use %s", name, strings.Join(names, ", "))
		}
		out[api.Operation(name)] = path
	}
	return out, nil
}
