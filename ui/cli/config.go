package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	koanfyaml "github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
)

// configFile is where the config file is.
func (s *settings) configFile() string {
	dir := s.env.Getenv("XDG_CONFIG_HOME")
	if dir == "" {
		home := s.env.Getenv("HOME")
		if home == "" {
			home, _ = os.UserHomeDir()
		}
		if home == "" {
			return ""
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "domdoc", "config.yaml")
}

// maxConfig bounds the config file.
const maxConfig = 1 << 20

// configKeys are the keys at the top of the config file, profileKeys those of a profile; any other is a mistake worth
// saying.
var (
	configKeys  = []string{"profiles", "keys", "severity", "ignore"}
	profileKeys = []string{"api-url", "tenant", "output", "resolvers", "paths", "credentials", "page-url"}
)

const configExample = "profiles:\n  default:\n    api-url: https://api.example.com"

// readConfig reads the config file; nil when there is none, and in the demo.
func (s *settings) readConfig() (*koanf.Koanf, error) {
	if s.env.world != nil || s.env.play != nil {
		return nil, nil
	}
	return s.parseConfig()
}

// parseConfig reads the config file; nil when there is none.
func (s *settings) parseConfig() (*koanf.Koanf, error) {
	file := s.configFile()
	if file == "" {
		return nil, nil
	}
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && info.Size() > maxConfig {
		err = errors.New("it is larger than 1 MiB")
	}
	if err != nil {
		return nil, usagef("", "the config file %s cannot be read (%w)", file, err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, usagef("", "the config file cannot be read: %w", err)
	}
	k := koanf.New("\x00") // keys may hold dots
	if err := k.Load(rawbytes.Provider(raw), koanfyaml.Parser()); err != nil {
		return nil, usagef(configExample, "the config file %s is not valid YAML: %w", file, err)
	}
	for _, key := range k.MapKeys("") {
		if !slices.Contains(configKeys, key) {
			return nil, usagef(configExample, "the config file %s has an unknown key %q; profiles stand under \"profiles\"",
				file, key)
		}
	}
	return k, nil
}

// profileOf is one profile of the config file, with its keys checked; nil when it is not there.
func (s *settings) profileOf(k *koanf.Koanf, name string) (*koanf.Koanf, error) {
	at := "profiles\x00" + name
	if k == nil || !k.Exists(at) {
		return nil, nil
	}
	p := k.Cut(at)
	for _, key := range p.MapKeys("") {
		if !slices.Contains(profileKeys, key) {
			return nil, usagef("", "profile %q in %s has an unknown key %q; use %s", name, s.configFile(), key,
				strings.Join(profileKeys, ", "))
		}
	}
	return p, nil
}

// readProfile reads the chosen profile of the config file; nil when there is none. One that was named and is not
// there is a mistake, save for login, which makes it.
func (s *settings) readProfile(cmd *cobra.Command) (*koanf.Koanf, error) {
	name := s.profile
	if !cmd.Flags().Changed("profile") && !s.chosen {
		if name = s.env.Getenv("DOMDOC_PROFILE"); name == "" {
			name = defaultProfile
		}
	}
	s.several = nil
	if list := splitProfiles(name); len(list) > 1 {
		if cmd.Name() != "check" {
			return nil, usagef("--profile "+list[0], "--profile %q: several profiles go with check --all", clean(name))
		}
		s.several, s.profile = list, list[0]
		return nil, nil // each is read by itself
	}
	s.profile = name
	k, err := s.readConfig()
	if err != nil {
		return nil, err
	}
	p, err := s.profileOf(k, name)
	if err != nil || p != nil || name == defaultProfile || s.env.world != nil || s.env.play != nil ||
		cmd.Name() == "login" || cmd.Name() == "profiles" {
		return p, err
	}
	if k == nil {
		return nil, usagef("profiles:\n  "+name+":\n    api-url: https://api.example.com",
			"there is no profile %q: the config file %s does not exist", name, s.configFile())
	}
	return nil, usagef("", "there is no profile %q in %s; it has %s", name, s.configFile(),
		strings.Join(k.MapKeys("profiles"), ", "))
}

const defaultProfile = "default"

// addProfile writes a profile with its address into the config file. Whatever stands there, comments too, stays.
func addProfile(file, name, url string) error {
	if file == "" {
		return errors.New("there is no place for it: set HOME or XDG_CONFIG_HOME")
	}
	raw, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return err
	}
	if doc.Kind == 0 { // empty, or only comments
		doc = yaml.Node{
			Kind: yaml.DocumentNode, HeadComment: strings.TrimSpace(string(raw)),
			Content: []*yaml.Node{{Kind: yaml.MappingNode}},
		}
	}
	top := doc.Content[0]
	profiles, err := childMap(top, "profiles")
	if err != nil {
		return err
	}
	profile, err := childMap(profiles, name)
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(profile.Content); i += 2 {
		if profile.Content[i].Value == "api-url" {
			return fmt.Errorf("the profile %s has another api-url", name)
		}
	}
	profile.Content = append(profile.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "api-url"},
		&yaml.Node{Kind: yaml.ScalarNode, Value: url})
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(&doc); err != nil {
		return err
	}
	// a config that is kept elsewhere and linked stays linked
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	return writePrivate(file, out.Bytes())
}

// childMap is the map under a key, made where it is not there.
func childMap(parent *yaml.Node, key string) (*yaml.Node, error) {
	if parent.Kind != yaml.MappingNode {
		return nil, errors.New("it is not a map of keys")
	}
	for i := 0; i+1 < len(parent.Content); i += 2 {
		if parent.Content[i].Value != key {
			continue
		}
		child := parent.Content[i+1]
		if child.Kind == yaml.ScalarNode && (child.Tag == "!!null" || child.Value == "") {
			*child = yaml.Node{Kind: yaml.MappingNode}
		}
		if child.Kind != yaml.MappingNode {
			return nil, fmt.Errorf("%q is not a map", key)
		}
		return child, nil
	}
	child := &yaml.Node{Kind: yaml.MappingNode}
	parent.Content = append(parent.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, child)
	return child, nil
}
