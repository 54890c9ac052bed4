package ui

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	patient "hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/civil"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
)

// chart reads what every page about a patient has around its content: the
// record, for which the trail gets one row, and its allergies.
func (f *Function) chart(p *page, id string, tab view.Tab) (view.Chart, patient.Patient, error) {
	banner, rec, err := f.banner(p, id)
	if err != nil {
		return view.Chart{}, rec, err
	}
	p.birth, _ = civil.ParseDate(rec.FechaNacimiento)
	return view.Chart{Page: p.page(p.s.section(rec.DocumentoID, tab)), Patient: banner, Can: p.s.can(rec), Tab: tab}, rec, nil
}

// monthsAt is the age at an instant of the patient whose chart is shown, in whole
// months; -1 when nobody knows it.
func (p *page) monthsAt(t time.Time) int {
	if p.birth.IsZero() {
		return -1
	}
	return civil.Months(p.birth, civil.Today(t))
}

// banner reads a record and what its banner shows, at once.
func (f *Function) banner(p *page, id string) (view.Patient, patient.Patient, error) {
	var rec patient.Patient
	known := view.Patient{NoChart: true}
	var g errgroup.Group
	g.Go(func() (err error) {
		rec, err = f.patient.Read(p.ctx, id)
		return err
	})
	if p.s.may(auth.ReadChart) {
		g.Go(func() error { return f.allergiesOf(p, id, &known) })
	}
	if err := g.Wait(); err != nil {
		return view.Patient{}, rec, err
	}
	b := bannerOf(rec, p.now)
	b.Allergies, b.NoAllergies, b.PastAllergies, b.NoChart = known.Allergies, known.NoAllergies, known.PastAllergies, known.NoChart
	return b, rec, nil
}

// bannerOf is what a record says of itself in the banner.
func bannerOf(rec patient.Patient, now time.Time) view.Patient {
	b := view.Patient{
		ID: rec.DocumentoID, Name: listName(rec.PrimerApellido, rec.SegundoApellido, rec.PrimerNombre, rec.SegundoNombre),
		PreferredName: rec.NombreIdentitario, Document: component.FormatDocument(rec.TipoDocumento, rec.NumeroDocumento),
		BirthDate: rec.FechaNacimiento, Age: component.Age(rec.FechaNacimiento, now), Sex: catalog.Sexes.Label(rec.SexoBiologico),
		Blood: rec.GrupoSanguineo + strings.Replace(rec.FactorRH, "-", "−", 1), Payer: rec.EntidadPertenece, Inactive: !rec.Activo,
	}
	if rec.IdentidadGenero != rec.SexoBiologico && rec.IdentidadGenero != genderUndeclared {
		b.Gender = catalog.GenderIdentities.Label(rec.IdentidadGenero)
	}
	b.Closed, b.Includes = rec.Fusionada, rec.Incluye
	if rec.FusionadoEn != nil {
		b.MergedInto = *rec.FusionadoEn
	}
	if w := rec.VoluntadAnticipada; w != nil && w.Manifiesta {
		b.Alerts = append(b.Alerts, "Tiene voluntad anticipada")
	}
	switch death := rec.FechaFallecimiento; {
	case death != nil:
		b.Deceased = death.In(component.Bogota).Format(time.DateOnly)
		b.Age = component.Age(rec.FechaNacimiento, *death)
	case rec.Fallecido:
		b.Alerts = append(b.Alerts, "Falleció, sin fecha registrada")
	}
	return b
}

const genderUndeclared = "05" // of identidad_genero (Res. 866/2021)

// listName writes a name as lists do, surnames first.
func listName(surname, second, name, middle string) string {
	return joined(", ", joined(" ", surname, second), joined(" ", name, middle))
}

// may reports whether a role of theirs has the permission. It decides what a
// page draws; the functions decide what is done.
func (s *session) may(perm auth.Permission) bool {
	roles := make([]auth.Role, len(s.Roles))
	for i, r := range s.Roles {
		roles[i] = auth.Role(r)
	}
	return auth.Allows(perm, roles)
}

// can is what somebody may do with a record.
func (s *session) can(rec patient.Patient) view.Can {
	own := s.owns(rec.DocumentoID)
	staff := slices.ContainsFunc(s.Roles, func(r string) bool { return r != string(auth.Patient) })
	open := !rec.Fusionada && rec.FusionadoEn == nil // nothing more is written in a record that was merged into another
	living := rec.Activo && open && !rec.Fallecido
	return view.Can{
		ReadChart: (own || staff) && s.may(auth.ReadChart), Admissions: (own || staff) && s.may(auth.ReadAdmissions),
		Write: open && s.may(auth.WriteNote), Edit: open && s.may(auth.UpdatePatient), Admit: living && s.may(auth.Admit),
		Triage: open && s.may(auth.Triage), Move: open && s.may(auth.Transfer), Export: (own || staff) && s.may(auth.ExportChart),
		Trail: own || s.Is(string(auth.Admin)), IssueCode: open && s.may(auth.IssueCode), Emergency: s.may(auth.BreakGlass),
		Merge: open && s.may(auth.MergeRecords),
	}
}

// staff reports whether they work with records.
func (s *session) staff() bool {
	return s.Is(string(auth.Registrar)) || s.Is(string(auth.Physician)) || s.Is(string(auth.RecordsClerk))
}

// owns reports whether the record is that of the person at the screen.
func (s *session) owns(documentoID string) bool {
	return s.DocumentoID != "" && s.DocumentoID == documentoID
}

// section is the entry of the navigation that a page about a record belongs to.
func (s *session) section(documentoID string, tab view.Tab) view.Section {
	if !s.owns(documentoID) {
		return view.PatientsSection
	}
	switch tab {
	case view.NotesTab:
		return view.NotesSection
	case view.ExportsTab:
		return view.DocumentsSection
	case view.TrailTab:
		return view.TrailSection
	}
	return view.HomeSection
}
