package view

import (
	"testing"

	"hce.co/ui/catalog"
	"hce.co/ui/view/component"
)

func TestEverySectionIsInTheEditorOnce(t *testing.T) {
	for _, kind := range catalog.NoteTypes {
		m := NoteEditor{Type: kind.Code}
		open, rest := m.sections()
		if len(open) == 0 {
			t.Errorf("%s has no section in view", kind.Code)
		}
		seen := map[string]bool{}
		for _, f := range append(open, rest...) {
			if seen[f.Name] {
				t.Errorf("%s: %s stands twice", kind.Code, f.Name)
			}
			seen[f.Name] = true
		}
		if len(seen) != 21 {
			t.Errorf("%s: %d sections, want the 21 of a note", kind.Code, len(seen))
		}
	}
}

func TestUsualSectionsExist(t *testing.T) {
	names := map[string]bool{}
	for _, s := range NoteSections {
		names[s.Name] = true
	}
	for kind, sections := range usual {
		if catalog.NoteTypes.Label(kind) == kind {
			t.Errorf("%q is no type of note", kind)
		}
		for _, s := range sections {
			if !names[s] {
				t.Errorf("%s: %q is no section", kind, s)
			}
		}
	}
}

func TestFilledSectionComesIntoView(t *testing.T) {
	m := NoteEditor{Type: "evolucion", Form: component.Form{Values: map[string][]string{"habitos": {"No fuma"}}}}
	open, _ := m.sections()
	for _, f := range open {
		if f.Name == "habitos" {
			return
		}
	}
	t.Error("a section that says something is folded away")
}

func TestTitlesOfTabsNameNobody(t *testing.T) {
	p := Patient{ID: "CC-1032456789", Name: "Peña Rodríguez, Luz Marina"}
	if got := p.short(); got != "LP …6789" {
		t.Errorf("short() = %q, want initials and last digits", got)
	}
}

func TestNavigationFollowsTheRoles(t *testing.T) {
	tests := []struct {
		roles []string
		want  []string
	}{
		{[]string{"paciente"}, []string{"Inicio", "Mis notas", "Mis documentos", "Quién vio mi historia"}},
		{[]string{"medico"}, []string{"Inicio", "Pacientes", "Camas", "Triage"}},
		{[]string{"resultados"}, []string{"Inicio", "Pacientes", "Camas"}},
		{[]string{"administrador"}, []string{"Inicio", "Usuarios", "Revisión de accesos", "Operación"}},
		{[]string{"operador"}, []string{"Inicio", "Operación"}},
		{nil, []string{"Inicio"}},
	}
	for _, tt := range tests {
		p := Page{User: &User{Roles: tt.roles, PatientID: "CC-1"}}
		var got []string
		for _, l := range p.navigation() {
			got = append(got, l.Text)
		}
		if len(got) != len(tt.want) {
			t.Errorf("%v: %v, want %v", tt.roles, got, tt.want)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%v: %v, want %v", tt.roles, got, tt.want)
				break
			}
		}
	}
}
