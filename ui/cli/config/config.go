// Package config reads and extends domdoc's config file, and locates it and the other directories that domdoc uses.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"domdoc/api"
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

// Read reads a config file and checks all of it, also what the run does not use. It returns nil when there is none.
// keys checks the keys of the dashboard; it may be nil.
func Read(path string, keys KeyCheck) (*File, error) {
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
	doc, err := parse(path, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	if err := check(path, doc, keys); err != nil {
		return nil, err
	}
	k := koanf.New("\x00") // keys may contain dots
	if err := k.Load(rawbytes.Provider(raw), koanfyaml.Parser()); err != nil {
		return nil, usage.Errorf(fileExample, "the config file %s is not valid YAML: %w", path, err)
	}
	return &File{path, k}, nil
}

// Profile returns a profile; nil when the file does not have it.
func (f *File) Profile(name string) *Profile {
	at := "profiles\x00" + name
	if f == nil || !f.values.Exists(at) {
		return nil
	}
	p := f.values.Cut(at)
	return &Profile{
		Reply:  Reply{p.String("reply\x00language"), p.String("reply\x00signature")},
		APIURL: p.String("api-url"), Tenant: p.String("tenant"), Output: p.String("output"),
		Resolvers: words(p, "resolvers"), Paths: p.StringMap("paths"),
		Credentials: credentials.Place(p.String("credentials")), PageURL: p.String("page-url"), As: p.String("as"),
	}
}

// words returns a list, which may be written as one value: separated by commas or spaces.
func words(k *koanf.Koanf, key string) []string {
	if one, ok := k.Get(key).(string); ok {
		return splitWords(one)
	}
	var out []string
	for _, item := range k.Strings(key) {
		out = append(out, splitWords(item)...)
	}
	return out
}

func splitWords(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
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
	if one, ok := f.values.Get("ignore").(string); ok {
		return []string{one}
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

// Keys returns the keys of the dashboard's actions.
func (f *File) Keys() map[string][]string {
	if f == nil || !f.values.Exists("keys") {
		return nil
	}
	list, _ := f.values.Get("keys").(map[string]any)
	out := map[string][]string{}
	for action, value := range list {
		values, many := value.([]any)
		if !many {
			values = []any{value}
		}
		out[action] = []string{}
		for _, v := range values {
			if key, ok := keyText(v); ok {
				out[action] = append(out[action], key)
			}
		}
	}
	return out
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

// OperationPaths returns a profile's paths by operation.
func OperationPaths(paths map[string]string) map[api.Operation]string {
	if len(paths) == 0 {
		return nil
	}
	out := map[api.Operation]string{}
	for name, path := range paths {
		out[api.Operation(name)] = path
	}
	return out
}
