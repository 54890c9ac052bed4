package login

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/ident"
)

// DemoUser is an account of a demonstration.
type DemoUser struct {
	Username     string
	Name         string
	Role         auth.Role
	DocumentoID  string               // of the patient: their record
	Professional *api.NewProfessional // of a professional
}

// DemoProducer is the client_id of the demonstration's laboratory.
const DemoProducer = "laboratorio"

// DemoUsers are the people of a demonstration, one for each role; the patient is
// whose record documentoID is, and missing when it is "".
func DemoUsers(documentoID string) []DemoUser {
	users := []DemoUser{
		{Username: "admin", Name: "Adriana Pardo Niño", Role: auth.Admin},
		{Username: "admisionista", Name: "Óscar Iván Bermúdez", Role: auth.Registrar},
		{Username: "medico", Name: "Marcela Ríos Cárdenas", Role: auth.Physician, Professional: &api.NewProfessional{
			NombreProfesional: "Marcela Ríos Cárdenas", TipoProfesional: "medicina", RegistroMedico: "52874316", Especialidad: "Medicina general",
			CargoServicio: "Médica de planta", FirmaProfesional: "Marcela Ríos C. · RM 52874316",
			Servicios: []string{"328", "1102", "129"}, // REPS: medicina general, urgencias, hospitalización adultos
		}},
		{Username: "resultados", Name: "Yolima Trujillo Peña", Role: auth.RecordsClerk},
		{Username: "operador", Name: "Julián Ospina Gil", Role: auth.Operator},
	}
	if documentoID != "" {
		users = append(users, DemoUser{Username: "paciente", Name: "Paciente de demostración", Role: auth.Patient, DocumentoID: documentoID})
	}
	return users
}

// EnsureDemo makes the demonstration's accounts and its laboratory, all with one
// password, or brings those that are there up to it. No second factor is asked
// of them. An account of the same name that is no demo account stays as it is.
// The demonstration's password is whatever its owner chose: the policy does not
// apply.
func (f *Function) EnsureDemo(ctx context.Context, secret string, users []DemoUser) error {
	if secret == "" {
		return errors.New("demo: the password is empty")
	}
	ctx = auth.NewContext(f.trail.Context(ctx), auth.Principal{Name: "demostración"})
	hash, err := f.demoHash(ctx, secret)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		for _, u := range users {
			if err := f.ensureDemoUser(ctx, tx, u, hash); err != nil {
				return fmt.Errorf("account %s: %w", u.Username, err)
			}
		}
		tag, err := tx.Exec(ctx, `UPDATE historia_clinica.productor SET hash = $2, activo = true WHERE client_id = $1`, DemoProducer, hash)
		if err != nil || tag.RowsAffected() > 0 {
			return err
		}
		return insertProducer(ctx, tx, api.Producer{
			ID: ident.NewID(), ClientID: DemoProducer, Nombre: "Laboratorio clínico de demostración",
			Tipos: auth.EventTypes(), Activo: true, Version: 1, CreadoEn: f.Now().UTC(),
		}, hash)
	})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}

// demoHash returns the hash that the demo accounts have already when it is the
// password's, so that starting again costs one verification.
func (f *Function) demoHash(ctx context.Context, secret string) (string, error) {
	rows, err := f.pool.Query(ctx, `SELECT DISTINCT hash FROM historia_clinica.usuario WHERE demo LIMIT 2`)
	if err != nil {
		return "", err
	}
	known, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", err
	}
	if len(known) == 1 {
		if ok, outdated, err := f.Passwords.Verify(ctx, known[0], secret); err == nil && ok && !outdated {
			return known[0], nil
		}
	}
	return f.hash(ctx, secret)
}

func (f *Function) ensureDemoUser(ctx context.Context, tx pgx.Tx, u DemoUser, hash string) error {
	have, err := accountWhere(ctx, tx, `WHERE lower(u.username) = $1`, u.Username)
	if err != nil {
		return err
	}
	if have.ID != uuid.Nil {
		if !have.Demo {
			f.Log.WarnContext(ctx, "an account that is no demo account has the name of one", "username", u.Username)
			return nil
		}
		if have.Hash == hash && have.Activo && !have.DebeCambiar && have.DocumentoID == u.DocumentoID {
			return nil
		}
		_, err := tx.Exec(ctx, `
			UPDATE historia_clinica.usuario SET hash = $2, activo = true, debe_cambiar = false, documento_id = nullif($3, ''),
			  token_version = token_version + 1, version = version + 1
			WHERE id = $1`, have.ID, hash, u.DocumentoID)
		return err
	}
	a, err := newAccount(api.NewUser{
		Username: u.Username, Nombre: u.Name, Rol: u.Role, DocumentoID: u.DocumentoID, Profesional: u.Professional,
	}, f.Now().UTC())
	if err != nil {
		return err
	}
	a.Hash, a.Demo, a.DebeCambiar = hash, true, false
	return f.insertAccount(ctx, tx, a)
}
