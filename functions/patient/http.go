package patient

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/civil"
	"hce.co/shared/event"
	"hce.co/shared/idempotency"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

const source = "/hce/patient"

// register opens a record.
func (f *Function) register(w http.ResponseWriter, r *http.Request) error {
	var in api.Demographics
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	now := f.now()
	doc, docErr := normalise(&in)
	if err := check(in, docErr, now); err != nil {
		return err
	}
	p := api.Patient{DocumentoID: doc.ID(), Version: 1, Demographics: in, Activo: true, CreadoEn: now, ActualizadoEn: now}
	f.complete(&p)
	e, err := event.New(r.Context(), source, event.PatientRegistered, p.DocumentoID, event.PatientRegisteredData{DocumentoID: p.DocumentoID})
	if err != nil {
		return err
	}
	resp, err := key.Do(r.Context(), f.pool, func() (service.Response, error) {
		resp, err := service.Created("/paciente/"+p.DocumentoID, p.Version, p)
		if err != nil {
			return resp, err
		}
		return resp, f.insert(r.Context(), p, e, key, resp)
	})
	if err != nil {
		if c, ok := conflictOf(err); ok {
			w.Header().Set("Location", "/paciente/"+c)
		}
		return err
	}
	f.outbox.Committed(e)
	return resp.Write(w)
}

// conflictOf returns the record that a conflict names.
func conflictOf(err error) (string, bool) {
	if p, ok := err.(*problem.Error); ok { //nolint:errorlint // ours, never wrapped
		id, ok := p.Members["documento_id"].(string)
		return id, ok
	}
	return "", false
}

// recordOf finds the record in the path for the caller.
func (f *Function) recordOf(r *http.Request) (record.Record, error) {
	rec, err := record.ForCaller(r.Context(), f.pool, r.PathValue("id"))
	return record.Narrow(r, rec), err
}

// read shows a record.
func (f *Function) read(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rec, err := f.recordOf(r)
	if err != nil {
		return err
	}
	p, err := f.find(ctx, rec.ID)
	if err != nil {
		return err
	}
	f.complete(&p)
	p.Incluye = rec.Others()
	if auth.From(ctx).OnlyPatient() {
		p.FusionadoEn = nil // by mistake it may be the document of another person
	}
	return service.WriteJSON(w, p.Version, p)
}

// complete fills in what follows from the rest.
func (f *Function) complete(p *api.Patient) {
	p.Edad = age(p.FechaNacimiento, p.FechaFallecimiento, civil.Today(f.Now()))
	p.Fusionada = p.FusionadoEn != nil
}

