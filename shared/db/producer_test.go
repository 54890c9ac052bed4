package db_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"hce.co/shared/db/dbtest"
)

// What other systems had posted before their events were known by their account
// gets it from the trail, where that names one.
func TestEventsFromBeforeGetTheirProducer(t *testing.T) {
	pool := dbtest.Pool(t, "postgres")
	id, both := dbtest.Record(t), dbtest.Record(t)
	lab, other := uuid.New(), uuid.New()
	posted := func(record, event string, by uuid.UUID) {
		exec(t, pool, `INSERT INTO historia_clinica.auditoria (documento_id, id, en, usuario_id, rol, nombre, accion, tipo, recurso)
			VALUES ($1, $2, now(), $3, 'productor', 'Laboratorio', 'C', 'event', 'co.hce.resultado.emitido.v1/' || $4)`, record, uuid.New(), by, event)
	}
	taken := func(record, source, event string) {
		exec(t, pool, `INSERT INTO historia_clinica.evento_entrada (documento_id, receptor, fuente, id, recibido_en) VALUES ($1, 'notes', $2, $3, now())`,
			record, source, event)
	}
	result := func(record string) (id uuid.UUID) {
		id = uuid.New()
		exec(t, pool, `INSERT INTO historia_clinica.resultado (documento_id, id, nombre, valor, valor_tipo, estado, emitido_en, emisor)
			VALUES ($1, $2, 'TSH', '2', 'numero', 'final', now(), '/lab')`, record, id)
		return id
	}
	posted(id, "7", lab)
	posted(id, "a/b", lab)
	posted(both, "7", lab)
	posted(both, "8", other)
	for _, record := range []string{id, both} {
		for _, event := range []string{"7", "8", "a/b"} {
			taken(record, "/lab", event)
		}
		taken(record, "/hce/notes", "7")
	}
	sent, mixed, paper := result(id), result(both), result(id)
	exec(t, pool, `INSERT INTO historia_clinica.auditoria (documento_id, id, en, usuario_id, rol, nombre, accion, tipo, recurso)
		VALUES ($1, $2, now(), $3, 'medico', 'Mario', 'C', 'create', 'resultado/' || $4::text)`, id, uuid.New(), uuid.New(), paper)

	updates := 0
	for statement := range strings.SplitSeq(migrationFiles(t)[28], ";") {
		if at := strings.Index(statement, "UPDATE "); at >= 0 {
			exec(t, pool, statement[at:])
			updates++
		}
	}
	if updates != 2 {
		t.Fatalf("the migration has %d updates", updates)
	}
	for _, tt := range []struct {
		record, source, event string
		want                  uuid.UUID
	}{
		{id, "/lab", "7", lab}, {id, "/lab", "a/b", lab}, {id, "/lab", "8", uuid.Nil}, {id, "/hce/notes", "7", uuid.Nil},
		{both, "/lab", "7", lab}, {both, "/lab", "8", other}, {both, "/lab", "a/b", uuid.Nil},
	} {
		var got uuid.UUID
		err := pool.QueryRow(t.Context(), `SELECT productor FROM historia_clinica.evento_entrada WHERE documento_id = $1 AND fuente = $2 AND id = $3`,
			tt.record, tt.source, tt.event).Scan(&got)
		if err != nil || got != tt.want {
			t.Errorf("event %s of %s is of %s, %v; want %s", tt.event, tt.source, got, err, tt.want)
		}
	}
	for id, want := range map[uuid.UUID]uuid.UUID{sent: lab, mixed: uuid.Nil, paper: uuid.Nil} {
		var got uuid.UUID
		if err := pool.QueryRow(t.Context(), `SELECT productor_id FROM historia_clinica.resultado WHERE id = $1`, id).Scan(&got); err != nil || got != want {
			t.Errorf("a result is of %s, %v; want %s", got, err, want)
		}
	}
}
