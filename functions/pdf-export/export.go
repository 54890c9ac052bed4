package pdfexport

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/civil"
	"hce.co/shared/crockford"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
)

const (
	maxReason   = 500 // characters
	minReason   = 5   // characters of a revocation's reason
	maxAttempts = 5   // after which an export has failed for good
	// staleAfter is when an export that is being built counts as abandoned: its
	// instance was killed. It is longer than buildTimeout.
	staleAfter   = 2 * time.Minute
	buildTimeout = 90 * time.Second
)

// filters bound what a document includes (documento_pdf.filtros).
type filters struct {
	NotaID *uuid.UUID `json:"nota_id,omitempty"`
	Desde  string     `json:"desde,omitempty"` // 2006-01-02
	Hasta  string     `json:"hasta,omitempty"`
}

// content says what a document holds.
type content struct {
	Tipo    string
	Filtros filters
}

// note is the one note that the document is about, uuid.Nil for all.
func (c content) note() uuid.UUID {
	if c.Filtros.NotaID == nil {
		return uuid.Nil
	}
	return *c.Filtros.NotaID
}

// period returns the instants between which the document's events lie: the
// first included, the second not. The days are those of the clinic's calendar.
func (c content) period() (from, to time.Time) {
	from, to = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	if day, err := civil.ParseDate(c.Filtros.Desde); err == nil {
		from = midnight(day)
	}
	if day, err := civil.ParseDate(c.Filtros.Hasta); err == nil {
		to = midnight(day.AddDate(0, 0, 1))
	}
	return from, to
}

func midnight(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, civil.Zone).UTC()
}

// contentOf reads what is asked for, and reports what is wrong with it field by
// field.
func contentOf(r api.Request) (content, error) {
	c := content{Tipo: r.Tipo, Filtros: filters{Desde: r.Desde, Hasta: r.Hasta}}
	wrong := map[string]string{}
	switch c.Tipo {
	case "":
		c.Tipo = api.Full
	case api.Full, api.Epicrisis, api.Note:
	default:
		wrong["tipo"] = "Elija historia, epicrisis o nota."
	}
	id, err := uuid.Parse(r.NotaID)
	switch {
	case c.Tipo == api.Note && (err != nil || len(r.NotaID) != 36):
		wrong["nota_id"] = "Indique la nota."
	case c.Tipo == api.Note:
		c.Filtros.NotaID = &id
	case r.NotaID != "":
		wrong["nota_id"] = "Solo va con tipo nota."
	}
	from, fromErr := civil.ParseDate(r.Desde)
	to, toErr := civil.ParseDate(r.Hasta)
	switch {
	case r.Desde != "" && fromErr != nil:
		wrong["desde"] = "Esa fecha no existe. Escríbala como AAAA-MM-DD."
	case r.Desde != "" && c.Tipo == api.Note:
		wrong["desde"] = "No va con tipo nota."
	}
	switch {
	case r.Hasta != "" && toErr != nil:
		wrong["hasta"] = "Esa fecha no existe. Escríbala como AAAA-MM-DD."
	case r.Hasta != "" && c.Tipo == api.Note:
		wrong["hasta"] = "No va con tipo nota."
	case fromErr == nil && toErr == nil && to.Before(from):
		wrong["hasta"] = "El período termina antes de comenzar."
	}
	if len(wrong) > 0 {
		return content{}, problem.Invalid(wrong)
	}
	return c, nil
}

// reasonOf tidies the reason of an export, which may be missing.
func reasonOf(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxReason || strings.ContainsFunc(s, unicode.IsControl) {
		return "", problem.Invalid(map[string]string{"motivo": "Escriba el motivo en 500 caracteres como máximo."})
	}
	return s, nil
}

// revocationReason tidies the reason of a revocation, which must be there.
func revocationReason(s string) (string, error) {
	s, err := reasonOf(s)
	if err == nil && ident.Length(s) < minReason {
		err = problem.Invalid(map[string]string{"motivo": "Escriba por qué se revoca, en 5 a 500 caracteres."})
	}
	return s, err
}

