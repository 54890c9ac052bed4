package trail

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/shared/audit"
	"hce.co/shared/audit/audittest"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/config"
	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// world is a trail, and the owner of its database.
type world struct {
	t     *testing.T
	pool  *pgxpool.Pool
	owner *pgxpool.Pool
	key   *audit.Key
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return (&world{t: t, owner: dbtest.Pool(t, "postgres")}).writer()
}

// writer is w with a process of its own that writes rows, as a function does.
func (w *world) writer() *world {
	w.t.Helper()
	other := *w
	other.key = audittest.Open()
	var err error
	other.pool, err = db.Open(w.t.Context(), db.Config{URL: config.Secret(dbtest.URL(w.t, "hce_patient")), MaxConns: 8}, other.key.Tracer())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(other.pool.Close)
	return &other
}

// write writes n rows about a record and returns their ids, in order.
func (w *world) write(id string, n int) []uuid.UUID {
	w.t.Helper()
	p := authtest.Principal("Mario Médico", auth.Physician)
	p.IP, p.RequestID = "203.0.113.7", uuid.NewString()
	ctx := auth.NewContext(w.key.Context(w.t.Context()), p)
	for range n {
		e := audit.Entry{DocumentoID: id, Action: audit.Read, Type: "read", Resource: "paciente/" + id, Permission: auth.ReadPatient, Reason: "Consulta"}
		if err := audit.Write(ctx, w.pool, e); err != nil {
			w.t.Fatal(err)
		}
	}
	rows, err := w.pool.Query(ctx, `SELECT id FROM historia_clinica.auditoria WHERE documento_id = $1 ORDER BY id`, id)
	if err != nil {
		w.t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		w.t.Fatal(err)
	}
	return ids
}

func (w *world) sealer() *Sealer {
	// Later, when the rows are old enough.
	return &Sealer{Pool: w.pool, Key: w.key, Now: func() time.Time { return time.Now().Add(age + time.Second) }, Log: slog.New(slog.DiscardHandler)}
}

