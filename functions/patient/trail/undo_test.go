package trail

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// saved remembers rows of a table; what it returns puts them back as they were.
func (w *world) saved(table, where string, arg any) (undo func()) {
	w.t.Helper()
	rows, err := w.owner.Query(w.t.Context(), `SELECT * FROM `+table+` WHERE `+where, arg)
	if err != nil {
		w.t.Fatal(err)
	}
	kept, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
	if err != nil {
		w.t.Fatal(err)
	}
	return func() {
		w.t.Helper()
		w.tamper(sql(`DELETE FROM `+table+` WHERE `+where, arg), func(tx pgx.Tx) error {
			for _, values := range kept {
				var places []string
				for i := range values {
					places = append(places, fmt.Sprintf("$%d", i+1))
				}
				if _, err := tx.Exec(context.Background(), `INSERT INTO `+table+` VALUES (`+strings.Join(places, ", ")+`)`, values...); err != nil {
					return err
				}
			}
			return nil
		})
	}
}
