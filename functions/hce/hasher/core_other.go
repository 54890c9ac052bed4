//go:build !linux

package hasher

import "os/exec"

func cores() []int { return nil }

func startOn(_ int, cmd *exec.Cmd) error { return cmd.Start() }
