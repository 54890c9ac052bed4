package notes

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/gowebpki/jcs"

	"hce.co/functions/notes/api"
)

// The schemas of what is signed; a change of either makes a new one.
const (
	noteSchema     = "co.hce.nota.v1"
	addendumSchema = "co.hce.adenda.v1"
)

// professional is a médico who can sign.
type professional struct {
	ID        uuid.UUID
	Name      string
	License   string // RETHUS
	Specialty string
	KeyID     string
	private   ed25519.PrivateKey
}

// author is how the professional stands on what they sign.
func (p *professional) author() api.Author {
	return api.Author{
		ID: p.ID, Nombre: p.Name, Registro: p.License, Especialidad: p.Specialty, ClaveID: p.KeyID,
		ClavePublica: p.private.Public().(ed25519.PublicKey),
	}
}

// stamp is a signature as the record keeps it.
type stamp struct {
	content []byte // canonical (RFC 8785): what is signed
	sum     [sha256.Size]byte
	value   []byte // Ed25519 over content
}

// sign signs the canonical form of v.
func (p *professional) sign(v any) (stamp, error) {
	content, err := canonical(v)
	if err != nil {
		return stamp{}, err
	}
	return stamp{content: content, sum: sha256.Sum256(content), value: ed25519.Sign(p.private, content)}, nil
}

// canonical encodes v as RFC 8785 has it.
func canonical(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode what is signed: %w", err)
	}
	if b, err = jcs.Transform(b); err != nil {
		return nil, fmt.Errorf("canonical form: %w", err)
	}
	return b, nil
}

// signNote makes of a note that is complete a signed one.
func (p *professional) signNote(n *api.Note, now time.Time) (stamp, error) {
	n.Esquema, n.Autor, n.FirmadaEn = noteSchema, p.author(), &now
	s, err := p.sign(n.Written)
	if err != nil {
		return stamp{}, fmt.Errorf("sign note: %w", err)
	}
	n.Estado, n.ActualizadoEn = signed, now
	n.Firma = &api.Signature{
		Autor: p.Name, Registro: p.License, En: now, SHA256: hex.EncodeToString(s.sum[:]), ClaveID: p.KeyID, Valor: s.value,
	}
	return s, nil
}

// signedAddendum is an addendum as its signature covers it. All of it stands in
// the columns of adenda.
type signedAddendum struct {
	Esquema     string    `json:"esquema"`
	ID          uuid.UUID `json:"id"`
	DocumentoID string    `json:"documento_id"`
	NotaID      uuid.UUID `json:"nota_id"`
	En          time.Time `json:"en"`
	Autor       struct {
		ID       uuid.UUID `json:"id"`
		Nombre   string    `json:"nombre"`
		Registro string    `json:"registro,omitempty"`
		ClaveID  string    `json:"clave_id"`
	} `json:"autor"`
	Motivo     string `json:"motivo"`
	Texto      string `json:"texto"`
	HashPrevio string `json:"hash_previo"`
}

// addendumContent is what the signature of an addendum covers.
func addendumContent(documentoID string, note uuid.UUID, a api.Addendum) signedAddendum {
	s := signedAddendum{
		Esquema: addendumSchema, ID: a.ID, DocumentoID: documentoID, NotaID: note, En: a.En.UTC(), Motivo: a.Motivo, Texto: a.Texto,
		HashPrevio: a.HashPrevio,
	}
	s.Autor.ID, s.Autor.Nombre, s.Autor.Registro, s.Autor.ClaveID = a.Autor.ID, a.Autor.Nombre, a.Autor.Registro, a.Firma.ClaveID
	return s
}

// signAddendum signs an addendum that has its place in the chain.
func (p *professional) signAddendum(documentoID string, note uuid.UUID, a *api.Addendum) (stamp, error) {
	a.Autor = api.Author{ID: p.ID, Nombre: p.Name, Registro: p.License}
	a.Firma = api.Signature{Autor: p.Name, Registro: p.License, En: a.En, ClaveID: p.KeyID}
	s, err := p.sign(addendumContent(documentoID, note, *a))
	if err != nil {
		return stamp{}, fmt.Errorf("sign addendum: %w", err)
	}
	a.Firma.SHA256, a.Firma.Valor = hex.EncodeToString(s.sum[:]), s.value
	return s, nil
}
