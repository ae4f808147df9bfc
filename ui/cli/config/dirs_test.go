package config_test

import (
	"path/filepath"
	"runtime"
	"testing"

	"domdoc/ui/cli/config"
)

// TestDirectories reads each base directory from its variable, and falls back to the home directory where the variable
// is empty or relative.
func TestDirectories(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the paths below are not absolute on Windows")
	}
	for name, c := range map[string]struct {
		env                  map[string]string
		config, cache, state string
		named                bool
	}{
		"variables": {
			map[string]string{"XDG_CONFIG_HOME": "/c", "XDG_CACHE_HOME": "/k", "XDG_STATE_HOME": "/s", "HOME": "/h"},
			"/c/domdoc/config.yaml", "/k/domdoc", "/s/domdoc", true,
		},
		"home": {
			map[string]string{"HOME": "/h"},
			"/h/.config/domdoc/config.yaml", "/h/.cache/domdoc", "/h/.local/state/domdoc", false,
		},
		"relative": {
			map[string]string{"XDG_CONFIG_HOME": "c", "XDG_CACHE_HOME": "k", "XDG_STATE_HOME": "s", "HOME": "/h"},
			"/h/.config/domdoc/config.yaml", "/h/.cache/domdoc", "/h/.local/state/domdoc", false,
		},
		"relative home": {map[string]string{"HOME": "h"}, "", "", "", false},
	} {
		getenv := func(k string) string { return c.env[k] }
		state, named := config.StateDir(getenv)
		got := [...]string{config.Path(getenv), config.CacheDir(getenv), state}
		want := [...]string{filepath.FromSlash(c.config), filepath.FromSlash(c.cache), filepath.FromSlash(c.state)}
		if got != want || named != c.named {
			t.Errorf("%s: %q %v, want %q %v", name, got, named, want, c.named)
		}
	}
}
