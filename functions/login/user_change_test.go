package login

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"hce.co/functions/login/api"
	"hce.co/shared/auth"
)

// What is missing from a change stays: rol alone says which of the roles is the
// first, and takes none away.
func TestChangeOfTheFirstRole(t *testing.T) {
	w := newWorld(t)
	a := w.account(auth.Registrar, func(a *account) { a.Roles = []auth.Role{auth.Registrar, auth.RecordsClerk, auth.Operator} })
	admin := w.as(w.account(auth.Admin))
	operator, physician := auth.Operator, auth.Physician
	u, err := w.client().UpdateUser(admin, a.ID, 1, api.UserChange{Rol: &operator})
	if want := []auth.Role{auth.Operator, auth.Registrar, auth.RecordsClerk}; err != nil || u.Rol != auth.Operator || !slices.Equal(u.Roles, want) {
		t.Errorf("%+v, %v; want %v", u, err, want)
	}
	_, err = w.client().UpdateUser(admin, a.ID, u.Version, api.UserChange{Rol: &physician})
	status(t, "a role that the account does not have", err, 422)
	u, err = w.client().UpdateUser(admin, a.ID, u.Version, api.UserChange{Rol: &operator, Roles: []auth.Role{auth.Registrar, auth.Operator}})
	if want := []auth.Role{auth.Operator, auth.Registrar}; err != nil || !slices.Equal(u.Roles, want) {
		t.Errorf("%+v, %v; want %v", u, err, want)
	}
}

// A search finds a name whatever marks it is written with, there and here.
func TestSearchWithoutMarks(t *testing.T) {
	w := newWorld(t)
	token := "Authorization: Bearer " + w.login(w.account(auth.Admin)).AccessToken
	tail := unique("")
	for _, name := range []string{"Conceição Ŏlafsson", "ÇELİK Ağaoğlu", "Žofia Dvořák", "Ångström Ñandú"} {
		a := w.account(auth.Operator, func(a *account) { a.Nombre = name + " " + tail })
		without := plain(name)
		for _, q := range []string{name, without, strings.ToUpper(without), strings.ToLower(name)} {
			got := w.send("GET", "/usuarios?limite=2&q="+url.QueryEscape(q+" "+tail), "", "", token)
			if !strings.Contains(got.raw, a.ID.String()) {
				t.Errorf("%q is not found by %q: %d %s", name, q, got.status, got.raw)
			}
		}
	}
}
