package service

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"hce.co/shared/problem"
)

// Body reads the request's body, which must be JSON in valid UTF-8 without NUL.
func Body(r *http.Request) ([]byte, error) {
	if err := saysJSON(r); err != nil {
		return nil, err
	}
	return Text(r)
}

// saysJSON checks what the request says that its body is.
func saysJSON(r *http.Request) error {
	mt, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mt != "application/json" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return &problem.Error{Status: http.StatusUnsupportedMediaType, Detail: "Envíe el contenido como application/json."}
	}
	return nil
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
	if err := isText(b); err != nil {
		return nil, err
	}
	return b, nil
}

// isText refuses what no database could hold.
func isText(b []byte) error {
	if !utf8.Valid(b) {
		return problem.BadRequest("El contenido no está en UTF-8 válido.")
	}
	if bytes.IndexByte(b, 0) >= 0 || escapedNUL(b) {
		return problem.BadRequest("El contenido tiene un carácter nulo, que no se admite.")
	}
	return nil
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

// PathID reads a UUID from the path.
func PathID(r *http.Request, name string) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PathValue(name))
	if err != nil || len(r.PathValue(name)) != 36 {
		return uuid.Nil, problem.NotFound("No existe este recurso.")
	}
	return id, nil
}
