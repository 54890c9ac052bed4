package record_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/problem"
	"hce.co/shared/record"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// another gives a record one more document.
func another(t *testing.T, documentoID, clave string) string {
	t.Helper()
	_, err := dbtest.Pool(t, "postgres").Exec(t.Context(),
		`INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ($1, $2, '2026-01-02')`, clave, documentoID)
	if err != nil {
		t.Fatal(err)
	}
	return clave
}

func TestResolve(t *testing.T) {
	pool := dbtest.Pool(t, "hce_admission")
	id := dbtest.Record(t)
	number := id[3:]
	old := another(t, id, "TI-"+number)
	survivor := dbtest.Record(t)
	merged := another(t, dbtest.Record(t), "PA-AX"+number)
	dbtest.Merge(t, survivor, of(t, merged))
	for in, want := range map[string]string{
		id: id, old: id, "cc-" + number: id, " CC -" + number: id, "CC-" + number[:1] + "." + number[1:4] + " " + number[4:]: id,
		merged: survivor, "pa-ax " + number: survivor,
		"CC-9": "", "CE-" + number: "", number: "", "": "", "XX-" + number: "", "usuario:" + number: "", "CC-" + number + "' OR '1'='1": "", "CC-\x00": "",
	} {
		got, err := record.Resolve(t.Context(), pool, in)
		switch {
		case want == "" && (problem.Status(err) != 404 || got != ""):
			t.Errorf("%q leads to %q, %v; want a 404", in, got, err)
		case want != "" && (err != nil || got != want):
			t.Errorf("%q leads to %q, %v; want %s", in, got, err, want)
		}
		if err != nil && want == "" && strings.Contains(err.Error(), number) {
			t.Errorf("the answer names the document: %v", err)
		}
	}
}

func TestForCaller(t *testing.T) {
	pool := dbtest.Pool(t, "hce_patient")
	mine, other := dbtest.Record(t), dbtest.Record(t)
	alias := another(t, mine, "TI-"+mine[3:])
	const nowhere = "CC-999"
	patient := authtest.Principal("Luz", auth.Patient)
	patient.DocumentoID = mine
	both := patient
	both.Roles = []auth.Role{auth.Patient, auth.Physician}
	for _, tt := range []struct {
		name   string
		p      auth.Principal
		id     string
		want   string
		status int
	}{
		{"a patient, their own", patient, mine, mine, 0},
		{"a patient, their own by another document", patient, alias, mine, 0},
		{"a patient, somebody else's", patient, other, "", 403},
		{"a patient, one that does not exist", patient, nowhere, "", 403},
		{"a patient, no document at all", patient, "x", "", 403},
		{"a patient without a record", authtest.Principal("Sin", auth.Patient), other, "", 403},
		{"a patient without a record, no document", authtest.Principal("Sin", auth.Patient), "", "", 403},
		{"nobody", auth.Principal{}, other, "", 403},
		{"a médico", authtest.Principal("Mario", auth.Physician), other, other, 0},
		{"a médico, one that does not exist", authtest.Principal("Mario", auth.Physician), nowhere, "", 404},
		{"a médico who is a patient too", both, other, other, 0},
	} {
		got, err := record.ForCaller(auth.NewContext(t.Context(), tt.p), pool, tt.id)
		if tt.status == 0 && (err != nil || got.ID != tt.want || got.Of != tt.want || !slices.Equal(got.Parts, []string{tt.want})) {
			t.Errorf("%s: %+v, %v; want %s", tt.name, got, err, tt.want)
		}
		if tt.status != 0 && (problem.Status(err) != tt.status || got.ID != "") {
			t.Errorf("%s: %+v, %v; want a %d", tt.name, got, err, tt.status)
		}
	}
	exists, not := forCaller(t, patient, other), forCaller(t, patient, nowhere)
	if exists.Error() != not.Error() {
		t.Errorf("a patient can tell who has a record: %q, %q", exists, not)
	}
}

