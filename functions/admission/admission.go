package admission

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/admission/api"
	"hce.co/shared/auth"
	"hce.co/shared/civil"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

const (
	clockSkew = time.Minute          // by which the clock of who writes may be ahead of ours
	horizon   = 366 * 24 * time.Hour // how far ahead an admission may be planned
)

// standardService is where an admission of a class begins, by REPS code.
var standardService = map[string]string{"AMB": "328", "EMER": "1102", "IMP": "129", "OBSENC": "1102"}

// normalise brings what people write into the form the record keeps.
func normalise(o *api.Opening) {
	for _, s := range []*string{
		&o.Clase, &o.CausaMotivo, &o.ViaIngreso, &o.Finalidad, &o.Modalidad, &o.GrupoServicios, &o.Entorno, &o.Servicio, &o.CUPS,
		&o.Sede, &o.TipoUsuario, &o.NumAutorizacion, &o.PrestadorRemite,
	} {
		*s = line(*s)
	}
	o.Clase, o.CUPS, o.Cama = strings.ToUpper(o.Clase), strings.ToUpper(o.CUPS), bedName(o.Cama)
	if o.Servicio == "" {
		o.Servicio = standardService[o.Clase]
	}
	if c := o.Acompanante; c != nil {
		c.Nombre, c.Parentesco, c.Telefono = line(c.Nombre), line(c.Parentesco), line(c.Telefono)
		if *c == (api.Companion{}) {
			o.Acompanante = nil
		}
	}
	if p := o.EAPB; p != nil {
		p.Codigo, p.Nombre = line(p.Codigo), line(p.Nombre)
		if *p == (api.Payer{}) {
			o.EAPB = nil
		}
	}
	if o.Inicio != nil {
		at := stored(*o.Inicio)
		o.Inicio = &at
	}
}

// check reports what is wrong with an opening, field by field, in Spanish.
func check(o api.Opening, now time.Time) error {
	f := fields{problem.Fields{}}
	f.id("id", o.ID, 7)
	f.id("profesional_id", o.ProfesionalID, 0)
	if o.DocumentoID == "" {
		f.Add("documento_id", "Diga de qué paciente es la admisión.")
	}
	f.code("clase", o.Clase, true)
	f.code("causa_motivo", o.CausaMotivo, true)
	for name, value := range map[string]string{
		"via_ingreso": o.ViaIngreso, "finalidad": o.Finalidad, "modalidad": o.Modalidad, "grupo_servicios": o.GrupoServicios,
		"entorno": o.Entorno, "tipo_usuario": o.TipoUsuario,
	} {
		f.code(name, value, false)
	}
	if o.Servicio != "" || f.Fields["clase"] == "" {
		f.place(o.Servicio, o.Cama)
	}
	f.match("cups", o.CUPS, cupsPattern, "Use el código CUPS, como 890201.")
	f.match("num_autorizacion", o.NumAutorizacion, authorizationPattern, "Use como máximo 30 letras, números y guiones.")
	f.text("sede", o.Sede, maxSite)
	f.text("prestador_remite", o.PrestadorRemite, maxName)
	if c := o.Acompanante; c != nil {
		if c.Nombre == "" {
			f.Add("acompanante.nombre", "Escriba el nombre del acompañante.")
		}
		if ident.Hidden(c.Nombre) {
			f.Add("acompanante.nombre", "Escriba el nombre sin caracteres que no se ven.")
		}
		f.text("acompanante.nombre", c.Nombre, maxName)
		f.text("acompanante.parentesco", c.Parentesco, maxKinship)
		f.match("acompanante.telefono", c.Telefono, phonePattern, "Escriba un teléfono válido.")
	}
	if p := o.EAPB; p != nil {
		f.match("eapb.codigo", p.Codigo, payerPattern, "Use el código de la entidad, como EPS010.")
		f.text("eapb.nombre", p.Nombre, maxName)
	}
	if o.Inicio != nil && instant(*o.Inicio, now).After(now) {
		if o.Inicio.After(now.Add(horizon)) {
			f.Add("inicio", "Una admisión se programa con un año de anticipación como máximo.")
		}
		if o.Cama != "" {
			f.Add("cama", "La cama se asigna cuando el paciente llega.")
		}
	}
	return f.Err()
}

// person is what the front desk has to know of a patient to admit them.
type person struct {
	Birth      time.Time
	Dead       bool
	Died       *time.Time // nil when nobody wrote when
	Active     bool
	MergedInto string
	Payer      api.Payer
	UserType   string
}

