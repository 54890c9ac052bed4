package login

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"hce.co/functions/login/api"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/service"
	"hce.co/shared/telemetry"
)

// token is the token endpoint (RFC 6749 §3.2).
func (f *Function) token(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Pragma", "no-cache") // RFC 6749 §5.1, beside the Cache-Control that every answer has
	in, err := readTokenRequest(r)
	var t api.Token
	if err == nil {
		t, err = f.grant(r, in)
	}
	if err != nil {
		err = refusal(w, r, in, err)
	}
	noteSignIn(r.Context(), in.GrantType, err)
	if err != nil {
		return err
	}
	return service.WriteJSON(w, 0, t)
}

// refusal is what the token endpoint answers after an error.
func refusal(w http.ResponseWriter, r *http.Request, in api.TokenRequest, err error) error {
	if in.GrantType == api.GrantClient && errors.Is(err, errWrong) {
		if _, _, basic := r.BasicAuth(); basic {
			w.Header().Set("WWW-Authenticate", `Basic realm="hce"`) // RFC 6749 §5.2
		}
		return oauth(problem.Unauthorized("El cliente o su secreto no son correctos."), api.ErrorClient, "cliente o secreto incorrectos")
	}
	return tokenProblem(w, err)
}

// noteSignIn has the request counted by what was asked for and by the code of
// its refusal.
func noteSignIn(ctx context.Context, grant string, err error) {
	switch grant {
	case api.GrantPassword, api.GrantSecondFactor, api.GrantRefresh, api.GrantClient:
	default:
		grant = "other"
	}
	outcome := "ok"
	if err != nil {
		outcome = api.ErrorUnavailable
		var p *problem.Error
		if errors.As(err, &p) {
			if code, ok := p.Members["error"].(string); ok {
				outcome = code
			}
		}
	}
	telemetry.Note(ctx, "hce.grant", grant)
	telemetry.Note(ctx, "hce.outcome", outcome)
}

// grant answers by the kind of proof that came.
func (f *Function) grant(r *http.Request, in api.TokenRequest) (api.Token, error) {
	ctx := r.Context()
	switch in.GrantType {
	case api.GrantPassword:
		if in.Username == "" || in.Password == "" {
			p := problem.BadRequest("Escriba su usuario y su clave.")
			p.Fields = missing(map[string]string{"username": in.Username, "password": in.Password})
			return api.Token{}, p
		}
		return f.signIn(ctx, in)
	case api.GrantSecondFactor:
		if in.MFAToken == "" || in.CodigoMFA == "" {
			p := problem.BadRequest("Escriba el código de verificación.")
			p.Fields = missing(map[string]string{"mfa_token": in.MFAToken, "codigo_mfa": in.CodigoMFA})
			return api.Token{}, p
		}
		return f.secondStep(ctx, in)
	case api.GrantRefresh:
		if in.RefreshToken == "" {
			return api.Token{}, problem.BadRequest("Falta refresh_token.")
		}
		return f.refresh(ctx, in.RefreshToken, r.Header.Get("Idempotency-Key"))
	case api.GrantClient:
		if in.ClientID == "" || in.ClientSecret == "" {
			return api.Token{}, problem.BadRequest("Faltan client_id y client_secret.")
		}
		return f.signInClient(ctx, in.ClientID, in.ClientSecret)
	case "":
		return api.Token{}, problem.BadRequest("Falta grant_type.")
	}
	return api.Token{}, oauth(problem.BadRequest("Ese grant_type no se admite."), api.ErrorGrantType, "grant_type no admitido")
}

func missing(values map[string]string) map[string]string {
	out := map[string]string{}
	for name, v := range values {
		if v == "" {
			out[name] = "Escriba este dato."
		}
	}
	return out
}

// oauth adds what RFC 6749 §5.2 asks of an error. Its description is ASCII, as
// the RFC has it; detail is the text for people.
func oauth(p *problem.Error, code, description string) *problem.Error {
	return p.With("error", code).With("error_description", description)
}

