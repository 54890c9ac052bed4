package login

import (
	"testing"

	"hce.co/shared/auth"
)

// A document that is named twice must be the same one, for whoever registers and
// for the administrador who opens the account.
func TestDocumentThatContradictsItself(t *testing.T) {
	w := newWorld(t)
	admin := "Authorization: Bearer " + w.login(w.account(auth.Admin)).AccessToken
	id, other := w.patient(), w.patient()
	staff := map[string]any{"username": unique("p"), "rol": "paciente", "tipo_documento": "CC", "numero_documento": id[3:], "documento_id": other}
	got := w.send("POST", "/register", jsonType, string(mustJSON(staff)), admin)
	if campos, _ := got.body["campos"].(map[string]any); got.status != 422 || campos["documento_id"] == nil {
		t.Errorf("another record, by an administrador: %d %v", got.status, got.body)
	}
	in := registration(id, w.code(id))
	for _, tt := range []struct {
		whole  string
		status int
	}{
		{other, 422}, {"nada", 422}, {"cc- " + id[3:], 201},
	} {
		in.DocumentoID = tt.whole
		got := w.send("POST", "/register", jsonType, string(mustJSON(in)))
		if campos, _ := got.body["campos"].(map[string]any); got.status != tt.status || tt.status == 422 && campos["documento_id"] == nil {
			t.Errorf("%q: %d %v, want %d", tt.whole, got.status, got.body, tt.status)
		}
	}
}
