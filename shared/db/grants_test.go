package db_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
)

var functionRoles = []string{"hce_login", "hce_patient", "hce_admission", "hce_notes", "hce_pdf_export"}

const denied = "42501"

// What each role must not do, tried.
func TestRolesMayNot(t *testing.T) {
	tries := map[string][]string{
		"hce_login": {
			`SELECT motivo_consulta FROM historia_clinica.nota`, `SELECT 1 FROM historia_clinica.admision`, `SELECT 1 FROM historia_clinica.documento_pdf`,
			`SELECT 1 FROM historia_clinica.resultado`, `UPDATE historia_clinica.paciente SET barrio = ''`, `INSERT INTO historia_clinica.codigo_registro (documento_id) VALUES ('x')`,
			`UPDATE historia_clinica.identificador SET documento_id = 'x'`, `DELETE FROM historia_clinica.identificador`,
		},
		"hce_patient": {
			`SELECT motivo_consulta FROM historia_clinica.nota`, `SELECT * FROM historia_clinica.nota`, `SELECT 1 FROM historia_clinica.diagnostico`,
			`SELECT contenido FROM historia_clinica.nota_version`, `SELECT hash FROM historia_clinica.usuario`, `SELECT 1 FROM historia_clinica.sesion`,
			`SELECT clave_privada FROM historia_clinica.profesional`, `DELETE FROM historia_clinica.paciente`, `TRUNCATE historia_clinica.identificador`,
			`UPDATE historia_clinica.paciente_version SET contenido = '{}'`, `INSERT INTO historia_clinica.admision (documento_id) VALUES ('x')`,
			`INSERT INTO historia_clinica.revocacion VALUES ('00000000-0000-7000-8000-000000000000', now())`, `SELECT 1 FROM historia_clinica.documento_pdf_contenido`,
			`UPDATE historia_clinica.fusion SET motivo = ''`, `DELETE FROM historia_clinica.fusion`,
		},
		"hce_admission": {
			`SELECT 1 FROM historia_clinica.usuario`, `SELECT hash FROM historia_clinica.usuario`, `SELECT 1 FROM historia_clinica.codigo_registro`,
			`SELECT motivo_consulta FROM historia_clinica.nota`, `SELECT 1 FROM historia_clinica.signo_vital`, `UPDATE historia_clinica.paciente SET barrio = ''`,
			`INSERT INTO historia_clinica.acceso_emergencia (documento_id) VALUES ('x')`, `DELETE FROM historia_clinica.admision`, `INSERT INTO historia_clinica.nota (documento_id) VALUES ('x')`,
			`SELECT clave_privada FROM historia_clinica.profesional`, `SELECT * FROM historia_clinica.profesional`,
			`SELECT p FROM historia_clinica.profesional p`, `SELECT 1 FROM historia_clinica.profesional WHERE clave_privada <> ''`,
			`UPDATE historia_clinica.paciente SET activo = false`, `UPDATE historia_clinica.paciente SET fusionado_en = 'x'`,
			`INSERT INTO historia_clinica.paciente (documento_id) VALUES ('x')`, `SELECT contenido FROM historia_clinica.paciente_version`,
			`UPDATE historia_clinica.paciente_version SET contenido = '{}'`,
		},
		"hce_notes": {
			`SELECT 1 FROM historia_clinica.usuario`, `DELETE FROM historia_clinica.adenda`, `UPDATE historia_clinica.nota_version SET contenido = ''`,
			`DELETE FROM historia_clinica.adenda`, `UPDATE historia_clinica.adenda SET texto = ''`, `DELETE FROM historia_clinica.diagnostico`,
			`UPDATE historia_clinica.signo_vital SET valor = 0`, `DELETE FROM historia_clinica.resultado`, `UPDATE historia_clinica.paciente SET barrio = ''`,
			`UPDATE historia_clinica.profesional SET clave_publica = ''`, `INSERT INTO historia_clinica.acceso_emergencia (documento_id) VALUES ('x')`,
			`SELECT 1 FROM historia_clinica.documento_pdf`, `TRUNCATE historia_clinica.nota`, `UPDATE historia_clinica.identificador SET origen = 'x'`,
			`INSERT INTO historia_clinica.fusion (documento_id) VALUES ('x')`,
		},
		"hce_pdf_export": {
			`SELECT 1 FROM historia_clinica.usuario`, `UPDATE historia_clinica.nota SET estado = 'borrador'`, `INSERT INTO historia_clinica.nota (documento_id) VALUES ('x')`,
			`UPDATE historia_clinica.paciente SET barrio = ''`, `DELETE FROM historia_clinica.documento_pdf`, `UPDATE historia_clinica.verificacion SET pdf_id = NULL`,
			`DELETE FROM historia_clinica.verificacion`, `INSERT INTO historia_clinica.resultado (documento_id) VALUES ('x')`, `SELECT 1 FROM historia_clinica.codigo_registro`,
			`SELECT clave_privada FROM historia_clinica.profesional`, `SELECT * FROM historia_clinica.profesional`,
			`SELECT to_jsonb(p) FROM historia_clinica.profesional p`, `COPY historia_clinica.profesional TO STDOUT`,
		},
	}
	everybody := []string{
		`UPDATE historia_clinica.auditoria SET motivo = ''`, `DELETE FROM historia_clinica.auditoria`, `TRUNCATE historia_clinica.auditoria`,
		`DROP TABLE historia_clinica.auditoria`, `ALTER TABLE historia_clinica.auditoria DISABLE TRIGGER ALL`, `DROP TRIGGER nota_inmutable ON historia_clinica.nota`,
		`UPDATE historia_clinica.evento_salida SET datos = '{}'`, `UPDATE historia_clinica.idempotencia SET cuerpo = ''`,
		`INSERT INTO historia_clinica.version_esquema (version_id, is_applied) VALUES (9999, true)`, `CREATE TABLE historia_clinica.mia (x int)`,
		`CREATE TABLE public.mia (x int)`, `SET ROLE postgres`, `CREATE ROLE otra`, `COPY (SELECT 1) TO PROGRAM 'true'`, `SELECT pg_read_file('/etc/passwd')`,
		`UPDATE historia_clinica.cie10 SET descripcion = ''`,
	}
	for _, role := range functionRoles {
		t.Run(role, func(t *testing.T) {
			pool := single(t, role)
			for _, sql := range slices.Concat(tries[role], everybody) {
				if _, err := pool.Exec(short(t), sql); !db.IsCode(err, denied) {
					t.Errorf("%s: %v, want %s", sql, err, denied)
				}
			}
			for _, other := range functionRoles {
				if other == role {
					continue
				}
				if _, err := pool.Exec(short(t), "SET ROLE "+other); !db.IsCode(err, denied) {
					t.Errorf("it can act as %s: %v", other, err)
				}
			}
		})
	}
}

