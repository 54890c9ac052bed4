package admission

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/admission/api"
	"hce.co/shared/problem"
)

func TestCheck(t *testing.T) {
	at := func(d time.Duration) *time.Time { t := noon.Add(d); return &t }
	for _, tt := range []struct {
		name  string
		set   func(*api.Opening)
		field string // where the message stands; "" when the data are good
	}{
		{"least", func(*api.Opening) {}, ""},
		{"every field", func(o *api.Opening) { *o = full("CC-1"); o.Inicio = at(-time.Hour) }, ""},
		{"no patient", func(o *api.Opening) { o.DocumentoID = "" }, "documento_id"},
		{"no class", func(o *api.Opening) { o.Clase = "" }, "clase"},
		{"class in lower case", func(o *api.Opening) { o.Clase = "imp" }, ""},
		{"class of FHIR that is not ours", func(o *api.Opening) { o.Clase = "VR" }, "clase"},
		{"no cause", func(o *api.Opening) { o.CausaMotivo = "" }, "causa_motivo"},
		{"cause 20", func(o *api.Opening) { o.CausaMotivo = "20" }, "causa_motivo"},
		{"cause 21", func(o *api.Opening) { o.CausaMotivo = "21" }, ""},
		{"cause 49", func(o *api.Opening) { o.CausaMotivo = "49" }, ""},
		{"cause 50", func(o *api.Opening) { o.CausaMotivo = "50" }, "causa_motivo"},
		{"cause 2a", func(o *api.Opening) { o.CausaMotivo = "2a" }, "causa_motivo"},
		{"cause 381", func(o *api.Opening) { o.CausaMotivo = "381" }, "causa_motivo"},
		{"route 00", func(o *api.Opening) { o.ViaIngreso = "00" }, "via_ingreso"},
		{"route 14", func(o *api.Opening) { o.ViaIngreso = "14" }, ""},
		{"route 15", func(o *api.Opening) { o.ViaIngreso = "15" }, "via_ingreso"},
		{"route 1", func(o *api.Opening) { o.ViaIngreso = "1" }, "via_ingreso"},
		{"purpose 10", func(o *api.Opening) { o.Finalidad = "10" }, "finalidad"},
		{"purpose 44", func(o *api.Opening) { o.Finalidad = "44" }, ""},
		{"purpose 45", func(o *api.Opening) { o.Finalidad = "45" }, "finalidad"},
		{"modality 05, which the table skips", func(o *api.Opening) { o.Modalidad = "05" }, "modalidad"},
		{"modality 09", func(o *api.Opening) { o.Modalidad = "09" }, ""},
		{"modality 10", func(o *api.Opening) { o.Modalidad = "10" }, "modalidad"},
		{"group 06", func(o *api.Opening) { o.GrupoServicios = "06" }, "grupo_servicios"},
		{"setting 06", func(o *api.Opening) { o.Entorno = "06" }, "entorno"},
		{"user type 13", func(o *api.Opening) { o.TipoUsuario = "13" }, ""},
		{"user type 14", func(o *api.Opening) { o.TipoUsuario = "14" }, "tipo_usuario"},
		{"a service that is none", func(o *api.Opening) { o.Servicio = "999" }, "servicio"},
		{"urgencias of an earlier norm", func(o *api.Opening) { o.Servicio = "501" }, "servicio"},
		{"bed", func(o *api.Opening) { o.Cama = "302-a" }, ""},
		{"bed of 21", func(o *api.Opening) { o.Cama = strings.Repeat("1", 21) }, "cama"},
		{"bed with a bar", func(o *api.Opening) { o.Cama = "1|2" }, "cama"},
		{"CUPS with a dot", func(o *api.Opening) { o.CUPS = "89.02.01" }, "cups"},
		{"an id that is none", func(o *api.Opening) { o.ID = "7" }, "id"},
		{"an id of version 4", func(o *api.Opening) { o.ID = uuid.NewString() }, "id"},
		{"an id in braces", func(o *api.Opening) { o.ID = "{" + uuid.Must(uuid.NewV7()).String() + "}" }, "id"},
		{"a professional that is no id", func(o *api.Opening) { o.ProfesionalID = "yo" }, "profesional_id"},
		{"companion without name", func(o *api.Opening) { o.Acompanante = &api.Companion{Telefono: "3001234567"} }, "acompanante.nombre"},
		{"companion's phone in words", func(o *api.Opening) { o.Acompanante = &api.Companion{Nombre: "José", Telefono: "no"} }, "acompanante.telefono"},
		{"no companion at all", func(o *api.Opening) { o.Acompanante = &api.Companion{} }, ""},
		{"long site", func(o *api.Opening) { o.Sede = strings.Repeat("ñ", 81) }, "sede"},
		{"site of 80", func(o *api.Opening) { o.Sede = strings.Repeat("ñ", 80) }, ""},
		{"bell in the site", func(o *api.Opening) { o.Sede = "Sede\aNorte" }, "sede"},
		{"payer's code", func(o *api.Opening) { o.EAPB = &api.Payer{Codigo: "EPS 010"} }, "eapb.codigo"},
		{"tomorrow", func(o *api.Opening) { o.Inicio = at(24 * time.Hour) }, ""},
		{"in two years", func(o *api.Opening) { o.Inicio = at(2 * 366 * 24 * time.Hour) }, "inicio"},
		{"a bed for tomorrow", func(o *api.Opening) { o.Inicio, o.Cama = at(24*time.Hour), "1" }, "cama"},
		{"a bed, with a clock that is ahead", func(o *api.Opening) { o.Inicio, o.Cama = at(20*time.Second), "1" }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := api.Opening{DocumentoID: "CC-1", Clase: "AMB", CausaMotivo: "38"}
			tt.set(&o)
			normalise(&o)
			err := check(o, noon)
			if tt.field == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			p, status := conflict(err)
			if status != 422 || len(p.Fields) != 1 || p.Fields[tt.field] == "" {
				t.Errorf("got %v, want one message, for %s", err, tt.field)
			}
		})
	}
}

