package audit

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/config"
	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/ident"
)

func TestKeysThatCannotBeRead(t *testing.T) {
	const good = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	for _, keys := range []string{"", "secreto", "c2VjcmV0bw==", good + ",", good + "," + good[:40]} {
		if _, err := NewKey(Config{Keys: config.Secret(keys)}); err == nil || keys != "" && strings.Contains(err.Error(), keys) {
			t.Errorf("%q: %v", keys, err)
		}
	}
	if _, err := NewKey(Config{Keys: good + ", " + good + "\n"}); err != nil {
		t.Error(err)
	}
}

// What comes back from the database is what the MAC was taken over.
func TestMACStandsAfterTheDatabase(t *testing.T) {
	pool := dbtest.Pool(t, "hce_patient")
	key, other := testKey(t, 1), testKey(t, 2)
	for name, p := range map[string]auth.Principal{
		"somebody": authtest.Principal("Mario Médico \u00a0 ", auth.Physician), "nobody": {IP: "203.0.113.7"},
	} {
		t.Run(name, func(t *testing.T) {
			id := record()
			if err := Write(auth.NewContext(keyed(t), p), pool, Entry{DocumentoID: id, Action: Execute, Type: "break-glass", Reason: "Urgencia\nvital "}); err != nil {
				t.Fatal(err)
			}
			var r Row
			if err := pool.QueryRow(t.Context(), `SELECT `+Columns+` FROM historia_clinica.auditoria WHERE documento_id = $1`, id).Scan(r.Targets()...); err != nil {
				t.Fatal(err)
			}
			if len(r.MAC) != macSize || !key.Check(r) || other.Check(r) {
				t.Errorf("the MAC is %x; its key finds it right: %v, another: %v", r.MAC, key.Check(r), other.Check(r))
			}
			if !testKey(t, 2, 1).Check(r) {
				t.Error("a new key in front makes the old one's rows wrong")
			}
		})
	}
}

// Every column counts, and none can lend a byte to its neighbour.
func TestMACCoversEveryColumn(t *testing.T) {
	key := testKey(t, 1)
	user := uuid.New()
	whole := Row{
		DocumentoID: "CC-1", ID: ident.NewID(), At: time.Now(), User: &user, Role: "medico", Name: "Ana", Action: "R", Type: "read", Resource: "nota/1",
		Reason: "ab", Outcome: "cd", IP: "::1", RequestID: "x",
	}
	whole.MAC = sum(key.rows[0], whole)
	if !key.Check(whole) {
		t.Fatal("the row itself is not right")
	}
	v := reflect.ValueOf(whole)
	for i := range v.NumField() {
		r := whole
		f := reflect.ValueOf(&r).Elem().Field(i)
		switch f.Interface().(type) {
		case string:
			f.SetString(f.String() + "x")
		case uuid.UUID:
			f.Set(reflect.ValueOf(uuid.New()))
		case *uuid.UUID:
			f.SetZero()
		case time.Time:
			f.Set(reflect.ValueOf(whole.At.Add(time.Microsecond)))
		case []byte:
			f.SetBytes(bytes.Repeat([]byte{7}, macSize))
		default:
			t.Fatalf("what to change in a %s?", f.Type())
		}
		if key.Check(r) {
			t.Errorf("%s is not covered", v.Type().Field(i).Name)
		}
	}
	moved := whole
	moved.Reason, moved.Outcome = "abc", "d"
	if key.Check(moved) {
		t.Error("a byte went from one column to the next")
	}
	whole.MAC = nil
	if key.Check(whole) {
		t.Error("no MAC is a right one")
	}
}

// A row without MAC would be a hole that only verification finds.
func TestNoKeyNoRow(t *testing.T) {
	pool := dbtest.Pool(t, "hce_patient")
	e := Entry{DocumentoID: record(), Action: Read, Type: "read"}
	const notNull = "23502"
	if err := Write(t.Context(), pool, e); !db.IsCode(err, notNull) {
		t.Errorf("Write: %v", err)
	}
	if err := db.Batch(t.Context(), pool, func(b *pgx.Batch) { Queue(t.Context(), b, e) }); !db.IsCode(err, notNull) {
		t.Errorf("Queue: %v", err)
	}
}

func BenchmarkMAC(b *testing.B) {
	k, err := NewKey(Config{Keys: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="})
	if err != nil {
		b.Fatal(err)
	}
	p := authtest.Principal("María Fernanda Rodríguez de la Hoz", auth.Physician)
	e := Entry{DocumentoID: "CC-1032456789", Action: Read, Type: "read", Resource: "paciente/CC-1032456789", Permission: auth.ReadPatient}
	r := e.row(p)
	for b.Loop() {
		sum(k.rows[0], r)
	}
}
