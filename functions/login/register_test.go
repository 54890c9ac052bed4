package login

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/shared/crockford"
	"hce.co/shared/problem"
)

// registration is a right one for a record and its code.
func registration(documentoID, code string) api.Registration {
	return api.Registration{
		NewUser:       api.NewUser{Username: "p" + strings.TrimPrefix(documentoID, "CC-"), Password: "cien gatos sin techo"},
		TipoDocumento: "CC", NumeroDocumento: strings.TrimPrefix(documentoID, "CC-"), FechaNacimiento: "1984-02-29", Codigo: code,
	}
}

func TestPatientRegisters(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	id := w.patient()
	in := registration(id, w.code(id))
	in.Email = "Luz." + in.NumeroDocumento + "@Correo.CO"
	got, err := c.Register(w.anyone(), in, "")
	if err != nil {
		t.Fatal(err)
	}
	want := api.Registered{ID: got.ID, Username: in.Username, Nombre: "Luz Peña Ávila", Rol: auth.Patient, Roles: []auth.Role{auth.Patient}, DocumentoID: id}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	tok, err := c.Login(w.anyone(), strings.ToUpper(in.Email), in.Password)
	if err != nil || tok.Rol != auth.Patient || tok.DocumentoID != id {
		t.Errorf("signing in: %+v, %v", tok, err)
	}
	if n := one[int](w, `SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo = 'create' AND usuario_id = $2`, id, got.ID); n != 1 {
		t.Errorf("%d audit rows under the record, want 1", n)
	}
	_, err = c.Register(w.anyone(), registrationAs(in, "otro-"+in.Username), "")
	status(t, "the code again", err, 422)
	second := registration(id, w.code(id))
	second.Username += "x"
	_, err = c.Register(w.anyone(), second, "")
	status(t, "a second account of the same record", err, 409)
}

func registrationAs(in api.Registration, username string) api.Registration {
	in.Username = username
	in.Email = ""
	return in
}

