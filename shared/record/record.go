// Package record finds the record that an identity document leads to.
package record

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/jackc/pgx/v5"

	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

// Record is what an identity document leads to. When records turn out to be of
// one person, one of them goes on and the others are merged into it (FHIR
// Patient.link): each keeps its own rows, under its own documento_id, and
// together they make up one chart.
type Record struct {
	ID    string   // documento_id of the record that goes on: what is written now belongs there
	Of    string   // of the record that the document was given to: another than ID once that one is merged
	Parts []string // of all that make up the chart, ID before all; just ID for almost everybody
}

// one is a record that no other was merged into.
func one(documentoID string) Record {
	return Record{ID: documentoID, Of: documentoID, Parts: []string{documentoID}}
}

// Alone is the record that the document was given to, without any other that
// makes up the same chart.
func (r Record) Alone() Record { return one(r.Of) }

// Others are the records merged into the one that goes on.
func (r Record) Others() []string { return r.Parts[1:] }

// Nearest are the records that make up the chart, that of the document first: the
// order in which to look for what stands in one of them.
func (r Record) Nearest() []string {
	return append([]string{r.Of}, slices.DeleteFunc(slices.Clone(r.Parts), func(part string) bool { return part == r.Of })...)
}

// Merged reports whether the document is of a record merged into another.
func (r Record) Merged() bool { return r.Of != r.ID }

// Has reports whether the record makes up part of the chart.
func (r Record) Has(documentoID string) bool { return slices.Contains(r.Parts, documentoID) }

// NotFound is the answer for a record that does not exist.
func NotFound() error { return problem.NotFound("No existe una historia clínica con ese documento.") }

const question = `SELECT documento_id, coalesce(origen, documento_id), partes FROM historia_clinica.identificador WHERE clave = $1`

func (r *Record) scan(row pgx.Row) error {
	var merged []string
	err := row.Scan(&r.ID, &r.Of, &merged)
	r.Parts = append([]string{r.ID}, merged...)
	return err
}

// Find returns what id (a documento_id, or any document the person has had)
// leads to. 404 when there is none.
func Find(ctx context.Context, q db.Querier, id string) (Record, error) {
	d, err := ident.ParseID(id)
	if err != nil {
		return Record{}, NotFound()
	}
	var r Record
	err = r.scan(q.QueryRow(ctx, question, d.ID()))
	if db.NoRows(err) {
		return Record{}, NotFound()
	}
	if err != nil {
		return Record{}, fmt.Errorf("resolve record: %w", err)
	}
	return r, nil
}

// Queue is [Find] for whoever asks other things in the same round trip: the
// batch ends with [pgx.ErrNoRows] when the document leads nowhere.
func Queue(b *pgx.Batch, d ident.Document, r *Record) {
	b.Queue(question, d.ID()).QueryRow(r.scan)
}

// Resolve returns the documento_id of the record that id leads to: its own, or
// that of the record it was merged into.
func Resolve(ctx context.Context, q db.Querier, id string) (string, error) {
	r, err := Find(ctx, q, id)
	return r.ID, err
}

// ToWrite returns the documento_id of the record that id leads to, for something
// to be written there. A record that was merged into another takes nothing more:
// 409 names the one that goes on, and whoever writes decides whether it is meant.
// Sent on by itself, what is about this person would stand in the chart of
// another if the merge is a mistake, and undoing the merge would leave it there.
func ToWrite(ctx context.Context, q db.Querier, id string) (string, error) {
	r, err := Find(ctx, q, id)
	if err == nil && r.Merged() {
		err = r.Closed()
	}
	return r.ID, err
}

// Closed is the answer to whoever writes to a record that was merged into
// another.
func (r Record) Closed() error { return Closed(r.Of, r.ID) }

// Closed is the answer to whoever writes to a record (of) that was merged into
// another (into).
func Closed(of, into string) error {
	return (&problem.Error{
		Status: http.StatusConflict, Slug: "historia-unida", Title: "Historia unida a otra",
		Detail: fmt.Sprintf("La historia %s se unió a la %s y es de solo lectura: escriba en la %[2]s.", of, into),
	}).With("documento_id", into)
}

// ForCaller finds id for the caller: a patient gets their own record or 403,
// whether the other exists or not.
//
// Their own is the one that their account was tied to at the desk, by document
// and one-time code, and stays so when records are merged: neither one merged
// into it nor the one that it was merged into. A merge is the judgement of
// whoever made it and can be a mistake, and a mistake must not show anybody the
// chart of another person. Whoever has two records asks at the desk for an
// account of the one that goes on, or for a copy of the whole.
func ForCaller(ctx context.Context, q db.Querier, id string) (Record, error) {
	p := auth.From(ctx)
	r, err := Find(ctx, q, id)
	if !p.OnlyPatient() || err != nil && problem.Status(err) != 404 {
		return r, err
	}
	if err != nil || r.Of != p.DocumentoID {
		return Record{}, Foreign()
	}
	return r.Alone(), nil
}

// Narrow is what of a chart a request asks for: all of it, or with
// ?fusionada=1 only the record that the document was given to, as it was before
// it was merged.
func Narrow(req *http.Request, r Record) Record {
	if req.URL.Query().Get("fusionada") == "1" {
		return r.Alone()
	}
	return r
}

// Foreign is the answer for a record that is not the caller's to see.
func Foreign() error { return problem.Forbidden("Solo puede consultar su propia historia clínica.") }
