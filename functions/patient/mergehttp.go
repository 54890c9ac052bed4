package patient

import (
	"context"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/idempotency"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

// now is this instant as finely as the database keeps it.
func (f *Function) now() time.Time { return stored(f.Now()) }

// merge merges a duplicate into the record in the path, in the version that the
// caller saw, and shows that record.
func (f *Function) merge(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	seen, err := service.IfMatch(r)
	if err != nil {
		return err
	}
	var in api.MergeRequest
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	if err := checkMerge(&in); err != nil {
		return err
	}
	resp, err := key.Do(ctx, f.pool, func() (resp service.Response, err error) {
		survivor, duplicate, err := f.twoRecords(ctx, r.PathValue("id"), in.Duplicado)
		if err == nil {
			err = checkPair(survivor, duplicate)
		}
		if err == nil {
			err = auth.RequireStepUp(auth.From(ctx), f.Now())
		}
		if err != nil {
			return resp, err
		}
		return resp, f.join(ctx, survivor.ID, duplicate.Of, seen, in, f.now(), f.answer(ctx, http.StatusCreated, key, &resp))
	})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

// unmerge makes a duplicate a record of its own again, and shows the one that it
// was merged into. An If-Match may be missing: what is undone is named.
func (f *Function) unmerge(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	seen, err := service.IfMatchIfAny(r)
	if err != nil {
		return err
	}
	var in api.UnmergeRequest
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	if in.Motivo, err = tidyReason(in.Motivo); err != nil {
		return err
	}
	resp, err := key.Do(ctx, f.pool, func() (resp service.Response, err error) {
		survivor, err := record.Find(ctx, f.pool, r.PathValue("id"))
		if err != nil {
			return resp, err
		}
		duplicate, err := record.Find(ctx, f.pool, r.PathValue("duplicado"))
		if err != nil {
			return resp, err
		}
		if !duplicate.Merged() || duplicate.ID != survivor.ID {
			return resp, notMerged()
		}
		if err := auth.RequireStepUp(auth.From(ctx), f.Now()); err != nil {
			return resp, err
		}
		return resp, f.part(ctx, survivor.ID, duplicate.Of, seen, in.Motivo, f.now(), f.answer(ctx, http.StatusOK, key, &resp))
	})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

// notMerged is the answer when there is no merge to undo.
func notMerged() error { return problem.NotFound("Esas dos historias no están unidas.") }

// answer makes of the survivor the answer, and keeps it for a retry.
func (f *Function) answer(ctx context.Context, status int, key idempotency.Key, resp *service.Response) func(pgx.Tx, api.Patient) error {
	return func(tx pgx.Tx, p api.Patient) (err error) {
		f.complete(&p)
		if *resp, err = service.JSON(status, p); err != nil {
			return err
		}
		resp.Location, resp.ETag = "/paciente/"+p.DocumentoID, service.ETag(p.Version)
		return key.Save(ctx, tx, *resp)
	}
}

// twoRecords finds the record that goes on and the one to be merged into it.
func (f *Function) twoRecords(ctx context.Context, id, other string) (survivor, duplicate record.Record, err error) {
	if survivor, err = record.Find(ctx, f.pool, id); err != nil {
		return survivor, duplicate, err
	}
	duplicate, err = record.Find(ctx, f.pool, other)
	if problem.Status(err) == http.StatusNotFound {
		err = badDuplicate("No existe una historia clínica con ese documento.")
	}
	return survivor, duplicate, err
}

// previewMerge shows the record in the path beside the one that ?duplicado=
// leads to, so that a person can judge whether they are one.
func (f *Function) previewMerge(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	survivor, duplicate, err := f.twoRecords(ctx, r.PathValue("id"), r.URL.Query().Get("duplicado"))
	if err == nil {
		err = checkPair(survivor, duplicate)
	}
	if err != nil {
		return err
	}
	sides, err := f.findPair(ctx, survivor.ID, duplicate.ID)
	if err != nil {
		return err
	}
	out := api.MergePreview{Continua: sides[0], Duplicado: sides[1]}
	f.complete(&out.Continua.Patient)
	f.complete(&out.Duplicado.Patient)
	out.Continua.Incluye, out.Duplicado.Incluye = survivor.Others(), duplicate.Others()
	if out.Diferencias, err = differences(out.Continua.Demographics, out.Duplicado.Demographics); err != nil {
		return err
	}
	return service.WriteJSON(w, 0, out)
}

// merges shows what was merged into the record in the path, undone or not.
func (f *Function) merges(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := record.Resolve(ctx, f.pool, r.PathValue("id"))
	if err != nil {
		return err
	}
	list, err := f.findMerges(ctx, id)
	if err != nil {
		return err
	}
	return service.WriteJSON(w, 0, list)
}
