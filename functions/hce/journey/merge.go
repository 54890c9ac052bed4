package journey

import (
	"errors"
	"strings"
	"testing"

	admissionapi "hce.co/functions/admission/api"
	notesapi "hce.co/functions/notes/api"
	patientapi "hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
)

// MergeOfDuplicates is the story of somebody who was registered twice: their
// records are merged, what either says is read in one chart, and when it turns
// out to have been a mistake each is what it was.
func MergeOfDuplicates(t *testing.T, c *Clinic) {
	desk, doctor, clerk := c.As(t, auth.Registrar), c.As(t, auth.Physician), c.As(t, auth.RecordsClerk)
	open := func() patientapi.Patient {
		p, err := c.Patient.Register(desk, Person(), "")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p, twin := open(), open()

	// An allergy stands in the second record alone.
	n := Note(twin.DocumentoID, "")
	n.Firmar = true
	n.AlergiasRegistradas = []notesapi.Allergy{{Tipo: "01", Sustancia: "Dipirona", Reaccion: "Choque", Criticidad: "alta"}}
	signed, err := c.Notes.Write(doctor, n, "")
	if err != nil {
		t.Fatal(err)
	}
	own := c.patient(t, twin, "doble")

	before, err := c.Patient.PreviewMerge(desk, p.DocumentoID, twin.DocumentoID)
	if err != nil || before.Duplicado.Notas != 1 || len(before.Diferencias) != 1 {
		t.Errorf("side by side: %+v, %v", before, err)
	}
	merged, err := c.Patient.Merge(desk, p.DocumentoID, p.Version, patientapi.MergeRequest{Duplicado: twin.DocumentoID, Motivo: "Se registró dos veces"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Patient.Read(desk, twin.DocumentoID); err != nil || got.DocumentoID != p.DocumentoID || got.Version != merged.Version {
		t.Errorf("the old document leads to %s, %v", got.DocumentoID, err)
	}
	allergies, _, err := c.Notes.Allergies(doctor, p.DocumentoID, 0, "")
	if err != nil || len(allergies) != 1 || allergies[0].Sustancia != "Dipirona" || allergies[0].DocumentoID != twin.DocumentoID {
		t.Errorf("the allergies of the chart: %+v, %v", allergies, err)
	}
	if text := c.export(clerk, t, p.DocumentoID); !strings.Contains(text, "Dipirona") || !strings.Contains(text, signed.Firma.SHA256[:16]) {
		t.Error("the PDF lacks what stands in the merged record")
	}
	for what, err := range map[string]error{
		"a note":       second(c.Notes.Write(doctor, Note(twin.DocumentoID, ""), "")),
		"an admission": second(c.Admission.Open(desk, admissionapi.Opening{DocumentoID: twin.DocumentoID, Clase: "AMB", CausaMotivo: "38"}, "")),
		"new data":     second(c.Patient.Update(desk, twin.DocumentoID, 2, twin.Demographics, "")),
	} {
		var pr *problem.Error
		if !errors.As(err, &pr) || pr.Status != 409 || pr.Members["documento_id"] != p.DocumentoID {
			t.Errorf("%s for the merged record: %v", what, err)
		}
	}
	// The account that was tied to it reads that, and nothing of the other.
	if mine, _, err := c.Notes.Notes(own, twin.DocumentoID, 0, ""); err != nil || len(mine) != 1 {
		t.Errorf("the patient reads %d notes, %v", len(mine), err)
	}
	if _, err := c.Patient.Read(own, p.DocumentoID); problem.Status(err) != 403 {
		t.Errorf("the patient of the merged record reads the other: %v", err)
	}
	rows, _, err := c.Patient.Trail(own, twin.DocumentoID, 100, "")
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, r := range rows {
		if r.Tipo == "merge" && r.Motivo == "Se registró dos veces" {
			told++
		}
		if strings.Contains(r.Recurso+r.Motivo, p.NumeroDocumento) {
			t.Errorf("the trail names the other record: %+v", r)
		}
	}
	if told != 1 {
		t.Errorf("their trail tells of the merge %d times", told)
	}

	if _, err := c.Patient.Unmerge(desk, p.DocumentoID, twin.DocumentoID, "Son dos hermanas gemelas", ""); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Patient.Read(desk, twin.DocumentoID); err != nil || got.DocumentoID != twin.DocumentoID || got.Fusionada {
		t.Errorf("apart, the document leads to %+v, %v", got, err)
	}
	if apart, _, err := c.Notes.Allergies(clerk, p.DocumentoID, 0, ""); err != nil || len(apart) != 0 {
		t.Errorf("apart, the other has %+v, %v", apart, err)
	}
	if text := c.export(clerk, t, p.DocumentoID); strings.Contains(text, "Dipirona") {
		t.Error("apart, the PDF still has what is of the other")
	}
	if _, err := c.Notes.Write(doctor, Note(twin.DocumentoID, ""), ""); err != nil {
		t.Errorf("a note after they parted: %v", err)
	}
}

// second is the error of a call whose answer does not matter.
func second[T any](_ T, err error) error { return err }
