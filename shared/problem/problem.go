// Package problem is the one error that this system shows to a client: an
// RFC 9457 problem, in Spanish.
package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// Error is a failure that the client may read. Whatever else a handler returns
// becomes a bare 500 for the client and a full line in the log.
type Error struct {
	Status     int               // HTTP status code
	Detail     string            // what went wrong and what to do, in Spanish
	Fields     map[string]string // form field → message
	RetryAfter time.Duration     // with 429 and 503: when to come back
	Members    map[string]any    // extension members (RFC 9457 §3.2)
	Cause      error             // for the log, never shown

	// Of a problem that its status does not tell apart from others.
	Slug      string // of its type, with Title
	Title     string // in Spanish
	Challenge string // with 401: the WWW-Authenticate that says what to do
}

func (e *Error) Error() string {
	msg := strconv.Itoa(e.Status) + " " + e.Detail
	if e.Cause != nil {
		msg += ": " + e.Cause.Error()
	}
	return msg
}

func (e *Error) Unwrap() error { return e.Cause }

// With adds an extension member, such as the record that a conflict names.
func (e *Error) With(member string, value any) *Error {
	e.Members = maps.Clone(e.Members)
	if e.Members == nil {
		e.Members = map[string]any{}
	}
	e.Members[member] = value
	return e
}

// Because keeps the cause for the log.
func (e *Error) Because(cause error) *Error {
	e.Cause = cause
	return e
}

func newf(status int, format string, args ...any) *Error {
	return &Error{Status: status, Detail: fmt.Sprintf(format, args...)}
}

// BadRequest says that the request cannot be read at all (400).
func BadRequest(format string, args ...any) *Error {
	return newf(http.StatusBadRequest, format, args...)
}

// Invalid says which fields of a readable request break a rule (422).
func Invalid(fields map[string]string) *Error {
	return &Error{Status: http.StatusUnprocessableEntity, Detail: "Revise los campos señalados.", Fields: fields}
}

// Unprocessable says that a readable request breaks a rule as a whole (422).
func Unprocessable(format string, args ...any) *Error {
	return newf(http.StatusUnprocessableEntity, format, args...)
}

// Unauthorized says that the caller must sign in first (401).
func Unauthorized(format string, args ...any) *Error {
	return newf(http.StatusUnauthorized, format, args...)
}

// InvalidToken says that the token which the caller showed is good for nothing,
// or no longer (401; RFC 6750 §3.1): whoever showed none is not told so.
func InvalidToken(format string, args ...any) *Error {
	e := Unauthorized(format, args...)
	e.Challenge = `Bearer realm="hce", error="invalid_token"`
	return e
}

// Forbidden says that this caller may not (403).
func Forbidden(format string, args ...any) *Error {
	return newf(http.StatusForbidden, format, args...)
}

// NotFound says that there is no such thing (404).
func NotFound(format string, args ...any) *Error {
	return newf(http.StatusNotFound, format, args...)
}

// Conflict says that the present state of the resource forbids it (409).
func Conflict(format string, args ...any) *Error {
	return newf(http.StatusConflict, format, args...)
}

// Stale says that somebody else changed the resource first (412).
func Stale() *Error {
	return newf(http.StatusPreconditionFailed, "Otra persona modificó este registro. Revise los cambios y vuelva a guardar.")
}

// TooMany says when to come back (429).
func TooMany(retryAfter time.Duration, format string, args ...any) *Error {
	e := newf(http.StatusTooManyRequests, format, args...)
	e.RetryAfter = retryAfter
	return e
}

// Unavailable is a temporary failure of ours: the same request may be sent
// again (503).
func Unavailable(cause error) *Error {
	return &Error{
		Status:     http.StatusServiceUnavailable,
		Detail:     "El servicio no está disponible en este momento. Intente de nuevo en unos segundos.",
		RetryAfter: time.Second,
		Cause:      cause,
	}
}

// Status returns the HTTP status that err stands for: 500 for whatever is not
// a problem.
func Status(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return http.StatusInternalServerError
}

