package api

import (
	"context"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"hce.co/shared/client"
)

// Client calls the chart.
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

func note(documentoID string, id uuid.UUID) string {
	return "/medico/nota/" + url.PathEscape(documentoID) + "/" + id.String()
}

// Write writes a note: a draft, or signed at once.
func (c Client) Write(ctx context.Context, n NewNote, idempotencyKey string) (Note, error) {
	out, _, err := client.Call[Note](ctx, c.Client, "POST", "/medico/nota", n, client.IdempotencyKey(idempotencyKey))
	return out, err
}

// SaveDraft replaces the content of the version that the caller saw.
func (c Client) SaveDraft(ctx context.Context, documentoID string, id uuid.UUID, version int, d Draft) (Note, error) {
	out, _, err := client.Call[Note](ctx, c.Client, "PUT", note(documentoID, id), d, client.IfMatch(version))
	return out, err
}

// Discard removes the draft in the version that the caller saw.
func (c Client) Discard(ctx context.Context, documentoID string, id uuid.UUID, version int) error {
	_, _, err := c.Send(ctx, "DELETE", note(documentoID, id), nil, client.IfMatch(version))
	return err
}

// Read returns one note.
func (c Client) Read(ctx context.Context, documentoID string, id uuid.UUID) (Note, error) {
	out, _, err := client.Call[Note](ctx, c.Client, "GET", note(documentoID, id), nil)
	return out, err
}

// SignedContent returns the bytes that the signature of a note covers.
func (c Client) SignedContent(ctx context.Context, documentoID string, id uuid.UUID) ([]byte, error) {
	b, _, err := c.Send(ctx, "GET", note(documentoID, id)+"/contenido", nil)
	return b, err
}

// Sign signs the draft in the version that the caller saw, 0 for whatever it is
// now.
func (c Client) Sign(ctx context.Context, documentoID string, id uuid.UUID, version int) (Note, error) {
	var opts []client.Option
	if version > 0 {
		opts = append(opts, client.IfMatch(version))
	}
	out, _, err := client.Call[Note](ctx, c.Client, "POST", note(documentoID, id)+"/firma", nil, opts...)
	return out, err
}

// Add adds to a signed note.
func (c Client) Add(ctx context.Context, documentoID string, id uuid.UUID, a AddendumRequest, idempotencyKey string) (Addendum, error) {
	out, _, err := client.Call[Addendum](ctx, c.Client, "POST", note(documentoID, id)+"/adenda", a, client.IdempotencyKey(idempotencyKey))
	return out, err
}

// Addendum returns one addendum of a note.
func (c Client) Addendum(ctx context.Context, documentoID string, noteID, id uuid.UUID) (Addendum, error) {
	out, _, err := client.Call[Addendum](ctx, c.Client, "GET", note(documentoID, noteID)+"/adenda/"+id.String(), nil)
	return out, err
}

// Annul says that a signed note no longer counts.
func (c Client) Annul(ctx context.Context, documentoID string, id uuid.UUID, motivo string) (Note, error) {
	out, _, err := client.Call[Note](ctx, c.Client, "POST", note(documentoID, id)+"/anulacion", AnnulRequest{Motivo: motivo})
	return out, err
}

// Drafts lists the caller's drafts, the one touched last first.
func (c Client) Drafts(ctx context.Context, limit int, after string) (page []DraftSummary, next string, err error) {
	return list[DraftSummary](ctx, c, "/medico/borradores"+client.Page(limit, after))
}

// Notes lists the notes of a patient, newest first; id is the documento_id or
// any document of the person.
func (c Client) Notes(ctx context.Context, id string, limit int, after string) (page []Note, next string, err error) {
	return list[Note](ctx, c, of("notas", id)+client.Page(limit, after))
}

// Vitals lists measurements, newest first; name limits them to one sign, such as
// pas, when it is not empty.
func (c Client) Vitals(ctx context.Context, id, name string, limit int, after string) (page []Vital, next string, err error) {
	query := client.Page(limit, after)
	if name != "" {
		if query == "" {
			query = "?"
		} else {
			query += "&"
		}
		query += "nombre=" + url.QueryEscape(name)
	}
	return list[Vital](ctx, c, of("signos", id)+query)
}

