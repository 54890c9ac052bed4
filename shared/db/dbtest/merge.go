package dbtest

import (
	"context"
	"testing"
)

// Merge merges records into one, as the registry does.
func Merge(t testing.TB, into string, merged ...string) {
	t.Helper()
	get(t)
	run(t, `UPDATE historia_clinica.paciente SET fusionado_en = $1, version = version + 1 WHERE documento_id = ANY($2)`, into, merged)
	run(t, `UPDATE historia_clinica.identificador SET documento_id = $1, origen = documento_id WHERE documento_id = ANY($2)`, into, merged)
	run(t, `UPDATE historia_clinica.identificador SET partes = $2 WHERE documento_id = $1`, into, merged)
	run(t, `UPDATE historia_clinica.paciente SET version = version + 1 WHERE documento_id = $1`, into)
}

// Part undoes all that [Merge] did to a record.
func Part(t testing.TB, into string) {
	t.Helper()
	get(t)
	run(t, `UPDATE historia_clinica.paciente SET fusionado_en = NULL, version = version + 1 WHERE fusionado_en = $1`, into)
	run(t, `UPDATE historia_clinica.identificador SET partes = '{}' WHERE documento_id = $1`, into)
	run(t, `UPDATE historia_clinica.identificador SET documento_id = origen, origen = NULL WHERE documento_id = $1 AND origen IS NOT NULL`, into)
	run(t, `UPDATE historia_clinica.paciente SET version = version + 1 WHERE documento_id = $1`, into)
}

func run(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := owner.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}
