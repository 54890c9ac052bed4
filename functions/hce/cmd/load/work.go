package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	admissionapi "hce.co/functions/admission/api"
	"hce.co/functions/hce/deployed"
	notesapi "hce.co/functions/notes/api"
	patientapi "hce.co/functions/patient/api"
	"hce.co/shared/auth"
)

// notes are how many signed notes the record has that is read.
const notes = 20

// reader makes the i-th request of a client, and says what came of it.
type reader struct {
	http *http.Client
	urls []string
	as   []string // the token of each
}

// prepare opens a record with signed notes, and returns what reads it.
func prepare(ctx context.Context, c *deployed.Clinic, s *deployed.Staff) (reader, error) {
	tokens := map[auth.Role]string{}
	for role, a := range s.Accounts {
		t, err := c.SignIn(ctx, &a)
		if err != nil {
			return reader{}, err
		}
		tokens[role] = t
	}
	desk, doctor := deployed.As(ctx, tokens[auth.Registrar]), deployed.As(ctx, tokens[auth.Physician])
	p, err := c.Patient.Register(desk, patientapi.Demographics{
		TipoDocumento: "CC", NumeroDocumento: deployed.DocumentNumber(), PrimerNombre: "Carga", PrimerApellido: "De Prueba",
		FechaNacimiento: "1980-01-01", SexoBiologico: "02",
	}, "")
	if err != nil {
		return reader{}, fmt.Errorf("register a patient: %w", err)
	}
	a, err := c.Admission.Open(desk, admissionapi.Opening{DocumentoID: p.DocumentoID, Clase: "AMB", CausaMotivo: "38"}, "")
	if err != nil {
		return reader{}, fmt.Errorf("admit the patient: %w", err)
	}
	for i := range notes {
		var n notesapi.NewNote
		n.DocumentoID, n.AdmisionID, n.Tipo, n.Firmar = p.DocumentoID, a.ID.String(), "evolucion", true
		n.MotivoConsulta, n.EvolucionMedica = "Control", fmt.Sprintf("Evolución número %d, estable, sin fiebre.", i+1)
		n.Diagnosticos = []notesapi.Diagnosis{{CIE10: "J209", Tipo: "01", Rol: "principal"}}
		if _, err := c.Notes.Write(doctor, n, ""); err != nil {
			return reader{}, fmt.Errorf("sign a note: %w", err)
		}
	}
	return reader{
		http: c.HTTP,
		urls: []string{c.URL + "/paciente/" + p.DocumentoID, c.URL + "/medico/notas/" + p.DocumentoID + "?limite=20"},
		as:   []string{tokens[auth.Registrar], tokens[auth.RecordsClerk]},
	}, nil
}

// read makes a request; status is 0 when there was no answer.
func (r reader) read(ctx context.Context, i int) (status int, err error) {
	i %= len(r.urls)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.urls[i], http.NoBody)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+r.as[i])
	resp, err := r.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// wake makes one request of a clinic that sleeps, and returns how long it took.
// The account is shut by then, so it is refused: by the function that woke.
func wake(ctx context.Context, r reader) (time.Duration, error) {
	began := time.Now()
	status, err := r.read(ctx, 0)
	took := time.Since(began)
	if err == nil && status != http.StatusUnauthorized {
		err = fmt.Errorf("waking the clinic with the token of an account that is shut got %d, want 401", status)
	}
	return took, err
}
