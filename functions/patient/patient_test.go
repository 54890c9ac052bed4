package patient

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hce.co/functions/patient/api"
	"hce.co/shared/civil"
	"hce.co/shared/problem"
)

var (
	today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	noon  = time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC) // of today, in Bogotá
)

func dead(d *api.Demographics, at time.Time) { d.Fallecido, d.FechaFallecimiento = true, &at }

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name  string
		set   func(*api.Demographics)
		field string // where the message stands; "" when the data are good
	}{
		{"least", func(*api.Demographics) {}, ""},
		{"every field", func(d *api.Demographics) { n := d.NumeroDocumento; *d = full(); d.NumeroDocumento = n }, ""},
		{"no surname", func(d *api.Demographics) { d.PrimerApellido = "  " }, "primer_apellido"},
		{"surname of 61", func(d *api.Demographics) { d.PrimerApellido = strings.Repeat("ñ", 61) }, "primer_apellido"},
		{"surname of 60", func(d *api.Demographics) { d.PrimerApellido = strings.Repeat("ñ", 60) }, ""},
		{"script for a name", func(d *api.Demographics) { d.PrimerNombre = "<script>" }, "primer_nombre"},
		{"apostrophe", func(d *api.Demographics) { d.PrimerApellido = "D'Artagnan-Pérez" }, ""},
		{"unknown document type", func(d *api.Demographics) { d.TipoDocumento = "XX" }, "tipo_documento"},
		{"letters in a cédula", func(d *api.Demographics) { d.NumeroDocumento = "12AB" }, "numero_documento"},
		{"dots in a cédula", func(d *api.Demographics) { d.NumeroDocumento = "1.032.456-789" }, ""},
		{"30 February", func(d *api.Demographics) { d.FechaNacimiento = "1984-02-30" }, "fecha_nacimiento"},
		{"29 February of a common year", func(d *api.Demographics) { d.FechaNacimiento = "1983-02-29" }, "fecha_nacimiento"},
		{"tomorrow", func(d *api.Demographics) { d.FechaNacimiento = "2026-11-24" }, "fecha_nacimiento"},
		{"today", func(d *api.Demographics) { d.FechaNacimiento = "2026-11-23" }, ""},
		{"131 years", func(d *api.Demographics) { d.FechaNacimiento = "1895-11-22" }, "fecha_nacimiento"},
		{"an instant for a day", func(d *api.Demographics) { d.FechaNacimiento = "1984-02-29T00:00:00Z" }, "fecha_nacimiento"},
		{"no sex", func(d *api.Demographics) { d.SexoBiologico = "" }, "sexo_biologico"},
		{"sex 04", func(d *api.Demographics) { d.SexoBiologico = "04" }, "sexo_biologico"},
		{"the old system's F", func(d *api.Demographics) { d.SexoBiologico = "F" }, ""},
		{"gender 09", func(d *api.Demographics) { d.IdentidadGenero = "09" }, "identidad_genero"},
		{"nationality by name", func(d *api.Demographics) { d.Nacionalidades = []string{"Colombia"} }, "nacionalidades"},
		{"five nationalities", func(d *api.Demographics) { d.Nacionalidades = []string{"170", "862", "218", "604", "076"} }, ""},
		{"six", func(d *api.Demographics) { d.Nacionalidades = []string{"170", "862", "218", "604", "076", "032"} }, "nacionalidades"},
		{"one of them twice", func(d *api.Demographics) { d.Nacionalidades = []string{"170", "862", "170"} }, "nacionalidades"},
		{"500 times the same", func(d *api.Demographics) { d.Nacionalidades = slices.Repeat([]string{"170"}, 500) }, "nacionalidades"},
		{"a disability twice", func(d *api.Demographics) { d.Discapacidades = []string{"01", "01"} }, "discapacidades"},
		{"nine disabilities", func(d *api.Demographics) { d.Discapacidades = slices.Repeat([]string{"01"}, 9) }, "discapacidades"},
		{"a surname that nobody sees", func(d *api.Demographics) { d.PrimerApellido = "\u200b" }, "primer_apellido"},
		{"a name turned round", func(d *api.Demographics) { d.PrimerNombre = "Luz\u202e" }, "primer_nombre"},
		{"an isolate", func(d *api.Demographics) { d.SegundoNombre = "\u2066Ana\u2069" }, "segundo_nombre"},
		{"a blank braille pattern", func(d *api.Demographics) { d.NombreIdentitario = "\u2800" }, "nombre_identitario"},
		{"a joiner within", func(d *api.Demographics) { d.SegundoApellido = "Nú\u200dñez" }, "segundo_apellido"},
		{"a contact that nobody sees", func(d *api.Demographics) { d.ContactoEmergencia = &api.Contact{Nombre: "\ufeff"} }, "contacto_emergencia"},
		{"a guardian turned round", func(d *api.Demographics) { d.Responsable = &api.Contact{Nombre: "Rosa \u202dNúñez"} }, "responsable"},
		{"disability 09", func(d *api.Demographics) { d.Discapacidades = []string{"09"} }, "discapacidades"},
		{"municipality of four digits", func(d *api.Demographics) { d.Municipio = "1100" }, "municipio"},
		{"e-mail without at", func(d *api.Demographics) { d.CorreoElectronico = "luz.example.org" }, "correo_electronico"},
		{"phone of words", func(d *api.Demographics) { d.Celular = "no tiene" }, "celular"},
		{"contact without name", func(d *api.Demographics) { d.ContactoEmergencia = &api.Contact{Telefono: "3001234567"} }, "contacto_emergencia"},
		{"death before birth", func(d *api.Demographics) {
			dead(d, time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC))
		}, "fecha_fallecimiento"},
		{"death just now, by a clock that is ahead", func(d *api.Demographics) { dead(d, noon.Add(time.Minute)) }, ""},
		{"death in ten minutes", func(d *api.Demographics) { dead(d, noon.Add(10*time.Minute)) }, "fecha_fallecimiento"},
		{"death at the end of today", func(d *api.Demographics) { dead(d, noon.Add(12*time.Hour)) }, "fecha_fallecimiento"},
		{"an address in colours", func(d *api.Demographics) { d.Direccion = "Cra\u001b[31m 7" }, "direccion_residencia"},
		{"a trade turned round", func(d *api.Demographics) { d.Ocupacion = "Pana\u202edera" }, "ocupacion"},
		{"a district with a bell", func(d *api.Demographics) { d.Barrio = "La\a Candelaria" }, "barrio"},
		{"a contact in colours", func(d *api.Demographics) { d.ContactoEmergencia = &api.Contact{Nombre: "José\u001b[0m"} }, "contacto_emergencia"},
		{"a kinship that nobody sees", func(d *api.Demographics) { d.Responsable = &api.Contact{Nombre: "Rosa", Parentesco: "ma\u200bdre"} }, "responsable"},
		{"a will in colours", func(d *api.Demographics) { d.VoluntadAnticipada = &api.Will{Detalle: "Sin\u001b[31m reanimación"} }, "voluntad_anticipada"},
		{"a will of two lines", func(d *api.Demographics) { d.VoluntadAnticipada = &api.Will{Detalle: "Sin reanimación.\n\tNi sonda."} }, ""},
		{"a dash for a name", func(d *api.Demographics) { d.PrimerNombre = "-" }, "primer_nombre"},
		{"two apostrophes for a surname", func(d *api.Demographics) { d.PrimerApellido = "''" }, "primer_apellido"},
		{"a face for a name", func(d *api.Demographics) { d.PrimerNombre = "😀" }, "primer_nombre"},
		{"a name of one letter", func(d *api.Demographics) { d.PrimerNombre = "李" }, ""},
		{"Bogotá in Antioquia", func(d *api.Demographics) { d.Municipio, d.Departamento = "11001", "05" }, "departamento"},
		{"Bogotá", func(d *api.Demographics) { d.Municipio, d.Departamento = "11001", "11" }, ""},
		{"Antioquia", func(d *api.Demographics) { d.Departamento = "05" }, ""},
		{"death date of the living", func(d *api.Demographics) {
			at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
			d.FechaFallecimiento = &at
		}, "fallecido"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := person()
			d.NumeroDocumento = "1032456789"
			tt.set(&d)
			doc, docErr := normalise(&d)
			err := check(d, docErr, noon)
			if tt.field == "" {
				if err != nil {
					t.Fatalf("refused: %v %v", err, err.(*problem.Error).Fields)
				}
				if doc.ID() != "CC-1032456789" {
					t.Errorf("document is %s", doc.ID())
				}
				return
			}
			p, ok := err.(*problem.Error)
			if !ok || p.Status != 422 || p.Fields[tt.field] == "" || len(p.Fields) != 1 {
				t.Errorf("got %v, want one message for %s", err, tt.field)
			}
		})
	}
}

