package service

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hce.co/shared/problem"
)

// ETag is the entity tag of a version (RFC 9110 §8.8.3).
func ETag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// Versions are those of a resource that a request is meant for; nil is whatever
// is there.
type Versions []int

// Has reports whether the request is meant for a version.
func (v Versions) Has(version int) bool { return v == nil || slices.Contains(v, version) }

// IfMatch reads the versions that an update is based on (RFC 9110 §13.1.1): one
// ETag, several, or * for whatever is there. 428 without the header, 412 when
// none is an ETag of ours.
func IfMatch(r *http.Request) (Versions, error) {
	header := r.Header.Values("If-Match")
	if strings.Join(header, "") == "" {
		return nil, &problem.Error{Status: http.StatusPreconditionRequired, Detail: "Falta el encabezado If-Match con el ETag de la versión que modifica."}
	}
	var v Versions
	for tag := range strings.SplitSeq(strings.Join(header, ","), ",") {
		tag = strings.Trim(tag, " \t")
		if tag == "*" {
			return nil, nil
		}
		// A weak tag never matches, and one of another's only itself.
		if n, err := strconv.Atoi(strings.Trim(tag, `"`)); err == nil && n > 0 && tag == ETag(n) {
			v = append(v, n)
		}
	}
	if len(v) == 0 {
		return nil, problem.Stale()
	}
	return v, nil
}

// IfMatchIfAny is [IfMatch] for a header that may be missing: then the request
// is meant for whatever is there.
func IfMatchIfAny(r *http.Request) (Versions, error) {
	if r.Header.Get("If-Match") == "" {
		return nil, nil
	}
	return IfMatch(r)
}
