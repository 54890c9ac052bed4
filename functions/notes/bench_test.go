package notes

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// processor returns the processor time that this process has used.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func (w *world) bench(b *testing.B, status int, request func() *http.Request) {
	b.Helper()
	w.f.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	do := func() {
		rec := httptest.NewRecorder()
		if w.f.Handle(rec, request()); rec.Code != status {
			b.Fatal(rec.Code, rec.Body)
		}
	}
	for range 20 {
		do() // prepares statements
	}
	before := processor(b)
	b.ResetTimer()
	for range b.N {
		do()
	}
	b.ReportMetric(float64(processor(b)-before)/float64(b.N)/float64(time.Millisecond), "cpu-ms/op")
}

// BenchmarkSignedNote writes a note of two pages on an open admission; the event
// it leaves is sent and forgotten meanwhile.
func BenchmarkSignedNote(b *testing.B) {
	w := newWorld(b)
	doc, by := w.patient(), w.physician()
	in := evolution(doc)
	in.AdmisionID = w.admission(doc, "IMP", "in-progress", time.Now().Add(-time.Hour)).String()
	in.EnfermedadActual = strings.Repeat("Paciente con tos seca de tres días. ", 50)
	body, err := json.Marshal(in)
	if err != nil {
		b.Fatal(err)
	}
	token := w.issuer.Token(b, by)
	w.bench(b, http.StatusCreated, func() *http.Request {
		r := httptest.NewRequest("POST", "/medico/nota", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		return r
	})
}

// BenchmarkTwentyNotes reads the first page of a chart.
func BenchmarkTwentyNotes(b *testing.B) {
	w := newWorld(b)
	doc, by := w.patient(), w.physician()
	in := evolution(doc)
	in.EnfermedadActual = strings.Repeat("Paciente con tos seca de tres días. ", 50)
	for range 40 {
		w.write(by, in)
	}
	token := w.issuer.Token(b, by)
	w.bench(b, http.StatusOK, func() *http.Request {
		r := httptest.NewRequest("GET", "/medico/notas/"+doc, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		return r
	})
}
