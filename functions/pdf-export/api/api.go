// Package api is the wire of the exports: what pdf-export takes and gives, and a
// client that speaks it.
package api

import (
	"time"

	"github.com/google/uuid"
)

// The kinds of document (Request.Tipo).
const (
	Full      = "historia"  // the whole record, or what it holds of a period
	Epicrisis = "epicrisis" // the discharge notes with their admissions
	Note      = "nota"      // one note
)

// The states of an export (Job.Estado).
const (
	Requested  = "solicitado"
	Generating = "generando"
	Ready      = "listo"
	Failed     = "fallido"
	Revoked    = "revocado"
)

// Request says what a document holds. All of it may be missing: that is the
// whole record.
type Request struct {
	Tipo   string `json:"tipo,omitempty"`    // historia, epicrisis, nota; historia when missing
	NotaID string `json:"nota_id,omitempty"` // with tipo nota
	Desde  string `json:"desde,omitempty"`   // 2006-01-02, the first day
	Hasta  string `json:"hasta,omitempty"`   // 2006-01-02, the last day
	Motivo string `json:"motivo,omitempty"`  // printed with the name of who asks
}

// Job is an export from the moment it is asked for (FHIR DocumentReference).
type Job struct {
	ID          uuid.UUID `json:"id"`
	DocumentoID string    `json:"documento_id"`
	Request
	SolicitadoPor      string     `json:"solicitado_por"`
	Estado             string     `json:"estado"`   // solicitado, generando, listo, fallido, revocado
	Progreso           int        `json:"progreso"` // 0 to 100
	Error              string     `json:"error,omitempty"`
	Paginas            *int       `json:"paginas,omitempty"`
	Bytes              *int       `json:"bytes,omitempty"`
	SHA256             string     `json:"sha256,omitempty"` // hexadecimal
	Firma              string     `json:"firma,omitempty"`  // Ed25519 over the SHA-256, base64
	CodigoVerificacion string     `json:"codigo_verificacion"`
	Href               string     `json:"href,omitempty"` // where the file is, once it is ready
	Creado             time.Time  `json:"creado"`
	Listo              *time.Time `json:"listo,omitempty"`
	Expira             *time.Time `json:"expira,omitempty"`  // until when the file is kept
	Incluye            []string   `json:"incluye,omitempty"` // documento_id of the merged records whose entries it holds
}

// Done reports whether nothing more will happen to the export by itself.
func (j Job) Done() bool { return j.Estado != Requested && j.Estado != Generating }

// Revocation declares a document void.
type Revocation struct {
	Motivo string `json:"motivo"`
}

// The states of a verification (Verification.Estado).
const (
	Valid      = "vigente"
	Superseded = "reemplazado" // a later export holds what has changed since
	Unknown    = "desconocido"
)

// Verification is what anyone learns of a printed copy from its code.
type Verification struct {
	Estado string    `json:"estado"` // vigente, reemplazado, revocado, desconocido
	Fecha  time.Time `json:"fecha"`
	Emisor string    `json:"emisor"`
	SHA256 string    `json:"sha256"`
	Firma  string    `json:"firma,omitempty"` // Ed25519 over the SHA-256, base64
}

// File is a document as it was downloaded.
type File struct {
	Content []byte
	SHA256  string // hexadecimal, of Content
	Name    string // as which a browser would save it
}
