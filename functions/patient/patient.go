package patient

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hce.co/functions/patient/api"
	"hce.co/shared/civil"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

const (
	maxName = 60  // characters of one part of a name (Res. 866/2021)
	maxText = 200 // characters of any other text
	maxAge  = 130 // years

	clockSkew = time.Minute // by which the clock of who writes may be ahead of ours

	maxNationalities = 5
)

var (
	phonePattern   = regexp.MustCompile(`^\+?[0-9 ()-]{7,20}$`)
	timePattern    = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
	threeDigits    = regexp.MustCompile(`^[0-9]{3}$`)
	divipolaCity   = regexp.MustCompile(`^[0-9]{5}$`)
	divipolaRegion = regexp.MustCompile(`^[0-9]{2}$`)
)

// codes are the values that a coded field may have; any of them may be missing.
var codes = map[string][]string{
	"sexo_biologico":     {"01", "02", "03"},
	"identidad_genero":   {"01", "02", "03", "04", "05"},
	"zona":               {"urbana", "rural"},
	"etnia":              {"01", "02", "03", "04", "05", "06", "99"},
	"estado_civil":       {"soltero", "casado", "union_libre", "separado", "divorciado", "viudo"},
	"grupo_sanguineo":    {"A", "B", "AB", "O"},
	"factor_rh":          {"+", "-"},
	"regimen_afiliacion": {"contributivo", "subsidiado", "especial", "excepcion", "particular", "no_afiliado"},
	"tipo_usuario":       {"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13"},
}

var disabilities = []string{"01", "02", "03", "04", "05", "06", "07", "08"}

// seedSex maps how the system that this one replaces wrote the sex.
var seedSex = map[string]string{"M": "01", "F": "02", "O": "03", "I": "03"}

// normalise brings what people write into the form the record keeps: Unicode
// NFC, single spaces, codes as the norm has them. It returns the document.
func normalise(d *api.Demographics) (ident.Document, error) {
	for _, s := range texts(d) {
		*s = strings.Join(strings.Fields(norm.NFC.String(*s)), " ")
	}
	if code, ok := seedSex[d.SexoBiologico]; ok {
		d.SexoBiologico = code
	}
	d.FactorRH = strings.NewReplacer("−", "-", "positivo", "+", "negativo", "-").Replace(d.FactorRH)
	doc, err := ident.NewDocument(d.TipoDocumento, d.NumeroDocumento)
	if err == nil {
		d.TipoDocumento, d.NumeroDocumento = doc.Type, doc.Number
	}
	if d.Departamento == "" && divipolaCity.MatchString(d.Municipio) {
		d.Departamento = d.Municipio[:2]
	}
	if d.FechaFallecimiento != nil {
		at := stored(*d.FechaFallecimiento)
		d.FechaFallecimiento = &at
	}
	return doc, err
}

