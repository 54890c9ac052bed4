package notes

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/access"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/service"
	"hce.co/shared/vital"
)

// series is a list of what the signed notes of a chart hold, newest first. Each
// record that makes up the chart is asked by itself, on its own shard.
type series[T any] struct {
	name string // in the trail
	// query takes the documento_id, the instant and id after which to begin, the
	// number of rows, and whatever else the list asks for.
	query string
	place func(T) cursor
	// standing, of a list that has it, is what ?vigentes=1 asks for.
	standing *standing[T]
}

// serve answers with a page of the list.
func (s series[T]) serve(f *Function, w http.ResponseWriter, r *http.Request, more ...any) error {
	ctx := r.Context()
	page, after, err := position(r)
	if err != nil {
		return err
	}
	rec, err := f.chartOf(r)
	if err != nil {
		return err
	}
	query, args := s.query, append([]any{after.at, after.id, page.Limit + 1}, more...)
	current := s.standing != nil && r.URL.Query().Get("vigentes") == "1"
	if current {
		query, args = s.standing.query, []any{maxStanding}
	}
	out, err := s.read(ctx, f, rec.Parts, query, args)
	if err != nil {
		return err
	}
	if current {
		out = slices.DeleteFunc(s.standing.of(out), func(x T) bool { return s.place(x).compare(after) <= 0 })
	}
	if len(out) > page.Limit {
		out = out[:page.Limit]
		page.Next(w, r, s.place(out[page.Limit-1]).String())
	}
	return service.WriteJSON(w, 0, out)
}

// read asks each record that makes up a chart, and the trail of each tells it.
func (s series[T]) read(ctx context.Context, f *Function, parts []string, query string, args []any) ([]T, error) {
	lists := make([][]T, len(parts))
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		for i, id := range parts {
			b.Queue(query, append([]any{id}, args...)...).Query(func(rows pgx.Rows) (err error) {
				lists[i], err = pgx.CollectRows(rows, pgx.RowToStructByName[T])
				return err
			})
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: id, Action: audit.Read, Type: "read", Resource: s.name + "/" + id, Permission: auth.ReadChart,
			})
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.name, err)
	}
	return together(lists, s.place), nil
}

// What an annulled note held no longer counts.
const ofSignedNotes = ` JOIN historia_clinica.nota n ON n.documento_id = x.documento_id AND n.id = x.nota_id
	WHERE x.documento_id = $1 AND n.estado = 'firmada'`

var vitalSeries = series[api.Vital]{
	name: "signos",
	query: `SELECT x.documento_id, x.id, x.nota_id, x.nombre, x.codigo, x.valor::float8 AS valor, x.unidad, x.tomado_en, x.tomado_por
		FROM historia_clinica.signo_vital x` + ofSignedNotes + ` AND (x.tomado_en, x.id) < ($2, $3) AND ($5 = '' OR x.nombre = $5)
		ORDER BY x.tomado_en DESC, x.id DESC LIMIT $4`,
	place: func(v api.Vital) cursor { return cursor{v.TomadoEn, v.ID} },
}

// vitals lists measurements, of one sign with ?nombre=.
func (f *Function) vitals(w http.ResponseWriter, r *http.Request) error {
	name := r.URL.Query().Get("nombre")
	if _, known := vital.Named(name); !known && name != "" {
		return problem.Invalid(map[string]string{"nombre": "No hay un signo vital con ese nombre."})
	}
	return vitalSeries.serve(f, w, r, name)
}

var diagnosisSeries = series[api.Condition]{
	name: "diagnosticos",
	query: `SELECT x.documento_id, x.id, x.nota_id, x.admision_id, x.cie10, x.descripcion, x.tipo, x.rol, x.en
		FROM historia_clinica.diagnostico x` + ofSignedNotes + ` AND (x.en, x.id) < ($2, $3)
		ORDER BY x.en DESC, x.id DESC LIMIT $4`,
	place: func(c api.Condition) cursor { return cursor{c.En, c.ID} },
}

func (f *Function) diagnoses(w http.ResponseWriter, r *http.Request) error {
	return diagnosisSeries.serve(f, w, r)
}

// An allergy and a medication may also have come without a note.
const ofNotesOrNone = ` LEFT JOIN historia_clinica.nota n ON n.documento_id = x.documento_id AND n.id = x.nota_id
	WHERE x.documento_id = $1 AND coalesce(n.estado, 'firmada') = 'firmada'`

const allergyColumns = `x.documento_id, x.id, x.nota_id, x.tipo, x.sustancia, x.reaccion, x.criticidad, x.estado, x.registrada_en, x.registrada_por`

var allergySeries = series[api.RegisteredAllergy]{
	name: "alergias",
	query: `SELECT ` + allergyColumns + `
		FROM historia_clinica.alergia x` + ofNotesOrNone + ` AND (x.registrada_en, x.id) < ($2, $3)
		ORDER BY x.registrada_en DESC, x.id DESC LIMIT $4`,
	place:    func(a api.RegisteredAllergy) cursor { return cursor{a.RegistradaEn, a.ID} },
	standing: &standingAllergies,
}

func (f *Function) allergies(w http.ResponseWriter, r *http.Request) error {
	return allergySeries.serve(f, w, r)
}

const medicationColumns = `x.documento_id, x.id, x.nota_id, x.dci, x.cum, x.dosis, x.unidad, x.via, x.frecuencia, x.duracion, x.cantidad, x.estado,
	x.prescrito_en, x.prescrito_por`

var medicationSeries = series[api.PrescribedMedication]{
	name: "medicamentos",
	query: `SELECT ` + medicationColumns + `
		FROM historia_clinica.medicamento x` + ofNotesOrNone + ` AND (x.prescrito_en, x.id) < ($2, $3)
		ORDER BY x.prescrito_en DESC, x.id DESC LIMIT $4`,
	place:    func(m api.PrescribedMedication) cursor { return cursor{m.PrescritoEn, m.ID} },
	standing: &standingMedications,
}

func (f *Function) medications(w http.ResponseWriter, r *http.Request) error {
	return medicationSeries.serve(f, w, r)
}

var resultSeries = series[api.Result]{
	name: "resultados",
	query: `SELECT ` + resultColumns + ` FROM historia_clinica.resultado
		WHERE documento_id = $1 AND (emitido_en, id) < ($2, $3) ORDER BY emitido_en DESC, id DESC LIMIT $4`,
	place: func(r api.Result) cursor { return cursor{r.EmitidoEn, r.ID} },
}

func (f *Function) results(w http.ResponseWriter, r *http.Request) error {
	return resultSeries.serve(f, w, r)
}

// readResult shows one result of a chart, in whichever of its records it stands.
func (f *Function) readResult(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := service.PathID(r, "resultado")
	if err != nil {
		return err
	}
	rec, err := access.Open(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	for _, part := range rec.Nearest() {
		var found []api.Result
		err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
			b.Queue(selectResult, part, id).Query(func(rows pgx.Rows) (err error) {
				found, err = pgx.CollectRows(rows, pgx.RowToStructByName[api.Result])
				return err
			})
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: part, Action: audit.Read, Type: "read", Resource: "resultado/" + id.String(), Permission: auth.ReadChart,
			})
		})
		if err != nil {
			return fmt.Errorf("read result: %w", err)
		}
		if len(found) == 1 {
			return service.WriteJSON(w, found[0].Version, found[0])
		}
	}
	return noResult()
}

func noResult() error { return problem.NotFound("No existe ese resultado.") }
