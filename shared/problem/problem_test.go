package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const instance = "0192f0c4-0000-7000-8000-000000000001"

// answer writes err and returns what a client gets.
func answer(err error) (*http.Response, []byte) {
	rec := httptest.NewRecorder()
	Write(rec, err, instance)
	resp := rec.Result()
	b, rerr := io.ReadAll(resp.Body)
	if rerr != nil {
		panic(rerr)
	}
	return resp, b
}

func TestWriteShape(t *testing.T) {
	cause := errors.New("duplicate key 1032456789")
	for _, tt := range []struct {
		name string
		err  error
		want map[string]any
	}{
		{"a conflict with a member", Conflict("Ese documento ya tiene historia.").With("documento_id", "CC-1").Because(cause), map[string]any{
			"type": "urn:hce:problema:conflicto", "title": "Conflicto", "status": 409.0,
			"detail": "Ese documento ya tiene historia.", "instance": "urn:uuid:" + instance, "documento_id": "CC-1",
		}},
		{"fields", Invalid(map[string]string{"telefono": "Solo dígitos."}), map[string]any{
			"type": "urn:hce:problema:datos-no-validos", "title": "Datos no válidos", "status": 422.0,
			"detail": "Revise los campos señalados.", "instance": "urn:uuid:" + instance,
			"campos": map[string]any{"telefono": "Solo dígitos."},
		}},
		{"wrapped", fmt.Errorf("read patient: %w", NotFound("No existe.")), map[string]any{
			"type": "urn:hce:problema:no-encontrado", "title": "No encontrado", "status": 404.0,
			"detail": "No existe.", "instance": "urn:uuid:" + instance,
		}},
		{"anything else", cause, map[string]any{
			"type": "urn:hce:problema:error-interno", "title": "Error interno", "status": 500.0,
			"detail":   "Ocurrió un error inesperado. Si se repite, informe este número: " + instance,
			"instance": "urn:uuid:" + instance,
		}},
		{"a member that poses as a standard one", Forbidden("No.").With("status", 200).With("detail", "sí"), map[string]any{
			"type": "urn:hce:problema:no-autorizado", "title": "No autorizado", "status": 403.0,
			"detail": "No.", "instance": "urn:uuid:" + instance,
		}},
		{"a status without a type of ours", &Error{Status: http.StatusTeapot, Detail: "No."}, map[string]any{
			"type": "about:blank", "title": "I'm a teapot", "status": 418.0, "detail": "No.", "instance": "urn:uuid:" + instance,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := answer(tt.err)
			var got map[string]any
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if float64(resp.StatusCode) != tt.want["status"] {
				t.Errorf("the status line says %d, the body %v", resp.StatusCode, tt.want["status"])
			}
			if ct := resp.Header.Get("Content-Type"); ct != "application/problem+json" {
				t.Errorf("Content-Type %q", ct)
			}
			if cc := resp.Header.Get("Cache-Control"); cc != "no-store" {
				t.Errorf("Cache-Control %q", cc)
			}
		})
	}
}

func TestEveryStatusHasTypeAndTitle(t *testing.T) {
	for status := range titles {
		if slugs[status] == "" {
			t.Errorf("%d has a title and no type", status)
		}
	}
	seen := map[string]int{}
	for status, slug := range slugs {
		if titles[status] == "" {
			t.Errorf("%d has a type and no title", status)
		}
		if other, ok := seen[slug]; ok && titles[other] != titles[status] {
			t.Errorf("%d and %d share the type %s and not the title", status, other, slug)
		}
		seen[slug] = status
	}
	for _, e := range []*Error{
		BadRequest(""), Invalid(nil), Unprocessable(""), Unauthorized(""), Forbidden(""), NotFound(""), Conflict(""), Stale(),
		TooMany(0, ""), Unavailable(nil),
	} {
		if titles[e.Status] == "" {
			t.Errorf("a constructor makes %d, which has no title", e.Status)
		}
	}
}

func TestWriteReplacesWhatAHandlerSet(t *testing.T) {
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Type", "application/pdf")
	rec.Header().Set("Content-Length", "12345")
	rec.Header().Set("ETag", `"3"`)
	Write(rec, Stale(), instance)
	h := rec.Result().Header
	if h.Get("ETag") != "" || h.Get("Content-Length") != "" || h.Get("Content-Type") != "application/problem+json" {
		t.Errorf("headers of the answer that was not given remain: %v", h)
	}
}