// stored is an instant as finely as the database keeps it.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// check reports what is wrong with a patient's data, field by field, in
// Spanish.
func check(d api.Demographics, docErr error, now time.Time) error {
	f, today := fields{problem.Fields{}}, civil.Today(now)
	switch docErr {
	case ident.ErrType:
		f.Add("tipo_documento", "Elija un tipo de documento de la lista.")
	case ident.ErrNumber:
		f.Add("numero_documento", "El número no corresponde al tipo de documento.")
	}
	f.name("primer_apellido", d.PrimerApellido, true)
	f.name("segundo_apellido", d.SegundoApellido, false)
	f.name("primer_nombre", d.PrimerNombre, true)
	f.name("segundo_nombre", d.SegundoNombre, false)
	f.name("nombre_identitario", d.NombreIdentitario, false)
	f.birth(d.FechaNacimiento, today)
	f.match("hora_nacimiento", d.HoraNacimiento, timePattern, "Escriba la hora como HH:MM.")
	if d.SexoBiologico == "" {
		f.Add("sexo_biologico", "Elija el sexo biológico.")
	}
	for name, value := range map[string]string{
		"sexo_biologico": d.SexoBiologico, "identidad_genero": d.IdentidadGenero, "zona": d.Zona, "etnia": d.Etnia,
		"estado_civil": d.EstadoCivil, "grupo_sanguineo": d.GrupoSanguineo, "factor_rh": d.FactorRH,
		"regimen_afiliacion": d.RegimenAfiliacion, "tipo_usuario": d.TipoUsuario,
	} {
		if value != "" && !slices.Contains(codes[name], value) {
			f.Add(name, "Elija un valor de la lista.")
		}
	}
	f.list("nacionalidades", d.Nacionalidades, maxNationalities, "Use el código ISO 3166-1 de tres dígitos.", threeDigits.MatchString)
	f.list("discapacidades", d.Discapacidades, len(disabilities), "Elija valores de la lista.",
		func(n string) bool { return slices.Contains(disabilities, n) })
	f.match("pais", d.Pais, threeDigits, "Use el código ISO 3166-1 de tres dígitos.")
	f.match("municipio", d.Municipio, divipolaCity, "Use el código DIVIPOLA de cinco dígitos.")
	f.match("departamento", d.Departamento, divipolaRegion, "Use el código DIVIPOLA de dos dígitos.")
	if d.Departamento != "" && divipolaCity.MatchString(d.Municipio) && d.Departamento != d.Municipio[:2] {
		f.Add("departamento", "El municipio no es de ese departamento.")
	}
	f.match("telefono", d.Telefono, phonePattern, "Escriba un teléfono válido.")
	f.match("celular", d.Celular, phonePattern, "Escriba un celular válido.")
	if a, err := mail.ParseAddress(d.CorreoElectronico); d.CorreoElectronico != "" && (err != nil || a.Address != d.CorreoElectronico) {
		f.Add("correo_electronico", "Escriba un correo válido.")
	}
	f.contact("contacto_emergencia", d.ContactoEmergencia)
	f.contact("responsable", d.Responsable)
	f.will("voluntad_anticipada", d.VoluntadAnticipada, today)
	f.will("oposicion_donacion", d.OposicionDonacion, today)
	if d.FechaFallecimiento != nil {
		if birth, err := civil.ParseDate(d.FechaNacimiento); err == nil && civil.Today(*d.FechaFallecimiento).Before(birth) ||
			d.FechaFallecimiento.After(now.Add(clockSkew)) {
			f.Add("fecha_fallecimiento", "La fecha de fallecimiento no es posible.")
		}
		if !d.Fallecido {
			f.Add("fallecido", "Marque fallecido, o quite la fecha de fallecimiento.")
		}
	}
	for name, value := range map[string]string{
		"direccion_residencia": d.Direccion, "barrio": d.Barrio, "comunidad_etnica": d.ComunidadEtnica, "ocupacion": d.Ocupacion,
		"correo_electronico": d.CorreoElectronico, "entidad_codigo": d.EntidadCodigo, "entidad_pertenece": d.EntidadPertenece,
	} {
		if utf8.RuneCountInString(value) > maxText {
			f.Add(name, "Use como máximo 200 caracteres.")
		}
		f.seen(name, value)
	}
	return f.Err()
}

// fields collects what is wrong with each field.
type fields struct{ problem.Fields }

func (f fields) match(name, value string, p *regexp.Regexp, message string) {
	if value != "" && !p.MatchString(value) {
		f.Add(name, message)
	}
}

// list takes values that each may stand there, once.
func (f fields) list(name string, values []string, most int, message string, known func(string) bool) {
	if len(values) > most {
		f.Add(name, fmt.Sprintf("Elija como máximo %d.", most))
		return
	}
	for i, v := range values {
		switch {
		case !known(v):
			f.Add(name, message)
		case slices.Contains(values[:i], v):
			f.Add(name, "Elija cada valor una sola vez.")
		}
	}
}

const unseen = "Escriba el nombre sin caracteres que no se ven."

