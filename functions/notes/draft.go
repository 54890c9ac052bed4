package notes

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/idempotency"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

// sitting is how long saving a draft again is part of the same action: a form
// saves by itself every few seconds.
const sitting = 15 * time.Minute

// saveDraft replaces the content of a draft by what its author has on screen.
func (f *Function) saveDraft(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	note, err := service.PathID(r, "nota")
	if err != nil {
		return err
	}
	seen, err := service.IfMatch(r)
	if err != nil {
		return err
	}
	var in api.Draft
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	id, err := record.ToWrite(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	if in.DocumentoID == r.PathValue("documento_id") { // any document of the person's
		in.DocumentoID = id
	}
	resp, err := key.Do(ctx, f.pool, func() (service.Response, error) {
		return f.replaceDraft(ctx, id, note, seen, in, key, f.now())
	})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

// checkDraft brings a draft into the form that the record keeps, and reports
// what no note may hold.
func checkDraft(in *api.Draft, now time.Time) error {
	normalise(&in.Content, now)
	f := fields{problem.Fields{}}
	if in.FechaAtencion != nil {
		at := instant(*in.FechaAtencion, now)
		in.FechaAtencion = &at
		f.past("fecha_atencion", &at, now)
	}
	check(&in.Content, f, now)
	return f.Err()
}

// sameNote reports what of a draft says that it is another note than the one it
// is saved as.
func sameNote(in api.Draft, n api.Note) error {
	f := fields{problem.Fields{}}
	for name, is := range map[string][2]string{
		"id": {in.ID, n.ID.String()}, "documento_id": {in.DocumentoID, n.DocumentoID}, "admision_id": {in.AdmisionID, n.AdmisionID.String()},
	} {
		if is[0] != "" && !strings.EqualFold(is[0], is[1]) {
			f.Add(name, "Una nota no cambia de paciente, de admisión ni de identificador.")
		}
	}
	return f.Err()
}

// replaceDraft writes the next version of a draft over the one that its author
// saw. What is wrong with its content counts only once that one is found.
func (f *Function) replaceDraft(
	ctx context.Context, documentoID string, note uuid.UUID, seen service.Versions, in api.Draft, key idempotency.Key, now time.Time,
) (resp service.Response, err error) {
	by := auth.From(ctx)
	bad := checkDraft(&in, now)
	var codes []string
	if bad == nil {
		codes = codesOf(in.Diagnosticos)
	}
	err = db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		var x facts
		var found []*stored
		b := &pgx.Batch{}
		queueLocked(b, documentoID, note, by, &found)
		queueFacts(b, documentoID, uuid.Nil, codes, &x)
		queueAdmissionOf(b, documentoID, note, &x)
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		n, err := ownDraft(found, by)
		switch {
		case err != nil:
			return err
		case !seen.Has(n.Version):
			return problem.Stale().With("version", n.Version)
		case bad != nil:
			return bad
		}
		if err := sameNote(in, n); err != nil {
			return err
		}
		kind := n.Tipo
		n.Content, n.Version, n.ActualizadoEn = in.Content, n.Version+1, now
		if n.Tipo == "" {
			n.Tipo = kind
		}
		if in.FechaAtencion != nil {
			n.FechaAtencion = *in.FechaAtencion
		}
		if n.Advertencias, err = judge(&n.Content, n.FechaAtencion, n.Autor.Nombre, x, now); err != nil {
			return err
		}
		b = &pgx.Batch{}
		queueReplace(b, n, nil)
		if x.admission.Only && !x.admission.Start.Equal(n.FechaAtencion) {
			queueMoved(b, documentoID, *x.admission, n.FechaAtencion)
		}
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: documentoID, Action: audit.Update, Type: "update", Resource: "nota/" + note.String(), Permission: auth.WriteNote, Once: sitting,
		})
		if resp, err = noteAnswer(n); err != nil {
			return err
		}
		key.Queue(b, resp)
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return resp, fmt.Errorf("save draft: %w", err)
	}
	return resp, nil
}

// noteAnswer is the answer to a change of a note: the note as it is then.
func noteAnswer(n api.Note) (service.Response, error) {
	resp, err := service.JSON(http.StatusOK, n)
	resp.ETag = service.ETag(n.Version)
	return resp, err
}

// ownDraft is the note found, when it is a draft of the caller's.
func ownDraft(found []*stored, by auth.Principal) (api.Note, error) {
	switch {
	case len(found) == 0:
		return api.Note{}, noNote()
	case found[0].AutorID != by.ID:
		return api.Note{}, problem.Forbidden("Solo quien escribe una nota puede cambiarla o firmarla.")
	case found[0].Estado != draft:
		return api.Note{}, problem.Conflict("La nota ya no es un borrador: agregue una adenda.").With("estado", found[0].Estado)
	}
	return found[0].note()
}

// drafts lists the caller's drafts, the one touched last first. It asks every
// shard: drafts are few, and nobody but their author has a list of them.
func (f *Function) drafts(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, after, err := position(r)
	if err != nil {
		return err
	}
	by := auth.From(ctx)
	out := []api.DraftSummary{}
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(selectDrafts, by.ID, after.at, after.id, page.Limit+1).Query(func(rows pgx.Rows) (err error) {
			out, err = pgx.CollectRows(rows, pgx.RowToStructByName[api.DraftSummary])
			return err
		})
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: audit.User(by.ID), Action: audit.Read, Type: "read", Resource: "borradores", Permission: auth.WriteNote,
		})
	})
	if err != nil {
		return fmt.Errorf("read drafts: %w", err)
	}
	if len(out) > page.Limit {
		out = out[:page.Limit]
		last := out[page.Limit-1]
		page.Next(w, r, cursor{last.ActualizadoEn, last.ID}.String())
	}
	for i := range out {
		out[i].Paciente = strings.Join(strings.Fields(out[i].Paciente), " ")
		out[i].FechaAtencion, out[i].ActualizadoEn = out[i].FechaAtencion.UTC(), out[i].ActualizadoEn.UTC()
	}
	return service.WriteJSON(w, 0, out)
}

const selectDrafts = `
	SELECT n.documento_id, n.id, n.admision_id, n.version, n.tipo, left(n.motivo_consulta, 200) AS motivo_consulta, n.fecha_atencion,
	  n.actualizado_en, concat_ws(' ', p.primer_apellido, p.segundo_apellido, p.primer_nombre, p.segundo_nombre) AS paciente
	FROM historia_clinica.nota n JOIN historia_clinica.paciente p ON p.documento_id = n.documento_id
	WHERE n.estado = 'borrador' AND n.autor_id = $1 AND (n.actualizado_en, n.id) < ($2, $3)
	ORDER BY n.actualizado_en DESC, n.id DESC LIMIT $4`
