package api

import (
	"context"
	"net/url"

	"github.com/google/uuid"

	"hce.co/shared/client"
)

// Client calls the front desk.
type Client struct {
	client.Client
	of []client.Option // which record a document leads to
}

// Merged returns a client whose lists are of the records merged into others
// themselves, rather than of the whole chart.
func (c Client) Merged() Client {
	c.of = []client.Option{client.Query("fusionada", "1")}
	return c
}

func path(documentoID string, admission uuid.UUID) string {
	return "/admision/" + url.PathEscape(documentoID) + "/" + admission.String()
}

// Open admits a patient.
func (c Client) Open(ctx context.Context, o Opening, idempotencyKey string) (Admission, error) {
	a, _, err := client.Call[Admission](ctx, c.Client, "POST", "/admision", o, client.IdempotencyKey(idempotencyKey))
	return a, err
}

// List returns a patient's admissions, newest first, and the cursor of the next
// page.
func (c Client) List(ctx context.Context, documentoID string, limit int, after string) (list []Admission, next string, err error) {
	list, h, err := client.Call[[]Admission](ctx, c.Client, "GET", "/admision/"+url.PathEscape(documentoID)+client.Page(limit, after), nil, c.of...)
	return list, client.Next(h), err
}

// Read returns an admission with its history.
func (c Client) Read(ctx context.Context, documentoID string, admission uuid.UUID) (Admission, error) {
	a, _, err := client.Call[Admission](ctx, c.Client, "GET", path(documentoID, admission), nil)
	return a, err
}

// step takes an admission further. version is the one that the caller saw; 0
// takes the step whatever happened since.
func (c Client) step(ctx context.Context, documentoID string, admission uuid.UUID, version int, name string, body any) (Admission, error) {
	var seen []client.Option
	if version > 0 {
		seen = append(seen, client.IfMatch(version))
	}
	a, _, err := client.Call[Admission](ctx, c.Client, "POST", path(documentoID, admission)+"/"+name, body, seen...)
	return a, err
}

// Arrive notes that a planned patient is here.
func (c Client) Arrive(ctx context.Context, documentoID string, admission uuid.UUID, version int) (Admission, error) {
	return c.step(ctx, documentoID, admission, version, "llegada", nil)
}

// Triage classifies.
func (c Client) Triage(ctx context.Context, documentoID string, admission uuid.UUID, version int, in TriageRequest) (Admission, error) {
	return c.step(ctx, documentoID, admission, version, "triage", in)
}

// Attend begins the attention.
func (c Client) Attend(ctx context.Context, documentoID string, admission uuid.UUID, version int) (Admission, error) {
	return c.step(ctx, documentoID, admission, version, "atencion", nil)
}

// Transfer moves the patient to another service or bed.
func (c Client) Transfer(ctx context.Context, documentoID string, admission uuid.UUID, version int, in TransferRequest) (Admission, error) {
	return c.step(ctx, documentoID, admission, version, "traslado", in)
}

// Discharge ends the admission.
func (c Client) Discharge(ctx context.Context, documentoID string, admission uuid.UUID, version int, in DischargeRequest) (Admission, error) {
	return c.step(ctx, documentoID, admission, version, "egreso", in)
}

// Cancel takes back an admission that led to no signed note.
func (c Client) Cancel(ctx context.Context, documentoID string, admission uuid.UUID, version int, in CancelRequest) (Admission, error) {
	return c.step(ctx, documentoID, admission, version, "cancelacion", in)
}

// Census returns who is here, by service and bed; servicio "" is all of them.
func (c Client) Census(ctx context.Context, servicio string, limit int, after string) (list []Stay, next string, err error) {
	query := client.Page(limit, after)
	if servicio != "" {
		if query == "" {
			query = "?"
		} else {
			query += "&"
		}
		query += "servicio=" + url.QueryEscape(servicio)
	}
	list, h, err := client.Call[[]Stay](ctx, c.Client, "GET", "/censo"+query, nil)
	return list, client.Next(h), err
}

// TriageQueue returns who waits in urgencias: first those not classified yet,
// then by level, each by the time they have waited.
func (c Client) TriageQueue(ctx context.Context, limit int, after string) (list []Stay, next string, err error) {
	list, h, err := client.Call[[]Stay](ctx, c.Client, "GET", "/censo/triage"+client.Page(limit, after), nil)
	return list, client.Next(h), err
}
