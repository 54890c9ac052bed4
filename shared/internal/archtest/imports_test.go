package archtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// foundations are the shared packages that others stand on, with all that each
// may itself import of ours.
var foundations = map[string][]string{
	"shared/problem":    {},
	"shared/config":     {},
	"shared/civil":      {},
	"shared/ident":      {},
	"shared/vital":      {},
	"shared/crockford":  {},
	"shared/auth":       {"shared/problem"},
	"shared/telemetry":  {"shared/config"},
	"shared/client":     {"shared/problem", "shared/telemetry"},
	"shared/service":    {"shared/auth", "shared/config", "shared/problem", "shared/telemetry"},
	"shared/db":         {"shared/config", "shared/problem", "shared/telemetry"},
	"shared/db/migrate": {"shared/db/migrations"},
	"shared/db/localpg": {},
}

// wire is what a function's api, which others compile in, may import.
var wire = []string{"shared/client", "shared/problem", "shared/ident", "shared/vital"}

// wireToo is what one function's wire may import besides: the roles of an
// account are login's to give out.
var wireToo = map[string]string{"functions/login": "shared/auth"}

// pages is what the ui may import of shared: it has no database.
var pages = []string{
	"shared/service", "shared/config", "shared/client", "shared/problem", "shared/ident", "shared/auth", "shared/telemetry",
	"shared/civil", "shared/vital",
}

// wiring reports whether a package only puts others together.
func wiring(folder string) bool {
	return under(folder, "functions/hce") || slices.Contains(strings.Split(folder, "/"), "cmd")
}

// function returns the function that a folder belongs to.
func function(folder string) (name string, ok bool) {
	parts := strings.Split(folder, "/")
	if len(parts) < 2 || parts[0] != "functions" {
		return "", false
	}
	return "functions/" + parts[1], true
}

// api reports whether a folder is a function's wire.
func api(folder string) bool {
	f, ok := function(folder)
	return ok && under(folder, f+"/api")
}

// allowed reports whether one folder may import another, by the rules of the
// architecture.
func allowed(from, to string) bool {
	if only, ok := foundations[from]; ok {
		return slices.Contains(only, to)
	}
	own, isFunction := function(from)
	switch {
	case wiring(from):
		return true
	case under(from, "shared"):
		return under(to, "shared")
	case api(from):
		return under(to, own+"/api") || slices.Contains(wire, to) || to == wireToo[own]
	case isFunction:
		return under(to, own, "shared") || api(to)
	case under(from, "ui"):
		return under(to, "ui") || api(to) || slices.Contains(pages, to)
	}
	return false
}

func TestImports(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, to := range s.ours() {
			if !allowed(s.folder(), to) {
				t.Errorf("%s imports %s", s.path, to)
			}
		}
	}
}

// A test may start more than the code that it tests may know, but only where
// everything is wired.
func TestImportsOfTests(t *testing.T) {
	for _, s := range sources(t) {
		if !s.test || wiring(s.folder()) || under(s.folder(), "ui") {
			continue
		}
		from, _ := function(s.folder())
		for _, to := range s.ours() {
			other, isFunction := function(to)
			if isFunction && other != from && !api(to) || under(to, "ui") {
				t.Errorf("%s imports %s", s.path, to)
			}
		}
	}
}

func TestRules(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		want     bool
	}{
		{"functions/patient", "functions/notes/api", true},
		{"functions/patient", "functions/notes", false},
		{"functions/patient", "functions/notes/cie10", false},
		{"functions/patient", "functions/patient/api", true},
		{"functions/patient", "ui", false},
		{"functions/patient", "shared/db/dbtest", true},
		{"functions/hce", "functions/notes", true},
		{"functions/patient/cmd/patient", "functions/patient", true},
		{"functions/patient/api", "shared/client", true},
		{"functions/patient/api", "shared/db", false},
		{"functions/patient/api", "shared/auth", false},
		{"functions/login/api", "shared/auth", true},
		{"functions/patient/api", "functions/notes/api", false},
		{"shared/audit", "shared/db", true},
		{"shared/audit", "functions/patient/api", false},
		{"shared/audit", "ui", false},
		{"shared/auth", "shared/problem", true},
		{"shared/auth", "shared/db", false},
		{"shared/problem", "shared/ident", false},
		{"shared/service", "shared/db", false},
		{"shared/db", "shared/service", false},
		{"ui", "functions/notes/api", true},
		{"ui", "functions/notes", false},
		{"ui/view", "shared/client", true},
		{"ui/view", "shared/db", false},
		{"ui/cmd/ui", "shared/db", true},
		{"apiary", "shared/db", false},
	} {
		if got := allowed(tt.from, tt.to); got != tt.want {
			t.Errorf("%s imports %s: allowed %v, want %v", tt.from, tt.to, got, tt.want)
		}
	}
}

// alone are the shared packages that need not have two users, and why.
var alone = map[string]string{
	"shared/cmd":           "programs",
	"shared/internal":      "of shared itself",
	"shared/db/migrations": "the schema, applied by shared/db/migrate",
	"shared/db/migrate":    "for the migration job, for the embedded default and for tests",
	"shared/db/localpg":    "the PostgreSQL of the embedded default and of tests",
	"shared/event/schema":  "stands beside the types of shared/event, apart so that only who checks events compiles in JSON Schema",
}

// users returns who imports each package: a function or ui by its module,
// another package of shared by its folder.
func users(t *testing.T) map[string][]string {
	t.Helper()
	by := map[string][]string{}
	for folder, files := range packages(t) {
		user := folder
		if f, ok := function(folder); ok {
			user = f
		} else if under(folder, "ui") {
			user = "ui"
		} else if wiring(folder) || forTests(folder) {
			continue
		}
		for _, s := range files {
			for _, to := range s.ours() {
				if !slices.Contains(by[to], user) {
					by[to] = append(by[to], user)
				}
			}
		}
	}
	return by
}

// shared/ is not a dump: a package enters when two need it.
func TestSharedPackagesHaveTwoUsers(t *testing.T) {
	if _, all := modules(t); !all {
		t.Skip("the workspace lacks some of its modules")
	}
	by := users(t)
	for _, folder := range sorted(packages(t)) {
		if !under(folder, "shared") || forTests(folder) || under(folder, sorted(alone)...) {
			continue
		}
		inShared := slices.ContainsFunc(by[folder], func(u string) bool { return under(u, "shared") })
		if !inShared && len(by[folder]) < 2 {
			t.Errorf("%s is used by %s: it belongs there", folder, fmt.Sprint(by[folder]))
		}
	}
}
