package login

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/login/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/civil"
	"hce.co/shared/db"
	"hce.co/shared/idempotency"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// maxCodeTries is how many wrong tries a registration code survives.
const maxCodeTries = 5

// register opens an account: of a patient, for whoever has the code that
// reception gave them; of any role, for an administrador.
func (f *Function) register(w http.ResponseWriter, r *http.Request) error {
	if r.Header.Get("Authorization") != "" {
		p, err := f.router.Identify(r)
		if err != nil {
			return err
		}
		r = r.WithContext(auth.NewContext(r.Context(), p))
		if auth.Allows(auth.ManageUsers, p.Roles) {
			return f.createUser(w, r)
		}
	}
	var in api.Registration
	key, err := f.decode(r, &in)
	if err != nil {
		return err
	}
	if asksForMore(in) {
		return problem.Forbidden("Solo un administrador crea cuentas de otro rol.")
	}
	c, err := claimOf(in)
	if err != nil {
		return err
	}
	resp, err := key.Do(r.Context(), f.pool, func() (service.Response, error) { return f.openPatientAccount(r.Context(), c, key) })
	var slow slowDown
	if errors.As(err, &slow) {
		return slow.problem(w.Header())
	}
	if err != nil {
		return err
	}
	return resp.Write(w)
}

// asksForMore reports whether the body asks for anything but a patient's own
// account.
func asksForMore(in api.Registration) bool {
	for _, role := range append(in.Roles, in.Rol) {
		if role != "" && role != auth.Patient {
			return true
		}
	}
	return in.Profesional != nil
}

// claim is who somebody says they are, and the account that they want.
type claim struct {
	document ident.Document
	birth    time.Time
	code     []byte // SHA-256
	account  account
	password string
}

// claimOf reads a claim, or says which fields cannot be right whatever the
// record says.
func claimOf(in api.Registration) (claim, error) {
	f := fields{problem.Fields{}}
	c := claim{password: in.Password}
	var err error
	f.sameDocument(in)
	if in.TipoDocumento == "" && in.NumeroDocumento == "" && in.DocumentoID != "" {
		in.TipoDocumento, in.NumeroDocumento, _ = strings.Cut(in.DocumentoID, "-")
	}
	switch c.document, err = ident.NewDocument(in.TipoDocumento, in.NumeroDocumento); err {
	case ident.ErrType:
		f.Add("tipo_documento", "Elija un tipo de documento de la lista.")
	case ident.ErrNumber:
		f.Add("numero_documento", "El número no corresponde al tipo de documento.")
	}
	if c.birth, err = civil.ParseDate(in.FechaNacimiento); err != nil {
		f.Add("fecha_nacimiento", "Escriba la fecha como AAAA-MM-DD.")
	}
	if in.Codigo == "" {
		f.Add("codigo", "Escriba el código que le dieron en recepción.")
	}
	c.code = hashCode(in.Codigo)
	c.account = account{
		ID: ident.NewID(), Username: strings.TrimSpace(in.Username), Email: foldName(in.Email), Roles: []auth.Role{auth.Patient},
		Activo: true, TokenVersion: 1, Version: 1,
	}
	f.username(c.account.Username)
	f.email(c.account.Email)
	f.password("password", in.Password, c.account.Username, c.account.Email)
	return c, f.Err()
}

// sameDocument checks that a document that is named twice, whole and in its two
// parts, is the same one.
func (f fields) sameDocument(in api.Registration) {
	if in.DocumentoID == "" || in.TipoDocumento == "" && in.NumeroDocumento == "" {
		return
	}
	whole, err := ident.ParseID(in.DocumentoID)
	parts, errParts := ident.NewDocument(in.TipoDocumento, in.NumeroDocumento)
	if err != nil || errParts != nil || whole != parts {
		f.Add("documento_id", "No es el mismo documento que dicen tipo_documento y numero_documento.")
	}
}

