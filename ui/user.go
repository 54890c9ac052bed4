package ui

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	login "hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

const (
	userPage    = 100  // accounts in a page of the list
	maxAccounts = 1000 // that a home page counts
	lastShown   = 6    // sign-ins at a glance
)

// users lists the accounts: all of them, or those that a search finds. The
// search and the next page are posted, so that no name stands in an address.
func (f *Function) users(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	m := view.UserList{Page: p.page(view.UsersSection), Filter: component.Form{Values: v}}
	in := login.UserSearch{Q: strings.TrimSpace(v.Get("q")), Rol: auth.Role(v.Get("rol")), Limit: userPage, After: v.Get("despues")}
	list, next, err := f.login.Users(p.ctx, in)
	if err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return err
		}
		m.Filter = form
		return p.render(status, m)
	}
	m.More = next
	for _, u := range list {
		m.Items = append(m.Items, userItem(u))
	}
	return p.show(m)
}

func userItem(u login.User) view.UserItem {
	item := view.UserItem{
		ID: u.ID.String(), Name: u.Nombre, Username: u.Username, Email: u.Email, Roles: roleCodes(u.Roles), Active: u.Activo,
		SecondFactor: u.MFA, PatientID: u.DocumentoID, LastSignIn: when(u.UltimoIngreso),
	}
	if pr := u.Profesional; pr != nil {
		item.License, item.Specialty = pr.RegistroMedico, pr.Especialidad
	}
	return item
}

func roleCodes(roles []auth.Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return out
}

// lastSignIns are the last ones, newest first.
func lastSignIns(users []login.User) []view.Sign {
	var out []view.Sign
	for _, u := range users {
		if u.UltimoIngreso != nil {
			out = append(out, view.Sign{When: *u.UltimoIngreso, Name: u.Nombre, Role: string(u.Rol)})
		}
	}
	slices.SortFunc(out, func(a, b view.Sign) int { return b.When.Compare(a.When) })
	return out[:min(len(out), lastShown)]
}

func (f *Function) userForm(p *page) error {
	return f.showUser(p, http.StatusOK, view.UserForm{Form: blankForm()})
}

func (f *Function) showUser(p *page, status int, m view.UserForm) error {
	m.Page, m.Roles, m.Types = p.page(view.UsersSection), catalog.Roles.Options(), catalog.ProfessionTypes.Suggestions()
	m.Services = catalog.Services.Options()
	for _, code := range m.Form.Values["profesional.servicios"] { // those of theirs that the catalogue does not suggest
		if !slices.ContainsFunc(m.Services, func(o component.Option) bool { return o.Value == code }) {
			m.Services = append(m.Services, component.Option{Value: code, Label: catalog.Services.Label(code)})
		}
	}
	return p.render(status, m)
}

// createUser opens an account and shows its one-time password.
func (f *Function) createUser(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	var in login.NewUser
	var made login.CreatedUser
	if err = bind(v, &in); err == nil {
		in.Password = ""
		made, err = f.login.CreateUser(p.ctx, in, v.Get("idempotencia"))
	}
	if err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return err
		}
		return f.showUser(p, status, view.UserForm{Form: form})
	}
	return p.render(http.StatusCreated, view.UserPassword{
		Page: p.page(view.UsersSection), ID: made.ID.String(), Name: made.Nombre, Username: made.Username, Password: made.ClaveInicial, Created: true,
		Unlicensed: userItem(made.User).Unlicensed(),
	})
}

// userID reads the account's id from the path.
func (p *page) userID() (uuid.UUID, error) {
	id, err := uuid.Parse(p.r.PathValue("id"))
	if err != nil {
		return id, problem.NotFound("No existe esa cuenta.")
	}
	return id, nil
}

func (f *Function) account(p *page) (login.User, error) {
	id, err := p.userID()
	if err != nil {
		return login.User{}, err
	}
	return f.login.User(p.ctx, id)
}

func (f *Function) editUserForm(p *page) error {
	u, err := f.account(p)
	if err != nil {
		return err
	}
	v, err := fill(u)
	if err != nil {
		return err
	}
	return f.showAccount(p, http.StatusOK, u, component.Form{Values: v, Version: etag(u.Version)})
}

