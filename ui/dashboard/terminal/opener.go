package terminal

import (
	"os"
	"path/filepath"
	"runtime"

	"domdoc/ui/dashboard/theme"
)

// FindOpener finds the program that opens a URL in the user's browser; why is the reason if there is none.
func FindOpener(env []string) (command []string, why string) {
	get := theme.Lookup(env)
	if get("SSH_CONNECTION") != "" || get("SSH_TTY") != "" {
		return nil, "this is an SSH session: a browser would open on the remote machine"
	}
	var candidates [][]string
	switch runtime.GOOS {
	case "darwin":
		candidates = [][]string{{"open"}}
	case "windows":
		candidates = [][]string{{"rundll32", "url.dll,FileProtocolHandler"}}
	default:
		if get("DISPLAY") == "" && get("WAYLAND_DISPLAY") == "" && get("WSL_DISTRO_NAME") == "" {
			return nil, "there is no display for a browser"
		}
		candidates = [][]string{{"xdg-open"}, {"wslview"}, {"gio", "open"}}
	}
	for _, c := range candidates {
		if path := lookPath(c[0], get("PATH")); path != "" {
			return append([]string{path}, c[1:]...), ""
		}
	}
	return nil, "no program to open a browser was found"
}

// lookPath finds a program in a PATH that need not be this process's own. A relative directory in it is skipped, as
// in os/exec.
func lookPath(name, path string) string {
	for _, dir := range filepath.SplitList(path) {
		file := filepath.Join(dir, name)
		if runtime.GOOS == "windows" {
			file += ".exe"
		}
		info, err := os.Stat(file)
		if err == nil && filepath.IsAbs(dir) && !info.IsDir() &&
			(runtime.GOOS == "windows" || info.Mode().Perm()&0o111 != 0) {
			return file
		}
	}
	return ""
}
