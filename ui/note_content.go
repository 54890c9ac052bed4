package ui

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"
	"time"

	login "hce.co/functions/login/api"
	notes "hce.co/functions/notes/api"
	"hce.co/shared/service"
	"hce.co/shared/vital"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
)

// noteContent says a note in the words of a page.
func (p *page) noteContent(n notes.Note) view.NoteContent {
	m := view.NoteContent{
		Type: n.Tipo, State: n.Estado, Attended: n.FechaAtencion, Recorded: n.FechaRegistro, Author: n.Autor.Nombre,
		Specialty: n.Autor.Especialidad, License: n.Autor.Registro, AdmissionID: n.AdmisionID.String(), PatientSignature: n.FirmaPaciente,
		Sections: sectionTexts(n.Sections), Vitals: p.vitalReadings(n),
	}
	for _, d := range n.Diagnosticos {
		m.Diagnoses = append(m.Diagnoses, view.Diagnosis{Code: d.CIE10, Description: d.Descripcion, Type: d.Tipo, Role: d.Rol})
	}
	for _, a := range n.AlergiasRegistradas {
		item := view.Allergy{Type: a.Tipo, Substance: a.Sustancia, Reaction: a.Reaccion, Criticality: a.Criticidad, State: a.Estado}
		if a.Estado == "niega" {
			item.Substance = "Niega alergias"
		}
		m.Allergies = append(m.Allergies, item)
	}
	for _, d := range n.Medicamentos {
		m.Medications = append(m.Medications, view.Medication{
			Name: d.DCI, CUM: d.CUM, Dose: joined(" ", d.Dosis, d.Unidad), Route: d.Via, Every: d.Frecuencia, For: d.Duracion, Quantity: d.Cantidad, State: d.Estado,
		})
	}
	if s := n.Firma; s != nil {
		m.Signed, m.SHA256, m.KeyID = s.En, s.SHA256, s.ClaveID
	}
	if a := n.Anulacion; a != nil {
		m.Annulled, m.AnnulledWhy = a.En, a.Motivo
	}
	for _, a := range n.Adendas {
		m.Addenda = append(m.Addenda, view.Addendum{
			When: a.En, Author: a.Autor.Nombre, License: a.Autor.Registro, Reason: a.Motivo, Text: a.Texto, SHA256: a.Firma.SHA256,
		})
	}
	return m
}

// signerOf is how somebody is named under what they sign.
func signerOf(me login.Me) string {
	var pr login.Professional
	if me.Profesional != nil {
		pr = *me.Profesional
	}
	return joined(", ", cmp.Or(pr.NombreProfesional, me.Nombre), pr.Especialidad, view.Registration(pr.RegistroMedico))
}

// sectionTexts lists the sections that say something, in the order of reading.
func sectionTexts(s notes.Sections) []view.SectionText {
	values, err := fill(s)
	if err != nil { // strings always encode
		return nil
	}
	var out []view.SectionText
	for _, sec := range view.NoteSections {
		if t := values.Get(sec.Name); t != "" {
			out = append(out, view.SectionText{Title: sec.Title, Text: t})
		}
	}
	return out
}

// vitalReadings shows the vital signs that were taken.
func (p *page) vitalReadings(n notes.Note) (out []view.VitalReading) {
	v := n.SignosVitales
	if v == nil {
		return nil
	}
	at := n.FechaAtencion
	if v.TomadoEn != nil {
		at = *v.TomadoEn
	}
	for s := range vital.Count {
		if x := *v.Value(s); x != nil {
			info := s.Info()
			out = append(out, view.VitalReading{
				Label: info.Label, Value: component.FormatNumber(info.Round(*x)), Unit: vital.UnitLabel(info.Unit), Side: p.side(s, *x, at),
			})
		}
	}
	return out
}

// draftOf is the content of a note as its author may change it.
func draftOf(n notes.Note) notes.Draft {
	at := n.FechaAtencion
	return notes.Draft{FechaAtencion: &at, Content: n.Content}
}

// draftForm writes a draft into the fields of the editor.
func draftForm(n notes.Note) (component.Form, error) {
	d := draftOf(n)
	var denies bool
	var allergies []notes.Allergy
	for _, a := range d.AlergiasRegistradas {
		if a.Estado == "niega" {
			denies = true
		} else {
			allergies = append(allergies, a)
		}
	}
	d.AlergiasRegistradas = allergies
	values, err := fill(d)
	if err != nil {
		return component.Form{}, err
	}
	if denies {
		values.Set("niega_alergias", "si")
	}
	keepExact(values, "fecha_atencion", d.FechaAtencion)
	if s := d.SignosVitales; s != nil {
		keepExact(values, "signos_vitales.tomado_en", s.TomadoEn)
		// What the note completed follows the note.
		if s.TomadoEn != nil && s.TomadoEn.Equal(*d.FechaAtencion) {
			values.Del("signos_vitales.tomado_en")
		}
		if s.TomadoPor == n.Autor.Nombre {
			values.Del("signos_vitales.tomado_por")
		}
	}
	return component.Form{Values: values, Version: etag(n.Version)}, nil
}

// typedDraft reads the editor's fields. Rows that were left empty are none.
func typedDraft(v url.Values) (notes.Draft, error) {
	var d notes.Draft
	if err := bind(compact(v), &d); err != nil {
		return d, err
	}
	if v.Get("niega_alergias") != "" {
		d.AlergiasRegistradas = append(d.AlergiasRegistradas, notes.Allergy{Estado: "niega"})
	}
	exactly(v, "fecha_atencion", d.FechaAtencion)
	if s := d.SignosVitales; s != nil {
		exactly(v, "signos_vitales.tomado_en", s.TomadoEn)
	}
	return d, nil
}

// keepExact puts an instant beside the field that shows it to the minute.
func keepExact(v url.Values, name string, at *time.Time) {
	if at != nil {
		v.Set(view.Exact+name, at.UTC().Format(time.RFC3339Nano))
	}
}

// exactly gives an instant back what its field does not show, unless somebody
// wrote another.
func exactly(v url.Values, name string, at *time.Time) {
	exact, err := time.Parse(time.RFC3339Nano, v.Get(view.Exact+name))
	if err == nil && at != nil && component.LocalInput(exact) == component.LocalInput(*at) {
		*at = exact
	}
}

// rowLists are the lists of the editor.
var rowLists = []string{"diagnosticos", "alergias_registradas", "medicamentos"}

// rowKeys are the fields without which a row of a list says nothing.
var rowKeys = map[string]string{"diagnosticos": "cie10", "alergias_registradas": "sustancia", "medicamentos": "dci"}

// rowOf splits medicamentos.2.dosis into its list, row and field.
func rowOf(name string) (list string, n int, field string, ok bool) {
	parts := strings.SplitN(name, ".", 3)
	if len(parts) != 3 || rowKeys[parts[0]] == "" {
		return "", 0, "", false
	}
	n, err := strconv.Atoi(parts[1])
	return parts[0], n, parts[2], err == nil && n >= 0 && n < maxRows
}

const maxRows = 100 // of a list in the editor

// compact drops the rows that nothing was typed in, though each has a state from
// the beginning, and numbers the others from zero.
func compact(v url.Values) url.Values {
	out, used := url.Values{}, usedRows(v)
	for name, vs := range v {
		list, n, field, ok := rowOf(name)
		if !ok {
			out[name] = vs
			continue
		}
		if !used[list][n] {
			continue
		}
		to := 0
		for _, u := range used[list][:n] {
			if u {
				to++
			}
		}
		out[list+"."+strconv.Itoa(to)+"."+field] = vs
	}
	return out
}

// usedRows says which rows of each list something was typed in.
func usedRows(v url.Values) map[string][]bool {
	used := map[string][]bool{}
	for _, list := range rowLists {
		used[list] = make([]bool, maxRows)
	}
	for name, vs := range v {
		list, n, field, ok := rowOf(name)
		if ok && strings.TrimSpace(strings.Join(vs, "")) != "" && (list != "diagnosticos" || field == "cie10") && field != "estado" {
			used[list][n] = true
		}
	}
	return used
}

// rows counts the rows of a list that a form has.
func rows(v url.Values, list string) int {
	most := 0
	for name := range v {
		if l, n, _, ok := rowOf(name); ok && l == list {
			most = max(most, n+1)
		}
	}
	return most
}

// etag and versionOf write and read the version that a form changes.
func etag(version int) string { return service.ETag(version) }

func versionOf(etag string) int {
	n, _ := strconv.Atoi(strings.Trim(etag, `"`)) // no number is no version: the function refuses it
	return n
}

// joined puts together what is not empty.
func joined(sep string, parts ...string) string {
	var out []string
	for _, s := range parts {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, sep)
}

// noteItems are notes of the chart of a record; those of records merged into it
// say so.
func noteItems(p *page, id string, list []notes.Note) []view.NoteItem {
	items := make([]view.NoteItem, len(list))
	for i, n := range list {
		items[i] = noteItem(p, n)
		items[i].Of = otherThan(id, n.DocumentoID)
	}
	return items
}

func noteItem(p *page, n notes.Note) view.NoteItem {
	item := view.NoteItem{
		PatientID: n.DocumentoID, ID: n.ID.String(), Type: n.Tipo, State: n.Estado, When: n.FechaAtencion, Author: n.Autor.Nombre,
		Specialty: n.Autor.Especialidad, Addenda: len(n.Adendas), Mine: n.Autor.Nombre == p.s.Name && n.Estado == "borrador",
		Excerpt: excerpt(n.MotivoConsulta, n.EvolucionMedica, n.EnfermedadActual, n.ImpresionDiagnostica),
	}
	for _, d := range n.Diagnosticos {
		item.Diagnoses = append(item.Diagnoses, d.CIE10+" "+d.Descripcion)
	}
	return item
}

// excerpt is the first text that says something, cut short.
func excerpt(texts ...string) string {
	const most = 160
	for _, t := range texts {
		if t == "" {
			continue
		}
		if r := []rune(t); len(r) > most {
			return string(r[:most]) + "…"
		}
		return t
	}
	return ""
}
