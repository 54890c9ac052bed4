package hasher

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestItYieldsItsCore(t *testing.T) {
	p := pool(t, 1)
	if _, err := p.Hash(t.Context(), "una clave"); err != nil {
		t.Fatal(err)
	}
	for who, pid := range map[string]int{"it": p.all[0].running(), "this process": 0} {
		raw, err := unix.Getpriority(unix.PRIO_PROCESS, pid)
		if err != nil {
			t.Fatal(err)
		}
		if nice := 20 - raw; (nice == niceness) != (pid != 0) { // as getpriority(2) of the kernel counts
			t.Errorf("%s has niceness %d", who, nice)
		}
	}
}

func coresOf(t *testing.T, pid int) int {
	t.Helper()
	var may unix.CPUSet
	if err := unix.SchedGetaffinity(pid, &may); err != nil {
		t.Fatal(err)
	}
	return may.Count()
}
