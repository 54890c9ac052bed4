package access_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/shared/access"
	"hce.co/shared/audit/audittest"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// as is the context of a request by p.
func as(t *testing.T, p auth.Principal) context.Context {
	return auth.NewContext(audittest.Context(t.Context()), p)
}

// readers are the functions that show charts.
var readers = []string{"hce_notes", "hce_pdf_export", "hce_admission", "hce_patient"}

// ward is a record and who might read it.
type ward struct {
	t     *testing.T
	owner *pgxpool.Pool
	id    string
}

func newWard(t *testing.T, owner *pgxpool.Pool) ward { return ward{t, owner, dbtest.Record(t)} }

func (w ward) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.owner.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w ward) admission(state, service string, professional *uuid.UUID) uuid.UUID {
	w.t.Helper()
	id := ident.NewID()
	w.exec(`INSERT INTO historia_clinica.admision (documento_id, id, clase, estado, inicio, servicio, profesional_id, admitido_por, admitido_por_nombre, creado_en)
		VALUES ($1, $2, 'AMB', $3, now(), $4, $5, $2, 'Ana', now())`, w.id, id, state, service, professional)
	return id
}

func (w ward) note(author uuid.UUID, state string) {
	w.t.Helper()
	var signed *time.Time
	if now := time.Now(); state != "borrador" {
		signed = &now
	}
	w.exec(`INSERT INTO historia_clinica.nota (documento_id, id, admision_id, tipo, estado, fecha_atencion, fecha_registro, actualizado_en, autor_id, autor_nombre, firmada_en)
		VALUES ($1, $2, $3, 'evolucion', $4, now(), now(), now(), $5, 'Mario', $6)`, w.id, ident.NewID(), w.admission("finished", "", nil), state, author, signed)
}

func (w ward) emergency(who uuid.UUID, until time.Duration, decision ...string) {
	w.t.Helper()
	now := time.Now()
	w.exec(`INSERT INTO historia_clinica.acceso_emergencia (documento_id, id, usuario_id, nombre, motivo, desde, hasta, decision)
		VALUES ($1, $2, $3, 'Mario', 'urgencia', $4, $5, $6)`, w.id, ident.NewID(), who, now.Add(-time.Hour), now.Add(until), strings.Join(decision, ""))
}

