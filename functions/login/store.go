package login

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
)

// selectAccount reads accounts with what they are as professionals.
const selectAccount = `
	SELECT u.id, u.username, coalesce(u.email, ''), u.nombre, u.hash, u.roles, u.activo, coalesce(u.documento_id, ''),
	  u.mfa_secreto, u.mfa_pendiente, u.mfa_confirmado, u.mfa_ultimo_paso, u.debe_cambiar, u.clave_vence, u.demo, u.token_version, u.version,
	  u.creado_en, u.ultimo_ingreso,
	  p.usuario_id IS NOT NULL, coalesce(p.nombre_profesional, ''), coalesce(p.tipo_profesional, ''), coalesce(p.registro_medico, ''),
	  coalesce(p.especialidad, ''), coalesce(p.cargo_servicio, ''), coalesce(p.servicios, '{}'), coalesce(p.firma_profesional, ''),
	  coalesce(p.clave_id, ''), p.clave_publica
	FROM historia_clinica.usuario u LEFT JOIN historia_clinica.profesional p ON p.usuario_id = u.id `

func scanAccount(row pgx.CollectableRow) (account, error) {
	var a account
	p := &a.professional
	err := row.Scan(&a.ID, &a.Username, &a.Email, &a.Nombre, &a.Hash, &a.Roles, &a.Activo, &a.DocumentoID,
		&a.MFASecreto, &a.MFAPendiente, &a.MFAConfirmado, &a.MFAUltimoPaso, &a.DebeCambiar, &a.ClaveVence, &a.Demo, &a.TokenVersion, &a.Version,
		&a.CreadoEn, &a.UltimoIngreso,
		&a.EsProfesional, &p.NombreProfesional, &p.TipoProfesional, &p.RegistroMedico,
		&p.Especialidad, &p.CargoServicio, &p.Servicios, &p.FirmaProfesional,
		&p.ClaveID, &p.ClavePublica)
	return a, err
}

// accountWhere returns the one account of a condition, the zero account when
// there is none.
func accountWhere(ctx context.Context, q db.Querier, where string, args ...any) (account, error) {
	rows, err := q.Query(ctx, selectAccount+where, args...)
	if err != nil {
		return account{}, fmt.Errorf("read account: %w", err)
	}
	return oneAccount(rows)
}

func (*Function) accountByID(ctx context.Context, q db.Querier, id uuid.UUID) (account, error) {
	return accountWhere(ctx, q, `WHERE u.id = $1`, id)
}

// usernameOf returns the user name, folded, of the account that has an e-mail:
// tries are counted by it, whichever of the two was typed. What is nobody's stays.
// No user name has an @.
func (f *Function) usernameOf(ctx context.Context, name string) (string, error) {
	if !strings.Contains(name, "@") {
		return name, nil
	}
	username := name
	err := f.pool.QueryRow(ctx, `SELECT lower(username) FROM historia_clinica.usuario WHERE lower(email) = $1`, name).Scan(&username)
	if err != nil && !db.NoRows(err) {
		return "", fmt.Errorf("read account: %w", err)
	}
	return username, nil
}

// queueAccountByName finds an account by user name, folded by foldName, for
// found: the zero account when there is none.
func queueAccountByName(b *pgx.Batch, name string, found func(account)) {
	b.Queue(selectAccount+`WHERE lower(u.username) = $1`, name).Query(func(rows pgx.Rows) error {
		a, err := oneAccount(rows)
		if err == nil {
			found(a)
		}
		return err
	})
}

// oneAccount returns the account of rows, the zero account when there is none.
func oneAccount(rows pgx.Rows) (account, error) {
	a, err := pgx.CollectOneRow(rows, scanAccount)
	if db.NoRows(err) {
		return account{}, nil
	}
	if err != nil {
		return account{}, fmt.Errorf("read account: %w", err)
	}
	return a, nil
}

// insertAccount writes a new account, and the signing key of a professional.
func (f *Function) insertAccount(ctx context.Context, tx pgx.Tx, a account) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO historia_clinica.usuario
		  (id, username, email, nombre, hash, roles, activo, documento_id, debe_cambiar, clave_vence, demo, token_version, version, creado_en)
		VALUES ($1, $2, nullif($3, ''), $4, $5, $6, $7, nullif($8, ''), $9, $10, $11, $12, $13, $14)
		ON CONFLICT (id) DO NOTHING`,
		a.ID, a.Username, a.Email, a.Nombre, a.Hash, a.Roles, a.Activo, a.DocumentoID, a.DebeCambiar, a.ClaveVence, a.Demo, a.TokenVersion, a.Version, a.CreadoEn)
	if err != nil {
		return taken(err)
	}
	if a.EsProfesional {
		return f.insertProfessional(ctx, tx, a.ID, a.professional)
	}
	return nil
}

// taken turns a broken unique index into the conflict that names the field.
func taken(err error) error {
	conflict := problem.Conflict("Ya existe una cuenta con ese dato.")
	switch db.Violates(err) {
	case "usuario_username":
		conflict.Fields = map[string]string{"username": "Ese usuario ya existe. Elija otro."}
	case "usuario_email":
		conflict.Fields = map[string]string{"email": "Ese correo ya tiene una cuenta."}
	case "usuario_documento":
		conflict.Detail = "Esa historia clínica ya tiene una cuenta."
		conflict.Fields = map[string]string{"documento_id": "Esa historia clínica ya tiene una cuenta."}
	default:
		return fmt.Errorf("write account: %w", err)
	}
	return conflict
}

// insertProfessional makes the professional's signing key: the private half
// leaves this function only sealed.
func (f *Function) insertProfessional(ctx context.Context, tx pgx.Tx, user uuid.UUID, p professional) error {
	id, public, sealed := f.newSigningKey(user)
	_, err := tx.Exec(ctx, `
		INSERT INTO historia_clinica.profesional
		  (usuario_id, nombre_profesional, tipo_profesional, registro_medico, especialidad, cargo_servicio, servicios, firma_profesional,
		   clave_id, clave_publica, clave_privada)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT DO NOTHING`,
		user, p.NombreProfesional, p.TipoProfesional, p.RegistroMedico, p.Especialidad, p.CargoServicio, p.Servicios, p.FirmaProfesional,
		id, public, sealed)
	if err != nil {
		return fmt.Errorf("write professional: %w", err)
	}
	return nil
}

// updateProfessional replaces what is known of a professional but the key.
func updateProfessional(ctx context.Context, tx pgx.Tx, user uuid.UUID, p professional) error {
	_, err := tx.Exec(ctx, `
		UPDATE historia_clinica.profesional SET nombre_profesional = $2, tipo_profesional = $3, registro_medico = $4, especialidad = $5,
		  cargo_servicio = $6, servicios = $7, firma_profesional = $8
		WHERE usuario_id = $1`,
		user, p.NombreProfesional, p.TipoProfesional, p.RegistroMedico, p.Especialidad, p.CargoServicio, p.Servicios, p.FirmaProfesional)
	if err != nil {
		return fmt.Errorf("write professional: %w", err)
	}
	return nil
}

// self returns the caller's account, 401 when it is gone.
func (f *Function) self(ctx context.Context) (account, error) {
	a, err := f.accountByID(ctx, f.pool, auth.From(ctx).ID)
	if err == nil && (a.ID == uuid.Nil || !a.Activo) {
		err = problem.Unauthorized("La sesión terminó. Inicie sesión de nuevo.")
	}
	return a, err
}