// tokenProblem makes of any failure the answer of a token endpoint.
func tokenProblem(w http.ResponseWriter, err error) error {
	var slow slowDown
	if errors.As(err, &slow) {
		return oauth(slow.problem(w.Header()), api.ErrorSlowDown, "demasiados intentos")
	}
	if errors.Is(err, errWrong) {
		return oauth(problem.Unauthorized("El usuario o la clave no son correctos."), api.ErrorGrant, "usuario o clave incorrectos")
	}
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		err = &problem.Error{Status: http.StatusRequestEntityTooLarge, Detail: "El contenido supera el máximo permitido de 1 MiB."}
	}
	err = db.Problem(err)
	var p *problem.Error
	if !errors.As(err, &p) || p.Members["error"] != nil {
		return err
	}
	if p.Status >= 500 {
		return oauth(p, api.ErrorUnavailable, "intente de nuevo en unos segundos")
	}
	return oauth(p, api.ErrorRequest, "solicitud incorrecta")
}

// readTokenRequest reads a form, as RFC 6749 has it, or JSON.
func readTokenRequest(r *http.Request) (in api.TokenRequest, err error) {
	mt, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && mt == "application/json":
		err = service.Decode(r, &in)
	case err == nil && mt == "application/x-www-form-urlencoded":
		in, err = readTokenForm(r)
	default:
		err = &problem.Error{
			Status: http.StatusUnsupportedMediaType, Detail: "Envíe un formulario (application/x-www-form-urlencoded) o application/json.",
		}
	}
	if err != nil {
		return in, err
	}
	if err := readBasic(r, &in); err != nil {
		return in, err
	}
	if in.GrantType == "" && (in.Username != "" || in.Password != "") {
		in.GrantType = api.GrantPassword
	}
	return in, nil
}

// readTokenForm reads the parameters: an unknown one is ignored, a repeated one
// is refused (RFC 6749 §3.2).
func readTokenForm(r *http.Request) (in api.TokenRequest, err error) {
	b, err := service.Text(r)
	if err != nil {
		return in, err
	}
	form, err := url.ParseQuery(string(b))
	if err != nil {
		return in, problem.BadRequest("El formulario no se puede leer.").Because(err)
	}
	for name, into := range map[string]*string{
		"grant_type": &in.GrantType, "username": &in.Username, "password": &in.Password, "codigo_mfa": &in.CodigoMFA,
		"mfa_token": &in.MFAToken, "refresh_token": &in.RefreshToken, "client_id": &in.ClientID, "client_secret": &in.ClientSecret,
		"scope": &in.Scope,
	} {
		values := form[name]
		if len(values) > 1 {
			return in, problem.BadRequest("El parámetro %s viene repetido.", name)
		}
		if len(values) == 1 {
			*into = values[0]
		}
		if !utf8.ValidString(*into) || strings.ContainsRune(*into, 0) {
			return in, problem.BadRequest("El parámetro %s tiene caracteres que no se admiten.", name)
		}
	}
	return in, nil
}

// readBasic takes the client's id and secret from an Authorization header
// (RFC 6749 §2.3.1). Any other kind of header is somebody else's.
func readBasic(r *http.Request, in *api.TokenRequest) error {
	id, secret, ok := r.BasicAuth()
	if !ok || in.GrantType != api.GrantClient {
		return nil
	}
	if in.ClientSecret != "" || len(r.Header.Values("Authorization")) > 1 {
		return problem.BadRequest("Envíe el secreto del cliente de una sola manera.")
	}
	var err error
	if id, err = url.QueryUnescape(id); err == nil {
		secret, err = url.QueryUnescape(secret)
	}
	if err != nil || !utf8.ValidString(id+secret) || strings.ContainsRune(id+secret, 0) {
		return problem.BadRequest("El encabezado Authorization no es válido.")
	}
	if in.ClientID != "" && in.ClientID != id {
		return problem.BadRequest("El client_id viene dos veces y no es el mismo.")
	}
	in.ClientID, in.ClientSecret = id, secret
	return nil
}

// publicKeys shows the keys that verify tokens (RFC 7517).
func (f *Function) publicKeys(w http.ResponseWriter, _ *http.Request) error {
	set, err := f.keys.Set()
	if err != nil {
		return problem.Unavailable(err)
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
	return service.WriteJSON(w, 0, set.Public())
}
