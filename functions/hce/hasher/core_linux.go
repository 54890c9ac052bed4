package hasher

import (
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

// cores returns those that this process may use.
func cores() []int {
	var may unix.CPUSet
	if unix.SchedGetaffinity(0, &may) != nil {
		return nil
	}
	var all []int
	for core := 0; len(all) < may.Count(); core++ {
		if may.IsSet(core) {
			all = append(all, core)
		}
	}
	return all
}

// niceness leaves the core to whoever else wants it, but for a tenth: nobody who
// signs in waits for long.
const niceness = 10

// startOn starts a process that may use one core only, and yields it, where the
// system allows to say so: it inherits that of the thread that starts it.
func startOn(core int, cmd *exec.Cmd) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with this function
		if core != none {
			var one unix.CPUSet
			one.Set(core)
			unix.SchedSetaffinity(0, &one) //nolint:errcheck // it is as well without
		}
		unix.Setpriority(unix.PRIO_PROCESS, 0, niceness) //nolint:errcheck // likewise
		started <- cmd.Start()
	}()
	return <-started
}