// alive reports why an admission that begins at start is not of somebody living:
// what happened before the death may still be written down.
func (p person) alive(start time.Time) error {
	switch {
	case !p.Dead || p.Died != nil && start.Before(*p.Died):
		return nil
	case p.Died == nil:
		return problem.Conflict("El paciente figura como fallecido: no se puede abrir una admisión.")
	}
	return problem.Conflict("El paciente figura como fallecido el %s: no se puede abrir una admisión que empiece después.",
		p.Died.In(civil.Zone).Format("02/01/2006 15:04")).With("fecha_fallecimiento", p.Died.UTC())
}

// admit opens an admission, or says why this patient cannot be admitted.
func admit(o api.Opening, p person, responsible *api.Professional, by auth.Principal, now time.Time) (api.Admission, error) {
	switch {
	case p.MergedInto != "":
		return api.Admission{}, problem.Conflict("Esta historia clínica se unió a otra: admita al paciente en %s.", p.MergedInto).
			With("documento_id", p.MergedInto)
	case !p.Active:
		return api.Admission{}, problem.Conflict("La historia clínica está inactiva: no se puede abrir una admisión.")
	}
	a := api.Admission{
		DocumentoID: o.DocumentoID, ID: ident.NewID(), Version: 1, Clase: o.Clase, Estado: arrived, Inicio: now,
		CausaMotivo: o.CausaMotivo, ViaIngreso: o.ViaIngreso, Finalidad: o.Finalidad, Modalidad: o.Modalidad,
		GrupoServicios: o.GrupoServicios, Entorno: o.Entorno, Servicio: o.Servicio, Cama: o.Cama, CUPS: o.CUPS, Sede: o.Sede,
		Profesional: responsible, Acompanante: o.Acompanante, EAPB: o.EAPB, TipoUsuario: o.TipoUsuario,
		NumAutorizacion: o.NumAutorizacion, PrestadorRemite: o.PrestadorRemite, AdmitidoPor: by.Name, CreadoEn: now,
	}
	if o.ID != "" {
		a.ID = uuid.MustParse(o.ID)
	}
	if a.Profesional == nil && by.Is(auth.Physician) {
		a.Profesional = &api.Professional{ID: by.ID, Nombre: by.Name}
	}
	if a.EAPB == nil && p.Payer != (api.Payer{}) {
		a.EAPB = &p.Payer
	}
	if a.TipoUsuario == "" {
		a.TipoUsuario = p.UserType
	}
	at := now // of the first step; a planned one is written down now
	if o.Inicio != nil {
		a.Inicio = instant(*o.Inicio, now)
		if a.Inicio.After(now) {
			a.Estado = planned
		} else {
			at = a.Inicio
		}
	}
	if err := p.alive(a.Inicio); err != nil {
		return api.Admission{}, err
	}
	if civil.Today(a.Inicio).Before(p.Birth) {
		return api.Admission{}, problem.Invalid(map[string]string{"inicio": "La admisión no puede empezar antes de que el paciente naciera."})
	}
	a.Historia = []api.Event{eventOf(a, opening, at, "", by)}
	return a, nil
}

// fingerprint is the SHA-256 of what an admission is opened with, but for its id.
func fingerprint(o api.Opening) ([]byte, error) {
	o.ID = ""
	b, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode opening: %w", err)
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}

// stored is an instant as finely as the database keeps it.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// instant is what people mean by an instant that they wrote: now when their
// clock is a little ahead.
func instant(t, now time.Time) time.Time {
	t = stored(t)
	if t.After(now) && !t.After(now.Add(clockSkew)) {
		return now
	}
	return t
}

// codes are the values that a coded field of letters may have (HL7
// ActEncounterCode).
var codes = map[string][]string{
	"clase":         {"AMB", "EMER", "IMP", "OBSENC"},
	"estado_egreso": {"vivo", "muerto"},
}

// ranges are the first and the last value of a coded field of two digits (RIPS,
// Res. 2275/2023; RDA, Res. 1888/2025).
var ranges = map[string][2]string{
	"causa_motivo": {"21", "49"}, "via_ingreso": {"01", "14"}, "finalidad": {"11", "44"}, "modalidad": {"01", "09"},
	"grupo_servicios": {"01", "05"}, "entorno": {"01", "05"}, "tipo_usuario": {"01", "13"}, "condicion_egreso": {"01", "08"},
}

// known reports whether a coded field may have the value.
func known(name, value string) bool {
	if list, ok := codes[name]; ok {
		return slices.Contains(list, value)
	}
	if name == "modalidad" && value == "05" {
		return false // the table skips it
	}
	r := ranges[name]
	return twoDigits.MatchString(value) && r[0] <= value && value <= r[1]
}
