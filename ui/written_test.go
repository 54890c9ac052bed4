package ui

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hce.co/shared/config"
)

// Instances that are given the same key open what each other sealed.
func TestFormKey(t *testing.T) {
	key := "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
	one, other := newDoor(t, "FORM_KEY", key), newDoor(t, "FORM_KEY", key)
	w := written{Path: "/pacientes", Fields: url.Values{"a": {"b"}}}
	sealed, err := one.f.envelope.seal("x", w)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := other.f.envelope.open("x", sealed)
	if diff := cmp.Diff(w, got); diff != "" || !ok {
		t.Error(ok, diff)
	}
	if _, ok := newDoor(t).f.envelope.open("x", sealed); ok {
		t.Error("an instance with another key opens it")
	}
	for _, bad := range []config.Secret{"no es base64", "QUJD"} {
		if _, err := newEnvelope(bad); err == nil || strings.Contains(err.Error(), string(bad)) {
			t.Errorf("a bad key: %v", err)
		}
	}
}

// The code of a signature is good once, and no business of a page that waits.
func TestCodesAreNotKept(t *testing.T) {
	w, ok := writtenIn("/x", url.Values{"texto": {"a"}, "codigo": {"123456"}, "accion": {"firmar"}})
	if diff := cmp.Diff(written{Path: "/x", Fields: url.Values{"texto": {"a"}}}, w); diff != "" || !ok {
		t.Error(ok, diff)
	}
}
