package login

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/login/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
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

const demoProducerName = "Laboratorio clínico de demostración"

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
	ctx = f.asDemo(ctx)
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
			ID: ident.NewID(), ClientID: DemoProducer, Nombre: demoProducerName,
			Tipos: auth.EventTypes(), Activo: true, Version: 1, CreadoEn: f.Now().UTC(),
		}, hash)
	})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}

// asDemo is who the trail names for what is done to the demo accounts.
func (f *Function) asDemo(ctx context.Context) context.Context {
	return auth.NewContext(f.trail.Context(ctx), auth.Principal{Name: "demostración"})
}

// CloseDemo shuts the demonstration's accounts and its laboratory out and ends
// their sign-ins, where there are any: their password is known, and no second
// factor is asked of them. EnsureDemo lets them in again.
func (f *Function) CloseDemo(ctx context.Context) error {
	ctx = f.asDemo(ctx)
	err := f.endingTx(ctx, func(tx *ending) error {
		rows, err := tx.Query(ctx, `
			UPDATE historia_clinica.usuario SET activo = false, token_version = token_version + 1, version = version + 1
			WHERE demo AND activo RETURNING id, version`)
		if err != nil {
			return err
		}
		type closed struct {
			ID      uuid.UUID
			Version int
		}
		all, err := pgx.CollectRows(rows, pgx.RowToStructByName[closed])
		if err != nil {
			return err
		}
		for _, a := range all {
			if err := endSessions(ctx, tx, a.ID, uuid.Nil, demoOver, f.Now().UTC()); err != nil {
				return err
			}
			if err := audit.Write(ctx, tx, userEntry(a.ID, audit.Update, "update", a.Version, demoOver)); err != nil {
				return err
			}
		}
		return f.closeDemoProducer(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("close the demo accounts: %w", err)
	}
	return nil
}

const demoOver = "fin de la demostración"

// closeDemoProducer shuts the demonstration's laboratory out. A clinic may have
// one of its own of that client_id, with another name and secret.
func (f *Function) closeDemoProducer(ctx context.Context, tx *ending) error {
	p, err := producerWhere(ctx, tx, `client_id = $1 AND activo AND
		(nombre = $2 OR hash IN (SELECT hash FROM historia_clinica.usuario WHERE demo))`, DemoProducer, demoProducerName)
	if problem.Status(err) == http.StatusNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	p.Activo = false
	p.Version++
	return f.saveProducer(ctx, tx, p)
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
			UPDATE historia_clinica.usuario SET hash = $2, activo = true, debe_cambiar = false, clave_vence = NULL, documento_id = nullif($3, ''),
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
