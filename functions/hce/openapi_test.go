package hce_test

import (
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/service"
	"hce.co/ui"
	"hce.co/ui/openapi"
)

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

// TestOpenAPIIsTheRoutes asks the door for every route of every function: what
// gets through is described, with who may call it, and nothing else is.
func TestOpenAPIIsTheRoutes(t *testing.T) {
	c := theClinic(t)
	reached := ""
	record := func(name string) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = name })
	}
	door := ui.New()
	door.Log = slog.New(slog.DiscardHandler)
	door.Backends = ui.Backends{
		Login: record("login"), Patient: record("patient"), Admission: record("admission"), Notes: record("notes"), PDFExport: record("pdf-export"),
	}
	if err := door.Start(t.Context(), map[string]string{}); err != nil {
		t.Fatal(err)
	}
	open := map[string]auth.Permission{"GET /openapi.json": auth.Public} // the door's own
	for name, routes := range map[string][]service.Route{
		"login": c.Login.Routes(), "patient": c.Patient.Routes(), "admission": c.Admission.Routes(), "notes": c.Notes.Routes(),
		"pdf-export": c.PDFExport.Routes(),
	} {
		for _, route := range routes {
			method, path, _ := strings.Cut(route.Pattern, " ")
			r := httptest.NewRequest(method, pathParameter.ReplaceAllString(path, uuid.NewString()), http.NoBody)
			r.Header.Set("Accept", "application/json")
			reached = ""
			door.Handle(httptest.NewRecorder(), r)
			switch {
			case route.Permission == auth.Internal:
				if reached != "" {
					t.Errorf("%s is the platform's, and %s gets it from outside", route.Pattern, reached)
				}
			case reached != name:
				t.Errorf("%s of %s cannot be reached from outside (%q)", route.Pattern, name, reached)
			default:
				open[route.Pattern] = route.Permission
			}
		}
	}

	var doc struct {
		Paths map[string]map[string]struct {
			Roles    []auth.Role `json:"x-roles"`
			Security *[]any      `json:"security"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(openapi.Document, &doc); err != nil {
		t.Fatal(err)
	}
	all := append(auth.Roles(), auth.Producer, auth.Restricted)
	described := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			route := strings.ToUpper(method) + " " + path
			described[route] = true
			perm, ok := open[route]
			if !ok {
				t.Errorf("%s is described and no function has it", route)
				continue
			}
			var may []auth.Role
			if perm != auth.Public {
				may = slices.DeleteFunc(slices.Clone(all), func(r auth.Role) bool { return !auth.Allows(perm, []auth.Role{r}) })
			}
			told := slices.Clone(op.Roles)
			slices.Sort(may)
			slices.Sort(told)
			if !slices.Equal(may, told) || (op.Security != nil) != (perm == auth.Public) {
				t.Errorf("%s is described for %v, and is for %v", route, told, may)
			}
		}
	}
	for _, route := range slices.Sorted(maps.Keys(open)) {
		if !described[route] {
			t.Errorf("%s is not described", route)
		}
	}
	if len(open) < 60 {
		t.Errorf("only %d routes were looked at", len(open))
	}
}

// The document is served as it is.
func TestOpenAPIIsServed(t *testing.T) {
	c := theClinic(t)
	status, h, body := c.send(t, "", "GET", "/openapi.json", "", "")
	if status != http.StatusOK || h.Get("Content-Type") != "application/json" || body != string(openapi.Document) {
		t.Errorf("%d %s, %d bytes", status, h.Get("Content-Type"), len(body))
	}
}
