//go:build unix

package terminal

import (
	"os/exec"
	"syscall"
)

// Detach gives a program its own session, so that it can neither write to our terminal nor be stopped with us.
func Detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