func (w *world) seal() int {
	w.t.Helper()
	n, err := w.sealer().Run(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// verify returns what is found about these records, and about anchors.
func (w *world) verify(about ...string) ([]string, Summary) {
	w.t.Helper()
	lines := []string{}
	s, err := Verify(w.t.Context(), w.pool, w.key, func(f Finding) {
		if f.Anchor != 0 || slices.Contains(about, f.DocumentoID) {
			lines = append(lines, f.String())
		}
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(lines)
	return lines, s
}

func (w *world) want(about string, want ...string) {
	w.t.Helper()
	got, _ := w.verify(about)
	slices.Sort(want)
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		w.t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// tamper does what the database's owner can, with the triggers off.
func (w *world) tamper(statements ...func(pgx.Tx) error) {
	w.t.Helper()
	err := pgx.BeginFunc(context.Background(), w.owner, func(tx pgx.Tx) error {
		for _, set := range []string{"SET LOCAL citus.propagate_set_commands = 'local'", "SET LOCAL session_replication_role = replica"} {
			if _, err := tx.Exec(context.Background(), set); err != nil {
				return err
			}
		}
		for _, s := range statements {
			if err := s(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func sql(text string, args ...any) func(pgx.Tx) error {
	return func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), text, args...)
		return err
	}
}

func record() string { return "CC-" + dbtest.DocumentoID() }

// Fifty people who read one chart at once wait for nobody, and the trail of it
// is whole.
func TestFiftyReadingsAtOnce(t *testing.T) {
	w := newWorld(t)
	id := record()
	ctx := auth.NewContext(w.key.Context(t.Context()), authtest.Principal("Mario Médico", auth.Physician))
	// A reading that has not ended keeps nobody from reading and sealing.
	open, err := w.pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Rollback(ctx) //nolint:errcheck // committed below
	e := audit.Entry{DocumentoID: id, Action: audit.Read, Type: "read", Permission: auth.ReadPatient}
	if err := audit.Write(ctx, open, e); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if err := db.Batch(ctx, w.pool, func(b *pgx.Batch) { audit.Queue(ctx, b, e) }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if w.seal() == 0 {
		t.Error("nothing was sealed")
	}
	if err := open.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if got, s := w.verify(id); len(got) > 0 || s.Findings > 0 || s.Pending != 1 {
		t.Errorf("before the late row is sealed: %q, %+v", got, s)
	}
	if w.seal() != 1 {
		t.Error("the late row was not sealed")
	}
	if got, s := w.verify(id); len(got) > 0 || s.Findings > 0 || s.Pending != 0 || s.Rows < 51 || s.Seals < 2 || s.Anchors < 2 {
		t.Errorf("%q, %+v", got, s)
	}
	if w.seal() != 0 {
		t.Error("what is sealed was sealed again")
	}
}

// Two sealers at once make one seal.
func TestSealersAtOnce(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for range 20 {
		ids = append(ids, record())
		w.write(ids[len(ids)-1], 3)
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if _, err := w.sealer().Run(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	w.seal()
	for _, id := range ids {
		var seals, rows int
		err := w.pool.QueryRow(t.Context(), `SELECT count(*)::int, sum(cardinality(filas))::int FROM historia_clinica.auditoria_sello WHERE documento_id = $1`, id).
			Scan(&seals, &rows)
		if err != nil || seals != 1 || rows != 3 {
			t.Errorf("%s: %d seals of %d rows, %v", id, seals, rows, err)
		}
	}
	if got, s := w.verify(ids...); len(got) > 0 || s.Findings > 0 {
		t.Errorf("%q, %+v", got, s)
	}
}

// A record with more rows than a seal holds has several.
func TestManyRowsOfOneRecord(t *testing.T) {
	w := newWorld(t)
	id := record()
	w.write(id, sealRows+5)
	if n := w.seal(); n != 2 {
		t.Errorf("%d seals", n)
	}
	w.want(id)
}

// changes change one byte of one column.
var changes = map[string]string{
	"id":         `id = overlay(id::text placing (CASE WHEN right(id::text, 1) = '0' THEN '1' ELSE '0' END) from 36)::uuid`,
	"en":         `en = '2026-01-02 03:04:05.000001+00'`,
	"usuario_id": `usuario_id = overlay(usuario_id::text placing (CASE WHEN right(usuario_id::text, 1) = '0' THEN '1' ELSE '0' END) from 36)::uuid`,
	"rol":        `rol = 'medica'`, "nombre": `nombre = 'Dario Médico'`, "accion": `accion = 'U'`, "tipo": `tipo = 'reat'`,
	"recurso": `recurso = recurso || '1'`, "motivo": `motivo = 'Consulte'`, "resultado": `resultado = 'exita'`, "ip": `ip = '203.0.113.8'`,
	"request_id": `request_id = overlay(request_id placing (CASE WHEN right(request_id, 1) = '0' THEN '1' ELSE '0' END) from 36)`,
	"mac":        `mac = set_byte(mac, 3, get_byte(mac, 3) # 1)`,
	"previa":     `previa = set_byte(previa, 3, get_byte(previa, 3) # 1)`,
}

func TestOneByteOfEachColumn(t *testing.T) {
	w := newWorld(t)
	rows, err := w.owner.Query(t.Context(), `SELECT column_name::text FROM information_schema.columns
		WHERE table_schema = 'historia_clinica' AND table_name = 'auditoria' AND column_name <> 'documento_id' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(changes)), columns); diff != "" {
		t.Fatalf("columns (-tried +there):\n%s", diff)
	}
	for _, column := range columns {
		t.Run(column, func(t *testing.T) {
			w := newWorld(t)
			id := record()
			rows := w.write(id, 4)
			w.seal()
			w.tamper(sql(`UPDATE historia_clinica.auditoria SET `+changes[column]+` WHERE documento_id = $1 AND id = $2`, id, rows[1]))
			got, _ := w.verify(id)
			if column == "id" {
				if len(got) != 2 || !slices.Contains(got, "historia "+id+", fila "+rows[1].String()+": falta") || !strings.HasSuffix(got[0]+got[1], ": sobra") && !strings.Contains(got[0], ": sobra") {
					t.Errorf("findings: %q", got)
				}
				return
			}
			if diff := cmp.Diff([]string{"historia " + id + ", fila " + rows[1].String() + ": cambiada"}, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRowsThatMove(t *testing.T) {
	const table = `historia_clinica.auditoria`
	const all = `id, en, usuario_id, rol, nombre, accion, tipo, recurso, motivo, resultado, ip, request_id, mac, previa`
	for name, tt := range map[string]struct {
		do   func(id string, rows []uuid.UUID) []func(pgx.Tx) error
		want func(rows []uuid.UUID) map[uuid.UUID]string
	}{
		"one of the middle goes": {
			func(id string, rows []uuid.UUID) []func(pgx.Tx) error {
				return []func(pgx.Tx) error{sql(`DELETE FROM `+table+` WHERE documento_id = $1 AND id = $2`, id, rows[2])}
			},
			func(rows []uuid.UUID) map[uuid.UUID]string { return map[uuid.UUID]string{rows[2]: Missing} },
		},
		"the last two go": {
			func(id string, rows []uuid.UUID) []func(pgx.Tx) error {
				return []func(pgx.Tx) error{sql(`DELETE FROM `+table+` WHERE documento_id = $1 AND id >= $2`, id, rows[3])}
			},
			func(rows []uuid.UUID) map[uuid.UUID]string {
				return map[uuid.UUID]string{rows[3]: Missing, rows[4]: Missing}
			},
		},
		"one comes, copied from another": {
			func(id string, rows []uuid.UUID) []func(pgx.Tx) error {
				return []func(pgx.Tx) error{sql(`INSERT INTO `+table+` (documento_id, `+all+`) SELECT documento_id, '01900000-0000-7000-8000-000000000001', `+
					strings.TrimPrefix(all, "id, ")+` FROM `+table+` WHERE documento_id = $1 AND id = $2`, id, rows[2])}
			},
			func([]uuid.UUID) map[uuid.UUID]string {
				return map[uuid.UUID]string{uuid.MustParse("01900000-0000-7000-8000-000000000001"): Extra}
			},
		},
		"one comes without MAC": {
			func(id string, _ []uuid.UUID) []func(pgx.Tx) error {
				return []func(pgx.Tx) error{sql(`INSERT INTO `+table+` (documento_id, id, en, rol, nombre, accion, tipo)
					VALUES ($1, '01900000-0000-7000-8000-000000000002', now(), '', '', 'R', 'read')`, id)}
			},
			func([]uuid.UUID) map[uuid.UUID]string {
				return map[uuid.UUID]string{uuid.MustParse("01900000-0000-7000-8000-000000000002"): Unkeyed}
			},
		},
		"two change their ids": {
			func(id string, rows []uuid.UUID) []func(pgx.Tx) error {
				set := func(from, to uuid.UUID) func(pgx.Tx) error {
					return sql(`UPDATE `+table+` SET id = $3 WHERE documento_id = $1 AND id = $2`, id, from, to)
				}
				return []func(pgx.Tx) error{set(rows[1], uuid.Max), set(rows[3], rows[1]), set(uuid.Max, rows[3])}
			},
			func(rows []uuid.UUID) map[uuid.UUID]string {
				return map[uuid.UUID]string{rows[1]: Changed, rows[3]: Changed}
			},
		},
		"a MAC goes": {
			func(id string, rows []uuid.UUID) []func(pgx.Tx) error {
				return []func(pgx.Tx) error{sql(`UPDATE `+table+` SET mac = '', en = '2020-01-01' WHERE documento_id = $1 AND id = $2`, id, rows[0])}
			},
			func(rows []uuid.UUID) map[uuid.UUID]string { return map[uuid.UUID]string{rows[0]: Changed} },
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := record()
			rows := w.write(id, 5)
			w.seal()
			w.tamper(tt.do(id, rows)...)
			var want []string
			for row, wrong := range tt.want(rows) {
				want = append(want, "historia "+id+", fila "+row.String()+": "+wrong)
			}
			w.want(id, want...)
		})
	}
}

func TestRowOfAnotherRecord(t *testing.T) {
	w := newWorld(t)
	from, to := record(), record()
	rows := w.write(from, 3)
	w.seal()
	w.tamper(
		sql(`INSERT INTO historia_clinica.auditoria SELECT $2, id, en, usuario_id, rol, nombre, accion, tipo, recurso, motivo, resultado, ip, request_id, mac
			FROM historia_clinica.auditoria WHERE documento_id = $1 AND id = $3`, from, to, rows[1]),
		sql(`DELETE FROM historia_clinica.auditoria WHERE documento_id = $1 AND id = $2`, from, rows[1]),
	)
	w.want(from, "historia "+from+", fila "+rows[1].String()+": falta")
	w.want(to, "historia "+to+", fila "+rows[1].String()+": sobra")
}

func TestSealsThatMove(t *testing.T) {
	const table = `historia_clinica.auditoria_sello`
	for name, tt := range map[string]struct{ sql, want string }{
		"the last goes":          {`DELETE FROM ` + table + ` WHERE documento_id = $1 AND n = 3`, "sello 3: falta"},
		"the first goes":         {`DELETE FROM ` + table + ` WHERE documento_id = $1 AND n = 1`, "sello 1: falta"},
		"a root changes":         {`UPDATE ` + table + ` SET raiz = set_byte(raiz, 0, get_byte(raiz, 0) # 1) WHERE documento_id = $1 AND n = 3`, "sello 3: cambiado"},
		"its rows are taken off": {`UPDATE ` + table + ` SET filas = '{}' WHERE documento_id = $1 AND n = 3`, "sello 3: cambiado"},
		"its time changes":       {`UPDATE ` + table + ` SET en = '2026-01-02 03:04:05+00' WHERE documento_id = $1 AND n = 3`, "sello 3: cambiado"},
		"one of nobody comes":    {`INSERT INTO ` + table + ` SELECT documento_id, 4, ancla, en, filas, raiz, previo, firma FROM ` + table + ` WHERE documento_id = $1 AND n = 3`, "sello 4: cambiado"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := record()
			for range 3 {
				w.write(id, 2)
				w.seal()
			}
			w.want(id)
			undo := w.saved(table, `documento_id = $1`, id)
			w.tamper(sql(tt.sql, id))
			if got, _ := w.verify(id); !slices.Contains(got, "historia "+id+", "+tt.want) {
				t.Errorf("findings: %q", got)
			}
			undo()
			w.want(id)
		})
	}
}

// The chain goes on after a seal was removed, and still shows that it was.
func TestRemovedSealStaysRemoved(t *testing.T) {
	w := newWorld(t)
	id := record()
	rows := w.write(id, 2)
	w.seal()
	undo := w.saved(`historia_clinica.auditoria_sello`, `documento_id = $1`, id)
	w.tamper(
		sql(`DELETE FROM historia_clinica.auditoria_sello WHERE documento_id = $1`, id),
		sql(`DELETE FROM historia_clinica.auditoria WHERE documento_id = $1 AND id = $2`, id, rows[1]),
	)
	w.seal()
	if got, _ := w.verify(id); !slices.Contains(got, "historia "+id+", sello 1: falta") {
		t.Errorf("findings: %q", got)
	}
	undo()
}

func TestAnchorsThatMove(t *testing.T) {
	const table = `historia_clinica.auditoria_ancla`
	w := newWorld(t)
	id := record()
	for range 3 {
		w.write(id, 1)
		w.seal()
	}
	last, err := lastAnchor(t.Context(), w.pool)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := w.verify(id)
	number := func(n int) string { return Finding{Anchor: n}.String() }
	for name, tt := range map[string]struct{ sql, want string }{
		"one of the middle goes": {`DELETE FROM ` + table + ` WHERE n = $1 - 1`, number(last.N-1) + Missing},
		"the last goes":          {`DELETE FROM ` + table + ` WHERE n = $1`, Finding{DocumentoID: id, Seal: 3, Anchor: last.N, Wrong: Unanchored}.String()},
		"one names less":         {`UPDATE ` + table + ` SET sellos = '{}' WHERE n = $1`, number(last.N) + Changed},
		"its time changes":       {`UPDATE ` + table + ` SET hasta = hasta + interval '1 hour' WHERE n = $1`, number(last.N) + Changed},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			undo := w.saved(table, `n >= $1 - 1`, last.N)
			w.tamper(sql(tt.sql, last.N))
			if got, _ := w.verify(id); !slices.Contains(got, tt.want) {
				t.Errorf("findings: %q, want %q", got, tt.want)
			}
			undo()
			if got, _ := w.verify(id); !slices.Equal(got, before) {
				t.Errorf("after it is put back: %q", got)
			}
		})
	}
	sum := last.hash()
	if ok, err := Holds(t.Context(), w.pool, last.N, strings.ToUpper(hexOf(sum[:]))); !ok || err != nil {
		t.Errorf("the anchor has its own hash: %v, %v", ok, err)
	}
	for n, hash := range map[int]string{last.N: hexOf(make([]byte, 32)), last.N + 1: hexOf(sum[:])} {
		if ok, err := Holds(t.Context(), w.pool, n, hash); ok || err != nil {
			t.Errorf("anchor %d has the hash %s: %v, %v", n, hash, ok, err)
		}
	}
}

// A run that breaks off is ended by the next.
func TestRunThatBreaksOff(t *testing.T) {
	w := newWorld(t)
	first, second := record(), record()
	w.write(first, 2)
	last, err := lastAnchor(t.Context(), w.pool)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Add(time.Minute).UTC().Truncate(time.Microsecond)
	r := run{Sealer: w.sealer(), anchor: last.N + 1, now: now, until: now}
	if err := r.record(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	w.want(first, Finding{DocumentoID: first, Seal: 1, Anchor: last.N + 1, Wrong: Unanchored}.String())
	w.write(second, 1)
	w.seal()
	w.want(first)
	w.want(second)
}

// Another key than the one it was written with finds everything wrong.
func TestAnotherKey(t *testing.T) {
	w := newWorld(t)
	id := record()
	rows := w.write(id, 1)
	w.seal()
	other, err := audit.NewKey(audit.Config{Keys: "ERERERERERERERERERERERERERERERERERERERERERE="})
	if err != nil {
		t.Fatal(err)
	}
	w.key = other
	got, _ := w.verify(id)
	for _, want := range []string{"historia " + id + ", fila " + rows[0].String() + ": cambiada", "historia " + id + ", sello 1: cambiado"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not found", want)
		}
	}
}

func TestSealsAreAppendOnly(t *testing.T) {
	w := newWorld(t)
	w.write(record(), 1)
	w.seal()
	for _, sql := range []string{
		`UPDATE historia_clinica.auditoria_sello SET ancla = 1`, `DELETE FROM historia_clinica.auditoria_sello`, `TRUNCATE historia_clinica.auditoria_sello`,
		`UPDATE historia_clinica.auditoria_ancla SET n = n + 1000`, `DELETE FROM historia_clinica.auditoria_ancla`, `TRUNCATE historia_clinica.auditoria_ancla`,
	} {
		if _, err := w.owner.Exec(t.Context(), sql); !db.IsCode(err, db.CodeImmutable) {
			t.Errorf("the owner: %s: %v", sql, err)
		}
		if _, err := w.pool.Exec(t.Context(), sql); !db.IsCode(err, "42501") {
			t.Errorf("patient: %s: %v", sql, err)
		}
	}
}
