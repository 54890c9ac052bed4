package audit

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/config"
	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/ident"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// row is what the trail keeps.
type row struct {
	ID                                                                              uuid.UUID
	En                                                                              time.Time
	UsuarioID                                                                       *uuid.UUID
	Rol, Nombre, Accion, Tipo, Recurso, Motivo, Resultado, IP, RequestID, Documento string
	Bytes                                                                           int
	Previous                                                                        []byte
}

func rowsOf(t *testing.T, q db.Querier, documentoID string) []row {
	t.Helper()
	rows, err := q.Query(t.Context(), `
		SELECT id, en, usuario_id, rol, nombre, accion::text, tipo, recurso, motivo, resultado, ip, request_id, documento_id, pg_column_size(a.*), previa
		FROM historia_clinica.auditoria a WHERE documento_id = $1 ORDER BY id`, documentoID)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func one(t *testing.T, q db.Querier, documentoID string) row {
	t.Helper()
	rows := rowsOf(t, q, documentoID)
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	return rows[0]
}

// testKey is the key with n for all its bytes.
func testKey(t *testing.T, n ...byte) *Key {
	t.Helper()
	var keys []string
	for _, b := range n {
		keys = append(keys, base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, KeySize)))
	}
	k, err := NewKey(Config{Keys: config.Secret(strings.Join(keys, ","))})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func keyed(t *testing.T) context.Context {
	t.Helper()
	return testKey(t, 1).Context(t.Context())
}

func record() string { return "CC-" + dbtest.DocumentoID() }

