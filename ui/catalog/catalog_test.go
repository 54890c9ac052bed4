package catalog_test

import (
	"strconv"
	"testing"

	"hce.co/ui/catalog"
)

func tables() map[string]catalog.Table {
	return map[string]catalog.Table{
		"DocumentTypes": catalog.DocumentTypes, "RDADocumentTypes": catalog.RDADocumentTypes, "Sexes": catalog.Sexes,
		"GenderIdentities": catalog.GenderIdentities, "BloodGroups": catalog.BloodGroups, "RhFactors": catalog.RhFactors,
		"MaritalStatuses": catalog.MaritalStatuses, "Ethnicities": catalog.Ethnicities, "Disabilities": catalog.Disabilities,
		"Zones": catalog.Zones, "Regimes": catalog.Regimes, "UserTypes": catalog.UserTypes, "Kinships": catalog.Kinships,
		"EncounterClasses": catalog.EncounterClasses, "EncounterStates": catalog.EncounterStates, "EntryRoutes": catalog.EntryRoutes,
		"Modalities": catalog.Modalities, "ServiceGroups": catalog.ServiceGroups, "Settings": catalog.Settings,
		"DischargeConditions": catalog.DischargeConditions, "AdmissionEvents": catalog.AdmissionEvents, "VitalStates": catalog.VitalStates,
		"TriageLevels": catalog.TriageLevels, "Causes": catalog.Causes, "Purposes": catalog.Purposes, "NoteTypes": catalog.NoteTypes,
		"NoteStates": catalog.NoteStates, "AddendumReasons": catalog.AddendumReasons, "DiagnosisTypes": catalog.DiagnosisTypes,
		"DiagnosisRoles": catalog.DiagnosisRoles, "AllergyTypes": catalog.AllergyTypes, "Criticalities": catalog.Criticalities,
		"AllergyStates": catalog.AllergyStates, "MedicationStates": catalog.MedicationStates, "MedicationRoutes": catalog.MedicationRoutes,
		"ResultStates": catalog.ResultStates, "Interpretations": catalog.Interpretations, "Roles": catalog.Roles,
		"DocumentKinds": catalog.DocumentKinds, "DocumentStates": catalog.DocumentStates, "AuditActions": catalog.AuditActions,
		"AuditTypes": catalog.AuditTypes, "Payers": catalog.Payers, "Departments": catalog.Departments,
		"Municipalities": catalog.Municipalities, "Countries": catalog.Countries, "Services": catalog.Services,
	}
}

func TestCodesAndLabelsAreUnique(t *testing.T) {
	for name, table := range tables() {
		codes, labels := map[string]bool{}, map[string]bool{}
		for _, e := range table {
			if e.Code == "" || e.Label == "" || codes[e.Code] || labels[e.Label] {
				t.Errorf("%s: entry %+v is empty or stands twice", name, e)
			}
			codes[e.Code], labels[e.Label] = true, true
		}
	}
}

// The official tables have all of their codes and no others.
func TestOfficialTablesAreWhole(t *testing.T) {
	tests := []struct {
		name        string
		table       catalog.Table
		first, last int
		missing     map[int]bool
	}{
		{"causa_motivo", catalog.Causes, 21, 49, nil},
		{"finalidad", catalog.Purposes, 11, 44, nil},
		{"via_ingreso", catalog.EntryRoutes, 1, 14, nil},
		{"condicion_egreso", catalog.DischargeConditions, 1, 8, nil},
		{"tipo_usuario", catalog.UserTypes, 1, 13, nil},
		{"modalidad", catalog.Modalities, 1, 9, map[int]bool{5: true}},
		{"grupo_servicios", catalog.ServiceGroups, 1, 5, nil},
		{"entorno", catalog.Settings, 1, 5, nil},
	}
	for _, tt := range tests {
		i := 0
		for n := tt.first; n <= tt.last; n++ {
			if tt.missing[n] {
				continue
			}
			code := strconv.Itoa(n)
			if n < 10 {
				code = "0" + code
			}
			if i >= len(tt.table) || tt.table[i].Code != code {
				t.Errorf("%s: no %s in its place", tt.name, code)
				break
			}
			i++
		}
		if i != len(tt.table) {
			t.Errorf("%s: %d entries, want %d", tt.name, len(tt.table), i)
		}
	}
	if n := len(catalog.DocumentTypes); n != 16 {
		t.Errorf("%d document types of RIPS, want 16", n)
	}
	if n := len(catalog.RDADocumentTypes); n != 17 {
		t.Errorf("%d document types of the RDA, want 17", n)
	}
	if n := len(catalog.Departments); n != 33 {
		t.Errorf("%d departments, want 32 and Bogotá", n)
	}
}

func TestMunicipalitiesAreOfTheirDepartments(t *testing.T) {
	for _, m := range catalog.Municipalities {
		if len(m.Code) != 5 || catalog.Departments.Label(m.Code[:2]) == m.Code[:2] {
			t.Errorf("%+v is of no department", m)
		}
	}
}

func TestFind(t *testing.T) {
	tests := []struct {
		table      catalog.Table
		text, want string
		ok         bool
	}{
		{catalog.Countries, "colombia", "170", true},
		{catalog.Countries, " PERU ", "604", true},
		{catalog.Countries, "170", "170", true},
		{catalog.Municipalities, "Bogota DC", "", false},
		{catalog.Municipalities, "bogota d c", "11001", true},
		{catalog.Municipalities, "Itagui", "05360", true},
		{catalog.Countries, "Macondo", "", false},
		{catalog.Countries, "", "", false},
	}
	for _, tt := range tests {
		if code, ok := tt.table.Find(tt.text); code != tt.want || ok != tt.ok {
			t.Errorf("Find(%q) = %q, %v; want %q, %v", tt.text, code, ok, tt.want, tt.ok)
		}
	}
}

func TestLabelOfAnUnknownCodeIsTheCode(t *testing.T) {
	if got := catalog.Causes.Label("15"); got != "15" {
		t.Errorf("Label(15) = %q", got)
	}
	if got := catalog.ResourceLabel("nota/0193a5c2/3"); got != "Nota" {
		t.Errorf("ResourceLabel = %q", got)
	}
}
