package main

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"hce.co/ui/static"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// story is a screen in one of its states.
type story struct {
	slug, title string
	screen      view.Screen
	part        bool // only a part of a page, as a script asks for it
}

// chapter is a theme of the book.
type chapter struct {
	title   string
	stories []story
}

func chapters() []chapter {
	return []chapter{
		{"Cuenta", accountStories()},
		{"Inicio", homeStories()},
		{"Pacientes", patientStories()},
		{"Uniones", mergeStories()},
		{"Admisiones", admissionStories()},
		{"Notas", noteStories()},
		{"Historia", chartStories()},
		{"Documentos", documentStories()},
		{"Accesos", trailStories()},
		{"Administración", adminStories()},
		{"Errores", faultStories()},
	}
}

// newBook serves the index, the stories, and enough of what the pages' scripts
// call to try them by hand.
func newBook() http.Handler {
	mux := http.NewServeMux()
	all := chapters()
	mux.Handle("GET /{$}", page(index(all)))
	for _, c := range all {
		for _, s := range c.stories {
			mux.Handle("GET /"+s.slug, page(s.screen.Screen()))
		}
	}
	mux.Handle("GET /static/", static.Handler())
	mux.HandleFunc("POST "+link.Codes, suggest)
	mux.Handle("GET /documentos/{id}/{trabajo}", page(view.ExportProgress{Chart: doctorChart(view.ExportsTab), Export: exports()[1]}.Screen()))
	mux.HandleFunc("POST "+link.Session, renew)
	mux.HandleFunc("POST /notas/{id}/{nota}", saveDraft)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		show(w, r, http.StatusNotFound, view.Fault{Status: http.StatusNotFound, Detail: "El muestrario no tiene esta página: " + r.Method + " " + r.URL.Path}.Screen())
	})
	return mux
}

func page(c templ.Component) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { show(w, r, http.StatusOK, c) })
}

func show(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	w.Header().Set("Content-Security-Policy", view.ContentSecurityPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := c.Render(r.Context(), w); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// suggest answers the search for diagnoses of the editor.
func suggest(w http.ResponseWriter, r *http.Request) {
	q := strings.ToLower(r.FormValue("cie10_q"))
	m := view.DiagnosisMatches{PatientID: luz().ID, NoteID: draftID, Query: q}
	for _, o := range codes() {
		if q != "" && strings.Contains(strings.ToLower(o.Value+" "+o.Label), q) {
			m.Items = append(m.Items, o)
		}
	}
	show(w, r, http.StatusOK, m.Screen())
}

// renew keeps the session for fifteen minutes more.
func renew(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Sesion-Vence", time.Now().Add(15*time.Minute).UTC().Format(time.RFC3339))
	w.WriteHeader(http.StatusNoContent)
}

// saveDraft answers the editor: an autosave with the next version, a button
// with the page.
func saveDraft(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if r.Header.Get("X-Autoguardado") != "" {
		w.Header().Set("ETag", `"`+time.Now().Format("150405")+`"`)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	m := editor("evolucion")
	m.Form.Values = r.PostForm
	m.Form.Version = `"` + time.Now().Format("150405") + `"`
	m.SavedAt = time.Now()
	if code := r.PostForm.Get(view.ButtonAddDiagnosis); code != "" {
		i := slices.IndexFunc(codes(), func(o component.Option) bool { return o.Value == code })
		if i >= 0 {
			m.Diagnoses = append(m.Diagnoses, view.DiagnosisRow{Code: code, Description: codes()[i].Label, Type: "01", Role: "relacionado2", Fresh: true})
		}
	}
	if r.PostForm.Get(view.ButtonRemoveDiagnosis) != "" {
		m.Diagnoses = m.Diagnoses[:1]
	}
	switch r.PostForm.Get("accion") {
	case view.ActionAddAllergy:
		m.Allergies++
	case view.ActionAddMedication:
		m.Drugs++
	}
	show(w, r, http.StatusOK, m.Screen())
}
