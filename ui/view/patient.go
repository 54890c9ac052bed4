package view

import (
	"cmp"
	"maps"
	"slices"

	"hce.co/ui/catalog"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// PatientSearch shows the search and what it found; it posts to
// link.PatientSearch.
type PatientSearch struct {
	Page
	Form   component.Form // q
	ID     string         // of the search, by which the browser comes back to it
	Done   bool           // there was a search
	Items  []PatientItem
	Before []string // cursors of the pages up to this one
	More   string   // documento_id of the last one, posted as despues; empty on the last page
	CanAdd bool     // register a patient
}

// PatientForm registers a patient (posting to link.Patients) or changes their
// data (posting to link.Patient).
type PatientForm struct {
	Page
	ID         string         // documento_id of the record that changes; empty when it is new
	Name       string         // of whose record changes
	Form       component.Form // the fields of paciente
	Duplicates []PatientItem  // likely the same person; shown before a new record is made
	Existing   *PatientItem   // the record that has the document already
	Codes      PatientCodes
}

// PatientCodes are the choices of the patient form.
type PatientCodes struct {
	Documents, Sexes, Genders, BloodGroups, RhFactors []component.Option
	Maritals, Ethnicities, Disabilities, Zones        []component.Option
	Departments, Municipalities, Countries            []component.Option
	Regimes, UserTypes, Payers, Kinships              []component.Option
}

// StandardPatientCodes are the choices of the catalogue.
func StandardPatientCodes() PatientCodes {
	return PatientCodes{
		Documents: catalog.DocumentTypes.Options(), Sexes: catalog.Sexes.Options(), Genders: catalog.GenderIdentities.Options(),
		BloodGroups: catalog.BloodGroups.Options(), RhFactors: catalog.RhFactors.Options(),
		Maritals: catalog.MaritalStatuses.Options(), Ethnicities: catalog.Ethnicities.Options(),
		Disabilities: catalog.Disabilities.Options(), Zones: catalog.Zones.Options(),
		Departments: catalog.Departments.Options(), Municipalities: catalog.Municipalities.Suggestions(),
		Countries: catalog.Countries.Suggestions(), Regimes: catalog.Regimes.Options(),
		UserTypes: catalog.UserTypes.Coded(), Payers: catalog.Payers.Suggestions(), Kinships: catalog.Kinships.Suggestions(),
	}
}

// Change is a field that somebody else changed meanwhile.
type Change struct {
	Label        string
	Theirs, Mine string
}

// PatientConflict shows what was typed where the record changed meanwhile (412);
// who changed it the record does not tell. It posts to link.Patient with the new
// version and the same values.
type PatientConflict struct {
	Page
	ID, Name string
	When     string         // component.FormatTime
	Changes  []Change       // both ways
	Form     component.Form // what was typed with what was changed elsewhere, and the version that is stored now
}

// ChartSummary is the first tab of a chart.
type ChartSummary struct {
	Chart
	Stay        *Stay // the open admission
	Notes       []NoteItem
	Diagnoses   []Diagnosis
	Allergies   []Allergy
	Medications []Medication
	Vitals      []Series
	Results     []ResultItem
	Identity    []component.Term
	Contact     []component.Term
	Coverage    []component.Term
	Documents   []IdentityDocument
}

// IdentityDocument is one that the person has had.
type IdentityDocument struct {
	ID       string // TIPO-NUMERO
	Document string // component.FormatDocument
	Type     string
	Since    string // 2006-01-02
	Current  bool
	Of       string // documento_id of the merged record that it was given to
}

// IdentityForm takes a new identity document; it posts to link.Identity. One
// that was given by mistake is taken back at link.Withdrawal.
type IdentityForm struct {
	Chart
	Form       component.Form // tipo_documento, numero_documento, desde
	Types      []component.Option
	Documents  []IdentityDocument
	Version    string         // ETag of the record, for a withdrawal that has none
	Withdrawal component.Form // motivo, of the one in Withdrawn
	Withdrawn  string         // ID of the one whose form came back with errors
}

// given are the documents that may be taken back: neither that of the record
// itself, nor the current one, nor those of merged records.
func (m IdentityForm) given() []IdentityDocument {
	return slices.DeleteFunc(slices.Clone(m.Documents), func(d IdentityDocument) bool {
		return d.ID == m.Patient.ID || d.Current || d.Of != ""
	})
}

// shown is the form that the page is about.
func (m IdentityForm) shown() component.Form {
	if m.Withdrawn != "" {
		return m.Withdrawal
	}
	return m.Form
}

// withdrawal is the form that takes back a document.
func (m IdentityForm) withdrawal(d IdentityDocument) component.Form {
	f := component.Form{Key: m.Form.Key + "-" + d.ID}
	if d.ID == m.Withdrawn {
		f = m.Withdrawal
	}
	f.Prefix, f.Version = d.ID+"-", cmp.Or(f.Version, m.Version)
	return f
}

func withdrawalGroups() []component.Group {
	return one(component.Field{
		Name: "motivo", Label: "Motivo", Kind: component.Area, Required: true, MaxLength: 500, Width: component.Wide,
		Hint: "De 10 a 500 caracteres. Lo lee el paciente: no escriba datos de otra persona.",
	})
}

// CodeRequest asks before making a one-time code; it posts to link.Code.
type CodeRequest struct {
	Chart
	Form component.Form // only its key
}

// CodeSlip is the one-time code, to be printed and handed over.
type CodeSlip struct {
	Chart
	Code    string // in groups of four
	Expires string // component.FormatTime
	Address string // where one registers, as printed
}

// allNotes is where all the notes of the record are listed: of a merged one its
// own.
func (m ChartSummary) allNotes() string {
	if m.Patient.MergedInto != "" {
		return link.NotesItself(m.Patient.ID)
	}
	return link.Notes(m.Patient.ID)
}

// seriesOf is the record whose vital signs are shown over time; empty for a merged
// one.
func (m ChartSummary) seriesOf() string {
	if m.Patient.MergedInto != "" {
		return ""
	}
	return m.Patient.ID
}

func otherNationality(n int) component.Field {
	return component.Field{Name: "nacionalidades", Nth: n, Label: "Otra nacionalidad", List: "paises", MaxLength: 60, Autocomplete: "off"}
}

// groups are the fields of the form, with one for every nationality that the
// record has.
func (m PatientForm) groups() []component.Group {
	groups := patientGroups(m.Codes)
	for i, g := range groups {
		at := slices.IndexFunc(g.Fields, func(f component.Field) bool { return f.Name == "nacionalidades" && f.Nth == 1 })
		for n := 2; at >= 0 && n < len(m.Form.Values["nacionalidades"]); n++ {
			groups[i].Fields = slices.Insert(groups[i].Fields, at+n-1, otherNationality(n))
		}
	}
	return groups
}

func patientGroups(c PatientCodes) []component.Group {
	sel, date, tel, mail := component.Select, component.Date, component.Tel, component.Email
	return []component.Group{
		{Legend: "Identificación", Fields: []component.Field{
			{Name: "tipo_documento", Label: "Tipo de documento", Kind: sel, Options: c.Documents, Required: true, Default: "CC"},
			{Name: "numero_documento", Label: "Número de documento", Required: true, Code: true, MaxLength: 24, Autocomplete: "off"},
			{Name: "primer_apellido", Label: "Primer apellido", Required: true, MaxLength: 60, Autocomplete: "off"},
			{Name: "segundo_apellido", Label: "Segundo apellido", MaxLength: 60, Autocomplete: "off"},
			{Name: "primer_nombre", Label: "Primer nombre", Required: true, MaxLength: 60, Autocomplete: "off"},
			{Name: "segundo_nombre", Label: "Segundo nombre", MaxLength: 60, Autocomplete: "off"},
			{Name: "fecha_nacimiento", Label: "Fecha de nacimiento", Kind: date, Required: true, Autocomplete: "off"},
			{Name: "sexo_biologico", Label: "Sexo biológico", Kind: component.Radio, Options: c.Sexes, Required: true},
		}},
		{Legend: "Contacto", Fields: []component.Field{
			{Name: "celular", Label: "Celular", Kind: tel, MaxLength: 20, Autocomplete: "off"},
			{Name: "telefono", Label: "Teléfono fijo", Kind: tel, MaxLength: 20, Autocomplete: "off"},
			{Name: "correo_electronico", Label: "Correo electrónico", Kind: mail, MaxLength: 254, Autocomplete: "off"},
			{Name: "direccion_residencia", Label: "Dirección de residencia", MaxLength: 200, Autocomplete: "off", Width: component.Wide},
			{Name: "barrio", Label: "Barrio o vereda", MaxLength: 100, Autocomplete: "off"},
			{Name: "departamento", Label: "Departamento", Kind: sel, Options: c.Departments},
			{Name: "municipio", Label: "Municipio", Hint: "Nombre o código DIVIPOLA.", List: "municipios", MaxLength: 100, Autocomplete: "off"},
			{Name: "pais", Label: "País", List: "paises", Default: "Colombia", MaxLength: 60, Autocomplete: "off"},
			{Name: "zona", Label: "Zona", Kind: sel, Options: c.Zones},
		}},
		{Legend: "Afiliación en salud", Fields: []component.Field{
			{Name: "entidad_pertenece", Label: "EPS o entidad", List: "entidades", MaxLength: 120, Autocomplete: "off"},
			{Name: "entidad_codigo", Label: "Código de la entidad", Hint: "Si lo deja vacío se busca por el nombre.", Code: true, MaxLength: 10, Autocomplete: "off"},
			{Name: "regimen_afiliacion", Label: "Régimen", Kind: sel, Options: c.Regimes},
			{Name: "tipo_usuario", Label: "Tipo de usuario (RIPS)", Kind: sel, Options: c.UserTypes},
		}},
		{Legend: "Contacto de emergencia", Folded: true, Fields: contactFields("contacto_emergencia", "Contacto de emergencia")},
		{Legend: "Responsable del paciente", Folded: true, Hint: "Para menores de edad o personas que no pueden decidir por sí mismas.", Fields: contactFields("responsable", "Responsable")},
		{Legend: "Datos sociodemográficos", Folded: true, Fields: []component.Field{
			{Name: "nombre_identitario", Label: "Nombre identitario", Hint: "El nombre con que quiere ser llamado.", MaxLength: 60, Autocomplete: "off"},
			{Name: "identidad_genero", Label: "Identidad de género", Kind: sel, Options: c.Genders},
			{Name: "hora_nacimiento", Label: "Hora de nacimiento", Kind: component.Time, Hint: "Para recién nacidos."},
			{Name: "nacionalidades", Label: "Nacionalidad", List: "paises", Default: "Colombia", MaxLength: 60, Autocomplete: "off"},
			otherNationality(1),
			{Name: "estado_civil", Label: "Estado civil", Kind: sel, Options: c.Maritals},
			{Name: "ocupacion", Label: "Ocupación", Hint: "Texto o código CIUO-88.", MaxLength: 120, Autocomplete: "off"},
			{Name: "etnia", Label: "Pertenencia étnica", Kind: sel, Options: c.Ethnicities},
			{Name: "comunidad_etnica", Label: "Comunidad étnica", MaxLength: 100, Autocomplete: "off"},
			{Name: "discapacidades", Label: "Discapacidad", Kind: component.Checks, Options: c.Disabilities, Width: component.Wide},
		}},
		{Legend: "Datos clínicos y voluntades", Folded: true, Fields: []component.Field{
			{Name: "grupo_sanguineo", Label: "Grupo sanguíneo", Kind: sel, Options: c.BloodGroups},
			{Name: "factor_rh", Label: "Factor Rh", Kind: sel, Options: c.RhFactors},
			{Name: "voluntad_anticipada.manifiesta", Label: "Tiene documento de voluntad anticipada (Ley 1733 de 2014)", Kind: component.Check, Width: component.Wide},
			{Name: "voluntad_anticipada.fecha", Label: "Fecha de la voluntad anticipada", Kind: date},
			{Name: "voluntad_anticipada.detalle", Label: "Dónde está y qué dispone", MaxLength: 500},
			{Name: "oposicion_donacion.manifiesta", Label: "Se opone a la donación de órganos (Ley 1805 de 2016)", Kind: component.Check, Width: component.Wide},
			{Name: "oposicion_donacion.fecha", Label: "Fecha de la oposición", Kind: date},
			{Name: "oposicion_donacion.detalle", Label: "Qué dispone", MaxLength: 500},
			{Name: "fallecido", Label: "Falleció", Kind: component.Check, Width: component.Wide},
			{Name: "fecha_fallecimiento", Label: "Fecha y hora del fallecimiento", Kind: component.DateTime},
		}},
	}
}

func contactFields(name, who string) []component.Field {
	return []component.Field{
		{Name: name + ".nombre", Label: "Nombre", Title: who + ", nombre", MaxLength: 120, Autocomplete: "off"},
		{Name: name + ".parentesco", Label: "Parentesco", Title: who + ", parentesco", List: "parentescos", MaxLength: 40, Autocomplete: "off"},
		{Name: name + ".telefono", Label: "Teléfono", Title: who + ", teléfono", Kind: component.Tel, MaxLength: 20, Autocomplete: "off"},
	}
}

func (m IdentityForm) groups() []component.Group {
	return one(
		component.Field{Name: "tipo_documento", Label: "Tipo de documento", Kind: component.Select, Options: m.Types, Required: true},
		component.Field{Name: "numero_documento", Label: "Número", Required: true, Code: true, MaxLength: 24, Autocomplete: "off"},
		component.Field{Name: "desde", Label: "Desde", Kind: component.Date, Hint: "Fecha de expedición, si se conoce."},
	)
}

func (m PatientForm) heading() string {
	if m.ID != "" {
		return "Editar datos del paciente"
	}
	return "Registrar paciente"
}

func (m PatientForm) action() string {
	if m.ID != "" {
		return link.Patient(m.ID)
	}
	return link.Patients
}

func (m PatientForm) back() string {
	if m.ID != "" {
		return link.Patient(m.ID)
	}
	return link.Patients
}

func (m PatientForm) submit() string {
	if m.ID != "" {
		return "Guardar cambios"
	}
	return "Registrar paciente"
}

func (m PatientSearch) found() string {
	switch n := len(m.Items); {
	case n == 0:
		return "Ningún paciente coincide"
	case len(m.Before) > 0:
		return plural(n, "paciente más", "pacientes más")
	case m.More != "":
		return "Los primeros " + number(n) + " pacientes"
	default:
		return plural(n, "paciente", "pacientes")
	}
}

// blank shows that a value is missing.
func blank(s string) string {
	if s == "" {
		return "(vacío)"
	}
	return s
}

type pair struct{ name, value string }

// typed lists what a form carries, in a steady order.
func typed(f component.Form) []pair {
	var pairs []pair
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		if name == "version" || name == "idempotencia" || name == "accion" {
			continue
		}
		for _, value := range f.Values[name] {
			pairs = append(pairs, pair{name, value})
		}
	}
	return pairs
}
