//go:build !unix

package terminal

import "os/exec"

func Detach(*exec.Cmd) {}
