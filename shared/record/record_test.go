package record_test

import (
	"context"
	"os"
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
	merged := another(t, survivor, "PA-AX"+number)
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
		if tt.status == 0 && (err != nil || got != tt.want) {
			t.Errorf("%s: %q, %v; want %s", tt.name, got, err, tt.want)
		}
		if tt.status != 0 && (problem.Status(err) != tt.status || got != "") {
			t.Errorf("%s: %q, %v; want a %d", tt.name, got, err, tt.status)
		}
	}
	exists, not := forCaller(t, patient, other), forCaller(t, patient, nowhere)
	if exists.Error() != not.Error() {
		t.Errorf("a patient can tell who has a record: %q, %q", exists, not)
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
