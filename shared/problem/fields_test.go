package problem_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hce.co/shared/problem"
)

func TestFields(t *testing.T) {
	f := problem.Fields{}
	if err := f.Err(); err != nil {
		t.Errorf("no field: %v", err)
	}
	f.Add("nombre", "Falta.")
	f.Add("nombre", "Es largo.")
	f.Add("edad", "Use un número.")
	var p *problem.Error
	if err := f.Err(); !errors.As(err, &p) || p.Status != 422 {
		t.Fatalf("two fields: %v", err)
	}
	if diff := cmp.Diff(map[string]string{"nombre": "Falta.", "edad": "Use un número."}, p.Fields); diff != "" {
		t.Error(diff)
	}
}
