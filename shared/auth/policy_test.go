package auth

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"testing"
)

var allRoles = append(Roles(), Producer, Restricted)

// permissions reads the names of the constants from the source, in the order of
// their values.
func permissions(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "policy.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		if typ, ok := g.Specs[0].(*ast.ValueSpec).Type.(*ast.Ident); !ok || typ.Name != "Permission" {
			continue
		}
		var names []string
		for _, s := range g.Specs {
			names = append(names, s.(*ast.ValueSpec).Names[0].Name)
		}
		return names
	}
	t.Fatal("policy.go declares no Permission constants")
	return nil
}

func TestEveryPermissionIsInThePolicy(t *testing.T) {
	names := permissions(t)
	if names[Denied] != "Denied" || names[Public] != "Public" || names[Internal] != "Internal" || names[WatchSystem] != "WatchSystem" {
		t.Fatalf("the names do not stand where their values say: %v", names)
	}
	for i, name := range names {
		roles, ok := policy[Permission(i)]
		switch p := Permission(i); p {
		case Denied, Public, Internal:
			if ok {
				t.Errorf("%s has an entry in the policy", name)
			}
		default:
			if len(roles) == 0 {
				t.Errorf("%s is granted to nobody: it has no entry in the policy", name)
			}
		}
	}
	if len(policy) != len(names)-3 {
		t.Errorf("the policy has %d entries for %d permissions", len(policy), len(names)-3)
	}
}

func TestZeroPermissionIsDeniedToEverybody(t *testing.T) {
	var zero Permission
	if Allows(zero, allRoles) {
		t.Error("all roles together have the zero permission")
	}
	if Allows(zero, nil) || Allows(Permission(9999), allRoles) || Allows(Permission(-1), allRoles) {
		t.Error("an unknown permission is granted")
	}
}

func TestNoRoleNoPermission(t *testing.T) {
	for p := range policy {
		if Allows(p, nil) || Allows(p, []Role{"", "root", "MEDICO", "administrador "}) {
			t.Errorf("permission %d is granted to no role of ours", p)
		}
	}
	for _, p := range []Permission{Public, Internal} {
		if !Allows(p, nil) {
			t.Errorf("permission %d asks for a role", p)
		}
	}
}

func TestPolicyNamesRolesOnce(t *testing.T) {
	for p, roles := range policy {
		for i, r := range roles {
			if !slices.Contains(allRoles, r) {
				t.Errorf("permission %d names the unknown role %q", p, r)
			}
			if slices.Contains(roles[:i], r) {
				t.Errorf("permission %d names %q twice", p, r)
			}
		}
	}
}

// What a role is, whatever permissions are added.
func TestRolesStayWhatTheyAre(t *testing.T) {
	for _, tt := range []struct {
		role Role
		all  []Permission // all that the role may
	}{
		{Restricted, []Permission{SignedIn, OwnAccount}},
		{Producer, []Permission{SignedIn, PostEvents}},
		{Operator, []Permission{SignedIn, OwnAccount, WatchSystem}},
	} {
		for p := range policy {
			if got, want := Allows(p, []Role{tt.role}), slices.Contains(tt.all, p); got != want {
				t.Errorf("%s, permission %d: allowed %v, want %v", tt.role, p, got, want)
			}
		}
	}
	for _, p := range []Permission{WriteNote, BreakGlass} {
		for _, r := range allRoles {
			if Allows(p, []Role{r}) != (r == Physician) {
				t.Errorf("permission %d is not the médico's alone: %s", p, r)
			}
		}
	}
	for _, p := range []Permission{ReadChart, ExportChart, SearchPatients, ReadCensus} {
		if Allows(p, []Role{Admin}) {
			t.Errorf("an administrador has permission %d, which shows records", p)
		}
	}
}

func TestPrincipalRoles(t *testing.T) {
	both := Principal{Roles: []Role{Patient, Physician}}
	for _, tt := range []struct {
		name        string
		p           Principal
		perm        Permission
		acting      Role
		onlyPatient bool
	}{
		{"the role that grants it", both, WriteNote, Physician, false},
		{"the first that grants it", both, ReadPatient, Patient, false},
		{"none grants it", both, ManageUsers, Patient, false},
		{"a patient", Principal{Roles: []Role{Patient}}, ReadChart, Patient, true},
		{"nobody", Principal{}, ReadChart, "", true},
		{"a médico who is a patient, where both roles count", Principal{Roles: both.Roles, Permission: ReadPatient}, ReadPatient, Patient, false},
		{"an operador who is a patient, where only one does", Principal{Roles: []Role{Operator, Patient}, Permission: ReadPatient}, ReadPatient, Patient, true},
		{"an administrador who is a patient, at a record", Principal{Roles: []Role{Admin, Patient}, Permission: ReadPatient}, ReadPatient, Patient, true},
		{"an administrador who is a patient, at a trail", Principal{Roles: []Role{Admin, Patient}, Permission: ReadTrail}, ReadTrail, Admin, false},
	} {
		if got := tt.p.ActingRole(tt.perm); got != tt.acting {
			t.Errorf("%s: acting role %q, want %q", tt.name, got, tt.acting)
		}
		if got := tt.p.OnlyPatient(); got != tt.onlyPatient {
			t.Errorf("%s: only a patient %v, want %v", tt.name, got, tt.onlyPatient)
		}
	}
}