// seen takes a text of one line of which everything is seen.
func (f fields) seen(name, value string) {
	if ident.Hidden(value) || strings.ContainsFunc(value, unicode.IsControl) {
		f.Add(name, "Escriba el texto sin caracteres que no se ven.")
	}
}

func (f fields) name(name, value string, required bool) {
	switch {
	case value == "" && required:
		f.Add(name, "Escriba este dato.")
	case ident.Hidden(value):
		f.Add(name, unseen)
	case utf8.RuneCountInString(value) > maxName:
		f.Add(name, "Use como máximo 60 caracteres.")
	case strings.ContainsFunc(value, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsDigit(r) || strings.ContainsRune("<>{}", r)
	}):
		f.Add(name, "Un nombre no lleva números ni signos como < o >.")
	case required && !strings.ContainsFunc(value, unicode.IsLetter): // nothing of it could be searched
		f.Add(name, "Escriba un nombre con letras.")
	}
}

func (f fields) birth(value string, today time.Time) {
	day, err := civil.ParseDate(value)
	switch {
	case value == "":
		f.Add("fecha_nacimiento", "Escriba la fecha de nacimiento.")
	case err != nil:
		f.Add("fecha_nacimiento", "Esa fecha no existe. Escríbala como AAAA-MM-DD.")
	case day.After(today):
		f.Add("fecha_nacimiento", "La fecha de nacimiento no puede estar en el futuro.")
	case civil.Age(day, today) > maxAge:
		f.Add("fecha_nacimiento", "La fecha de nacimiento es demasiado antigua.")
	}
}

func (f fields) contact(name string, c *api.Contact) {
	if c == nil {
		return
	}
	if c.Nombre == "" || utf8.RuneCountInString(c.Nombre) > maxText || utf8.RuneCountInString(c.Parentesco) > maxName {
		f.Add(name, "Escriba el nombre de la persona (hasta 200 caracteres).")
	}
	f.seen(name, c.Nombre)
	f.seen(name, c.Parentesco)
	f.match(name, c.Telefono, phonePattern, "Escriba un teléfono válido.")
}

func (f fields) will(name string, w *api.Will, today time.Time) {
	if w == nil {
		return
	}
	if day, err := civil.ParseDate(w.Fecha); w.Fecha != "" && (err != nil || day.After(today)) {
		f.Add(name, "La fecha no es válida.")
	}
	if utf8.RuneCountInString(w.Detalle) > 2000 {
		f.Add(name, "Use como máximo 2000 caracteres.")
	}
	if strings.ContainsFunc(w.Detalle, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\r\n\t", r) }) {
		f.Add(name, "El texto tiene caracteres que no se ven.")
	}
}

// texts lists every text that a person types.
func texts(d *api.Demographics) []*string {
	all := []*string{
		&d.PrimerApellido, &d.SegundoApellido, &d.PrimerNombre, &d.SegundoNombre, &d.NombreIdentitario, &d.FechaNacimiento,
		&d.HoraNacimiento, &d.SexoBiologico, &d.IdentidadGenero, &d.Direccion, &d.Barrio, &d.Municipio, &d.Departamento, &d.Pais,
		&d.Zona, &d.Etnia, &d.ComunidadEtnica, &d.Ocupacion, &d.Telefono, &d.Celular, &d.CorreoElectronico, &d.EstadoCivil,
		&d.GrupoSanguineo, &d.FactorRH, &d.EntidadCodigo, &d.EntidadPertenece, &d.RegimenAfiliacion, &d.TipoUsuario,
	}
	for _, c := range []*api.Contact{d.ContactoEmergencia, d.Responsable} {
		if c != nil {
			all = append(all, &c.Nombre, &c.Parentesco, &c.Telefono)
		}
	}
	return all
}

// age is how old the patient is, or was when they died, in whole years.
func age(birth string, death *time.Time, today time.Time) int {
	day, err := civil.ParseDate(birth)
	if err != nil {
		return 0
	}
	if death != nil {
		today = civil.Today(*death)
	}
	return civil.Age(day, today)
}
