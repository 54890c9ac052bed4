package localpg

import "syscall"

// dieWithParent has the kernel send a signal to the child when the thread that started it ends, so that
// it does not outlive a kill -9 of this process.
func dieWithParent(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }
