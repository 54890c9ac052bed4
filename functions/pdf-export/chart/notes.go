package chart

import (
	"slices"
	"strconv"
	"strings"

	"hce.co/functions/pdf-export/chart/typeset"
)

func (p *printer) notes() {
	if len(p.chart.Notes) == 0 && !p.full() {
		return
	}
	p.section("Notas clínicas")
	if len(p.chart.Notes) == 0 {
		p.Text("Sin notas clínicas registradas.", body)
		return
	}
	sorted := slices.Clone(p.chart.Notes)
	slices.SortStableFunc(sorted, func(a, b Note) int { return a.CareAt.Compare(b.CareAt) })
	for i := range sorted {
		p.note(&sorted[i])
	}
}

// state is that of the note, worked out where the zero value leaves it open.
func (n *Note) state() NoteState {
	switch {
	case n.State != "":
		return n.State
	case n.Annulment != nil:
		return NoteAnnulled
	case n.Signature != nil:
		return NoteSigned
	default:
		return NoteDraft
	}
}

// kind is the title of the note's type and its LOINC code.
func (n *Note) kind() noteTypeInfo {
	kind, known := noteTypes[n.Type]
	if !known {
		kind.title = join(" ", "Nota", string(n.Type))
	}
	if n.LOINC != "" {
		kind.loinc = n.LOINC
	}
	return kind
}

func (p *printer) note(n *Note) {
	kind := n.kind()
	state := n.state()
	p.heading(kind.title, minute(n.CareAt), prefixed("LOINC ", kind.loinc), noteStates.of(string(state)))
	p.annulment(n, state)
	version := ""
	if n.Version > 0 {
		version = "versión " + strconv.Itoa(n.Version)
	}
	p.fields(3,
		typeset.Field{Label: "Fecha de la atención", Value: minute(n.CareAt)},
		typeset.Field{Label: "Fecha del registro", Value: minute(n.RecordedAt)},
		typeset.Field{Label: "Admisión", Value: n.AdmissionNumber},
		typeset.Field{Label: "Autor", Value: n.Author.Name},
		typeset.Field{Label: "Registro médico", Value: n.Author.registered()},
		typeset.Field{Label: "Profesión y especialidad", Value: join(" · ", n.Author.Kind, n.Author.Speciality, n.Author.Position)},
		typeset.Field{Label: "Escrita en la historia", Value: n.RecordID},
		typeset.Field{Label: "Identificador de la nota", Value: join(" · ", n.ID, version), Span: 3},
	)
	for _, s := range n.Sections.titled() {
		p.noteText(s)
		if s.title == vitalSignsTitle {
			p.vitalSigns(n, strings.TrimSpace(s.text) == "")
		}
	}
	p.diagnoses(n.Diagnoses)
	if len(n.Prescriptions) > 0 {
		p.subsection("Prescripciones")
		p.medicationTable(n.Prescriptions)
	}
	p.signature(n.Signature, state)
	for i := range n.Addenda {
		p.addendum(&n.Addenda[i])
	}
}

// annulment marks a void note, with the reason, and a draft, so that neither is taken for a valid note.
func (p *printer) annulment(n *Note, state NoteState) {
	switch state {
	case NoteAnnulled:
		p.banner("ANULADA: esta nota no tiene validez", 4)
		if a := n.Annulment; a != nil {
			p.Text(join(" · ", prefixed("Motivo de la anulación: ", a.Reason), minute(a.At), a.By), strong)
			p.SetY(p.Y() + 4)
		}
	case NoteDraft:
		p.banner("BORRADOR: nota sin firmar", 4)
	}
}

func (p *printer) noteText(s section) {
	if strings.TrimSpace(s.text) == "" {
		return
	}
	p.subsection(s.title)
	p.Text(s.text, body)
}

func (p *printer) diagnoses(diagnoses []Diagnosis) {
	if len(diagnoses) == 0 {
		return
	}
	p.subsection("Diagnósticos (CIE-10)")
	var rows [][]typeset.Cell
	for _, d := range diagnoses {
		rows = append(rows, []typeset.Cell{
			{Text: d.Code, Bold: true}, {Text: d.Description}, {Text: diagnosisTypes.text(d.Type)}, {Text: diagnosisRoles.text(d.Role)},
		})
	}
	p.table([]typeset.Column{
		{Title: "Código", Share: 10}, {Title: "Descripción", Share: 52}, {Title: "Tipo", Share: 22}, {Title: "Rol", Share: 16},
	}, rows)
}
