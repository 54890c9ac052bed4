package view

import "hce.co/ui/view/component"

// SignIn asks for the user name and the password; it posts to link.SignIn.
type SignIn struct {
	Page
	Awaiting
	Form  component.Form // username, password
	Ended bool           // the last session ran out, where something was being sent
	Lost  bool           // what was being sent could not be kept
}

// Awaiting is what waits until somebody has signed in, and has settled what their
// account must settle first. Each form on the way posts it to the next.
type Awaiting struct {
	Next    string // where to go afterwards, posted as siguiente
	Written string // sealed: what was being sent, posted as WrittenField
}

// WrittenField is the name of the field in which what somebody wrote waits for
// them to sign in again.
const WrittenField = "escrito"

// SecretFields are the fields of all forms that no other page may hold: what
// proves who somebody is.
var SecretFields = []string{"password", "actual", "nueva", "clave", CodeField, "secreto", "uri"}

// SecondFactor is the second step of signing in; it posts to
// link.SecondFactor.
type SecondFactor struct {
	Page
	Awaiting
	Form component.Form // codigo
}

// SignUp opens the account of a patient; it posts to link.SignUp.
type SignUp struct {
	Page
	Form  component.Form
	Types []component.Option // of document
}

// PasswordChange posts to link.Password.
type PasswordChange struct {
	Page
	Awaiting
	Form   component.Form // actual, nueva
	Forced bool           // a one-time password must be replaced
}

// Enrol sets up the second factor; it posts to link.Enrol, and to link.Resume
// when something that was written waits.
type Enrol struct {
	Page
	Awaiting
	Form     component.Form // codigo
	Enabled  bool           // there is one already
	Forced   bool           // the user's role asks for one
	Secret   string         // base32 in groups of four, to be typed in an app; without it the page offers to begin
	URI      string         // otpauth://, to be opened on the phone itself
	Recovery []string       // shown once, after confirming
}

// Reinforce asks again who the user is, before something that matters; it posts
// to link.Reinforce.
type Reinforce struct {
	Page
	Form   component.Form // codigo, or clave of who has no second factor
	Factor bool           // the user has a second factor
	Next   string         // where to go afterwards, posted as siguiente
}

func one(fields ...component.Field) []component.Group { return []component.Group{{Fields: fields}} }

func (SignIn) groups() []component.Group {
	return one(
		component.Field{Name: "username", Label: "Usuario o correo electrónico", Required: true, Autocomplete: "username", Autofocus: true, Code: true, MaxLength: 254},
		component.Field{Name: "password", Label: "Clave", Kind: component.Password, Required: true, Autocomplete: "current-password", MaxLength: 256},
	)
}

func (SecondFactor) groups() []component.Group {
	code := codeField()
	code.Autofocus = true
	return one(code)
}

// CodeField is the name of the field for a code of the second factor.
const CodeField = "codigo"

func codeField() component.Field {
	return component.Field{
		Name: CodeField, Label: "Código de verificación", Required: true, Code: true, MaxLength: 24, Autocomplete: "one-time-code",
		Hint: "Los seis dígitos de su aplicación de autenticación, o uno de sus códigos de recuperación.",
	}
}

func (m SignUp) groups() []component.Group {
	return []component.Group{
		{Legend: "Su historia clínica", Hint: "Pida en recepción su código de registro; sirve una sola vez y vence a los 7 días.", Fields: []component.Field{
			{Name: "tipo_documento", Label: "Tipo de documento", Kind: component.Select, Options: m.Types, Required: true, Default: "CC"},
			{Name: "numero_documento", Label: "Número de documento", Required: true, Code: true, MaxLength: 24},
			{Name: "fecha_nacimiento", Label: "Fecha de nacimiento", Kind: component.Date, Required: true, Autocomplete: "bday"},
			{Name: "codigo", Label: "Código de registro", Required: true, Code: true, MaxLength: 24, Autocomplete: "off"},
		}},
		{Legend: "Su cuenta", Fields: []component.Field{
			{Name: "username", Label: "Usuario", Required: true, Autocomplete: "username", Code: true, MaxLength: 60},
			{Name: "email", Label: "Correo electrónico", Kind: component.Email, Autocomplete: "email", MaxLength: 254},
			{Name: "password", Label: "Clave", Kind: component.Password, Required: true, Autocomplete: "new-password", MaxLength: 256, Hint: "Al menos 12 caracteres; una frase que recuerde sirve."},
		}},
	}
}

func (m PasswordChange) groups() []component.Group {
	current := "Clave actual"
	if m.Forced {
		current = "Clave que le entregaron"
	}
	return one(
		component.Field{Name: "actual", Label: current, Kind: component.Password, Required: true, Autocomplete: "current-password", Autofocus: true, MaxLength: 256},
		component.Field{Name: "nueva", Label: "Clave nueva", Kind: component.Password, Required: true, Autocomplete: "new-password", MaxLength: 256, Hint: "Al menos 12 caracteres; una frase que recuerde sirve."},
	)
}

func (m Reinforce) groups() []component.Group {
	if m.Factor {
		return SecondFactor{}.groups()
	}
	return one(component.Field{Name: "clave", Label: "Clave", Kind: component.Password, Required: true, Autocomplete: "current-password", MaxLength: 256, Autofocus: true})
}

func (Enrol) groups() []component.Group {
	return one(component.Field{
		Name: "codigo", Label: "Código de la aplicación", Required: true, Code: true, MaxLength: 8,
		InputMode: "numeric", Autocomplete: "one-time-code", Hint: "Los seis dígitos que muestra ahora.", Width: component.Narrow,
	})
}

// ended is what became of what was being sent.
func (m SignIn) ended() component.Notice {
	n := component.Notice{Tone: component.Info, Title: "La sesión terminó", Text: "Ingrese de nuevo para continuar donde iba."}
	switch {
	case m.Written != "":
		n.Text = "Lo que envió no quedó guardado, pero tampoco se perdió: ingrese con la misma cuenta y volverá a verlo, para enviarlo de nuevo."
	case m.Lost:
		n.Tone, n.Text = component.Caution, "Lo que envió no quedó guardado. Antes de ingresar, vuelva atrás en su navegador y copie lo que escribió."
	}
	return n
}
