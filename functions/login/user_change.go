package login

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"hce.co/functions/login/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
)

// rules reports whether the account can administer the others.
func (a account) rules() bool { return a.Activo && slices.Contains(a.Roles, auth.Admin) }

// change is the account as in wants it, or what is wrong with that.
func (a account) change(in api.UserChange) (account, error) {
	f := fields{problem.Fields{}}
	if in.Nombre != nil {
		a.Nombre = tidy(*in.Nombre)
		f.text("nombre", a.Nombre, maxName)
		if a.Nombre == "" {
			f.Add("nombre", "Escriba el nombre.")
		}
	}
	if in.Email != nil {
		a.Email = foldName(*in.Email)
		f.email(a.Email)
	}
	if in.Rol != nil || in.Roles != nil {
		var rol auth.Role
		if in.Rol != nil {
			rol = *in.Rol
		}
		if in.Roles == nil && rol != "" {
			in.Roles = a.Roles // what is missing stays: rol says which of them is the first
		}
		a.Roles = f.roles(rol, in.Roles)
		if slices.Contains(a.Roles, auth.Patient) && a.DocumentoID == "" {
			f.Add("roles", "Esta cuenta no está unida a una historia clínica: no puede ser de un paciente.")
		}
	}
	if in.Activo != nil {
		a.Activo = *in.Activo
	}
	if in.Profesional != nil {
		f.professional(*in.Profesional)
		key := a.professional
		a.EsProfesional, a.professional = true, tidyProfessional(*in.Profesional, a.Nombre)
		a.ClaveID, a.ClavePublica = key.ClaveID, key.ClavePublica
	}
	if slices.Contains(a.Roles, auth.Physician) && !a.EsProfesional {
		a.EsProfesional, a.professional = true, tidyProfessional(api.NewProfessional{}, a.Nombre)
	}
	return a, f.Err()
}

// lost reports whether what the account may do became other, so that tokens made
// before say too much.
func (a account) lost(after account) bool {
	return a.Activo && !after.Activo || !slices.Equal(a.Roles, after.Roles) ||
		slices.ContainsFunc(a.Servicios, func(s string) bool { return !slices.Contains(after.Servicios, s) })
}

// lockAccount reads an account to be changed, and how many other administradores
// are active. Changes of accounts wait for each other, so that two
// administradores cannot each take the other's role.
func (f *Function) lockAccount(ctx context.Context, tx pgx.Tx, id uuid.UUID) (a account, others int, err error) {
	rows, err := tx.Query(ctx, `
		SELECT id FROM historia_clinica.usuario WHERE activo AND 'administrador' = ANY(roles) OR id = $1 ORDER BY id FOR UPDATE`, id)
	if err != nil {
		return a, 0, err
	}
	if _, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil {
		return a, 0, err
	}
	err = tx.QueryRow(ctx, `
		SELECT count(*) FROM historia_clinica.usuario WHERE activo AND 'administrador' = ANY(roles) AND id <> $1`, id).Scan(&others)
	if err != nil {
		return a, 0, err
	}
	if a, err = f.accountByID(ctx, tx, id); err == nil && a.ID == uuid.Nil {
		err = noAccount()
	}
	return a, others, err
}

// saveAccount writes after over before, and returns it as it stands then.
func (f *Function) saveAccount(ctx context.Context, tx *ending, before, after account) (account, error) {
	now := f.Now().UTC()
	ends := 0
	if before.lost(after) {
		ends = 1
		if err := endSessions(ctx, tx, after.ID, uuid.Nil, "cambio de la cuenta", now); err != nil {
			return after, err
		}
	}
	_, err := tx.Exec(ctx, `
		UPDATE historia_clinica.usuario SET nombre = $2, email = nullif($3, ''), roles = $4, activo = $5, version = version + 1,
		  token_version = token_version + $6
		WHERE id = $1`, after.ID, after.Nombre, after.Email, after.Roles, after.Activo, ends)
	if err != nil {
		return after, taken(err)
	}
	switch {
	case after.EsProfesional && !before.EsProfesional:
		err = f.insertProfessional(ctx, tx, after.ID, after.professional)
	case after.EsProfesional:
		err = updateProfessional(ctx, tx, after.ID, after.professional)
	}
	if err != nil {
		return after, err
	}
	if err := audit.Write(ctx, tx, userEntry(after.ID, audit.Update, "update", before.Version+1, changes(before, after))); err != nil {
		return after, err
	}
	return f.accountByID(ctx, tx, after.ID)
}

// changes names for the trail what an administrador changed.
func changes(before, after account) string {
	var what []string
	for name, changed := range map[string]bool{
		"nombre": before.Nombre != after.Nombre, "email": before.Email != after.Email, "activo": before.Activo != after.Activo,
		"roles": !slices.Equal(before.Roles, after.Roles), "servicios": !slices.Equal(before.Servicios, after.Servicios),
	} {
		if changed {
			what = append(what, name)
		}
	}
	slices.Sort(what)
	return strings.Join(what, ", ")
}

// plain is a text without case and marks such as accents, as searchAccounts
// compares names; there the database takes the same marks away.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f {
			return -1
		}
		return r
	}, norm.NFD.String(s))
	return strings.ToLower(strings.TrimSpace(s))
}

var likeSpecial = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// searchAccounts reads accounts after a user name, and leaves the audit row of
// the search.
func (f *Function) searchAccounts(ctx context.Context, q string, role auth.Role, limit int, after string) ([]account, error) {
	var found []account
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(selectAccount+`
			WHERE ($1 = '%%' OR lower(u.username) LIKE $1 OR lower(u.email) LIKE $1
			    OR lower(regexp_replace(normalize(u.nombre, NFD), '[\u0300-\u036f]', '', 'g')) LIKE $2)
			  AND ($3 = '' OR $3 = ANY(u.roles)) AND lower(u.username) > $4
			ORDER BY lower(u.username) LIMIT $5`,
			"%"+likeSpecial.Replace(foldName(q))+"%", "%"+likeSpecial.Replace(plain(q))+"%", string(role), after, limit).
			Query(func(rows pgx.Rows) (err error) {
				found, err = pgx.CollectRows(rows, scanAccount)
				return err
			})
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: audit.User(auth.From(ctx).ID), Action: audit.Read, Type: "search", Resource: "usuarios", Permission: auth.ManageUsers,
		})
	})
	if err != nil {
		return nil, fmt.Errorf("search accounts: %w", err)
	}
	return found, nil
}
