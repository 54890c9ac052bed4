package notes

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/idempotency"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

var (
	// errElsewhere says that the record stands under another documento_id.
	errElsewhere = errors.New("the record is elsewhere")
	// errWaiting says that the patient's attention has not begun: it begins with
	// the note, and that has to be the transaction's first lock.
	errWaiting = errors.New("the admission waits")
)

// insert writes the note that was asked for, with all that belongs to it, and
// returns the answer and the events to send.
func (f *Function) insert(ctx context.Context, q request, key idempotency.Key) (service.Response, []event.Event, error) {
	w := noteWrite{f: f, q: q, key: key, record: q.record}
	err := w.run(ctx)
	if errors.Is(err, errElsewhere) {
		if w.record, err = record.Resolve(ctx, f.pool, q.record); err == nil {
			err = w.run(ctx)
		}
	}
	if errors.Is(err, errWaiting) {
		w.begin = true
		err = w.run(ctx)
	}
	switch {
	case errors.Is(err, errElsewhere):
		return service.Response{}, nil, record.NotFound()
	case db.Violates(err) == "nota_pkey":
		resp, err := f.again(ctx, q, w.record)
		return resp, nil, err
	case err != nil:
		return service.Response{}, nil, fmt.Errorf("write note: %w", err)
	}
	return w.resp, w.events, nil
}

// noteWrite is one attempt at writing a note.
type noteWrite struct {
	f      *Function
	q      request
	key    idempotency.Key
	record string
	begin  bool // the attention begins with this note

	resp   service.Response
	events []event.Event
}

// run reads the facts in one round trip, decides, and writes in another.
func (w *noteWrite) run(ctx context.Context) error {
	return db.Lean(ctx, w.f.pool, func(tx *db.LeanTx) error {
		q := w.q
		var x facts
		var p *professional
		var begun *place
		b := &pgx.Batch{}
		if w.begin {
			queueAttention(b, w.record, q.admission, q.by, q.at, &begun)
		}
		found := queueFacts(b, w.record, q.admission, codesOf(q.content.Diagnosticos), &x)
		if q.sign {
			w.f.keys.queue(b, q.by.ID, q.now, &p)
		}
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		switch {
		case !*found:
			return errElsewhere
		case q.sign && p == nil:
			return noProfessional()
		case q.admission != uuid.Nil && x.admission == nil:
			return problem.Invalid(map[string]string{"admision_id": "Esa admisión no es de este paciente."})
		case x.admission.moves():
			return errWaiting
		}
		n := q.note(w.record, q.admission)
		var err error
		if n.Advertencias, err = judge(&n.Content, q.at, q.by.Name, x, q.now); err != nil {
			return err
		}
		b, w.events = &pgx.Batch{}, nil
		if begun != nil {
			queueAttended(b, w.record, q.admission, q.by, q.now, *begun)
		}
		if x.admission == nil {
			n.AdmisionID = ident.NewID()
			if w.events, err = queueEncounter(b, n, x.person, q.by); err != nil {
				return err
			}
		}
		entry := audit.Entry{DocumentoID: w.record, Action: audit.Create, Type: "create", Resource: "nota/" + n.ID.String() + "/1", Permission: auth.WriteNote}
		if q.sign {
			s, err := p.signNote(&n, q.now)
			if err != nil {
				return err
			}
			queueNote(b, n, q.print, &s)
			e, err := queueSigned(b, n, s)
			if err != nil {
				return err
			}
			w.events = append(w.events, e)
			entry.Type = "sign"
		} else {
			queueNote(b, n, q.print, nil)
		}
		audit.Queue(ctx, b, entry)
		for _, e := range w.events {
			w.f.outbox.Queue(b, e)
		}
		if w.resp, err = service.Created(notePath(w.record, n.ID), n.Version, n); err != nil {
			return err
		}
		w.key.Queue(b, w.resp)
		return tx.Commit(ctx, b)
	})
}

// again answers a retry of a note that stands there already under the same id:
// with that note, as long as it is what was asked for then.
func (f *Function) again(ctx context.Context, q request, documentoID string) (service.Response, error) {
	var same bool
	err := f.pool.QueryRow(ctx, `
		SELECT autor_id = $3 AND coalesce(huella = $4, false) FROM historia_clinica.nota WHERE documento_id = $1 AND id = $2`,
		documentoID, q.id, q.by.ID, q.print).Scan(&same)
	if err != nil {
		return service.Response{}, fmt.Errorf("compare notes: %w", err)
	}
	if !same {
		return service.Response{}, problem.Conflict("Ya existe una nota con ese identificador y otro contenido.")
	}
	n, err := f.find(ctx, documentoID, q.id)
	if err != nil {
		return service.Response{}, err
	}
	full, err := n.note()
	if err != nil {
		return service.Response{}, err
	}
	return service.Created(notePath(documentoID, full.ID), full.Version, full)
}

// queueFacts reads what judging a note takes. The admission is locked against
// being cancelled meanwhile. found is false after the batch when the record is
// not there, or was merged into another.
func queueFacts(b *pgx.Batch, documentoID string, admission uuid.UUID, codes []string, x *facts) (found *bool) {
	found = new(bool)
	b.Queue(`SELECT sexo_biologico, fecha_nacimiento, fallecido, entidad_codigo, entidad_nombre, tipo_usuario
		FROM historia_clinica.paciente WHERE documento_id = $1 AND fusionado_en IS NULL`, documentoID).Query(func(rows pgx.Rows) error {
		p := &x.person
		_, err := pgx.ForEachRow(rows, []any{&p.Sex, &p.Birth, &p.Dead, &p.Payer, &p.PayName, &p.UserType}, func() error {
			*found = true
			return nil
		})
		return err
	})
	if admission != uuid.Nil {
		b.Queue(`SELECT id, estado, clase, inicio FROM historia_clinica.admision WHERE documento_id = $1 AND id = $2 FOR SHARE`,
			documentoID, admission).Query(func(rows pgx.Rows) error {
			var e encounter
			_, err := pgx.ForEachRow(rows, []any{&e.ID, &e.State, &e.Class, &e.Start}, func() error {
				x.admission = &e
				return nil
			})
			return err
		})
	}
	queueCodes(b, codes, x)
	return found
}

// queueCodes reads codes of CIE-10 that are in force.
func queueCodes(b *pgx.Batch, codes []string, x *facts) {
	if len(codes) == 0 {
		return
	}
	b.Queue(`SELECT codigo, descripcion, sexo, edad_min, edad_max FROM historia_clinica.cie10 WHERE codigo = ANY($1) AND vigente`, codes).
		Query(func(rows pgx.Rows) error {
			all, err := pgx.CollectRows(rows, pgx.RowToStructByName[api.Code])
			x.codes = make(map[string]api.Code, len(all))
			for _, c := range all {
				x.codes[c.Codigo] = c
			}
			return err
		})
}
