package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	admission "hce.co/functions/admission/api"
	notes "hce.co/functions/notes/api"
	patient "hce.co/functions/patient/api"
	"hce.co/shared/civil"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

// People is how many the clinic opens with.
const People = 60

// Owner is the demo patient's own record.
var Owner = patient.Demographics{
	TipoDocumento: "CC", NumeroDocumento: "52345678", PrimerNombre: "Luz", SegundoNombre: "Marina", PrimerApellido: "Peña", SegundoApellido: "Núñez",
	FechaNacimiento: "1984-02-29", SexoBiologico: "02", IdentidadGenero: "02", Nacionalidades: []string{"170"}, Pais: "170",
	Direccion: "Carrera 7 # 45-12", Barrio: "Chapinero", Municipio: "11001", Zona: "urbana", Etnia: "99", Discapacidades: []string{"08"},
	Ocupacion: "Docente", Celular: "3001234567", CorreoElectronico: "luz.pena@example.org", EstadoCivil: "casado", GrupoSanguineo: "O", FactorRH: "+",
	EntidadCodigo: "EPS010", EntidadPertenece: "EPS Sura", RegimenAfiliacion: "contributivo", TipoUsuario: "01",
	ContactoEmergencia: &patient.Contact{Nombre: "José Peña", Parentesco: "hermano", Telefono: "3109876543"},
}

// OwnerID is the documento_id of the demo patient's record.
const OwnerID = "CC-52345678"

// last is written after everybody else: it says that all are there.
var last = func() patient.Demographics {
	d := Owner
	d.NumeroDocumento, d.PrimerNombre, d.SegundoNombre, d.PrimerApellido, d.SegundoApellido = "79345001", "Tomás", "", "Zuluaga", "Ospina"
	d.FechaNacimiento, d.SexoBiologico, d.IdentidadGenero, d.CorreoElectronico = "1991-07-14", "01", "01", "tomas.zuluaga@example.org"
	return d
}()

const lastID = "CC-79345001"

// Clinic is what the loader writes through: the functions' own clients, and a
// context for each of the people who write.
type Clinic struct {
	Patient   patient.Client
	Admission admission.Client
	Notes     notes.Client
	Registrar context.Context //nolint:containedctx // two callers at once
	Physician context.Context //nolint:containedctx // likewise
}

// Loaded reports whether the demo people are there: the last of them is written
// last.
func (c Clinic) Loaded() (bool, error) {
	found, _, err := c.Patient.Search(c.Registrar, patient.Search{Doc: lastID, Limite: 1})
	return len(found) > 0, err
}

// Load opens the records of the demo people with what happened to them, as the
// demo admisionista and médico would. Records that are there already stay as
// they are.
func (c Clinic) Load(now time.Time) error {
	today := civil.Today(now)
	r := rand.New(rand.NewPCG(1995, 1999)) // #nosec G404 -- the same people every time
	if err := c.open(Owner); err != nil {
		return err
	}
	for i, cs := range []int{1, 0, 8} { // of the owner: a chronic disease and two visits
		if err := c.visit(r, OwnerID, Cases[cs], now.AddDate(0, -3*(3-i), -i), true); err != nil {
			return err
		}
	}
	for n := 1; n < People; n++ {
		d := Person(r, n, today)
		if err := c.open(d); err != nil {
			return err
		}
		if err := c.story(r, n, d, now); err != nil {
			return fmt.Errorf("person %d: %w", n, err)
		}
	}
	return c.open(last)
}

// open registers a person who is not there yet.
func (c Clinic) open(d patient.Demographics) error {
	if _, err := c.Patient.Register(c.Registrar, d, ""); err != nil && problem.Status(err) != 409 {
		return fmt.Errorf("register: %w", err)
	}
	return nil
}

