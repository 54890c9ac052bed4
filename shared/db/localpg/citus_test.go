package localpg

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

func needCitus(t *testing.T) {
	t.Helper()
	if !slices.ContainsFunc(find(t.Context()), func(pg installation) bool { return pg.citus }) {
		t.Skip("Citus is not installed, and no package of Debian's has it")
	}
}

func TestCitus(t *testing.T) {
	needCitus(t)
	dir := testDir(t)
	began := time.Now()
	s := start(t, Options{Dir: dir, Citus: CitusRequire})
	t.Logf("first start: %v", time.Since(began))
	if !s.Citus() {
		t.Fatal("no cluster")
	}
	began = time.Now()
	for range 2 {
		if err := s.Database(t.Context(), "hce"); err != nil {
			t.Fatal(err)
		}
		t.Logf("database: %v", time.Since(began))
	}
	conn := connect(t, s, superuser, "hce")
	exec1(t, conn, `CREATE ROLE hce_paciente LOGIN`)
	exec1(t, conn, `CREATE TABLE paciente (documento_id text PRIMARY KEY)`)
	exec1(t, conn, `SELECT create_distributed_table('paciente', 'documento_id')`)
	exec1(t, conn, `GRANT SELECT, INSERT ON paciente TO hce_paciente`)
	exec1(t, conn, `CREATE TABLE codigo (c text PRIMARY KEY)`)
	exec1(t, conn, `SELECT create_reference_table('codigo')`)
	exec1(t, conn, `INSERT INTO codigo VALUES ('A05.9')`) // on every node: two-phase commit
	shards := query1[int](t, conn, `SELECT count(*) FROM citus_shards WHERE table_name = 'paciente'::regclass`)
	nodes := query1[int](t, conn,
		`SELECT count(DISTINCT (nodename, nodeport)) FROM citus_shards WHERE table_name = 'paciente'::regclass`)
	if shards != 8 || nodes != 2 {
		t.Errorf("%d shards on %d nodes, want 8 on 2", shards, nodes)
	}
	// The role reaches the workers as itself.
	role := connect(t, s, "hce_paciente", "hce")
	exec1(t, role, `INSERT INTO paciente SELECT 'CC-' || g FROM generate_series(1, 500) g`)
	if got := query1[int](t, role, `SELECT count(*) FROM paciente`); got != 500 {
		t.Errorf("%d rows", got)
	}
	// The workers take queries too, and reach each other.
	worker := connect(t, &Server{nodes: s.nodes[1:]}, "hce_paciente", "hce")
	if got := query1[int](t, worker, `SELECT count(*) FROM paciente`); got != 500 {
		t.Errorf("%d rows seen from a worker", got)
	}

	for _, pid := range postmasters(t, dir) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the cluster is back with its rows", func() bool { return count(t, s, "hce", "paciente") == 500 })
	stop(t, s)

	// The directory moves, and with it the address of every node.
	moved := filepath.Join(testDir(t), "pg")
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	began = time.Now()
	s = start(t, Options{Dir: moved, Port: int(port)})
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the second start took %v, want under 2 s", took)
	} else {
		t.Logf("second start: %v", took)
	}
	if err := s.Database(t.Context(), "hce"); err != nil {
		t.Fatal(err)
	}
	conn = connect(t, s, superuser, "hce")
	exec1(t, conn, `INSERT INTO codigo VALUES ('J18.9')`)
	exec1(t, conn, `INSERT INTO paciente VALUES ('CC-501')`)
	if got := query1[int](t, conn, `SELECT count(*) FROM paciente`); got != 501 {
		t.Errorf("%d rows", got)
	}
	if got := query1[bool](t, conn, `SELECT bool_and(result) FROM citus_check_cluster_node_health()`); !got {
		t.Error("the nodes do not reach each other")
	}
	worker = connect(t, &Server{nodes: s.nodes[2:]}, superuser, "hce")
	eventually(t, "the workers have heard of it", func() bool {
		var n int
		err := worker.QueryRow(t.Context(), `SELECT count(*) FROM paciente`).Scan(&n)
		return err == nil && n == 501
	})
}

// Logical decoding and a shard's move go over the sockets too.
func TestCitusMovesShards(t *testing.T) {
	needCitus(t)
	s := start(t, Options{Ephemeral: true, Citus: CitusRequire})
	if err := s.Database(t.Context(), "hce"); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, s, superuser, "hce")
	exec1(t, conn, `CREATE TABLE nota (documento_id text, id int, PRIMARY KEY (documento_id, id))`)
	exec1(t, conn, `INSERT INTO nota SELECT 'CC-' || g, g FROM generate_series(1, 200) g`)
	exec1(t, conn, `SELECT create_distributed_table_concurrently('nota', 'documento_id')`)
	exec1(t, conn, `SELECT citus_move_shard_placement(shardid, nodename, nodeport, $1, $2, 'force_logical')
		FROM citus_shards WHERE table_name = 'nota'::regclass AND nodeport = 1 LIMIT 1`, s.nodes[2].sockets, 2)
	if got := query1[int](t, conn, `SELECT count(*) FROM nota`); got != 200 {
		t.Errorf("%d rows", got)
	}
}
