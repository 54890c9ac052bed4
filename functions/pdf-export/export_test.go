package pdfexport

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/audit/audittest"
	"hce.co/shared/service"
)

func TestPeriodIsThatOfTheClinicsCalendar(t *testing.T) {
	c, err := contentOf(api.Request{Desde: "2026-03-01", Hasta: "2026-03-31"})
	if err != nil {
		t.Fatal(err)
	}
	from, to := c.period()
	if want := time.Date(2026, 3, 1, 5, 0, 0, 0, time.UTC); !from.Equal(want) {
		t.Errorf("from %v, want %v", from, want)
	}
	if want := time.Date(2026, 4, 1, 5, 0, 0, 0, time.UTC); !to.Equal(want) {
		t.Errorf("to %v, want %v", to, want)
	}
	from, to = content{}.period()
	if from.Year() != 1 || to.Year() != 10000 {
		t.Errorf("an open period goes from %v to %v", from, to)
	}
}

func TestFileNamesTellNothingOfThePatient(t *testing.T) {
	at := time.Date(2026, 11, 24, 3, 4, 0, 0, time.UTC)
	for tipo, want := range map[string]string{
		api.Full: "historia-clinica-20261123-2204.pdf", api.Epicrisis: "historia-clinica-epicrisis-20261123-2204.pdf",
	} {
		if got := (job{Tipo: tipo, DocumentoID: "CC-1", Listo: &at}).fileName(); got != want {
			t.Errorf("%s: %s, want %s", tipo, got, want)
		}
	}
}

func TestPreferAsync(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "respond-async": true, "Respond-Async; wait=10": true, "return=minimal, respond-async": true, "wait=10": false,
		"respond-asynchronously": false,
	} {
		if got := prefersAsync(&http.Request{Header: http.Header{"Prefer": {header}}}); got != want {
			t.Errorf("Prefer: %s: %v", header, got)
		}
	}
}

func TestSettingsThatCannotBeMeant(t *testing.T) {
	for variable, value := range map[string]string{
		"EXPORT_WAIT": "2m", "EXPORT_KEEP": "1s", "EXPORT_MAX_CONCURRENT": "0", "PDF_SIGNING_KEY": "c2VjcmV0bw==", "AUDIT_KEY": "c2VjcmV0bw==", "TRUSTED_PROXIES": "x", "DATABASE_URL": "",
	} {
		env := map[string]string{"DATABASE_URL": "postgres://localhost/hce", "AUTH_KEYS_FILE": "/x", "AUDIT_KEY": audittest.Key}
		env[variable] = value
		if value == "" {
			delete(env, variable)
		}
		err := New().Start(context.Background(), env)
		if err == nil || !strings.Contains(err.Error(), variable) || strings.Contains(err.Error(), "c2VjcmV0bw") {
			t.Errorf("%s=%s: %v", variable, value, err)
		}
	}
}

func TestMigratedDatabaseIsReady(t *testing.T) {
	w := newWorld(t)
	if ok, err := w.f.Ready(t.Context()); !ok || err != nil {
		t.Errorf("ready: %v %v", ok, err)
	}
	var _ service.Function = w.f
}