// story gives a person their past visits; some of them are here now.
func (c Clinic) story(r *rand.Rand, n int, d patient.Demographics, now time.Time) error {
	id := d.TipoDocumento + "-" + d.NumeroDocumento
	birth, err := civil.ParseDate(d.FechaNacimiento)
	if err != nil {
		return err
	}
	age := civil.Age(birth, civil.Today(now))
	var fit []Case
	for _, cs := range Cases {
		if age >= cs.MinAge && (cs.MaxAge == 0 || age <= cs.MaxAge) {
			fit = append(fit, cs)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	for range r.IntN(3) {
		if err := c.visit(r, id, pick(r, fit), now.Add(-time.Duration(2+r.IntN(200))*24*time.Hour), true); err != nil {
			return err
		}
	}
	if n%5 == 0 {
		return c.visit(r, id, pick(r, fit), now.Add(-time.Duration(10+r.IntN(300))*time.Minute), false)
	}
	return nil
}

// visit is an admission with a signed note; over says that it has ended.
func (c Clinic) visit(r *rand.Rand, id string, cs Case, at time.Time, over bool) error {
	at = at.UTC().Truncate(time.Minute)
	a, err := c.Admission.Open(c.Registrar, admission.Opening{DocumentoID: id, Clase: cs.Class, CausaMotivo: cs.Cause, Inicio: &at, Cama: bed(r, cs, over)}, "")
	if err != nil {
		return fmt.Errorf("admit: %w", err)
	}
	if !over && r.IntN(3) == 0 {
		return nil // still in the waiting room
	}
	if cs.Triage > 0 {
		if a, err = c.Admission.Triage(c.Registrar, a.DocumentoID, a.ID, 0, admission.TriageRequest{Nivel: cs.Triage, Motivo: cs.Complaint}); err != nil {
			return fmt.Errorf("triage: %w", err)
		}
	}
	n := note(r, cs)
	n.DocumentoID, n.AdmisionID, n.ID, n.Firmar = a.DocumentoID, a.ID.String(), ident.NewID().String(), true
	written := at.Add(time.Duration(5+r.IntN(20)) * time.Minute)
	if now := time.Now().UTC(); written.After(now) {
		written = now
	}
	n.FechaAtencion = &written
	if _, err := c.Notes.Write(c.Physician, n, ""); err != nil {
		return fmt.Errorf("write note: %w", err)
	}
	if !over {
		return nil
	}
	end := written.Add(time.Duration(20+r.IntN(90)) * time.Minute)
	if now := time.Now().UTC(); end.After(now) {
		end = now
	}
	_, err = c.Admission.Discharge(c.Registrar, a.DocumentoID, a.ID, 0, admission.DischargeRequest{Fin: &end, CondicionEgreso: "01", EstadoEgreso: "vivo"})
	if err != nil {
		return fmt.Errorf("discharge: %w", err)
	}
	return nil
}

// bed gives a bed to who stays in one.
func bed(r *rand.Rand, cs Case, over bool) string {
	if over || cs.Class == "AMB" || cs.Class == "EMER" {
		return ""
	}
	return fmt.Sprintf("%d%02d", 1+r.IntN(4), 1+r.IntN(30))
}

// note is what the médico writes about a case.
func note(r *rand.Rand, cs Case) notes.NewNote {
	vital := func(base float64, spread int) *float64 {
		v := base + float64(r.IntN(2*spread+1)-spread)
		return &v
	}
	temp := cs.Temperature
	var n notes.NewNote
	n.Tipo = "evolucion"
	if cs.Class == "IMP" {
		n.Tipo = "ingreso"
	}
	n.MotivoConsulta, n.EnfermedadActual, n.ExamenFisicoGeneral = cs.Complaint, cs.Illness, cs.Exam
	n.ImpresionDiagnostica, n.ConductaPlanManejo, n.Recomendaciones = cs.Impression, cs.Plan, cs.Advice
	n.Diagnosticos = []notes.Diagnosis{{CIE10: cs.CIE10, Tipo: "01", Rol: "principal"}}
	if cs.Related != "" {
		n.Diagnosticos = append(n.Diagnosticos, notes.Diagnosis{CIE10: cs.Related, Tipo: "03", Rol: "relacionado1"})
	}
	spo2 := min(*vital(float64(cs.Saturation), 1), 100)
	n.SignosVitales = &notes.VitalSigns{
		PAS: vital(float64(cs.Systolic), 6), PAD: vital(float64(cs.Diastolic), 4), FC: vital(float64(cs.Heart), 5), FR: vital(float64(cs.Breath), 1),
		Temp: &temp, SpO2: &spo2,
	}
	for _, m := range cs.Medicines {
		n.Medicamentos = append(n.Medicamentos, notes.Medication{
			DCI: m.Name, Dosis: m.Dose, Unidad: m.Unit, Via: m.Route, Frecuencia: m.Frequency, Duracion: m.Duration, Cantidad: m.Quantity,
		})
	}
	if r.IntN(3) == 0 {
		n.AlergiasRegistradas = []notes.Allergy{{Estado: "niega"}}
	} else if r.IntN(6) == 0 {
		n.AlergiasRegistradas = []notes.Allergy{{Tipo: "01", Sustancia: "Penicilina", Reaccion: "Urticaria", Criticidad: "alta"}}
	}
	return n
}