func TestNormaliseComposesAndMaps(t *testing.T) {
	d := person()
	d.TipoDocumento, d.NumeroDocumento = " cc ", "1.032 456-789"
	d.PrimerApellido = "  Pen\u0303a  Ruiz " // ñ as n and a combining tilde
	d.SexoBiologico, d.FactorRH, d.Municipio = "M", "−", "05001"
	doc, err := normalise(&d)
	if err != nil {
		t.Fatal(err)
	}
	if doc.ID() != "CC-1032456789" || d.PrimerApellido != "Peña Ruiz" || d.SexoBiologico != "01" || d.FactorRH != "-" || d.Departamento != "05" {
		t.Errorf("got %s %+v", doc.ID(), d)
	}
}

func TestAge(t *testing.T) {
	for _, tt := range []struct {
		birth, on string
		want      int
	}{
		{"1984-02-29", "2026-11-23", 42},
		{"1984-11-23", "2026-11-23", 42},
		{"1984-11-24", "2026-11-23", 41},
		{"2004-02-29", "2022-02-28", 17},
		{"2004-02-29", "2022-03-01", 18},
		{"2026-11-23", "2026-11-23", 0},
	} {
		on, err := civil.ParseDate(tt.on)
		if err != nil {
			t.Fatal(err)
		}
		if got := age(tt.birth, nil, on); got != tt.want {
			t.Errorf("age of %s on %s is %d, want %d", tt.birth, tt.on, got, tt.want)
		}
	}
	died := time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)
	if got := age("1950-06-01", &died, today); got != 49 {
		t.Errorf("age at death is %d, want 49", got)
	}
}

func TestFoldName(t *testing.T) {
	for _, tt := range []struct {
		in, folded, enye string
	}{
		{"Peña Núñez  José-Ángel", " pena nunez jose angel", " peña nuñez jose angel"},
		{"D'Artagnan", " d artagnan", " d artagnan"},
		{"MÜLLER Ç", " muller c", " muller c"},
		{"%_\\", "", ""},
	} {
		if got := foldName(tt.in, false); got != tt.folded {
			t.Errorf("foldName(%q) is %q, want %q", tt.in, got, tt.folded)
		}
		if got := foldName(tt.in, true); got != tt.enye {
			t.Errorf("foldName(%q, ñ) is %q, want %q", tt.in, got, tt.enye)
		}
	}
}