// A patient's older document, and a code copied by hand, lead to the same.
func TestCodesAreReadAsPeopleCopyThem(t *testing.T) {
	for name, copied := range map[string]func(string) string{
		"lower case":       strings.ToLower,
		"no dashes":        func(s string) string { return strings.ReplaceAll(s, "-", "") },
		"spaces":           func(s string) string { return " " + strings.ReplaceAll(s, "-", " ") + " " },
		"O for 0, l for 1": func(s string) string { return strings.NewReplacer("0", "O", "1", "l").Replace(s) },
		"o for 0, I for 1": func(s string) string { return strings.NewReplacer("0", "o", "1", "I").Replace(s) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.patient()
			if _, err := w.client().Register(w.anyone(), registration(id, copied(w.code(id))), ""); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("older document", func(t *testing.T) {
		w := newWorld(t)
		id := w.patient()
		older := "TI-9" + strings.TrimPrefix(id, "CC-")[1:]
		w.exec(`INSERT INTO historia_clinica.identificador (clave, documento_id, vigente, desde) VALUES ($1, $2, false, '2002-01-01')`, older, id)
		in := registration(id, w.code(id))
		in.TipoDocumento, in.NumeroDocumento = "ti", strings.TrimPrefix(older, "TI-")
		got, err := w.client().Register(w.anyone(), in, "")
		if err != nil || got.DocumentoID != id {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// Whatever is wrong, the answer is the same.
func TestWrongClaimsAreAlike(t *testing.T) {
	w := newWorld(t, "SIGNIN_ADDRESS_FREE_TRIES=1000")
	id, dead, gone, used, expired := w.patient(), w.patient(), w.patient(), w.patient(), w.patient()
	w.exec(`UPDATE historia_clinica.paciente SET fallecido = true WHERE documento_id = $1`, dead)
	w.exec(`UPDATE historia_clinica.paciente SET activo = false WHERE documento_id = $1`, gone)
	code := w.code(id)
	usedCode, expiredCode := w.code(used), w.code(expired)
	w.exec(`UPDATE historia_clinica.codigo_registro SET usado_en = $2 WHERE documento_id = $1`, used, w.f.Now())
	w.exec(`UPDATE historia_clinica.codigo_registro SET expira = $2 WHERE documento_id = $1`, expired, w.f.Now())
	change := func(f func(*api.Registration)) api.Registration {
		in := registration(id, code)
		f(&in)
		return in
	}
	var first string
	for name, in := range map[string]api.Registration{
		"wrong code":       change(func(r *api.Registration) { r.Codigo = crockford.Show(crockford.New()) }),
		"no such code":     change(func(r *api.Registration) { r.Codigo = "x" }),
		"wrong birth date": change(func(r *api.Registration) { r.FechaNacimiento = "1984-02-28" }),
		"no such record":   change(func(r *api.Registration) { r.NumeroDocumento = "99" + r.NumeroDocumento[:8] + "0" }),
		"another type":     change(func(r *api.Registration) { r.TipoDocumento = "TI" }),
		"another's code":   registration(w.patient(), code),
		"died":             registration(dead, w.code(dead)),
		"inactive":         registration(gone, w.code(gone)),
		"code used":        registration(used, usedCode),
		"code expired":     registration(expired, expiredCode),
		"no code issued":   registration(w.patient(), crockford.Show(crockford.New())),
	} {
		before := w.hashes.Load()
		got := w.send("POST", "/register", jsonType, string(mustJSON(in)))
		delete(got.body, "instance")
		seen := string(mustJSON(got.body))
		if first == "" {
			first = seen
		}
		if got.status != 422 || seen != first || w.hashes.Load() != before {
			t.Errorf("%s: %d %s, want %s", name, got.status, seen, first)
		}
	}
	if _, err := w.client().Register(w.anyone(), registration(id, code), ""); err != nil {
		t.Errorf("four wrong tries killed the code: %v", err)
	}
}

func TestACodeDiesOfGuessing(t *testing.T) {
	w := newWorld(t)
	id := w.patient()
	code := w.code(id)
	for range maxCodeTries {
		_, err := w.client().Register(w.anyone(), registration(id, crockford.Show(crockford.New())), "")
		status(t, "a guess", err, 422)
	}
	_, err := w.client().Register(w.anyone(), registration(id, code), "")
	status(t, "the right code after five guesses", err, 422)
	if _, err := w.client().Register(w.anyone(), registration(id, w.code(id)), ""); err != nil {
		t.Errorf("a new code: %v", err)
	}
}

func TestGuessingRecordsIsSlow(t *testing.T) {
	w := newWorld(t, "SIGNIN_ADDRESS_FREE_TRIES=10")
	seen := map[int]int{}
	for range 20 {
		_, err := w.client().Register(w.anyone(), registration("CC-1000000000", crockford.Show(crockford.New())), "")
		seen[problem.Status(err)]++
	}
	if seen[422] != 10 || seen[429] != 10 {
		t.Errorf("20 guesses: %v", seen)
	}
}

func TestRegistrationFields(t *testing.T) {
	w := newWorld(t)
	id := w.patient()
	code := w.code(id)
	good := registration(id, code)
	for name, tt := range map[string]struct {
		change func(map[string]any)
		status int
		field  string
	}{
		"another role":      {func(m map[string]any) { m["rol"] = "administrador" }, 403, ""},
		"another of roles":  {func(m map[string]any) { m["roles"] = []string{"paciente", "medico"} }, 403, ""},
		"a role of nobody":  {func(m map[string]any) { m["rol"] = "dueño" }, 403, ""},
		"a professional":    {func(m map[string]any) { m["profesional"] = map[string]any{"registro_medico": "1"} }, 403, ""},
		"unknown field":     {func(m map[string]any) { m["activo"] = true }, 400, "activo"},
		"short password":    {func(m map[string]any) { m["password"] = "corta" }, 422, "password"},
		"no password":       {func(m map[string]any) { delete(m, "password") }, 422, "password"},
		"common password":   {func(m map[string]any) { m["password"] = "123456789012" }, 422, "password"},
		"the name":          {func(m map[string]any) { m["password"] = "luz peña ávila" }, 422, "password"},
		"the user name":     {func(m map[string]any) { m["password"] = m["username"].(string) + "xx"; m["username"] = m["password"] }, 422, "password"},
		"bad user name":     {func(m map[string]any) { m["username"] = "luz@peña" }, 422, "username"},
		"short user name":   {func(m map[string]any) { m["username"] = "lu" }, 422, "username"},
		"bad e-mail":        {func(m map[string]any) { m["email"] = "luz" }, 422, "email"},
		"e-mail with name":  {func(m map[string]any) { m["email"] = "Luz <luz@correo.co>" }, 422, "email"},
		"bad document type": {func(m map[string]any) { m["tipo_documento"] = "XX" }, 422, "tipo_documento"},
		"bad number":        {func(m map[string]any) { m["numero_documento"] = "abc" }, 422, "numero_documento"},
		"another document":  {func(m map[string]any) { m["documento_id"] = "CC-1032456789" }, 422, "documento_id"},
		"no such day":       {func(m map[string]any) { m["fecha_nacimiento"] = "1985-02-29" }, 422, "fecha_nacimiento"},
		"no code":           {func(m map[string]any) { delete(m, "codigo") }, 422, "codigo"},
	} {
		var m map[string]any
		if err := unmarshal(mustJSON(good), &m); err != nil {
			t.Fatal(err)
		}
		tt.change(m)
		got := w.send("POST", "/register", jsonType, string(mustJSON(m)))
		campos, _ := got.body["campos"].(map[string]any)
		if got.status != tt.status || tt.field != "" && campos[tt.field] == nil {
			t.Errorf("%s: %d %v", name, got.status, got.body)
		}
	}
	if got := w.send("POST", "/register", jsonType, string(mustJSON(good)), "Authorization: Bearer basura"); got.status != 401 {
		t.Errorf("with an invalid token: %d, want 401", got.status)
	}
	good.Rol = auth.Patient
	got := w.send("POST", "/register", jsonType, string(mustJSON(good)))
	if got.status != 201 || got.header.Get("Location") != "/usuarios/"+got.body["id"].(string) || strings.Contains(got.raw, "password") {
		t.Errorf("after all that: %d %v", got.status, got.body)
	}
}

// A user name that is taken does not use the code up.
func TestTakenUserName(t *testing.T) {
	w := newWorld(t)
	id := w.patient()
	in := registration(id, w.code(id))
	taken := w.account(auth.Operator)
	for range maxCodeTries + 1 {
		_, err := w.client().Register(w.anyone(), registrationAs(in, strings.ToUpper(taken.Username)), "")
		var p *problem.Error
		if !asProblem(err, &p) || p.Status != 409 || p.Fields["username"] == "" {
			t.Fatalf("%v", err)
		}
	}
	if _, err := w.client().Register(w.anyone(), in, ""); err != nil {
		t.Error(err)
	}
}

func TestRegistrationIsIdempotent(t *testing.T) {
	w := newWorld(t)
	id := w.patient()
	in := registration(id, w.code(id))
	first, err := w.client().Register(w.anyone(), in, "llave-"+id)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.client().Register(w.anyone(), in, "llave-"+id)
	if diff := cmp.Diff(first, again); err != nil || diff != "" {
		t.Errorf("the retry: %v\n%s", err, diff)
	}
	in.Password += " y más"
	_, err = w.client().Register(w.anyone(), in, "llave-"+id)
	status(t, "the key with another body", err, 422)
}

func TestConcurrentRegistrations(t *testing.T) {
	w := newWorld(t)
	id := w.patient()
	code := w.code(id)
	var mu sync.Mutex
	seen := map[int]int{}
	var wg sync.WaitGroup
	for i := range 8 {
		in := registrationAs(registration(id, code), "r"+strings.TrimPrefix(id, "CC-")+string(rune('a'+i)))
		wg.Go(func() {
			_, err := w.client().Register(w.anyone(), in, "")
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				seen[201]++
			} else {
				seen[problem.Status(err)]++
			}
		})
	}
	wg.Wait()
	if seen[201] != 1 || seen[201]+seen[409]+seen[422] != 8 {
		t.Errorf("eight registrations with one code: %v", seen)
	}
}
