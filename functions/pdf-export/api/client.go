package api

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"hce.co/shared/client"
	"hce.co/shared/problem"
)

// Client calls the exports.
type Client struct{ client.Client }

func path(documentoID string) string { return "/exportar_pdf/" + url.PathEscape(documentoID) }

// Ask asks for a document of the record that id, its documento_id or any
// document of the person, leads to.
func (c Client) Ask(ctx context.Context, id string, r Request, idempotencyKey string) (Job, error) {
	j, _, err := client.Call[Job](ctx, c.Client, http.MethodPost, path(id), r, client.IdempotencyKey(idempotencyKey))
	return j, err
}

// Follow returns how far an export is.
func (c Client) Follow(ctx context.Context, id string, job uuid.UUID) (Job, error) {
	j, _, err := client.Call[Job](ctx, c.Client, http.MethodGet, path(id)+"/"+job.String(), nil)
	return j, err
}

// List returns the exports of a record, newest first, and the cursor of the
// next page.
func (c Client) List(ctx context.Context, id string, limit int, after string) (jobs []Job, next string, err error) {
	jobs, h, err := client.Call[[]Job](ctx, c.Client, http.MethodGet, path(id)+"/trabajos"+client.Page(limit, after), nil)
	return jobs, client.Next(h), err
}

// Download returns the file of an export that is ready.
func (c Client) Download(ctx context.Context, id string, job uuid.UUID) (File, error) {
	b, h, err := c.Send(ctx, http.MethodGet, path(id)+"/"+job.String()+"/archivo", nil)
	return file(b, h), err
}

// Current returns the document of the record as it is now, and waits for it to
// be built when it must be. When that takes longer than the server waits, the
// job to follow comes back in place of the file.
func (c Client) Current(ctx context.Context, id string, r Request) (File, *Job, error) {
	q := url.Values{}
	for name, value := range map[string]string{"tipo": r.Tipo, "nota_id": r.NotaID, "desde": r.Desde, "hasta": r.Hasta} {
		if value != "" {
			q.Set(name, value)
		}
	}
	p := path(id)
	if len(q) > 0 {
		p += "?" + q.Encode()
	}
	b, h, err := c.Send(ctx, http.MethodGet, p, nil, client.Header("Accept", "application/pdf"))
	if err != nil {
		return File{}, nil, err
	}
	if h.Get("Content-Type") == "application/pdf" {
		return file(b, h), nil, nil
	}
	var j Job
	if err := json.Unmarshal(b, &j); err != nil {
		return File{}, nil, fmt.Errorf("decode answer: %w", err)
	}
	return File{}, &j, nil
}

// Revoke declares a document void.
func (c Client) Revoke(ctx context.Context, id string, job uuid.UUID, motivo, idempotencyKey string) (Job, error) {
	j, _, err := client.Call[Job](ctx, c.Client, http.MethodPost, path(id)+"/"+job.String()+"/revocacion", Revocation{Motivo: motivo},
		client.IdempotencyKey(idempotencyKey))
	return j, err
}

// Verify checks the code of a printed copy; no token is needed. A code that was
// never printed is no error: it comes back as desconocido.
func (c Client) Verify(ctx context.Context, code string) (Verification, error) {
	v, _, err := client.Call[Verification](ctx, c.Client, http.MethodGet, "/verificar/"+url.PathEscape(code), nil)
	if problem.Status(err) == http.StatusNotFound {
		return Verification{Estado: Unknown}, nil
	}
	return v, err
}

func file(content []byte, h http.Header) File {
	f := File{Content: content, SHA256: strings.Trim(h.Get("ETag"), `"`)}
	if _, params, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil {
		f.Name = params["filename"]
	}
	return f
}