// of is the record that a document leads to.
func of(t *testing.T, clave string) string {
	t.Helper()
	id, err := record.Resolve(t.Context(), dbtest.Pool(t, "postgres"), clave)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestMergedRecords(t *testing.T) {
	pool := dbtest.Pool(t, "hce_notes")
	into, one, other := dbtest.Record(t), dbtest.Record(t), dbtest.Record(t)
	alias := another(t, one, "TI-"+one[3:])
	dbtest.Merge(t, into, one, other)
	doctor := auth.NewContext(t.Context(), authtest.Principal("Mario", auth.Physician))
	parts := []string{into, one, other}
	for _, tt := range []struct {
		id, of  string
		nearest []string
	}{
		{into, into, parts}, {one, one, []string{one, into, other}}, {alias, one, []string{one, into, other}}, {other, other, []string{other, into, one}},
	} {
		r, err := record.ForCaller(doctor, pool, tt.id)
		if err != nil || r.ID != into || r.Of != tt.of || !slices.Equal(r.Parts, parts) || !slices.Equal(r.Nearest(), tt.nearest) || r.Merged() != (tt.of != into) {
			t.Errorf("%s leads to %+v, %v", tt.id, r, err)
		}
		if alone := r.Alone(); alone.ID != tt.of || alone.Of != tt.of || !slices.Equal(alone.Parts, []string{tt.of}) || alone.Merged() {
			t.Errorf("%s alone is %+v", tt.id, alone)
		}
		for query, want := range map[string]record.Record{"": r, "?fusionada=0": r, "?fusionada=1": r.Alone()} {
			if got := record.Narrow(httptest.NewRequest("GET", "/x"+query, http.NoBody), r); got.ID != want.ID || len(got.Parts) != len(want.Parts) {
				t.Errorf("%s%s is %+v", tt.id, query, got)
			}
		}
		// What is written goes to the one that goes on, by its own name only.
		id, err := record.ToWrite(doctor, pool, tt.id)
		var p *problem.Error
		switch {
		case tt.of == into && (err != nil || id != into):
			t.Errorf("writing to %s: %s, %v", tt.id, id, err)
		case tt.of != into && (!errors.As(err, &p) || p.Status != 409 || p.Members["documento_id"] != into || !strings.Contains(p.Detail, into)):
			t.Errorf("writing to %s: %v", tt.id, err)
		}
	}
	if r := (record.Record{}); r.ID != "" || r.Merged() {
		t.Error("no record is merged")
	}

	// Nobody reads more for a merge, nor less.
	for _, own := range parts {
		p := authtest.Principal("Luz", auth.Patient)
		p.DocumentoID = own
		for _, id := range append(slices.Clone(parts), alias) {
			r, err := record.ForCaller(auth.NewContext(t.Context(), p), pool, id)
			mine := id == own || id == alias && own == one
			if mine && (err != nil || r.ID != own || !slices.Equal(r.Parts, []string{own})) || !mine && (problem.Status(err) != 403 || r.ID != "") {
				t.Errorf("the patient of %s asks for %s: %+v, %v", own, id, r, err)
			}
		}
	}
}

func forCaller(t *testing.T, p auth.Principal, id string) error {
	_, err := record.ForCaller(auth.NewContext(t.Context(), p), dbtest.Pool(t, "hce_patient"), id)
	return err
}

func TestDatabaseThatIsDown(t *testing.T) {
	pool := dbtest.Pool(t, "hce_patient")
	patient := authtest.Principal("Luz", auth.Patient)
	ctx, cancel := context.WithCancel(auth.NewContext(t.Context(), patient))
	cancel()
	if _, err := record.ForCaller(ctx, pool, "CC-123"); err == nil || problem.Status(err) != 500 {
		t.Errorf("a failure of the database is %v, want it as it is", err)
	}
}
