package api

import (
	"context"
	"net/url"

	"github.com/google/uuid"

	"hce.co/shared/client"
)

// Client calls the registry.
type Client struct {
	client.Client
	of []client.Option // which record a document leads to
}

func path(documentoID string) string { return "/paciente/" + url.PathEscape(documentoID) }

// Register opens a record.
func (c Client) Register(ctx context.Context, d Demographics, idempotencyKey string) (Patient, error) {
	p, _, err := client.Call[Patient](ctx, c.Client, "POST", "/paciente", d, client.IdempotencyKey(idempotencyKey))
	return p, err
}

// LikelyDuplicates returns who might be the person about to be registered.
func (c Client) LikelyDuplicates(ctx context.Context, d Demographics) ([]Summary, error) {
	s, _, err := client.Call[[]Summary](ctx, c.Client, "POST", "/paciente/parecidos", d)
	return s, err
}

// Read returns a record; id is its documento_id or any document of the person.
func (c Client) Read(ctx context.Context, id string) (Patient, error) {
	p, _, err := client.Call[Patient](ctx, c.Client, "GET", path(id), nil, c.of...)
	return p, err
}

// Update replaces the demographic data of the version that the caller saw.
func (c Client) Update(ctx context.Context, id string, version int, d Demographics, idempotencyKey string) (Patient, error) {
	p, _, err := client.Call[Patient](ctx, c.Client, "PUT", path(id), d, client.IfMatch(version), client.IdempotencyKey(idempotencyKey))
	return p, err
}

// Search finds records by name or document, and returns the cursor of the next
// page.
func (c Client) Search(ctx context.Context, s Search) (found []Summary, next string, err error) {
	found, h, err := client.Call[[]Summary](ctx, c.Client, "POST", "/paciente/buscar", s)
	return found, client.Next(h), err
}

// Documents lists the identity documents that the person has had, newest first:
// the last hundred.
func (c Client) Documents(ctx context.Context, id string) ([]Document, error) {
	d, _, err := client.Call[[]Document](ctx, c.Client, "GET", path(id)+"/documentos"+client.Page(100, ""), nil, c.of...)
	return d, err
}

// AddDocument gives the record a new identity document.
func (c Client) AddDocument(ctx context.Context, id string, d NewDocument, idempotencyKey string) (Document, error) {
	out, _, err := client.Call[Document](ctx, c.Client, "POST", path(id)+"/documentos", d, client.IdempotencyKey(idempotencyKey))
	return out, err
}

// WithdrawDocument takes back a document that was given to the wrong record, in
// the version of the record that the caller saw.
func (c Client) WithdrawDocument(ctx context.Context, id, document string, version int, reason, idempotencyKey string) (Patient, error) {
	p, _, err := client.Call[Patient](ctx, c.Client, "POST", path(id)+"/documentos/"+url.PathEscape(document)+"/retiro",
		Withdrawal{Motivo: reason}, client.IfMatch(version), client.IdempotencyKey(idempotencyKey))
	return p, err
}

// IssueCode makes the one-time code with which the patient opens an account.
func (c Client) IssueCode(ctx context.Context, id string) (Code, error) {
	code, _, err := client.Call[Code](ctx, c.Client, "POST", path(id)+"/codigo", nil)
	return code, err
}

// Trail shows who read or wrote the record, newest first.
func (c Client) Trail(ctx context.Context, id string, limit int, after string) (rows []Access, next string, err error) {
	rows, h, err := client.Call[[]Access](ctx, c.Client, "GET", path(id)+"/accesos"+client.Page(limit, after), nil)
	return rows, client.Next(h), err
}

// BreakGlass lets a médico read the record for an hour.
func (c Client) BreakGlass(ctx context.Context, id, motivo, idempotencyKey string) (EmergencyAccess, error) {
	a, _, err := client.Call[EmergencyAccess](ctx, c.Client, "POST", path(id)+"/acceso-emergencia", EmergencyRequest{Motivo: motivo},
		client.IdempotencyKey(idempotencyKey))
	return a, err
}

// Emergencies lists the emergency accesses that await review, oldest first, and
// returns the cursor of the next page.
func (c Client) Emergencies(ctx context.Context, limit int, after string) (list []EmergencyAccess, next string, err error) {
	list, h, err := client.Call[[]EmergencyAccess](ctx, c.Client, "GET", "/accesos-emergencia"+client.Page(limit, after), nil)
	return list, client.Next(h), err
}

// ReviewEmergency records the administrador's word on an emergency access.
func (c Client) ReviewEmergency(ctx context.Context, id string, access uuid.UUID, decision, idempotencyKey string) (EmergencyAccess, error) {
	a, _, err := client.Call[EmergencyAccess](ctx, c.Client, "POST",
		"/accesos-emergencia/"+url.PathEscape(id)+"/"+access.String()+"/revision", Review{Decision: decision}, client.IdempotencyKey(idempotencyKey))
	return a, err
}
