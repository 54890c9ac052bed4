package db

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

func TestConnectionsBoundSilence(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := dial()(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	raw, err := c.(*net.TCPConn).SyscallConn() //nolint:forcetypeassert // it was dialled
	if err != nil {
		t.Fatal(err)
	}
	for option, want := range map[[2]int]int{
		{unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT}: int(silence.Milliseconds()), {unix.SOL_SOCKET, unix.SO_KEEPALIVE}: 1,
		{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE}: int(probeEvery.Seconds()), {unix.IPPROTO_TCP, unix.TCP_KEEPCNT}: 3,
	} {
		var got int
		var failed error
		if err := raw.Control(func(fd uintptr) { got, failed = unix.GetsockoptInt(int(fd), option[0], option[1]) }); err != nil || failed != nil {
			t.Fatal(err, failed)
		}
		if got != want {
			t.Errorf("socket option %v is %d, want %d", option, got, want)
		}
	}
}