const typePrefix = "urn:hce:problema:"

// Write answers with err as application/problem+json. instance identifies this
// occurrence in the log: the request's id.
func Write(w http.ResponseWriter, err error, instance string) {
	var e *Error
	if !errors.As(err, &e) {
		e = newf(http.StatusInternalServerError, "Ocurrió un error inesperado. Si se repite, informe este número: %s", instance)
	}
	body := map[string]any{}
	maps.Copy(body, e.Members)
	body["type"], body["title"] = "about:blank", title(e.Status)
	if slug, ok := slugs[e.Status]; ok {
		body["type"] = typePrefix + slug
	}
	if e.Slug != "" {
		body["type"], body["title"] = typePrefix+e.Slug, e.Title
	}
	body["status"] = e.Status
	body["detail"] = e.Detail
	if instance != "" {
		body["instance"] = "urn:uuid:" + instance
	}
	if len(e.Fields) > 0 {
		body["campos"] = e.Fields
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Length")
	h.Del("ETag")
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((e.RetryAfter+time.Second-1)/time.Second)))
	}
	switch {
	case e.Challenge != "":
		h.Set("WWW-Authenticate", e.Challenge)
	case e.Status == http.StatusUnauthorized && h.Get("WWW-Authenticate") == "":
		h.Set("WWW-Authenticate", `Bearer realm="hce"`)
	}
	w.WriteHeader(e.Status)
	json.NewEncoder(w).Encode(body) //nolint:errcheck // the client is gone; there is nobody to tell
}

// Read turns an answer of another function back into the problem it states.
func Read(r *http.Response, body []byte) *Error {
	var p struct {
		Detail string            `json:"detail"`
		Campos map[string]string `json:"campos"`
	}
	e := &Error{Status: r.StatusCode, Detail: title(r.StatusCode) + "."}
	if json.Unmarshal(body, &p) == nil && p.Detail != "" {
		e.Detail, e.Fields = p.Detail, p.Campos
		json.Unmarshal(body, &e.Members) //nolint:errcheck // it was JSON one line ago
		for _, k := range []string{"type", "title", "status", "detail", "instance", "campos"} {
			delete(e.Members, k)
		}
	}
	if s, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil {
		e.RetryAfter = time.Duration(s) * time.Second
	}
	return e
}

// title names a status in Spanish, or in English one that we never answer with
// ourselves (RFC 9457 §4.2.1).
func title(status int) string {
	if t, ok := titles[status]; ok {
		return t
	}
	return http.StatusText(status)
}

var titles = map[int]string{
	400: "Solicitud incorrecta",
	401: "Debe iniciar sesión",
	403: "No autorizado",
	404: "No encontrado",
	405: "Método no permitido",
	406: "Formato no disponible",
	408: "Tiempo agotado",
	409: "Conflicto",
	410: "Ya no existe",
	411: "Falta la longitud",
	412: "El registro cambió",
	413: "Contenido demasiado grande",
	415: "Tipo de contenido no admitido",
	422: "Datos no válidos",
	428: "Falta una condición",
	429: "Demasiadas solicitudes",
	431: "Encabezados demasiado grandes",
	500: "Error interno",
	502: "Servicio inalcanzable",
	503: "Servicio no disponible",
	504: "Tiempo agotado",
}

var slugs = map[int]string{
	400: "solicitud-incorrecta",
	401: "sin-sesion",
	403: "no-autorizado",
	404: "no-encontrado",
	405: "metodo-no-permitido",
	406: "formato-no-disponible",
	408: "tiempo-agotado",
	409: "conflicto",
	410: "ya-no-existe",
	411: "falta-la-longitud",
	412: "registro-modificado",
	413: "contenido-demasiado-grande",
	415: "tipo-de-contenido-no-admitido",
	422: "datos-no-validos",
	428: "falta-condicion",
	429: "demasiadas-solicitudes",
	431: "encabezados-demasiado-grandes",
	500: "error-interno",
	502: "servicio-inalcanzable",
	503: "servicio-no-disponible",
	504: "tiempo-agotado",
}
