package admission

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/admission/api"
	"hce.co/shared/auth"
	"hce.co/shared/event"
	"hce.co/shared/idempotency"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

const source = "/hce/admission"

// now is the clock, as finely as the database keeps it.
func (f *Function) now() time.Time { return stored(f.Now()) }

// location is where an admission is found.
func location(a api.Admission) string { return "/admision/" + a.DocumentoID + "/" + a.ID.String() }

// open admits a patient.
func (f *Function) open(w http.ResponseWriter, r *http.Request) error {
	var in api.Opening
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	now := f.now()
	normalise(&in)
	if err := check(in, now); err != nil {
		return err
	}
	var opened []event.Event
	resp, err := key.Do(r.Context(), f.pool, func() (resp service.Response, err error) {
		resp, opened, err = f.enter(r.Context(), in, key, now)
		return resp, err
	})
	if err != nil {
		var p *problem.Error
		if errors.As(err, &p) {
			if at, ok := p.Members["ubicacion"].(string); ok {
				w.Header().Set("Location", at)
			}
		}
		return err
	}
	f.outbox.Committed(opened...)
	return resp.Write(w)
}

// list shows a patient's admissions, newest first.
func (f *Function) list(w http.ResponseWriter, r *http.Request) error {
	page, err := service.ParsePage(r)
	if err != nil {
		return err
	}
	before, id := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), uuid.Max
	if page.After != "" {
		at, last, ok := strings.Cut(page.After, "_")
		var terr, ierr error
		before, terr = time.Parse(time.RFC3339Nano, at)
		id, ierr = uuid.Parse(last)
		if !ok || terr != nil || ierr != nil {
			return badCursor()
		}
	}
	rec, err := record.ForCaller(r.Context(), f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	list, err := f.findAll(r.Context(), record.Narrow(r, rec), before, id, page.Limit+1)
	if err != nil {
		return err
	}
	if len(list) > page.Limit {
		list = list[:page.Limit]
		last := list[page.Limit-1]
		page.Next(w, r, last.Inicio.UTC().Format(time.RFC3339Nano)+"_"+last.ID.String())
	}
	return service.WriteJSON(w, 0, list)
}

func badCursor() error {
	return problem.Invalid(map[string]string{"despues": "El cursor no es válido."})
}

// read shows an admission with its history.
func (f *Function) read(w http.ResponseWriter, r *http.Request) error {
	admission, err := service.PathID(r, "admision")
	if err != nil {
		return err
	}
	rec, err := record.ForCaller(r.Context(), f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	for _, part := range rec.Nearest() {
		a, err := f.find(r.Context(), part, admission)
		if problem.Status(err) == http.StatusNotFound {
			continue
		}
		if err != nil {
			return err
		}
		return service.WriteJSON(w, a.Version, a)
	}
	return notFound()
}

// act is the handler of a step: decide makes of the body what changes.
func act[T any](f *Function, perm auth.Permission, decide func(in T, by auth.Principal, now time.Time) (change, error)) service.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		admission, err := service.PathID(r, "admision")
		if err != nil {
			return err
		}
		seen, err := service.IfMatchIfAny(r) // the smallest requests name no version
		if err != nil {
			return err
		}
		var in T
		key, err := idempotency.Decode(r, &in)
		if err != nil {
			return err
		}
		now := f.now()
		c, err := decide(in, auth.From(ctx), now)
		if err != nil {
			return err
		}
		documentoID, err := record.ToWrite(ctx, f.pool, r.PathValue("documento_id"))
		if err != nil {
			return err
		}
		var closed []event.Event
		resp, err := key.Do(ctx, f.pool, func() (resp service.Response, err error) {
			resp, closed, err = f.take(ctx, documentoID, admission, c, seen, perm, key, now)
			return resp, err
		})
		if err != nil {
			return err
		}
		f.outbox.Committed(closed...)
		return resp.Write(w)
	}
}

// flush sends the events that could not be sent when they happened.
func (f *Function) flush(w http.ResponseWriter, r *http.Request) error {
	if _, err := f.outbox.Flush(r.Context(), event.FlushAge); err != nil {
		return problem.Unavailable(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
