package service

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"hce.co/shared/problem"
)

// Body reads the request's body, which must be JSON in valid UTF-8 without NUL.
func Body(r *http.Request) ([]byte, error) {
	mt, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mt != "application/json" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return nil, &problem.Error{Status: http.StatusUnsupportedMediaType, Detail: "Envíe el contenido como application/json."}
	}
	return Text(r)
}

// Text reads the request's body, whatever its type: valid UTF-8 without NUL.
func Text(r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		var tooBig *http.MaxBytesError
		if errors.As(err, &tooBig) {
			return nil, err
		}
		return nil, problem.BadRequest("El contenido llegó incompleto.").Because(err)
	}
	if !utf8.Valid(b) {
		return nil, problem.BadRequest("El contenido no está en UTF-8 válido.")
	}
	if bytes.IndexByte(b, 0) >= 0 || escapedNUL(b) {
		return nil, problem.BadRequest("El contenido tiene un carácter nulo, que no se admite.")
	}
	return b, nil
}

// escapedNUL finds \u0000 written as an escape in JSON.
func escapedNUL(b []byte) bool {
	for i := 0; ; {
		n := bytes.Index(b[i:], []byte(`\u0000`))
		if n < 0 {
			return false
		}
		i += n
		slashes := 0
		for j := i; j >= 0 && b[j] == '\\'; j-- {
			slashes++
		}
		if slashes%2 == 1 {
			return true
		}
		i += 6
	}
}

// Decode reads the request's JSON body into v. Unknown fields and anything after
// the value are refused.
func Decode(r *http.Request, v any) error {
	b, err := Body(r)
	if err != nil {
		return err
	}
	return DecodeBytes(b, v)
}

// DecodeBytes reads a body that [Body] returned into v.
func DecodeBytes(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return jsonProblem(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return problem.BadRequest("Hay contenido de más después del JSON.")
	}
	return nil
}

func jsonProblem(err error) error {
	var typeErr *json.UnmarshalTypeError
	var timeErr *time.ParseError
	var p *problem.Error
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &typeErr) && typeErr.Field != "":
		return problem.Invalid(map[string]string{wireName(typeErr.Field): "El tipo de dato no es el esperado."}).Because(err)
	case errors.As(err, &timeErr):
		return problem.BadRequest("Una fecha con hora no es válida. Escríbala como 2026-11-23T10:00:00Z.").Because(err)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		name, uerr := strconv.Unquote(strings.TrimPrefix(err.Error(), "json: unknown field "))
		if uerr != nil || len(name) > 60 {
			return problem.BadRequest("El JSON tiene un campo desconocido.")
		}
		return (&problem.Error{
			Status: http.StatusBadRequest,
			Detail: "El JSON tiene un campo desconocido: " + name + ".",
			Fields: map[string]string{name: "Campo desconocido."},
		}).Because(err)
	case errors.Is(err, io.EOF):
		return problem.BadRequest("Falta el contenido.")
	}
	return problem.BadRequest("El JSON no es válido.").Because(err)
}

// wireName leaves out of a field's path the Go structs that are embedded in what
// the wire sees as one.
func wireName(path string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(path, "."), func(part string) bool {
		return part != "" && part[0] >= 'A' && part[0] <= 'Z'
	}), ".")
}

// PathID reads a UUID from the path.
func PathID(r *http.Request, name string) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PathValue(name))
	if err != nil || len(r.PathValue(name)) != 36 {
		return uuid.Nil, problem.NotFound("No existe este recurso.")
	}
	return id, nil
}

// IfMatch reads the version that an update is based on: 428 without the header,
// 412 when it is no ETag of ours.
func IfMatch(r *http.Request) (int, error) {
	s := r.Header.Get("If-Match")
	if s == "" {
		return 0, &problem.Error{Status: http.StatusPreconditionRequired, Detail: "Falta el encabezado If-Match con el ETag de la versión que modifica."}
	}
	v, err := strconv.Atoi(strings.Trim(s, `"`))
	if err != nil || v < 1 || s != ETag(v) {
		return 0, problem.Stale()
	}
	return v, nil
}

// ETag is the entity tag of a version (RFC 9110 §8.8.3).
func ETag(version int) string { return `"` + strconv.Itoa(version) + `"` }