func TestStandardServices(t *testing.T) {
	for class, want := range map[string]string{
		"AMB": "Medicina general", "EMER": "Urgencias", "IMP": "Hospitalización adultos", "OBSENC": "Urgencias",
	} {
		o := api.Opening{Clase: class}
		normalise(&o)
		if got := api.ServiceName(o.Servicio); got != want {
			t.Errorf("%s begins in %q, want %q", class, got, want)
		}
	}
	seen := map[string]bool{}
	for _, s := range api.Services() {
		if seen[s.Code] || seen[s.Name] {
			t.Errorf("%s %s stands twice", s.Code, s.Name)
		}
		seen[s.Code], seen[s.Name] = true, true
	}
}

func TestAdmit(t *testing.T) {
	birth := time.Date(1984, 2, 29, 0, 0, 0, 0, time.UTC)
	at := func(d time.Duration) *time.Time { t := noon.Add(d); return &t }
	for _, tt := range []struct {
		name   string
		who    person
		start  *time.Time
		status int
		state  string
		want   time.Duration // of inicio, from noon
	}{
		{"now", person{Birth: birth, Active: true}, nil, 0, arrived, 0},
		{"yesterday", person{Birth: birth, Active: true}, at(-24 * time.Hour), 0, arrived, -24 * time.Hour},
		{"a clock that is ahead", person{Birth: birth, Active: true}, at(time.Minute), 0, arrived, 0},
		{"tomorrow", person{Birth: birth, Active: true}, at(24 * time.Hour), 0, planned, 24 * time.Hour},
		{"dead", person{Birth: birth, Active: true, Dead: true}, nil, 409, "", 0},
		{"inactive", person{Birth: birth}, nil, 409, "", 0},
		{"merged", person{Birth: birth, MergedInto: "CC-2"}, nil, 409, "", 0},
		{"before birth", person{Birth: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Active: true}, at(-24 * time.Hour), 422, "", 0},
		{"at birth", person{Birth: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Active: true}, at(-7 * time.Hour), 0, arrived, -7 * time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := api.Opening{DocumentoID: "CC-1", Clase: "EMER", CausaMotivo: "38", Inicio: tt.start}
			a, err := admit(o, tt.who, nil, registrar, noon)
			if tt.status != 0 {
				if problem.Status(err) != tt.status {
					t.Errorf("got %v, want %d", err, tt.status)
				}
				return
			}
			if err != nil || a.Estado != tt.state || !a.Inicio.Equal(noon.Add(tt.want)) || len(a.Historia) != 1 || a.Historia[0].En.After(noon) {
				t.Errorf("%s since %s with %+v, %v", a.Estado, a.Inicio, a.Historia, err)
			}
		})
	}
	a, err := admit(api.Opening{Clase: "AMB"}, person{Birth: birth, Active: true, Payer: api.Payer{Codigo: "EPS010"}, UserType: "04"}, nil, physician, noon)
	if err != nil || a.Profesional == nil || a.Profesional.ID != physician.ID || a.EAPB.Codigo != "EPS010" || a.TipoUsuario != "04" {
		t.Errorf("a médico's opening: %+v %v", a, err)
	}
}

// full returns an opening with every field but those of the future and of
// professionals.
func full(documentoID string) api.Opening {
	return api.Opening{
		ID: uuid.Must(uuid.NewV7()).String(), DocumentoID: documentoID, Clase: "IMP", CausaMotivo: "23", Inicio: ago(90 * time.Minute), ViaIngreso: "03",
		Finalidad: "16", Modalidad: "01", GrupoServicios: "03", Entorno: "05", Servicio: "110", Cama: bedFor(documentoID), CUPS: "890601", Sede: "Sede Norte",
		Acompanante: &api.Companion{Nombre: "José Peña", Parentesco: "hermano", Telefono: "+57 300 1234567"},
		EAPB:        &api.Payer{Codigo: "EPS037", Nombre: "Nueva EPS"}, TipoUsuario: "02", NumAutorizacion: "AUT-2026-1", PrestadorRemite: "Hospital San José",
	}
}

// bedFor is a bed that only one patient of the tests wants.
func bedFor(documentoID string) string { return "U" + strings.TrimPrefix(documentoID, "CC-") }
