package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"domdoc/ui/privatefile"

	"go.yaml.in/yaml/v3"
)

// AddProfile adds a profile with the address of its service to a config file. It keeps the rest of the file, comments
// included.
func AddProfile(file, name, url string) error {
	if file == "" {
		return errors.New("no home directory: set HOME or XDG_CONFIG_HOME")
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
	// Write through a symbolic link instead of replacing it.
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	return privatefile.Write(file, out.Bytes())
}

// childMap returns the map under a key, which it creates if necessary.
func childMap(parent *yaml.Node, key string) (*yaml.Node, error) {
	if parent.Kind != yaml.MappingNode {
		return nil, errors.New("not a map")
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
