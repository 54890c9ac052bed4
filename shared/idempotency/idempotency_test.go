package idempotency_test

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/idempotency"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// desk is a handler that writes: one row of the trail each time it takes
// effect.
type desk struct {
	t    *testing.T
	pool *pgxpool.Pool
	id   string // of the record
	runs atomic.Int32
}

func newDesk(t *testing.T, role string) *desk {
	return &desk{t: t, pool: dbtest.Pool(t, role), id: "CC-" + dbtest.DocumentoID()}
}

func (d *desk) key(p auth.Principal, key, method, path, body string) idempotency.Key {
	d.t.Helper()
	r := httptest.NewRequest(method, path, nil)
	r = r.WithContext(auth.NewContext(r.Context(), p))
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	k, err := idempotency.Of(r, []byte(body))
	if err != nil {
		d.t.Fatal(err)
	}
	return k
}

// write makes one row and answers with its id.
func (d *desk) write(ctx context.Context, k idempotency.Key, queued bool) (service.Response, error) {
	return k.Do(ctx, d.pool, func() (service.Response, error) {
		d.runs.Add(1)
		id := ident.NewID()
		resp, err := service.Created("/cosa/"+id.String(), 1, map[string]string{"id": id.String()})
		if err != nil {
			return resp, err
		}
		return resp, db.Tx(ctx, d.pool, func(tx pgx.Tx) error {
			b := &pgx.Batch{}
			b.Queue(`INSERT INTO historia_clinica.auditoria (documento_id, id, en, rol, nombre, accion, tipo) VALUES ($1, $2, now(), '', '', 'C', 'create')`, d.id, id)
			if queued {
				k.Queue(b, resp)
			}
			if err := tx.SendBatch(ctx, b).Close(); err != nil || queued {
				return err
			}
			return k.Save(ctx, tx, resp)
		})
	})
}

func (d *desk) effects() (n int) {
	d.t.Helper()
	if err := d.pool.QueryRow(d.t.Context(), `SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1`, d.id).Scan(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

var ana = authtest.Principal("Ana", auth.Registrar)

func TestRetryGetsTheFirstAnswer(t *testing.T) {
	for _, role := range []string{"hce_login", "hce_patient", "hce_admission", "hce_notes", "hce_pdf_export"} {
		for name, queued := range map[string]bool{"Save": false, "Queue": true} {
			d := newDesk(t, role)
			key := uuid.NewString()
			first, err := d.write(t.Context(), d.key(ana, key, "POST", "/cosa", "a"), queued)
			if err != nil {
				t.Fatal(role, name, err)
			}
			again, err := d.write(t.Context(), d.key(ana, key, "POST", "/cosa", "a"), queued)
			if err != nil {
				t.Fatal(role, name, err)
			}
			if diff := cmp.Diff(first, again); diff != "" {
				t.Errorf("%s, %s: the retry got another answer:\n%s", role, name, diff)
			}
			if first.Location == "" || first.ETag != `"1"` || first.Status != 201 || d.effects() != 1 || d.runs.Load() != 1 {
				t.Errorf("%s, %s: %+v took effect %d times", role, name, first, d.effects())
			}
		}
	}
}

func TestKeyStandsForOneRequest(t *testing.T) {
	d := newDesk(t, "hce_patient")
	key := uuid.NewString()
	if _, err := d.write(t.Context(), d.key(ana, key, "POST", "/cosa", "a"), false); err != nil {
		t.Fatal(err)
	}
	other := authtest.Principal("Otra", auth.Registrar)
	for _, tt := range []struct {
		name string
		k    idempotency.Key
		want int // 0: it is another write
	}{
		{"another body", d.key(ana, key, "POST", "/cosa", "b"), 422},
		{"another path", d.key(ana, key, "POST", "/otra", "a"), 422},
		{"another method", d.key(ana, key, "PUT", "/cosa", "a"), 422},
		{"what could be mistaken for it", d.key(ana, key, "POST", "/cos", "a\na"), 422},
		{"another key", d.key(ana, uuid.NewString(), "POST", "/cosa", "a"), 0},
		{"somebody else's key of the same name", d.key(other, key, "POST", "/cosa", "a"), 0},
		{"no key", d.key(ana, "", "POST", "/cosa", "a"), 0},
		{"no key again", d.key(ana, "", "POST", "/cosa", "a"), 0},
	} {
		before := d.effects()
		resp, err := d.write(t.Context(), tt.k, false)
		if tt.want != 0 && (problem.Status(err) != tt.want || d.effects() != before || len(resp.Body) > 0) {
			t.Errorf("%s: %v, took effect: %v; want a %d", tt.name, err, d.effects() != before, tt.want)
		}
		if tt.want == 0 && (err != nil || d.effects() != before+1) {
			t.Errorf("%s: %v, took effect: %v", tt.name, err, d.effects() != before)
		}
	}
}

func TestRetriesAtOnce(t *testing.T) {
	d := newDesk(t, "hce_patient")
	key := uuid.NewString()
	answers, errs := make([]service.Response, 10), make([]error, 10)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			answers[i], errs[i] = d.write(t.Context(), d.key(ana, key, "POST", "/cosa", "a"), i%2 == 0)
		})
	}
	wg.Wait()
	for i := range answers {
		if errs[i] != nil || !bytes.Equal(answers[i].Body, answers[0].Body) {
			t.Errorf("retry %d got %s, %v; the first %s", i, answers[i].Body, errs[i], answers[0].Body)
		}
	}
	if n := d.effects(); n != 1 {
		t.Errorf("took effect %d times", n)
	}
}