func TestChart(t *testing.T) {
	me := authtest.Principal("Mario Médico", auth.Physician)
	me.Services = []string{"urgencias", "medicina-interna"}
	careless := me
	careless.Services = []string{"", "urgencias"}
	other := ident.NewID()
	none := func(ward) {}
	owner, pools := dbtest.Pool(t, "postgres"), map[string]*pgxpool.Pool{}
	for _, role := range readers {
		pools[role] = dbtest.Pool(t, role)
	}
	for _, tt := range []struct {
		name  string
		p     auth.Principal
		given func(ward)
		ok    bool
	}{
		{"a médico without any relation", me, none, false},
		{"an open admission in one of their services", me, func(w ward) { w.admission("in-progress", "urgencias", nil) }, true},
		{"one that is only planned", me, func(w ward) { w.admission("planned", "medicina-interna", nil) }, true},
		{"one that has arrived", me, func(w ward) { w.admission("arrived", "urgencias", nil) }, true},
		{"one in triage", me, func(w ward) { w.admission("triaged", "urgencias", nil) }, true},
		{"one in another service", me, func(w ward) { w.admission("in-progress", "pediatria", nil) }, false},
		{"one in their service that is over", me, func(w ward) { w.admission("finished", "urgencias", nil) }, false},
		{"one in their service that was cancelled", me, func(w ward) { w.admission("cancelled", "urgencias", nil) }, false},
		{"one in no service", me, func(w ward) { w.admission("in-progress", "", nil) }, false},
		{"one of theirs in another service", me, func(w ward) { w.admission("in-progress", "pediatria", &me.ID) }, true},
		{"one of theirs that is over", me, func(w ward) { w.admission("finished", "pediatria", &me.ID) }, false},
		{"one of a colleague's", me, func(w ward) { w.admission("in-progress", "pediatria", &other) }, false},
		{"a note of theirs", me, func(w ward) { w.note(me.ID, "firmada") }, true},
		{"a draft of theirs", me, func(w ward) { w.note(me.ID, "borrador") }, true},
		{"a note of a colleague's", me, func(w ward) { w.note(other, "firmada") }, false},
		{"an emergency access", me, func(w ward) { w.emergency(me.ID, time.Minute) }, true},
		{"an emergency access that ran out", me, func(w ward) { w.emergency(me.ID, -time.Second) }, false},
		{"a colleague's emergency access", me, func(w ward) { w.emergency(other, time.Minute) }, false},
		{"one that its review found justified", me, func(w ward) { w.emergency(me.ID, time.Minute, "justificado") }, true},
		{"one that its review found unjustified", me, func(w ward) { w.emergency(me.ID, time.Minute, "injustificado") }, false},
		{"one asked for after such a review", me, func(w ward) {
			w.emergency(me.ID, time.Minute, "injustificado")
			w.emergency(me.ID, time.Minute)
		}, true},
		{"one that ran out and one that did not", me, func(w ward) { w.emergency(me.ID, -time.Second); w.emergency(me.ID, time.Minute) }, true},
		{"a médico of the service without a name, one in no service", careless, func(w ward) { w.admission("in-progress", "", nil) }, false},
		{"a médico of the service without a name, one in another of theirs", careless, func(w ward) { w.admission("in-progress", "urgencias", nil) }, true},
		{"a relation to somebody else", me, func(w ward) {
			newWard(w.t, w.owner).admission("in-progress", "urgencias", &me.ID)
		}, false},
		{"a médico without services, an open admission", authtest.Principal("Sin", auth.Physician), func(w ward) { w.admission("in-progress", "urgencias", nil) }, false},
		{"a médico without services, one in no service", authtest.Principal("Sin", auth.Physician), func(w ward) { w.admission("in-progress", "", nil) }, false},

		{"resultados", authtest.Principal("Rita", auth.RecordsClerk), none, true},
		{"an admisionista", authtest.Principal("Ana", auth.Registrar), func(w ward) { w.admission("in-progress", "urgencias", nil) }, false},
		{"an administrador", authtest.Principal("Alba", auth.Admin), none, false},
		{"an operador", authtest.Principal("Omar", auth.Operator), none, false},
		{"a producer", authtest.Principal("Laboratorio", auth.Producer), none, false},
		{"somebody who must change their password first", authtest.Principal("Nueva", auth.Restricted), none, false},
		{"nobody", auth.Principal{}, none, false},
		{"a patient without a record", authtest.Principal("Luz", auth.Patient), none, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWard(t, owner)
			tt.given(w)
			ctx := as(t, tt.p)
			for role, pool := range pools {
				_, err := access.Chart(ctx, pool, single(w.id))
				if (err == nil) != tt.ok || err != nil && problem.Status(err) != 403 {
					t.Errorf("%s: Chart = %v, want allowed: %v", role, err, tt.ok)
				}
				r, err := access.Open(ctx, pool, w.id)
				if (err == nil) != tt.ok || err != nil && problem.Status(err) != 403 || err == nil && r.ID != w.id {
					t.Errorf("%s: Open = %+v, %v, want allowed: %v", role, r, err, tt.ok)
				}
			}
		})
	}
}

// single is a record that no other was merged into.
func single(id string) record.Record { return record.Record{ID: id, Of: id, Parts: []string{id}} }