func TestRow(t *testing.T) {
	pool := dbtest.Pool(t, "hce_patient")
	p := authtest.Principal("Mario Médico", auth.Registrar, auth.Physician)
	p.IP, p.RequestID = "203.0.113.7", uuid.NewString()
	ctx := auth.NewContext(keyed(t), p)
	entry := Entry{Action: Execute, Type: "break-glass", Resource: "acceso-emergencia/1", Permission: auth.BreakGlass, Reason: "Urgencia vital"}
	want := row{
		UsuarioID: &p.ID, Rol: "medico", Nombre: "Mario Médico", Accion: "E", Tipo: "break-glass", Recurso: "acceso-emergencia/1",
		Motivo: "Urgencia vital", Resultado: "exito", IP: p.IP, RequestID: p.RequestID,
	}
	for name, write := range map[string]func(Entry) error{
		"Write": func(e Entry) error { return Write(ctx, pool, e) },
		"Queue": func(e Entry) error { return db.Batch(ctx, pool, func(b *pgx.Batch) { Queue(ctx, b, e) }) },
	} {
		before := time.Now().Add(-time.Second)
		entry.DocumentoID = record()
		if err := write(entry); err != nil {
			t.Fatal(name, err)
		}
		got := one(t, pool, entry.DocumentoID)
		if got.ID.Version() != 7 || got.En.Before(before) || got.En.After(time.Now()) {
			t.Errorf("%s: id %s, at %v", name, got.ID, got.En)
		}
		want.ID, want.En, want.Bytes, want.Documento = got.ID, got.En, got.Bytes, entry.DocumentoID
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRowOfNobody(t *testing.T) {
	pool := dbtest.Pool(t, "hce_login")
	ctx := auth.NewContext(keyed(t), auth.Principal{IP: "203.0.113.7"})
	id := User(ident.NewID())
	if err := Write(ctx, pool, Entry{DocumentoID: id, Action: Execute, Type: "login", Outcome: Refused}); err != nil {
		t.Fatal(err)
	}
	if got := one(t, pool, id); got.UsuarioID != nil || got.Rol != "" || got.Resultado != "denegado" || got.IP != "203.0.113.7" {
		t.Errorf("the row is %+v", got)
	}
}

func TestRowFallsWithItsTransaction(t *testing.T) {
	pool := dbtest.Pool(t, "hce_patient")
	id := record()
	undo := errors.New("undo")
	err := db.Tx(t.Context(), pool, func(tx pgx.Tx) error {
		if err := Write(keyed(t), tx, Entry{DocumentoID: id, Action: Read, Type: "read"}); err != nil {
			return err
		}
		return undo
	})
	if !errors.Is(err, undo) || len(rowsOf(t, pool, id)) != 0 {
		t.Errorf("%v, and %d rows", err, len(rowsOf(t, pool, id)))
	}
}

// A row of the trail takes at most 400 bytes, whatever it is given.
func TestRowIsBounded(t *testing.T) {
	key := testKey(t, 1)
	pool := witnessedPool(t, key, "hce_patient")
	long := func(s string) string { return strings.Repeat(s, 2000/len(s)) }
	const biggestUUID = "ffffffff-ffff-ffff-ffff-ffffffffffff"
	for _, tt := range []struct {
		name     string
		id, text string
	}{
		{"about a record, ASCII", "PA-" + dbtest.DocumentoID() + "ABCDEFGHIJ", "a"},
		{"about a record, two bytes a letter", "PA-" + dbtest.DocumentoID() + "ABCDEFGHIJ", "ñ"},
		{"about a record, three bytes", "PA-" + dbtest.DocumentoID() + "ABCDEFGHIJ", "€"},
		{"about a record, four bytes", "PA-" + dbtest.DocumentoID() + "ABCDEFGHIJ", "𝄞"},
		{"about a short record", record(), "a"},
		{"about an account", User(ident.NewID()), "ñ"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := authtest.Principal(long(tt.text), auth.Admin)
			p.IP, p.RequestID = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", biggestUUID
			ctx := auth.NewContext(key.Context(t.Context()), p)
			if err := Write(ctx, pool, Entry{DocumentoID: record(), Action: Read, Type: "read"}); err != nil { // to be named
				t.Fatal(err)
			}
			err := Write(ctx, pool, Entry{
				DocumentoID: tt.id, Action: Execute, Type: long("t"), Resource: long(tt.text), Permission: auth.ManageUsers, Reason: long(tt.text), Outcome: long("x"),
			})
			if err != nil {
				t.Fatal(err)
			}
			got := one(t, pool, tt.id)
			if got.Previous == nil {
				t.Error("the row names no other: it is not as big as one can be")
			}
			if got.Bytes > 400 {
				t.Errorf("the row takes %d bytes", got.Bytes)
			}
			if got.Bytes < 330 {
				t.Errorf("the row takes %d bytes and yet was cut", got.Bytes)
			}
			for _, s := range []string{got.Nombre, got.Recurso, got.Motivo} {
				if !utf8.ValidString(s) || strings.ReplaceAll(s, tt.text, "") != "" {
					t.Errorf("a letter was broken: %q", s)
				}
			}
			if got.IP != p.IP || got.RequestID != biggestUUID {
				t.Errorf("an address or a request's id was cut: %s, %s", got.IP, got.RequestID)
			}
		})
	}
}

// What functions write in earnest is not cut.
func TestRowKeepsWhatIsUsual(t *testing.T) {
	key := testKey(t, 1)
	pool := witnessedPool(t, key, "hce_patient")
	if err := Write(key.Context(t.Context()), pool, Entry{DocumentoID: record(), Action: Read, Type: "read"}); err != nil { // to be named
		t.Fatal(err)
	}
	p := authtest.Principal("María Fernanda Rodríguez de la Hoz Castañeda", auth.Physician)
	p.IP, p.RequestID = "2800:484:1234:5678:9abc:def0:1234:5678", uuid.NewString()
	id := record()
	e := Entry{
		DocumentoID: id, Action: Execute, Type: "break-glass", Resource: "admision/" + id + "/" + uuid.NewString(), Permission: auth.BreakGlass,
		Reason: "Paciente inconsciente en urgencias, sin acompañante; se buscan alergias.", Outcome: Refused,
	}
	if err := Write(auth.NewContext(key.Context(t.Context()), p), pool, e); err != nil {
		t.Fatal(err)
	}
	got := one(t, pool, id)
	if got.Nombre != p.Name || got.Recurso != e.Resource || got.Motivo != e.Reason || got.Resultado != "denegado" || got.Bytes > 400 || got.Previous == nil {
		t.Errorf("%d bytes, and the row is %+v", got.Bytes, got)
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		in   string
		n    int
		want string
	}{
		{"", 4, ""}, {"abcd", 4, "abcd"}, {"abcde", 4, "abcd"}, {"abcñ", 5, "abcñ"}, {"abcñ", 4, "abc"}, {"€€", 5, "€"}, {"€€", 2, ""}, {"𝄞", 3, ""}, {"a", 0, ""},
	} {
		if got := cut(tt.in, tt.n); got != tt.want {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.in, tt.n, got, tt.want)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add("María €𝄞", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n < 0 || !utf8.ValidString(s) {
			return
		}
		got := cut(s, n)
		if len(got) > n || !strings.HasPrefix(s, got) || !utf8.ValidString(got) || len(s) <= n && got != s || len(s)-len(got) > 0 && n-len(got) >= utf8.UTFMax {
			t.Errorf("cut(%q, %d) = %q", s, n, got)
		}
	})
}

func TestTrailIsAppendOnly(t *testing.T) {
	id := record()
	if err := Write(keyed(t), dbtest.Pool(t, "hce_patient"), Entry{DocumentoID: id, Action: Read, Type: "read"}); err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"hce_login", "hce_patient", "hce_admission", "hce_notes", "hce_pdf_export"} {
		pool := dbtest.Pool(t, role)
		for _, sql := range []string{
			`UPDATE historia_clinica.auditoria SET motivo = 'otro' WHERE documento_id = $1`, `DELETE FROM historia_clinica.auditoria WHERE documento_id = $1`,
		} {
			if _, err := pool.Exec(t.Context(), sql, id); !db.IsCode(err, "42501") {
				t.Errorf("%s: %s: %v", role, sql, err)
			}
		}
		if err := Write(keyed(t), pool, Entry{DocumentoID: id, Action: Read, Type: "read"}); err != nil {
			t.Errorf("%s cannot write the trail: %v", role, err)
		}
	}
	owner := dbtest.Pool(t, "postgres")
	for _, sql := range []string{
		`UPDATE historia_clinica.auditoria SET motivo = 'otro' WHERE documento_id = $1`, `DELETE FROM historia_clinica.auditoria WHERE documento_id = $1`,
	} {
		if _, err := owner.Exec(t.Context(), sql, id); !db.IsCode(err, db.CodeImmutable) {
			t.Errorf("the owner: %s: %v", sql, err)
		}
	}
	if _, err := owner.Exec(t.Context(), `TRUNCATE historia_clinica.auditoria`); !db.IsCode(err, db.CodeImmutable) {
		t.Errorf("the owner empties it: %v", err)
	}
}