func TestDifferentBodiesAtOnce(t *testing.T) {
	d := newDesk(t, "hce_patient")
	key := uuid.NewString()
	var wg sync.WaitGroup
	var won, refused atomic.Int32
	for _, body := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			_, err := d.write(t.Context(), d.key(ana, key, "POST", "/cosa", body), false)
			switch {
			case err == nil:
				won.Add(1)
			case problem.Status(err) == 422:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || refused.Load() != 3 || d.effects() != 1 {
		t.Errorf("%d won and %d were refused, %d took effect", won.Load(), refused.Load(), d.effects())
	}
}

func TestFailedWriteKeepsNoAnswer(t *testing.T) {
	d := newDesk(t, "hce_patient")
	k := d.key(ana, uuid.NewString(), "POST", "/cosa", "a")
	refusal := problem.Conflict("Ya existe.")
	for range 2 {
		_, err := k.Do(t.Context(), d.pool, func() (service.Response, error) {
			d.runs.Add(1)
			return service.Response{}, db.Tx(t.Context(), d.pool, func(tx pgx.Tx) error {
				if err := k.Save(t.Context(), tx, service.Response{Status: 201, Body: []byte("{}")}); err != nil {
					return err
				}
				return refusal
			})
		})
		if !errors.Is(err, refusal) {
			t.Errorf("a write that failed answers %v", err)
		}
	}
	if d.runs.Load() != 2 {
		t.Errorf("the write ran %d times: the refusal was kept", d.runs.Load())
	}
	if _, err := d.write(t.Context(), k, false); err != nil || d.effects() != 1 {
		t.Errorf("the try that succeeds: %v", err)
	}
}

func TestAnswerWithoutABody(t *testing.T) {
	d := newDesk(t, "hce_patient")
	k := d.key(ana, uuid.NewString(), "POST", "/cosa", "")
	for range 2 {
		resp, err := k.Do(t.Context(), d.pool, func() (service.Response, error) {
			resp := service.Response{Status: 204}
			return resp, db.Tx(t.Context(), d.pool, func(tx pgx.Tx) error { return k.Save(t.Context(), tx, resp) })
		})
		if err != nil || resp.Status != 204 || resp.Body != nil {
			t.Errorf("%+v, %v", resp, err)
		}
	}
}

func TestOfRefuses(t *testing.T) {
	r := httptest.NewRequest("POST", "/cosa", nil)
	r.Header.Set("Idempotency-Key", strings.Repeat("a", 129))
	if _, err := idempotency.Of(r, nil); problem.Status(err) != 400 {
		t.Errorf("a key of 129 bytes: %v, want a 400", err)
	}
	r.Header.Set("Idempotency-Key", strings.Repeat("a", 128))
	if _, err := idempotency.Of(r, nil); err != nil {
		t.Errorf("a key of 128 bytes: %v", err)
	}
	d := newDesk(t, "hce_patient")
	if _, err := d.write(t.Context(), d.key(ana, "\xff\xfe", "POST", "/cosa", "a"), false); problem.Status(db.Problem(err)) != 400 {
		t.Errorf("a key that is no text: %v, want a 400", err)
	}
}

// Decode reads a body and what its key stands for at once.
func TestDecode(t *testing.T) {
	d := newDesk(t, "hce_patient")
	name := uuid.NewString()
	decode := func(contentType, body string, v any) (idempotency.Key, error) {
		r := httptest.NewRequest("POST", "/cosa", strings.NewReader(body))
		r = r.WithContext(auth.NewContext(r.Context(), ana))
		r.Header.Set("Idempotency-Key", name)
		r.Header.Set("Content-Type", contentType)
		return idempotency.Decode(r, v)
	}
	var in struct {
		Nombre string `json:"nombre"`
	}
	k, err := decode("application/json", `{"nombre":"Luz"}`, &in)
	if err != nil || in.Nombre != "Luz" {
		t.Fatal(in, err)
	}
	if _, err := d.write(t.Context(), k, true); err != nil {
		t.Fatal(err)
	}
	other, err := decode("application/json", `{"nombre":"Ana"}`, &in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.write(t.Context(), other, true); problem.Status(err) != 422 || d.effects() != 1 {
		t.Errorf("the key with another body: %v, %d effects", err, d.effects())
	}
	for body, want := range map[string]int{`{"Nombre":"Luz"}`: 400, `{"nombre":7}`: 422, ``: 400} {
		if _, err := decode("application/json", body, &in); problem.Status(err) != want {
			t.Errorf("%s: %v, want %d", body, err, want)
		}
	}
	if _, err := decode("text/plain", `{}`, &in); problem.Status(err) != 415 {
		t.Errorf("text: %v", err)
	}
	if _, err := decode("", "", &service.Nothing{}); err != nil {
		t.Errorf("nothing: %v", err)
	}
}