// Diagnoses lists the diagnoses of a patient, newest first.
func (c Client) Diagnoses(ctx context.Context, id string, limit int, after string) (page []Condition, next string, err error) {
	return list[Condition](ctx, c, of("diagnosticos", id)+client.Page(limit, after))
}

// Allergies lists the allergies of a patient, newest first.
func (c Client) Allergies(ctx context.Context, id string, limit int, after string) (page []RegisteredAllergy, next string, err error) {
	return list[RegisteredAllergy](ctx, c, of("alergias", id)+client.Page(limit, after))
}

// Medications lists the medicines of a patient, newest first.
func (c Client) Medications(ctx context.Context, id string, limit int, after string) (page []PrescribedMedication, next string, err error) {
	return list[PrescribedMedication](ctx, c, of("medicamentos", id)+client.Page(limit, after))
}

// CurrentAllergies lists each substance as it was last written down, with its
// state then, and the last denial of any; newest first.
func (c Client) CurrentAllergies(ctx context.Context, id string) ([]RegisteredAllergy, error) {
	return current[RegisteredAllergy](ctx, c, of("alergias", id))
}

// CurrentMedications lists what a patient takes now, newest first.
func (c Client) CurrentMedications(ctx context.Context, id string) ([]PrescribedMedication, error) {
	return current[PrescribedMedication](ctx, c, of("medicamentos", id))
}

// Results lists the results of a patient, newest first.
func (c Client) Results(ctx context.Context, id string, limit int, after string) (page []Result, next string, err error) {
	return list[Result](ctx, c, of("resultados", id)+client.Page(limit, after))
}

// Result returns one result.
func (c Client) Result(ctx context.Context, documentoID string, id uuid.UUID) (Result, error) {
	out, _, err := client.Call[Result](ctx, c.Client, "GET", of("resultados", documentoID)+"/"+id.String(), nil)
	return out, err
}

// AddResult registers a result that came on paper.
func (c Client) AddResult(ctx context.Context, r NewResult, idempotencyKey string) (Result, error) {
	out, _, err := client.Call[Result](ctx, c.Client, "POST", "/medico/resultado", r, client.IdempotencyKey(idempotencyKey))
	return out, err
}

// MarkSeen says that the caller has seen a result in the version given, 0 for
// whatever it is now.
func (c Client) MarkSeen(ctx context.Context, documentoID string, id uuid.UUID, version int) (Result, error) {
	var opts []client.Option
	if version > 0 {
		opts = append(opts, client.IfMatch(version))
	}
	out, _, err := client.Call[Result](ctx, c.Client, "POST",
		"/medico/resultados/"+url.PathEscape(documentoID)+"/"+id.String()+"/visto", nil, opts...)
	return out, err
}

// SearchCodes finds codes of CIE-10 by their beginning or by words, the nearest
// first.
func (c Client) SearchCodes(ctx context.Context, q string, limit int, after string) (page []Code, next string, err error) {
	page, h, err := client.Call[[]Code](ctx, c.Client, "GET", "/cie10"+client.Page(limit, after), nil, client.Query("q", q))
	return page, client.Next(h), err
}

func of(what, id string) string { return "/medico/" + what + "/" + url.PathEscape(id) }

func list[T any](ctx context.Context, c Client, path string, more ...client.Option) ([]T, string, error) {
	page, h, err := client.Call[[]T](ctx, c.Client, "GET", path, nil, slices.Concat(c.of, more)...)
	return page, client.Next(h), err
}

const largestPage = 100 // rows

// current reads all that counts today of a list.
func current[T any](ctx context.Context, c Client, path string) (all []T, err error) {
	for after := ""; ; {
		page, next, err := list[T](ctx, c, path+client.Page(largestPage, after), client.Query("vigentes", "1"))
		if err != nil {
			return nil, err
		}
		if all = append(all, page...); next == "" {
			return all, nil
		}
		after = next
	}
}