// A form that saves by itself is one row, not one each time.
func TestOnce(t *testing.T) {
	pool := dbtest.Pool(t, "hce_notes")
	id := record()
	ana, mario := authtest.Principal("Ana", auth.Physician), authtest.Principal("Mario", auth.Physician)
	for _, w := range []struct {
		p        auth.Principal
		resource string
	}{{ana, "nota/1"}, {ana, "nota/1"}, {ana, "nota/1"}, {mario, "nota/1"}, {ana, "nota/2"}} {
		// A century: the test does not end in another one.
		e := Entry{DocumentoID: id, Action: Update, Type: "update", Resource: w.resource, Permission: auth.WriteNote, Once: 100 * 365 * 24 * time.Hour}
		if err := Write(auth.NewContext(keyed(t), w.p), pool, e); err != nil {
			t.Fatal(err)
		}
	}
	rows := rowsOf(t, pool, id)
	if len(rows) != 3 {
		t.Errorf("%d rows, want 3: Ana on each of two notes, Mario on one", len(rows))
	}
	e := Entry{DocumentoID: id, Type: "update", Once: time.Minute}
	start := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	first, next := e.sameID(ana.ID, start), e.sameID(ana.ID, start.Add(time.Minute))
	if first == next || first.Version() != 7 || first.Variant() != uuid.RFC4122 || first.String() >= next.String() {
		t.Errorf("the ids of one minute and the next are %s and %s", first, next)
	}
}