// A relation to any of the records of one person opens the chart of all.
func TestChartOfMergedRecords(t *testing.T) {
	owner := dbtest.Pool(t, "postgres")
	me := authtest.Principal("Mario", auth.Physician)
	for name, given := range map[string]func(into, merged ward){
		"to the one that goes on":   func(into, _ ward) { into.admission("in-progress", "", &me.ID) },
		"to the one that is merged": func(_, merged ward) { merged.note(me.ID, "firmada") },
		"to neither":                func(ward, ward) {},
	} {
		into, merged := newWard(t, owner), newWard(t, owner)
		dbtest.Merge(t, into.id, merged.id)
		given(into, merged)
		patient := authtest.Principal("Luz", auth.Patient)
		clerk := authtest.Principal("Rita", auth.RecordsClerk)
		for role, id := range map[string]string{"hce_notes": into.id, "hce_pdf_export": merged.id} {
			pool := dbtest.Pool(t, role)
			for _, p := range []auth.Principal{me, clerk} {
				r, err := access.Open(as(t, p), pool, id)
				if ok := p.Is(auth.RecordsClerk) || name != "to neither"; ok != (err == nil) || ok && (r.ID != into.id || r.Of != id || len(r.Parts) != 2) {
					t.Errorf("a relation %s, %v opens %s: %+v, %v", name, p.Roles, id, r, err)
				}
			}
			// A patient reads their own alone, a médico who is one as well.
			for _, roles := range [][]auth.Role{{auth.Patient}, {auth.Patient, auth.Physician}} {
				patient.DocumentoID, patient.Roles = id, roles
				if r, err := access.Open(as(t, patient), pool, id); err != nil || r.ID != id || len(r.Parts) != 1 {
					t.Errorf("%v opens their own: %+v, %v", roles, r, err)
				}
			}
		}
	}
}

func TestChartOfAPatient(t *testing.T) {
	mine, other := dbtest.Record(t), dbtest.Record(t)
	patient := authtest.Principal("Luz", auth.Patient)
	patient.DocumentoID = mine
	both := patient
	both.Roles = []auth.Role{auth.Patient, auth.Physician}
	pool := dbtest.Pool(t, "hce_notes")
	for _, tt := range []struct {
		name string
		p    auth.Principal
		id   string
		ok   bool
	}{
		{"their own", patient, mine, true},
		{"somebody else's", patient, other, false},
		{"a médico's own", both, mine, true},
		{"a médico who is a patient, somebody else's", both, other, false},
	} {
		ctx := as(t, tt.p)
		if _, err := access.Chart(ctx, pool, single(tt.id)); (err == nil) != tt.ok {
			t.Errorf("%s: Chart = %v", tt.name, err)
		}
		if r, err := access.Open(ctx, pool, tt.id); (err == nil) != tt.ok || tt.ok && r.ID != tt.id {
			t.Errorf("%s: Open = %+v, %v", tt.name, r, err)
		}
	}
}

// Only a médico is told that there is another way in.
func TestRefusalOffersEmergencyAccess(t *testing.T) {
	id := dbtest.Record(t)
	pool := dbtest.Pool(t, "hce_notes")
	for role, want := range map[auth.Role]bool{auth.Physician: true, auth.Registrar: false, auth.Patient: false} {
		_, err := access.Chart(as(t, authtest.Principal("X", role)), pool, single(id))
		var p *problem.Error
		if !errors.As(err, &p) || (p.Members["acceso_emergencia"] == true) != want {
			t.Errorf("%s is told %+v", role, p)
		}
	}
}

func TestOpenFindsTheRecord(t *testing.T) {
	w := newWard(t, dbtest.Pool(t, "postgres"))
	w.exec(`INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ($1, $2, '2026-01-02')`, "TI-"+w.id[3:], w.id)
	me := authtest.Principal("Mario", auth.Physician)
	w.admission("in-progress", "", &me.ID)
	pool := dbtest.Pool(t, "hce_notes")
	for _, p := range []auth.Principal{me, authtest.Principal("Rita", auth.RecordsClerk)} {
		ctx := as(t, p)
		for _, id := range []string{w.id, "TI-" + w.id[3:], "cc-" + w.id[3:]} {
			if got, err := access.Open(ctx, pool, id); err != nil || got.ID != w.id {
				t.Errorf("%v, %s: %+v, %v", p.Roles, id, got, err)
			}
		}
		for _, id := range []string{"CC-999", "x", ""} {
			if got, err := access.Open(ctx, pool, id); problem.Status(err) != 404 || got.ID != "" {
				t.Errorf("%v, %q: %+v, %v; want a 404", p.Roles, id, got, err)
			}
		}
	}
	patient := authtest.Principal("Luz", auth.Patient)
	patient.DocumentoID = w.id
	if got, err := access.Open(as(t, patient), pool, "CC-999"); problem.Status(err) != 403 || got.ID != "" {
		t.Errorf("a patient can tell who has a record: %+v, %v", got, err)
	}
}