// openPatientAccount checks the claim, then uses up its code together with
// opening the account.
func (f *Function) openPatientAccount(ctx context.Context, c claim, key idempotency.Key) (service.Response, error) {
	t := tries{address: "d:" + network(auth.From(ctx).IP)}
	if _, err := f.admit(ctx, t, &pgx.Batch{}); err != nil {
		return service.Response{}, err
	}
	rec, err := f.checkClaim(ctx, c)
	if errors.Is(err, errWrong) {
		if err := f.fail(ctx, t, audit.User(uuid.Nil)); err != nil {
			return service.Response{}, err
		}
		return service.Response{}, problem.Unprocessable("Los datos no corresponden a una historia clínica, o el código no sirve. " +
			"Revise el documento, la fecha de nacimiento y el código; si el código venció, pida otro en recepción.")
	}
	if err != nil {
		return service.Response{}, err
	}
	a := c.account
	a.Nombre, a.DocumentoID, a.CreadoEn = rec.name, rec.documentoID, f.Now().UTC()
	bad := fields{problem.Fields{}}
	bad.password("password", c.password, a.Nombre)
	if err := bad.Err(); err != nil {
		return service.Response{}, err
	}
	if a.Hash, err = f.hash(ctx, c.password); err != nil {
		return service.Response{}, err
	}
	resp, err := service.Created("/usuarios/"+a.ID.String(), a.Version, api.Registered{
		ID: a.ID, Username: a.Username, Nombre: a.Nombre, Rol: auth.Patient, Roles: a.Roles, DocumentoID: a.DocumentoID,
	})
	if err != nil {
		return resp, err
	}
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE historia_clinica.codigo_registro SET usado_en = $3
			WHERE documento_id = $1 AND id = $2 AND usado_en IS NULL AND expira > $3 AND intentos < $4`,
			rec.documentoID, rec.codeID, a.CreadoEn, maxCodeTries)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return problem.Conflict("Ese código se acaba de usar. Si no fue usted, avise en recepción.")
		}
		if err := f.insertAccount(ctx, tx, a); err != nil {
			return err
		}
		if err := audit.Write(auth.NewContext(ctx, a.principal(auth.From(ctx))), tx, audit.Entry{
			DocumentoID: a.DocumentoID, Action: audit.Create, Type: "create", Resource: "usuario/" + a.ID.String(), Permission: auth.Public,
		}); err != nil {
			return err
		}
		return key.Save(ctx, tx, resp)
	})
	if err != nil {
		return service.Response{}, fmt.Errorf("register account: %w", err)
	}
	return resp, nil
}

// claimed is the record that a right claim leads to.
type claimed struct {
	documentoID string
	name        string
	codeID      uuid.UUID
}

// checkClaim compares a claim with the record. Whatever is wrong costs a try of
// the record's code, and the same queries; errWrong never says what it was.
func (f *Function) checkClaim(ctx context.Context, c claim) (claimed, error) {
	out := claimed{documentoID: c.document.ID()}
	err := f.pool.QueryRow(ctx, `SELECT documento_id FROM historia_clinica.identificador WHERE clave = $1`, out.documentoID).Scan(&out.documentoID)
	if err != nil && !db.NoRows(err) {
		return out, fmt.Errorf("check claim: %w", err)
	}
	now := f.Now().UTC()
	ok := false
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		var person, birth, code bool
		out.codeID = uuid.Nil
		b := &pgx.Batch{}
		b.Queue(`
			SELECT concat_ws(' ', nullif(primer_nombre, ''), nullif(segundo_nombre, ''), nullif(primer_apellido, ''), nullif(segundo_apellido, '')),
			  activo AND NOT fallecido, fecha_nacimiento = $2
			FROM historia_clinica.paciente WHERE documento_id = $1`, out.documentoID, c.birth).QueryRow(func(row pgx.Row) error {
			return ignoreNone(row.Scan(&out.name, &person, &birth))
		})
		b.Queue(`
			SELECT id, huella FROM historia_clinica.codigo_registro
			WHERE documento_id = $1 AND usado_en IS NULL AND expira > $2 AND intentos < $3
			ORDER BY creado_en DESC LIMIT 1 FOR UPDATE`, out.documentoID, now, maxCodeTries).QueryRow(func(row pgx.Row) error {
			var hash []byte
			err := row.Scan(&out.codeID, &hash)
			code = err == nil && subtle.ConstantTimeCompare(hash, c.code) == 1
			return ignoreNone(err)
		})
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		if ok = person && birth && code; ok {
			return nil
		}
		_, err := tx.Exec(ctx, `
			UPDATE historia_clinica.codigo_registro SET intentos = intentos + 1 WHERE documento_id = $1 AND id = $2`, out.documentoID, out.codeID)
		return err
	})
	if err != nil {
		return out, fmt.Errorf("check claim: %w", err)
	}
	if !ok {
		return out, errWrong
	}
	return out, nil
}

func ignoreNone(err error) error {
	if db.NoRows(err) {
		return nil
	}
	return err
}
