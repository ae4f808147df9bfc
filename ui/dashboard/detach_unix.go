//go:build unix

package dashboard

import (
	"os/exec"
	"syscall"
)

// detach gives a program a session of its own, so that it can neither write to our terminal nor be stopped with us.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
