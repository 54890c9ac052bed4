package db

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// boundSilence bounds how long what was sent may go unanswered by the other
// side's TCP (RFC 5482): keepalive probes are not sent meanwhile.
func boundSilence(c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silence.Milliseconds())) // #nosec G115 -- a descriptor is small
	})
	return errors.Join(err, failed)
}
