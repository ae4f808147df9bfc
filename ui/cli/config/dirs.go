package config

import (
	"os"
	"path/filepath"
)

// Path returns the path of the config file; empty when there is no home directory.
func Path(getenv func(string) string) string {
	dir, _ := baseDir(getenv, "XDG_CONFIG_HOME", ".config")
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "config.yaml")
}

// CacheDir returns the directory of the caches, which may be removed at any time; empty when there is none.
func CacheDir(getenv func(string) string) string {
	dir, _ := baseDir(getenv, "XDG_CACHE_HOME", ".cache")
	return dir
}

// StateDir returns the directory of the saved state and the log, and reports whether the environment names it.
func StateDir(getenv func(string) string) (dir string, named bool) {
	return baseDir(getenv, "XDG_STATE_HOME", filepath.Join(".local", "state"))
}

// baseDir returns domdoc's directory below a base directory of the XDG specification, the same on every system. A
// relative path in the environment is invalid and ignored, as the specification asks. The well-known libraries do not
// fit: they read the environment when the program starts, and use other directories on macOS and Windows.
func baseDir(getenv func(string) string, variable, fallback string) (dir string, named bool) {
	if dir = getenv(variable); filepath.IsAbs(dir) {
		return filepath.Join(dir, "domdoc"), true
	}
	home := getenv("HOME")
	if home == "" {
		home, _ = os.UserHomeDir()
	}
	if !filepath.IsAbs(home) {
		return "", false
	}
	return filepath.Join(home, fallback, "domdoc"), false
}
