// Package trail proves that the audit trail is whole, to whoever has the key and
// against whoever has the database.
package trail

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/audit"
	"hce.co/shared/db"
)

// Seal says that some rows of one record are there, as they were written. The
// seals of a record are a chain, and each row stands in one of them.
//
// Rows are no chain themselves: two readings of a chart at once would have to
// wait for each other. A seal names its rows, so that one which commits late
// is simply in a later seal.
type Seal struct {
	DocumentoID string
	N           int // from 1
	Anchor      int // the anchor that names it
	At          time.Time
	Rows        []uuid.UUID
	Root        []byte // SHA-256 over the hashes of the rows
	Previous    []byte // hash of the seal before, zeros for the first
	Signature   []byte
}

const sealColumns = `documento_id, n, ancla, en, filas, raiz, previo, firma`

func scanSeal(row pgx.CollectableRow) (s Seal, err error) {
	return s, row.Scan(&s.DocumentoID, &s.N, &s.Anchor, &s.At, &s.Rows, &s.Root, &s.Previous, &s.Signature)
}

// name is how an anchor calls the seal.
func (s Seal) name() string { return fmt.Sprintf("%s#%d", s.DocumentoID, s.N) }

func (s Seal) encode() []byte {
	b := []byte("hce/auditoria/sello/1")
	b = appendText(b, s.DocumentoID)
	b = binary.AppendUvarint(b, uint64(s.N))                       //nolint:gosec // from 1
	b = binary.AppendUvarint(b, uint64(s.Anchor))                  //nolint:gosec // from 1
	b = binary.BigEndian.AppendUint64(b, uint64(s.At.UnixMicro())) //nolint:gosec // its bits
	b = binary.AppendUvarint(b, uint64(len(s.Rows)))
	for _, id := range s.Rows {
		b = append(b, id[:]...)
	}
	b = appendText(b, string(s.Root))
	return appendText(b, string(s.Previous))
}

func (s Seal) hash() [sha256.Size]byte { return sha256.Sum256(s.encode()) }

// rootOf is the Root of a seal over these rows.
func rootOf(rows []audit.Row) []byte {
	h := sha256.New()
	for _, r := range rows {
		sum := r.Hash()
		h.Write(sum[:])
	}
	return h.Sum(nil)
}

// Anchor says which seals one run made over all records: they are a chain too,
// so that not even the newest seal of a record can go.
type Anchor struct {
	N         int // from 1
	At        time.Time
	Until     time.Time // all rows up to here are sealed
	Before    int64     // rows without MAC when the first anchor was made
	Seals     []string  // names, in order
	Root      []byte    // SHA-256 over the hashes of the seals
	Previous  []byte    // hash of the anchor before, zeros for the first
	Signature []byte
}

const anchorColumns = `n, en, hasta, anteriores, sellos, raiz, previo, firma`

func scanAnchor(row pgx.CollectableRow) (a Anchor, err error) {
	return a, row.Scan(&a.N, &a.At, &a.Until, &a.Before, &a.Seals, &a.Root, &a.Previous, &a.Signature)
}

func (a Anchor) encode() []byte {
	b := []byte("hce/auditoria/ancla/1")
	b = binary.AppendUvarint(b, uint64(a.N)) //nolint:gosec // from 1
	for _, v := range []int64{a.At.UnixMicro(), a.Until.UnixMicro(), a.Before} {
		b = binary.BigEndian.AppendUint64(b, uint64(v)) //nolint:gosec // its bits
	}
	b = binary.AppendUvarint(b, uint64(len(a.Seals)))
	for _, name := range a.Seals {
		b = appendText(b, name)
	}
	b = appendText(b, string(a.Root))
	return appendText(b, string(a.Previous))
}

func (a Anchor) hash() [sha256.Size]byte { return sha256.Sum256(a.encode()) }

// name sets the seals that the anchor names.
func (a *Anchor) name(seals []Seal) {
	sortSeals(seals)
	h := sha256.New()
	for _, s := range seals {
		sum := s.hash()
		h.Write(sum[:])
		a.Seals = append(a.Seals, s.name())
	}
	a.Root = h.Sum(nil)
}

// sortSeals puts them in the order of their names' bytes, whatever the
// database's collation.
func sortSeals(seals []Seal) {
	slices.SortFunc(seals, func(x, y Seal) int { return strings.Compare(x.name(), y.name()) })
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// lastAnchor returns the newest anchor, the zero Anchor when there is none.
func lastAnchor(ctx context.Context, q db.Querier) (Anchor, error) {
	rows, err := q.Query(ctx, `SELECT `+anchorColumns+` FROM historia_clinica.auditoria_ancla ORDER BY n DESC LIMIT 1`)
	if err != nil {
		return Anchor{}, fmt.Errorf("read anchor: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanAnchor)
	if db.NoRows(err) {
		return Anchor{}, nil
	}
	if err != nil {
		return a, fmt.Errorf("read anchor: %w", err)
	}
	return a, nil
}

// sealsOf returns the seals that an anchor names or is to name. It asks every
// shard.
func sealsOf(ctx context.Context, q db.Querier, anchor int) ([]Seal, error) {
	rows, err := q.Query(ctx, `SELECT `+sealColumns+` FROM historia_clinica.auditoria_sello WHERE ancla = $1`, anchor)
	if err != nil {
		return nil, fmt.Errorf("read seals: %w", err)
	}
	seals, err := pgx.CollectRows(rows, scanSeal)
	if err != nil {
		return nil, fmt.Errorf("read seals: %w", err)
	}
	return seals, nil
}