// update replaces a record's demographic data; the version that it replaces
// stays.
func (f *Function) update(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	seen, err := service.IfMatch(r)
	if err != nil {
		return err
	}
	var in api.Change
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	now := f.now()
	doc, docErr := normalise(&in.Demographics)
	if err := check(in.Demographics, docErr, now); err != nil {
		return err
	}
	resp, err := key.Do(ctx, f.pool, func() (resp service.Response, err error) {
		rec, err := f.toChange(ctx, r.PathValue("id"), in.DocumentoID)
		if err != nil {
			return resp, err
		}
		return resp, f.replace(ctx, rec.ID, seen, doc, in.Demographics, now, func(tx pgx.Tx, p api.Patient) (err error) {
			f.complete(&p)
			p.Incluye = rec.Others()
			if resp, err = service.JSON(http.StatusOK, p); err != nil {
				return err
			}
			resp.ETag = service.ETag(p.Version)
			return key.Save(ctx, tx, resp)
		})
	})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

// toChange finds the record in the path, for its data to be changed. The body
// may name it, and no other.
func (f *Function) toChange(ctx context.Context, id, named string) (record.Record, error) {
	rec, err := record.Find(ctx, f.pool, id)
	switch {
	case err != nil:
		return rec, err
	case rec.Merged():
		return rec, rec.Closed()
	case named == "" || named == rec.ID:
		return rec, nil
	}
	other, err := record.Find(ctx, f.pool, named)
	if err != nil && problem.Status(err) != http.StatusNotFound {
		return rec, err
	}
	if err != nil || other.Of != rec.ID {
		return rec, problem.Invalid(map[string]string{"documento_id": "Es de otra historia que la de la dirección."})
	}
	return rec, nil
}

// searchByQuery is search with the text in the query string, for API clients.
func (f *Function) searchByQuery(w http.ResponseWriter, r *http.Request) error {
	page, err := service.ParsePage(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	found, next, err := f.lookUp(r, api.Search{Q: q.Get("q"), Doc: q.Get("documento"), Limite: page.Limit, Despues: page.After})
	if err != nil {
		return err
	}
	if next != "" {
		page.Next(w, r, next)
	}
	return service.WriteJSON(w, 0, found)
}

// search finds patients by name or document, with nothing in the URL.
func (f *Function) search(w http.ResponseWriter, r *http.Request) error {
	var in api.Search
	if err := service.Decode(r, &in); err != nil {
		return err
	}
	page, err := service.ParsePage(r)
	if err != nil {
		return err
	}
	// The Link to the next page is this address with what stands in it.
	q := r.URL.Query()
	if q.Has("limite") || in.Limite == 0 {
		in.Limite = page.Limit
	}
	if q.Has("despues") {
		in.Despues = page.After
	}
	if in.Limite < 1 || in.Limite > 100 {
		return problem.Invalid(map[string]string{"limite": "Use un número de 1 a 100."})
	}
	found, next, err := f.lookUp(r, in)
	if err != nil {
		return err
	}
	if next != "" {
		service.Page{Limit: in.Limite}.Next(w, r, next)
	}
	return service.WriteJSON(w, 0, found)
}

func (f *Function) lookUp(r *http.Request, in api.Search) (found []api.Summary, next string, err error) {
	ctx := r.Context()
	in.Q, in.Doc = strings.TrimSpace(in.Q), strings.TrimSpace(in.Doc)
	if len(in.Q) > maxText {
		return nil, "", problem.Invalid(map[string]string{"q": "Escriba como máximo 200 caracteres."})
	}
	if in.Despues != "" {
		if d, err := ident.ParseID(in.Despues); err != nil || d.ID() != in.Despues {
			return nil, "", badCursor()
		}
	}
	if in.Doc == "" && ident.LooksLikeNumber(in.Q) {
		in.Doc = in.Q
	}
	switch {
	case in.Doc != "":
		found, err = f.findByDocument(ctx, ident.Candidates(in.Doc), in.Despues)
	case len(patterns(in.Q, false)) > 0:
		found, err = f.findByName(ctx, in.Q, in.Limite+1, in.Despues)
	default:
		return nil, "", problem.Invalid(map[string]string{"q": "Escriba al menos una palabra del nombre, o un documento."})
	}
	if err != nil {
		return nil, "", err
	}
	today := civil.Today(f.Now())
	for i := range found {
		found[i].Edad = age(found[i].FechaNacimiento, nil, today)
	}
	if len(found) > in.Limite {
		found = found[:in.Limite]
		next = found[in.Limite-1].DocumentoID
	}
	return found, next, nil
}

func badCursor() error {
	return problem.Invalid(map[string]string{"despues": "El cursor no es válido."})
}

// likelyDuplicates shows who might be the person about to be registered.
func (f *Function) likelyDuplicates(w http.ResponseWriter, r *http.Request) error {
	var in api.Demographics
	if err := service.Decode(r, &in); err != nil {
		return err
	}
	_, _ = normalise(&in)
	birth, err := civil.ParseDate(in.FechaNacimiento)
	if err != nil || in.PrimerApellido == "" && in.PrimerNombre == "" {
		return problem.Invalid(map[string]string{"fecha_nacimiento": "Escriba el nombre y la fecha de nacimiento."})
	}
	found, err := f.similar(r.Context(), in, birth)
	if err != nil {
		return err
	}
	today := civil.Today(f.Now())
	for i := range found {
		found[i].Edad = age(found[i].FechaNacimiento, nil, today)
	}
	return service.WriteJSON(w, 0, found)
}

// flush sends the events that could not be sent when they happened, seals the
// trail, and forgets the answers that nobody asks for again, those of every
// function. None waits for another, which may take all the time that there is.
func (f *Function) flush(w http.ResponseWriter, r *http.Request) error {
	var sent, sealed, swept error
	var all sync.WaitGroup
	all.Go(func() { _, sent = f.outbox.Flush(r.Context(), event.FlushAge) })
	all.Go(func() { _, sealed = f.sealer.Run(r.Context()) })
	all.Go(func() { _, swept = idempotency.Sweep(r.Context(), f.pool, f.Now()) })
	all.Wait()
	if err := errors.Join(sent, sealed, swept); err != nil {
		return problem.Unavailable(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// own reports whether the caller is the patient of the record.
func own(p auth.Principal, documentoID string) bool {
	return p.Is(auth.Patient) && p.DocumentoID == documentoID
}
