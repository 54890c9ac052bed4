package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// Row is a row of the trail as the database has it.
type Row struct {
	DocumentoID string
	ID          uuid.UUID
	At          time.Time // in microseconds, as PostgreSQL keeps it
	User        *uuid.UUID
	Role        string
	Name        string
	Action      string
	Type        string
	Resource    string
	Reason      string
	Outcome     string
	IP          string
	RequestID   string
	MAC         []byte // of all the others; empty in rows from before there were MACs
	Previous    []byte // reference to a row that the same process had written before; nil when there was none to name
}

// Columns are those of a Row, in its order, to select from historia_clinica.auditoria.
const Columns = `documento_id, id, en, usuario_id, rol, nombre, accion::text, tipo, recurso, motivo, resultado, ip, request_id, mac, previa`

// encode is what the MAC is taken over: each column behind its length, so that
// no two rows have one encoding. A row that names no other is as it was before
// rows did.
func (r Row) encode() []byte {
	b := make([]byte, 0, 512)
	if r.Previous == nil {
		b = append(b, "hce/auditoria/1"...)
	} else {
		b = append(append(b, "hce/auditoria/2"...), r.Previous...)
	}
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	text(r.DocumentoID)
	b = append(b, r.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.At.UnixMicro())) //nolint:gosec // its bits
	if r.User == nil {
		b = append(b, 0)
	} else {
		b = append(append(b, 1), r.User[:]...)
	}
	for _, s := range []string{r.Role, r.Name, r.Action, r.Type, r.Resource, r.Reason, r.Outcome, r.IP, r.RequestID} {
		text(s)
	}
	return b
}

// Hash is what a seal takes of the row.
func (r Row) Hash() [sha256.Size]byte { return sha256.Sum256(r.encode()) }

// Targets are where a row of [Columns] is scanned to.
func (r *Row) Targets() []any {
	return []any{
		&r.DocumentoID, &r.ID, &r.At, &r.User, &r.Role, &r.Name, &r.Action, &r.Type, &r.Resource, &r.Reason, &r.Outcome, &r.IP, &r.RequestID, &r.MAC, &r.Previous,
	}
}
