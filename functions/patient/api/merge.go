package api

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"

	"hce.co/shared/client"
)

// MergeRequest is what POST /paciente/{id}/fusion takes: the record that turned
// out to be of the same person.
type MergeRequest struct {
	Duplicado        string `json:"duplicado"` // its documento_id, or any document given to it
	Motivo           string `json:"motivo"`
	VersionDuplicado int    `json:"version_duplicado,omitempty"` // that the caller saw; whatever it is now when missing
}

// UnmergeRequest is what POST /paciente/{id}/fusion/{duplicado}/reversion takes.
type UnmergeRequest struct {
	Motivo string `json:"motivo"`
}

// Merge says that one record was merged into another, and perhaps that this was
// undone (FHIR Patient.link: replaced-by, replaces).
type Merge struct {
	ID             uuid.UUID  `json:"id" db:"id"`
	DocumentoID    string     `json:"documento_id" db:"documento_id"` // the record that goes on
	Duplicado      string     `json:"duplicado" db:"duplicado"`
	Motivo         string     `json:"motivo" db:"motivo"`
	En             time.Time  `json:"en" db:"en"`
	Por            string     `json:"por" db:"usuario_nombre"`
	DeshechaEn     *time.Time `json:"deshecha_en,omitempty" db:"deshecha_en"`
	DeshechaPor    string     `json:"deshecha_por,omitempty" db:"deshecha_por_nombre"`
	DeshechaMotivo string     `json:"deshecha_motivo,omitempty" db:"deshecha_motivo"`
}

// MergeSide is one of two records that may be of one person.
type MergeSide struct {
	Patient
	Notas           int  `json:"notas"`
	Admisiones      int  `json:"admisiones"`
	AdmisionAbierta bool `json:"admision_abierta"` // then it cannot be merged into the other
}

// MergePreview is two records side by side.
type MergePreview struct {
	Continua    MergeSide `json:"continua"`
	Duplicado   MergeSide `json:"duplicado"`
	Diferencias []string  `json:"diferencias"` // the fields in which they differ
}

// Merged returns a client that reads the records merged into others themselves,
// rather than the ones that go on.
func (c Client) Merged() Client {
	c.of = []client.Option{client.Query("fusionada", "1")}
	return c
}

// PreviewMerge shows the record id and the one that duplicate leads to.
func (c Client) PreviewMerge(ctx context.Context, id, duplicate string) (MergePreview, error) {
	p, _, err := client.Call[MergePreview](ctx, c.Client, "GET", path(id)+"/fusion?duplicado="+url.QueryEscape(duplicate), nil)
	return p, err
}

// Merge merges a duplicate into the version of the record that the caller saw.
func (c Client) Merge(ctx context.Context, id string, version int, m MergeRequest, idempotencyKey string) (Patient, error) {
	p, _, err := client.Call[Patient](ctx, c.Client, "POST", path(id)+"/fusion", m, client.IfMatch(version), client.IdempotencyKey(idempotencyKey))
	return p, err
}

// Unmerge makes the duplicate a record of its own again.
func (c Client) Unmerge(ctx context.Context, id, duplicate, reason, idempotencyKey string) (Patient, error) {
	p, _, err := client.Call[Patient](ctx, c.Client, "POST", path(id)+"/fusion/"+url.PathEscape(duplicate)+"/reversion",
		UnmergeRequest{Motivo: reason}, client.IdempotencyKey(idempotencyKey))
	return p, err
}

// Merges lists what was merged into a record, newest first.
func (c Client) Merges(ctx context.Context, id string) ([]Merge, error) {
	m, _, err := client.Call[[]Merge](ctx, c.Client, "GET", path(id)+"/fusiones", nil)
	return m, err
}
