package notes

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

// request is a note as it was asked for, checked as far as that can be done
// without the record.
type request struct {
	content   api.Content
	record    string // the documento_id, or another document of the person
	id        uuid.UUID
	admission uuid.UUID // Nil: the note has an encounter of its own
	at        time.Time // of the attention
	sign      bool
	print     []byte // of what was asked for, to know a retry by
	by        auth.Principal
	now       time.Time
}

// newRequest reads what POST /medico/nota takes, or says what is wrong with it.
func newRequest(in api.NewNote, by auth.Principal, now time.Time) (request, error) {
	asked, err := json.Marshal(in)
	if err != nil {
		return request{}, fmt.Errorf("encode note: %w", err)
	}
	print := sha256.Sum256(asked)
	q := request{at: now, sign: in.Firmar, print: print[:], by: by, now: now}
	normalise(&in.Content, now)
	f := fields{problem.Fields{}}
	if d, err := ident.ParseID(in.DocumentoID); err == nil {
		q.record = d.ID()
	} else {
		f.Add("documento_id", "Diga de qué paciente es la nota, como CC-1032456789.")
	}
	q.id, q.admission = f.id("id", in.ID, 7), f.id("admision_id", in.AdmisionID, 0)
	if in.FechaAtencion != nil {
		q.at = instant(*in.FechaAtencion, now)
		f.past("fecha_atencion", &q.at, now)
	}
	if in.Tipo == "" {
		f.Add("tipo", "Elija el tipo de nota.")
	}
	check(&in.Content, f, now)
	if q.sign {
		complete(&in.Content, f)
	}
	if err := f.Err(); err != nil {
		return q, err
	}
	q.content = in.Content
	if q.id == uuid.Nil {
		q.id = ident.NewID()
	}
	return q, nil
}

// note is the draft that the request asks for.
func (q request) note(documentoID string, admission uuid.UUID) api.Note {
	return api.Note{
		Written: api.Written{
			ID: q.id, DocumentoID: documentoID, AdmisionID: admission, FechaAtencion: q.at, FechaRegistro: q.now,
			Autor: api.Author{ID: q.by.ID, Nombre: q.by.Name}, Content: q.content,
		},
		Status: api.Status{Version: 1, Estado: draft, ActualizadoEn: q.now},
	}
}
