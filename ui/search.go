package ui

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	patient "hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

const (
	searchPage = 20 // records in a page of what a search found

	searchCookie    = "__Host-busqueda"
	searchLife      = 30 * time.Minute // that a browser can come back to what was found
	maxSearches     = 5                // that a browser can come back to
	maxSearchCookie = 3000             // bytes: a cookie has 4096 (RFC 6265 §6.1)
)

// sought is a search for patients: what was typed, and the cursor of each page
// behind the first that was asked for.
type sought struct {
	q       string
	cursors []string
}

// search keeps what is looked for in a cookie, sealed, and goes on to the page
// that shows what is found: no name stands in an address, and the page can be
// come back to.
func (f *Function) search(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	s := sought{q: strings.TrimSpace(v.Get("q")), cursors: v["despues"]}
	id := v.Get("busqueda")
	if uuid.Validate(id) != nil {
		id = uuid.Must(uuid.NewV7()).String()
	}
	if _, again := resuming(p.ctx); again || !f.keepSearch(p, id, s) { // or too long to be kept
		return f.showFound(p, id, s)
	}
	to := link.FoundPatients(id)
	if n := len(s.cursors); n > 0 {
		to += "&pagina=" + strconv.Itoa(n+1)
	}
	return p.redirect(to)
}

// keepSearch adds a search to those that the browser can come back to; ok is
// false when it does not fit.
func (f *Function) keepSearch(p *page, id string, s sought) (ok bool) {
	kept := f.searches(p)
	kept[id] = append([]string{s.q}, s.cursors...)
	for {
		b, err := f.envelope.seal(p.s.ID, written{Path: searchCookie, Fields: kept})
		if err == nil && len(kept) <= maxSearches && len(b) <= maxSearchCookie {
			setCookie(p.w, searchCookie, b, searchLife)
			return true
		}
		if len(kept) == 1 {
			return false
		}
		others := slices.Sorted(maps.Keys(kept)) // by the time they were made, as their ids tell
		delete(kept, slices.DeleteFunc(others, func(other string) bool { return other == id })[0])
	}
}

// searches are those that the browser can come back to, by their id.
func (f *Function) searches(p *page) url.Values {
	w, ok := f.envelope.open(p.s.ID, p.cookie(searchCookie))
	if !ok || w.Path != searchCookie || w.Fields == nil {
		return url.Values{}
	}
	return w.Fields
}

// soughtHere is the search that the address of the page names, and ok whether the
// browser still has it.
func (f *Function) soughtHere(p *page) (id string, s sought, ok bool) {
	id = p.r.URL.Query().Get("busqueda")
	kept := f.searches(p)[id]
	if len(kept) == 0 {
		return "", s, false
	}
	n, err := strconv.Atoi(p.r.URL.Query().Get("pagina"))
	if err != nil || n < 1 || n > len(kept) {
		n = 1
	}
	return id, sought{kept[0], kept[1:n]}, true
}

// searchForm is where staff look for a patient, with what the last search found;
// a patient has but one record to look at.
func (f *Function) searchForm(p *page) error {
	if !p.s.may(auth.SearchPatients) {
		if p.s.DocumentoID != "" {
			return p.redirect(link.Patient(p.s.DocumentoID))
		}
		return &problem.Error{Status: http.StatusForbidden}
	}
	if id, s, ok := f.soughtHere(p); ok {
		return f.showFound(p, id, s)
	}
	return p.show(view.PatientSearch{Page: p.page(view.PatientsSection), CanAdd: p.s.may(auth.RegisterPatient)})
}

// showFound finds patients by name or document.
func (f *Function) showFound(p *page, id string, s sought) error {
	m := view.PatientSearch{
		Page: p.page(view.PatientsSection), CanAdd: p.s.may(auth.RegisterPatient), ID: id, Before: s.cursors,
		Form: component.Form{Values: url.Values{"q": {s.q}}},
	}
	in := patient.Search{Q: s.q, Limite: searchPage}
	if n := len(s.cursors); n > 0 {
		in.Despues = s.cursors[n-1]
	}
	found, next, err := f.patient.Search(p.ctx, in)
	if err != nil {
		form, status, ok := refused(m.Form.Values, err)
		if !ok {
			return err
		}
		m.Form = form
		return p.render(status, m)
	}
	m.Done, m.More = true, next
	for _, s := range found {
		m.Items = append(m.Items, patientItem(s, p.now))
	}
	return p.show(m)
}

// patientItem is a record in a list of matches.
func patientItem(s patient.Summary, now time.Time) view.PatientItem {
	item := view.PatientItem{
		ID: s.DocumentoID, Name: listName(s.PrimerApellido, s.SegundoApellido, s.PrimerNombre, s.SegundoNombre),
		Document: component.FormatDocument(s.TipoDocumento, s.NumeroDocumento), BirthDate: s.FechaNacimiento,
		Age: component.Age(s.FechaNacimiento, now), Sex: catalog.Sexes.Label(s.SexoBiologico),
	}
	if s.Parecido > 0 {
		item.Why = "Parecido " + strconv.Itoa(s.Parecido) + " %"
		item.Likely = s.Parecido >= likely
	}
	return item
}

const likely = 80 // per cent of resemblance from which two records are probably one person

// soughtDocument is the document that the search before a registration was for,
// as the fields of the form; none when it was for a name.
func (f *Function) soughtDocument(p *page) url.Values {
	_, s, ok := f.soughtHere(p)
	if !ok || !ident.LooksLikeNumber(s.q) {
		return nil
	}
	doc, err := ident.ParseID(typedDocument(s.q))
	if err != nil {
		return nil
	}
	return url.Values{"tipo_documento": {doc.Type}, "numero_documento": {doc.Number}}
}
