package journey

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	admissionapi "hce.co/functions/admission/api"
	"hce.co/functions/hce/deployed"
	notesapi "hce.co/functions/notes/api"
	"hce.co/shared/auth"
)

// SixtyNotes: sixty notes written at once on one patient are sixty notes.
func SixtyNotes(t *testing.T, c *Clinic) {
	doctor := c.As(t, auth.Physician)
	p, err := c.Patient.Register(c.As(t, auth.Registrar), Person(), "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.Admission.Open(c.As(t, auth.Registrar), admissionapi.Opening{DocumentoID: p.DocumentoID, Clase: "AMB", CausaMotivo: "38"}, "")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			n := Note(p.DocumentoID, a.ID.String())
			n.EvolucionMedica, n.Firmar = fmt.Sprintf("Nota número %d.", i), true
			if _, err := c.Notes.Write(doctor, n, ""); err != nil {
				t.Errorf("note %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	texts := map[string]bool{}
	after := ""
	for {
		list, next, err := c.Notes.Notes(doctor, p.DocumentoID, 25, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range list {
			texts[n.EvolucionMedica] = true
		}
		if after = next; next == "" {
			break
		}
	}
	if len(texts) != 60 {
		t.Errorf("%d different notes are there, want 60", len(texts))
	}
}

// LaboratoryResult: a laboratory's result arrives as an event, ten times, and is one result.
func LaboratoryResult(t *testing.T, c *Clinic) {
	p, err := c.Patient.Register(c.As(t, auth.Registrar), Person(), "")
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.Login.LoginClient(t.Context(), c.Producer.Username, c.Producer.Password)
	if err != nil {
		t.Fatal(err)
	}
	id := deployed.DocumentNumber()
	event := `{"specversion":"1.0","id":"` + id + `","source":"/laboratorio","type":"co.hce.resultado.emitido.v1","subject":"` + p.DocumentoID + `",
		"datacontenttype":"application/json","data":{"documento_id":"` + p.DocumentoID + `","loinc":"2339-0","nombre":"Glucosa","valor":92.5,"unidad":"mg/dL","rango":"70-99"}}`
	for range 10 {
		if status, _, body := c.Send(t, token.AccessToken, "POST", "/eventos", "application/cloudevents+json", event); status != http.StatusAccepted {
			t.Fatalf("the event got %d: %s", status, body)
		}
	}
	ctx := c.As(t, auth.RecordsClerk)
	var list []notesapi.Result
	for until := time.Now().Add(30 * time.Second); len(list) == 0 && time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if list, _, err = c.Notes.Results(ctx, p.DocumentoID, 0, ""); err != nil {
			t.Fatal(err)
		}
	}
	if len(list) != 1 {
		t.Fatalf("%d results, want 1", len(list))
	}
	got := []string{list[0].Nombre, list[0].Valor, list[0].Unidad, list[0].Estado}
	if diff := cmp.Diff([]string{"Glucosa", "92.5", "mg/dL", "final"}, got); diff != "" {
		t.Errorf("the result (-want +got):\n%s", diff)
	}
	foreign := strings.ReplaceAll(strings.Replace(event, `"id":"`+id, `"id":"x`+id, 1), p.DocumentoID, "CC-11111111111")
	if status, _, _ := c.Send(t, token.AccessToken, "POST", "/eventos", "application/cloudevents+json", foreign); status != http.StatusUnprocessableEntity {
		t.Errorf("a result for nobody got %d, want 422", status)
	}
	for _, path := range []string{"/eventos/recibir", "/eventos/pendientes"} {
		if status, _, _ := c.Send(t, token.AccessToken, "POST", path, "application/cloudevents+json", event); status != http.StatusNotFound {
			t.Errorf("POST %s from outside is %d, want 404", path, status)
		}
	}
}
