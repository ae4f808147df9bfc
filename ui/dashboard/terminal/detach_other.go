//go:build !unix

package terminal

import "os/exec"

// Detach does nothing: only Unix has sessions.
func Detach(*exec.Cmd) {}