// The sealed signing keys are for who makes them and who signs; the other
// functions that know a professional do without.
func TestSigningKeysAreForSigning(t *testing.T) {
	for role, may := range map[string]map[string]bool{
		"hce_login": {"clave_publica": true, "clave_privada": true}, "hce_notes": {"clave_publica": true, "clave_privada": true},
		"hce_admission": {"clave_publica": true, "clave_privada": false}, "hce_pdf_export": {"clave_publica": true, "clave_privada": false},
		"hce_patient": {"clave_publica": false, "clave_privada": false},
	} {
		pool := single(t, role)
		for column, may := range may {
			_, err := pool.Exec(short(t), `SELECT `+column+` FROM historia_clinica.profesional`)
			if may && err != nil || !may && !db.IsCode(err, denied) {
				t.Errorf("%s reads %s: %v, may: %v", role, column, err, may)
			}
		}
	}
}

// What holds for every table, also those that come later.
func TestGrantsAsAWhole(t *testing.T) {
	pool := dbtest.Pool(t, "postgres")
	rows, err := pool.Query(t.Context(), `
		SELECT grantee::text, table_name::text, privilege_type::text FROM information_schema.role_table_grants WHERE table_schema = 'historia_clinica' AND grantee <> 'postgres'`)
	if err != nil {
		t.Fatal(err)
	}
	type grant struct{ Role, Table, Privilege string }
	grants, err := pgx.CollectRows(rows, pgx.RowToStructByPos[grant])
	if err != nil {
		t.Fatal(err)
	}
	if len(grants) < 50 {
		t.Fatalf("only %d grants are found", len(grants))
	}
	// Accounts, sessions and secrets belong to login alone.
	logins := []string{"usuario", "sesion", "codigo_recuperacion", "intento_ingreso", "productor"}
	// Nothing that tells what happened is ever changed or removed.
	history := []string{"auditoria", "auditoria_sello", "auditoria_ancla", "nota_version", "adenda", "diagnostico", "signo_vital", "paciente_version", "admision_evento", "fusion"}
	for _, g := range grants {
		switch {
		case !slices.Contains(functionRoles, g.Role):
			t.Errorf("%+v: not one of our roles", g)
		case !slices.Contains([]string{"SELECT", "INSERT", "UPDATE", "DELETE"}, g.Privilege):
			t.Errorf("%+v: no function needs that", g)
		case slices.Contains(logins, g.Table) && g.Role != "hce_login":
			t.Errorf("%+v: that table is login's", g)
		case slices.Contains(history, g.Table) && (g.Privilege == "UPDATE" || g.Privilege == "DELETE"):
			t.Errorf("%+v: that table is append only", g)
		case g == grant{"hce_notes", "nota", "DELETE"}:
			// Drafts: what was signed is kept by the trigger.
		case g == grant{"hce_patient", "identificador", "DELETE"}:
			// A document given by mistake: what a record needs is kept by the trigger.
		case g.Privilege == "DELETE" && slices.Contains([]string{"paciente", "identificador", "admision", "nota", "resultado", "documento_pdf", "acceso_emergencia"}, g.Table):
			t.Errorf("%+v: what concerns a patient is never removed (Resolución 839/2017)", g)
		}
	}
	for _, role := range functionRoles {
		if value[bool](t, pool, `SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = $1`, role) {
			t.Errorf("%s has a privilege over the whole server", role)
		}
	}
	if n := value[int](t, pool, `SELECT count(*) FROM pg_tables WHERE schemaname = 'historia_clinica' AND tableowner = ANY($1)`, functionRoles); n != 0 {
		t.Errorf("%d tables belong to a function", n)
	}
}