func (f *Function) showAccount(p *page, status int, u login.User, form component.Form) error {
	return f.showUser(p, status, view.UserForm{
		ID: u.ID.String(), Account: userItem(u), Form: form, Self: u.ID.String() == p.s.ID,
	})
}

// editUser changes an account, in the version that was shown.
func (f *Function) editUser(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	u, err := f.account(p)
	if err != nil {
		return err
	}
	in, err := typedChange(v, u)
	var now login.User
	if err == nil {
		now, err = f.login.UpdateUser(p.ctx, u.ID, versionOf(v.Get("version")), in)
	}
	if err == nil {
		if userItem(now).Unlicensed() {
			return p.done(link.Users, "sin-registro")
		}
		return p.done(link.Users, "usuario")
	}
	form, status, ok := refused(v, err)
	if problem.Status(err) == http.StatusPreconditionFailed {
		form.Problem = "Otra persona cambió esta cuenta mientras usted escribía. Revise lo que está aquí: si lo guarda, reemplaza lo otro."
		form.Version, status, ok = etag(u.Version), http.StatusPreconditionFailed, true
	}
	if !ok {
		return err
	}
	return f.showAccount(p, status, u, form)
}

// typedChange reads the form of an account that exists. A field that was
// emptied is one that is taken away.
func typedChange(v url.Values, u login.User) (login.UserChange, error) {
	var typed login.NewUser
	if err := bind(v, &typed); err != nil {
		return login.UserChange{}, err
	}
	if len(typed.Roles) == 0 {
		return login.UserChange{}, problem.Invalid(map[string]string{"roles": "Elija al menos un rol."})
	}
	in := login.UserChange{Nombre: &typed.Nombre, Email: &typed.Email, Roles: inOrder(typed.Roles, u.Roles), Profesional: typed.Profesional}
	if in.Profesional == nil && u.Profesional != nil {
		in.Profesional = &login.NewProfessional{}
	}
	return in, nil
}

// inOrder puts roles that an account had in the order in which it had them, the
// new ones last: the first is what somebody is first of all.
func inOrder(roles, had []auth.Role) []auth.Role {
	place := func(r auth.Role) int {
		if i := slices.Index(had, r); i >= 0 {
			return i
		}
		return len(had)
	}
	out := slices.Clone(roles)
	slices.SortStableFunc(out, func(a, b auth.Role) int { return place(a) - place(b) })
	return out
}

// userStep disables an account, enables it, or takes its second factor away.
func (f *Function) userStep(p *page) error {
	step := p.r.PathValue("paso")
	if !slices.Contains([]string{"desactivacion", "activacion", "segundo-factor"}, step) {
		return problem.NotFound("No existe ese paso.")
	}
	u, err := f.account(p)
	if err != nil {
		return err
	}
	if step == "segundo-factor" {
		err = f.login.ResetMFA(p.ctx, u.ID)
	} else {
		active := step == "activacion"
		_, err = f.login.UpdateUser(p.ctx, u.ID, u.Version, login.UserChange{Activo: &active})
	}
	var pr *problem.Error
	if errors.As(err, &pr) && (pr.Status == http.StatusConflict || pr.Status == http.StatusUnprocessableEntity) {
		v, ferr := fill(u)
		if ferr != nil {
			return ferr
		}
		return f.showAccount(p, pr.Status, u, component.Form{Values: v, Version: etag(u.Version), Problem: pr.Detail})
	}
	if err != nil {
		return err
	}
	return p.done(link.User(u.ID.String()), "usuario")
}

// resetPassword gives an account a password that is good for one sign-in, and
// shows it this once.
func (f *Function) resetPassword(p *page) error {
	u, err := f.account(p)
	if err != nil {
		return err
	}
	made, err := f.login.ResetPassword(p.ctx, u.ID)
	if err != nil {
		return err
	}
	return p.show(view.UserPassword{
		Page: p.page(view.UsersSection), ID: u.ID.String(), Name: u.Nombre, Username: u.Username, Password: made.ClaveInicial,
	})
}
