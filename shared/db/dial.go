package db

import (
	"net"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// How long a server may keep silent before its connection is given up: one whose
// machine or network is gone says nothing, and TCP alone would insist for a
// quarter of an hour.
const (
	connectTimeout = 5 * time.Second
	silence        = 20 * time.Second
	probeEvery     = 5 * time.Second
)

// dial opens connections that notice when the other side is gone.
func dial() pgconn.DialFunc {
	d := &net.Dialer{
		Timeout:         connectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: probeEvery, Interval: probeEvery, Count: int(silence/probeEvery) - 1},
		Control: func(network, _ string, c syscall.RawConn) error {
			if network != "tcp4" && network != "tcp6" {
				return nil
			}
			return boundSilence(c)
		},
	}
	return d.DialContext
}