// The second wall: not even the owner changes what is signed or logged.
func TestImmutableForTheOwnerToo(t *testing.T) {
	pool := dbtest.Pool(t, "postgres")
	id := dbtest.Record(t)
	const key = "'00000000-0000-7000-8000-0000000000aa'"
	for _, sql := range []string{
		`INSERT INTO historia_clinica.auditoria (documento_id, id, en, rol, nombre, accion, tipo) VALUES ($1, ` + key + `, now(), '', '', 'R', 'read')`,
		`INSERT INTO historia_clinica.admision (documento_id, id, clase, estado, inicio, admitido_por, admitido_por_nombre, creado_en)
			VALUES ($1, ` + key + `, 'AMB', 'in-progress', now(), ` + key + `, 'Ana', now())`,
		`INSERT INTO historia_clinica.nota (documento_id, id, admision_id, tipo, estado, fecha_atencion, fecha_registro, actualizado_en, autor_id, autor_nombre)
			VALUES ($1, ` + key + `, ` + key + `, 'evolucion', 'borrador', now(), now(), now(), ` + key + `, 'Mario')`,
		`UPDATE historia_clinica.nota SET evolucion_medica = 'mejor' WHERE documento_id = $1`,
		`INSERT INTO historia_clinica.nota_version (documento_id, nota_id, version, contenido, creado_en) VALUES ($1, ` + key + `, 1, '', now())`,
		`UPDATE historia_clinica.nota SET estado = 'firmada', firmada_en = now() WHERE documento_id = $1`,
	} {
		exec(t, pool, sql, id)
	}
	refused := func(sql string) {
		t.Helper()
		if _, err := pool.Exec(short(t), sql, id); !db.IsCode(err, db.CodeImmutable) {
			t.Errorf("%s: %v, want %s", sql, err, db.CodeImmutable)
		}
	}
	refused(`UPDATE historia_clinica.auditoria SET motivo = 'otro' WHERE documento_id = $1`)
	refused(`DELETE FROM historia_clinica.auditoria WHERE documento_id = $1`)
	refused(`UPDATE historia_clinica.nota SET evolucion_medica = 'peor' WHERE documento_id = $1`)
	refused(`UPDATE historia_clinica.nota SET estado = 'borrador', firmada_en = NULL WHERE documento_id = $1`)
	refused(`UPDATE historia_clinica.nota SET estado = 'anulada', evolucion_medica = 'peor' WHERE documento_id = $1`)
	refused(`DELETE FROM historia_clinica.nota WHERE documento_id = $1`)
	refused(`UPDATE historia_clinica.nota_version SET contenido = 'x' WHERE documento_id = $1`)
	refused(`DELETE FROM historia_clinica.nota_version WHERE documento_id = $1`)
	exec(t, pool, `UPDATE historia_clinica.nota SET estado = 'anulada', anulada_en = now(), anulada_motivo = 'otro paciente', version = version + 1 WHERE documento_id = $1`, id)
	refused(`UPDATE historia_clinica.nota SET estado = 'firmada' WHERE documento_id = $1`)
}