func TestDatabaseThatIsDown(t *testing.T) {
	ctx, cancel := context.WithCancel(as(t, authtest.Principal("Mario", auth.Physician)))
	cancel()
	pool := dbtest.Pool(t, "hce_notes")
	if _, err := access.Chart(ctx, pool, single("CC-123")); err == nil || problem.Status(err) == 403 {
		t.Errorf("Chart: a failure is %v", err)
	}
	if _, err := access.Open(ctx, pool, "CC-123"); err == nil || problem.Status(err) == 403 || problem.Status(err) == 404 {
		t.Errorf("Open: a failure is %v", err)
	}
}

// The patient reads in their trail that a médico was refused, once for all that
// one page asked for; that another patient asked stands nowhere.
func TestRefusalsStandInTheTrail(t *testing.T) {
	owner := dbtest.Pool(t, "postgres")
	services := []string{"urgencias"}
	for name, tt := range map[string]struct {
		p    auth.Principal
		want []string // role, type, resource and outcome of the rows
	}{
		"a médico without relation":   {authtest.Principal("Mario", auth.Physician), []string{"medico read historia/%s denegado"}},
		"resultados":                  {authtest.Principal("Rita", auth.RecordsClerk), nil},
		"an admisionista":             {authtest.Principal("Ana", auth.Registrar), nil},
		"a patient":                   {authtest.Principal("Luz", auth.Patient), nil},
		"a médico who is in relation": {auth.Principal{ID: ident.NewID(), Name: "Elsa", Roles: []auth.Role{auth.Physician}, Services: services}, nil},
	} {
		w := newWard(t, owner)
		if len(tt.p.Services) > 0 {
			w.admission("in-progress", services[0], nil)
		}
		ctx := as(t, tt.p)
		began := time.Now().Truncate(time.Minute)
		for _, role := range readers {
			pool := dbtest.Pool(t, role)
			access.Open(ctx, pool, w.id)          //nolint:errcheck // TestChart looks at it
			access.Chart(ctx, pool, single(w.id)) //nolint:errcheck // likewise
		}
		rows, err := owner.Query(t.Context(), `SELECT rol || ' ' || tipo || ' ' || recurso || ' ' || resultado FROM historia_clinica.auditoria
			WHERE documento_id = $1`, w.id)
		if err != nil {
			t.Fatal(err)
		}
		got, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 2 && time.Now().Truncate(time.Minute).After(began) {
			got = got[:1] // a minute ended meanwhile
		}
		for i := range tt.want {
			tt.want[i] = strings.ReplaceAll(tt.want[i], "%s", w.id)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: the trail has %v, want %v", name, got, tt.want)
		}
	}
}

// Of a merged record the trail is that of the one that was asked for.
func TestRefusalOfMergedRecords(t *testing.T) {
	owner, pool := dbtest.Pool(t, "postgres"), dbtest.Pool(t, "hce_notes")
	into, merged := newWard(t, owner), newWard(t, owner)
	dbtest.Merge(t, into.id, merged.id)
	ctx := as(t, authtest.Principal("Mario", auth.Physician))
	if _, err := access.Open(ctx, pool, merged.id); problem.Status(err) != 403 {
		t.Fatal(err)
	}
	for id, want := range map[string]int{into.id: 0, merged.id: 1} {
		var n int
		if err := owner.QueryRow(t.Context(), `SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND resultado = 'denegado'`, id).Scan(&n); err != nil || n != want {
			t.Errorf("%s has %d rows (%v), want %d", id, n, err, want)
		}
	}
}
