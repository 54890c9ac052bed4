package trail

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/audit"
)

// anchors checks the chain of anchors, and that the seals of each are there.
func (v *verification) anchors(ctx context.Context) error {
	previous, hash := 0, make([]byte, 32)
	sql := fmt.Sprintf(`SELECT %s FROM historia_clinica.auditoria_ancla WHERE n <= %d ORDER BY n`, anchorColumns, v.last)
	return v.stream(ctx, sql, func(rows pgx.Rows) error {
		a, err := scanAnchor(rows)
		if err != nil {
			return err
		}
		v.Anchors++
		for n := previous + 1; n < a.N; n++ {
			v.found(Finding{Anchor: n, Wrong: Missing})
		}
		switch {
		case !v.key.Verify(a.encode(), a.Signature):
			v.found(Finding{Anchor: a.N, Wrong: Changed})
		case a.N == previous+1 && !bytes.Equal(a.Previous, hash):
			v.found(Finding{Anchor: a.N, Wrong: Disordered})
		}
		sum := a.hash()
		previous, hash = a.N, sum[:]
		v.LastAnchor, v.LastHash = a.N, hex.EncodeToString(sum[:])
		return v.named(ctx, a)
	})
}

// named compares the seals there are with those that the anchor names.
func (v *verification) named(ctx context.Context, a Anchor) error {
	seals, err := sealsOf(ctx, v.pool, a.N)
	if err != nil {
		return err
	}
	there := Anchor{}
	there.name(seals)
	if bytes.Equal(there.Root, a.Root) {
		return nil
	}
	whole := true
	for i, name := range there.Seals {
		if !slices.Contains(a.Seals, name) {
			whole = false
			v.found(Finding{DocumentoID: seals[i].DocumentoID, Seal: seals[i].N, Wrong: Extra})
		}
	}
	for _, name := range a.Seals {
		if slices.Contains(there.Seals, name) {
			continue
		}
		whole = false
		var n int
		at := bytes.LastIndexByte([]byte(name), '#')
		if _, err := fmt.Sscan(name[at+1:], &n); at < 0 || err != nil {
			continue // the anchor itself was found changed
		}
		v.found(Finding{DocumentoID: name[:at], Seal: n, Wrong: Missing})
	}
	if whole {
		v.found(Finding{Anchor: a.N, Wrong: Changed + ": sus sellos son otros"})
	}
	return nil
}

// seals checks the chain of seals of each record, and that the rows of each are
// there.
func (v *verification) seals(ctx context.Context) error {
	const atOnce = 64
	var last Seal
	var page []Seal
	flush := func() error {
		err := v.covered(ctx, page)
		page = page[:0]
		return err
	}
	sql := `SELECT ` + sealColumns + ` FROM historia_clinica.auditoria_sello ORDER BY documento_id, n`
	err := v.stream(ctx, sql, func(rows pgx.Rows) error {
		s, err := scanSeal(rows)
		if err != nil {
			return err
		}
		v.Seals++
		if s.DocumentoID != last.DocumentoID {
			last = Seal{}
		}
		if err := v.link(ctx, last, s); err != nil {
			return err
		}
		last = s
		if page = append(page, s); len(page) < atOnce {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// link checks one seal and that it follows the one before.
func (v *verification) link(ctx context.Context, last, s Seal) (err error) {
	for n := last.N + 1; n < s.N; n++ {
		v.found(Finding{DocumentoID: s.DocumentoID, Seal: n, Wrong: Missing})
	}
	hash := make([]byte, 32)
	if last.N > 0 {
		sum := last.hash()
		hash = sum[:]
	}
	switch {
	case !v.key.Verify(s.encode(), s.Signature):
		v.found(Finding{DocumentoID: s.DocumentoID, Seal: s.N, Wrong: Changed})
	case s.N == last.N+1 && !bytes.Equal(s.Previous, hash):
		v.found(Finding{DocumentoID: s.DocumentoID, Seal: s.N, Wrong: Disordered})
	}
	if s.Anchor > v.last { // made by a run since, or by none that ended
		if v.last, err = v.settled(ctx); err != nil {
			return err
		}
		if s.Anchor > v.last {
			v.found(Finding{DocumentoID: s.DocumentoID, Seal: s.N, Anchor: s.Anchor, Wrong: Unanchored})
		}
	}
	return nil
}

// covered checks that the rows of these seals are there and right.
func (v *verification) covered(ctx context.Context, seals []Seal) error {
	if len(seals) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	for _, s := range seals {
		b.Queue(`SELECT `+audit.Columns+` FROM historia_clinica.auditoria WHERE documento_id = $1 AND id = ANY($2)`, s.DocumentoID, s.Rows).
			Query(func(rows pgx.Rows) error {
				found, err := pgx.CollectRows(rows, scanRow)
				v.cover(s, found)
				return err
			})
	}
	return v.pool.SendBatch(ctx, b).Close()
}

func (v *verification) cover(s Seal, found []audit.Row) {
	by := map[uuid.UUID]audit.Row{}
	for _, r := range found {
		by[r.ID] = r
	}
	var rows []audit.Row
	whole := true
	for _, id := range s.Rows {
		r, ok := by[id]
		switch {
		case !ok:
			whole = false
			v.found(Finding{DocumentoID: s.DocumentoID, Row: id, Wrong: Missing})
		case !v.key.Check(r):
			whole = false
			v.found(Finding{DocumentoID: s.DocumentoID, Row: id, Wrong: Changed})
		default:
			v.sealed++
			rows = append(rows, r)
		}
	}
	if whole && !bytes.Equal(rootOf(rows), s.Root) {
		v.found(Finding{DocumentoID: s.DocumentoID, Seal: s.N, Wrong: Changed})
	}
}
