package localpg

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// settings are what the nodes' configuration depends on.
type settings struct {
	Options
	home    home
	shape   shape
	sockets string
	// listsPlugins: since 15.19 a library has to be named in output_plugin_libraries before a
	// replication slot may use it; before, the name stops the server.
	listsPlugins bool
}

func newSettings(ctx context.Context, o Options, h home, pg installation, s shape, sockets string) (settings, error) {
	set := settings{Options: o, home: h, shape: s, sockets: sockets}
	var err error
	if s == cluster {
		set.listsPlugins, err = pg.hasSetting(ctx, "output_plugin_libraries")
	}
	return set, err
}

// port is the number in a socket's name. Workers listen on no TCP port, so theirs only have to be
// numbers that Options.Port cannot be; they never change, since Citus records them.
func (s settings) port(node int) int {
	switch {
	case node > 0:
		return node
	case s.Port != 0:
		return s.Port
	}
	return 5432
}

// common are for a laptop: modest memory, everything durable, a crash healed within a second.
//
// The log holds nothing of a patient: statements and parameters are off, DETAIL and CONTEXT are cut by
// terse, and log_min_messages = log leaves out errors, whose messages quote the offending value.
const common = `
max_connections = 200
shared_buffers = 64MB
max_locks_per_transaction = 128
max_wal_size = 512MB
wal_compression = on
checkpoint_timeout = 1min
jit = off

lc_messages = 'C'
timezone = 'UTC'
log_timezone = 'UTC'

log_destination = stderr
logging_collector = off
log_line_prefix = '%m [%p] '
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = none
log_min_duration_statement = -1
log_min_duration_sample = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_autovacuum_min_duration = -1
log_checkpoints = off
log_connections = off
log_disconnections = off
log_lock_waits = off
log_temp_files = -1
`

const durable = `
fsync = on
full_page_writes = on
synchronous_commit = on
`

const ephemeral = `
fsync = off
full_page_writes = off
synchronous_commit = off
`

// citus: a maintenance worker per database and node, two-phase commit, and logical decoding for moving
// shards. Few shards make a fan-out cheap.
const citus = `
shared_preload_libraries = 'citus'
wal_level = logical
max_prepared_transactions = 200
max_worker_processes = 64
citus.node_conninfo = 'sslmode=prefer'
citus.shard_count = 8
citus.enable_statistics_collection = off
`

// hba lets in whoever can open the socket, whose directory is private, as any role; over TCP only who
// knows the password.
const hba = `local all all trust
host all all 127.0.0.1/32 scram-sha-256
`

// write writes the configuration of node number i, anew at each start.
func (s settings) write(n *node, i int) error {
	var b strings.Builder
	set := func(name, value string) { fmt.Fprintf(&b, "%s = %s\n", name, quote(value)) }
	b.WriteString("# Written at each start: changes are lost.\n")
	// What initdb has found out about this machine, such as the kind of shared memory.
	fmt.Fprintf(&b, "include %s\n", quote(filepath.Join(n.data, "postgresql.conf")))
	set("hba_file", filepath.Join(s.home.dir, "hba.conf"))
	set("unix_socket_directories", n.sockets)
	set("unix_socket_permissions", "0700")
	set("port", fmt.Sprint(n.port))
	listen := ""
	if i == 0 && s.Port != 0 {
		listen = "127.0.0.1"
	}
	set("listen_addresses", listen)
	b.WriteString(common)
	if s.Ephemeral {
		b.WriteString(ephemeral)
	} else {
		b.WriteString(durable)
	}
	if s.shape == cluster {
		b.WriteString(citus)
		set("citus.local_hostname", n.sockets)
		if s.listsPlugins {
			set("output_plugin_libraries", "pgoutput, test_decoding, citus")
		}
	}
	err := os.WriteFile(filepath.Join(s.home.dir, "hba.conf"), []byte(hba), 0o644) // #nosec G306 -- PostgreSQL's account reads it; it holds no secret
	if err != nil {
		return err
	}
	return os.WriteFile(n.conf, []byte(b.String()), 0o644) // #nosec G306 -- PostgreSQL's account reads it; it holds no secret
}

// quote writes a string as postgresql.conf wants it.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(s) + "'"
}