func TestChallenge(t *testing.T) {
	resp, _ := answer(Unauthorized("Debe iniciar sesión."))
	if got := resp.Header.Get("WWW-Authenticate"); got != `Bearer realm="hce"` {
		t.Errorf("WWW-Authenticate %q", got)
	}
	resp, _ = answer(Forbidden("No."))
	if got := resp.Header.Get("WWW-Authenticate"); got != "" {
		t.Errorf("a 403 challenges with %q", got)
	}
	rec := httptest.NewRecorder()
	rec.Header().Set("WWW-Authenticate", `Basic realm="login"`)
	Write(rec, Unauthorized("No."), "")
	if got := rec.Result().Header.Values("WWW-Authenticate"); len(got) != 1 || got[0] != `Basic realm="login"` {
		t.Errorf("the handler's own challenge became %q", got)
	}
}

func TestRetryAfterRoundsUp(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "", -time.Second: "", time.Nanosecond: "1", 999 * time.Millisecond: "1", time.Second: "1",
		1001 * time.Millisecond: "2", 15 * time.Minute: "900", 15*time.Minute + time.Millisecond: "901",
	} {
		resp, _ := answer(TooMany(d, "Espere."))
		if got := resp.Header.Get("Retry-After"); got != want {
			t.Errorf("%v: Retry-After %q, want %q", d, got, want)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, e := range []*Error{
		BadRequest("El JSON no es válido."),
		Invalid(map[string]string{"primer_nombre": "Falta.", "contacto_emergencia.nombre": "Falta."}),
		Conflict("Ya existe.").With("documento_id", "CC-1").With("acceso_emergencia", true),
		TooMany(90*time.Second, "Espere %d minutos.", 2),
		Unavailable(nil),
		Stale(),
	} {
		resp, body := answer(e)
		got := Read(resp, body)
		if diff := cmp.Diff(e, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%v (-written +read):\n%s", e, diff)
		}
	}
}

func TestReadWhatIsNoProblem(t *testing.T) {
	for _, tt := range []struct {
		status     int
		body, want string
	}{
		{502, "<html>Bad Gateway</html>", "Servicio inalcanzable."},
		{503, "", "Servicio no disponible."},
		{404, `{"detail":""}`, "No encontrado."},
		{400, `{"detail":7}`, "Solicitud incorrecta."},
		{500, `["detail"]`, "Error interno."},
	} {
		got := Read(&http.Response{StatusCode: tt.status, Header: http.Header{}}, []byte(tt.body))
		if got.Status != tt.status || got.Detail != tt.want {
			t.Errorf("%d %s: read as %d %q, want %q", tt.status, tt.body, got.Status, got.Detail, tt.want)
		}
	}
	dated := &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {"Fri, 07 Nov 2025 23:59:59 GMT"}}}
	if got := Read(dated, nil); got.RetryAfter != 0 {
		t.Errorf("a Retry-After with a date was read as %v", got.RetryAfter)
	}
}

func TestError(t *testing.T) {
	cause := errors.New("connection refused")
	err := fmt.Errorf("send: %w", Unavailable(cause))
	if !errors.Is(err, cause) {
		t.Error("the cause is not in the chain")
	}
	if got := Status(err); got != 503 {
		t.Errorf("Status is %d, want 503", got)
	}
	if got := Status(cause); got != 500 {
		t.Errorf("Status of another error is %d, want 500", got)
	}
	if got := Conflict("Ya existe.").Because(cause).Error(); got != "409 Ya existe.: connection refused" {
		t.Errorf("Error is %q", got)
	}
}

func TestWithLeavesTheMembersItWasGiven(t *testing.T) {
	shared := map[string]any{"a": 1}
	e := &Error{Status: 409, Members: shared}
	e.With("b", 2)
	if diff := cmp.Diff(map[string]any{"a": 1}, shared); diff != "" {
		t.Errorf("the caller's map changed:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"a": 1, "b": 2}, e.Members); diff != "" {
		t.Error(diff)
	}
}
