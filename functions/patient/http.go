package patient

import (
	"errors"
	"net/http"
	"strings"

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
	body, err := service.Body(r)
	if err != nil {
		return err
	}
	key, err := idempotency.Of(r, body)
	if err != nil {
		return err
	}
	var in api.Demographics
	if err := service.DecodeBytes(body, &in); err != nil {
		return err
	}
	now := f.Now().UTC()
	doc, docErr := normalise(&in)
	if err := check(in, docErr, civil.Today(now)); err != nil {
		return err
	}
	p := api.Patient{DocumentoID: doc.ID(), Version: 1, Demographics: in, Activo: true, CreadoEn: now, ActualizadoEn: now}
	p.Edad = age(in.FechaNacimiento, in.FechaFallecimiento, civil.Today(now))
	e, err := event.New(source, event.PatientRegistered, p.DocumentoID, event.PatientRegisteredData{DocumentoID: p.DocumentoID})
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

// read shows a record.
func (f *Function) read(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := record.ForCaller(ctx, f.pool, r.PathValue("id"))
	if err != nil {
		return err
	}
	p, err := f.find(ctx, id)
	if err != nil {
		return err
	}
	p.Edad = age(p.FechaNacimiento, p.FechaFallecimiento, civil.Today(f.Now()))
	return service.WriteJSON(w, p.Version, p)
}

// update replaces a record's demographic data; the version that it replaces
// stays.
func (f *Function) update(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	version, err := service.IfMatch(r)
	if err != nil {
		return err
	}
	var in api.Demographics
	if err := service.Decode(r, &in); err != nil {
		return err
	}
	now := f.Now().UTC()
	doc, docErr := normalise(&in)
	if err := check(in, docErr, civil.Today(now)); err != nil {
		return err
	}
	id, err := record.Resolve(ctx, f.pool, r.PathValue("id"))
	if err != nil {
		return err
	}
	p, err := f.replace(ctx, id, version, doc, in, now)
	if err != nil {
		return err
	}
	p.Edad = age(p.FechaNacimiento, p.FechaFallecimiento, civil.Today(now))
	return service.WriteJSON(w, p.Version, p)
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
	if in.Limite == 0 {
		in.Limite = 20
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
	if in.Doc == "" && ident.LooksLikeNumber(in.Q) {
		in.Doc = in.Q
	}
	switch {
	case in.Doc != "":
		found, err = f.findByDocument(ctx, ident.Candidates(in.Doc))
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

// flush sends the events that could not be sent when they happened, and seals
// the trail. Neither waits for the other to succeed.
func (f *Function) flush(w http.ResponseWriter, r *http.Request) error {
	_, err := f.outbox.Flush(r.Context(), event.FlushAge)
	_, sealErr := f.sealer.Run(r.Context())
	if err := errors.Join(err, sealErr); err != nil {
		return problem.Unavailable(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// own reports whether the caller is the patient of the record.
func own(p auth.Principal, documentoID string) bool {
	return p.Is(auth.Patient) && p.DocumentoID == documentoID
}
