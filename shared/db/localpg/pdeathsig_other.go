//go:build !linux

package localpg

import "syscall"

// dieWithParent can do nothing here: what outlives us is ended by the next start.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}