// requestOf reads what a query string asks for.
func requestOf(q url.Values) api.Request {
	return api.Request{Tipo: q.Get("tipo"), NotaID: q.Get("nota_id"), Desde: q.Get("desde"), Hasta: q.Get("hasta")}
}

// job is an export as the database keeps it (documento_pdf).
type job struct {
	DocumentoID         string     `db:"documento_id"`
	ID                  uuid.UUID  `db:"id"`
	Tipo                string     `db:"tipo"`
	Filtros             filters    `db:"filtros"`
	SolicitadoPor       uuid.UUID  `db:"solicitado_por"`
	SolicitadoPorNombre string     `db:"solicitado_por_nombre"`
	Motivo              string     `db:"motivo"`
	Estado              string     `db:"estado"`
	Progreso            int        `db:"progreso"`
	Intentos            int        `db:"intentos"`
	Error               string     `db:"error"`
	Huella              []byte     `db:"huella"`
	Paginas             *int       `db:"paginas"`
	Bytes               *int       `db:"bytes"`
	SHA256              []byte     `db:"sha256"`
	Codigo              string     `db:"codigo_verificacion"`
	Firma               []byte     `db:"firma"`
	Creado              time.Time  `db:"creado"`
	Tomado              *time.Time `db:"tomado"`
	Listo               *time.Time `db:"listo"`
	Expira              *time.Time `db:"expira"`
	Partes              []string   `db:"partes"` // the records, besides its own, whose entries it holds
}

// records are those whose entries the document holds, its own before all.
func (j job) records() []string { return append([]string{j.DocumentoID}, j.Partes...) }

// within reports whether all that the document holds is of the chart.
func (j job) within(rec record.Record) bool {
	return !slices.ContainsFunc(j.Partes, func(part string) bool { return !rec.Has(part) })
}

func (j job) content() content { return content{Tipo: j.Tipo, Filtros: j.Filtros} }

func (j job) path() string { return "/exportar_pdf/" + j.DocumentoID + "/" + j.ID.String() }

// done reports whether nothing more will happen to the export by itself.
func (j job) done() bool { return j.Estado != api.Requested && j.Estado != api.Generating }

// free reports whether nobody is building the export now.
func (j job) free(now time.Time) bool {
	return j.Estado == api.Requested || j.Estado == api.Generating && (j.Tomado == nil || now.Sub(*j.Tomado) > staleAfter)
}

// expired reports whether the file is kept no longer.
func (j job) expired(now time.Time) bool { return j.Expira != nil && now.After(*j.Expira) }

// mayRevoke reports whether the caller may declare the document void: whoever
// asked for it, resultados, and the administrador.
func (j job) mayRevoke(p auth.Principal) bool {
	return p.Is(auth.Admin) || p.Is(auth.RecordsClerk) || p.ID == j.SolicitadoPor
}

// fileName names the download by its kind and day, and never by its patient.
func (j job) fileName() string {
	name := "historia-clinica-"
	if j.Tipo != api.Full {
		name += j.Tipo + "-"
	}
	when := j.Creado
	if j.Listo != nil {
		when = *j.Listo
	}
	return name + when.In(civil.Zone).Format("20060102-1504") + ".pdf"
}

// wire is the job as clients see it.
func (j job) wire() api.Job {
	out := api.Job{
		ID: j.ID, DocumentoID: j.DocumentoID,
		Request:       api.Request{Tipo: j.Tipo, Desde: j.Filtros.Desde, Hasta: j.Filtros.Hasta, Motivo: j.Motivo},
		SolicitadoPor: j.SolicitadoPorNombre, Estado: j.Estado, Progreso: j.Progreso, Error: j.Error, Paginas: j.Paginas, Bytes: j.Bytes,
		SHA256: hex.EncodeToString(j.SHA256), Firma: base64.StdEncoding.EncodeToString(j.Firma), CodigoVerificacion: crockford.Show(j.Codigo),
		Creado: j.Creado, Listo: j.Listo, Expira: j.Expira, Incluye: j.Partes,
	}
	if j.Filtros.NotaID != nil {
		out.NotaID = j.Filtros.NotaID.String()
	}
	if j.Estado == api.Ready {
		out.Href = j.path() + "/archivo"
	}
	return out
}
