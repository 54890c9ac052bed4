package notes

import (
	"strings"
	"testing"
	"time"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
)

// What a médico signs takes a code of their second factor, not long ago, from
// who has one.
func TestSigningTakesTheSecondFactor(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	draft := evolution(doc)
	draft.Firmar = false
	for what, way := range map[string]func() (path, body string){
		"a draft": func() (string, string) {
			return notePath(doc, w.write(by, draft).ID) + "/firma", ""
		},
		"a note at once": func() (string, string) {
			return "/medico/nota", `{"documento_id":"` + doc + `","tipo":"evolucion","motivo_consulta":"Tos","firmar":true}`
		},
		"an addendum": func() (string, string) {
			return notePath(doc, w.write(by, evolution(doc)).ID) + "/adenda", `{"motivo":"aclaracion","texto":"Era ayer."}`
		},
		"an annulment": func() (string, string) {
			return notePath(doc, w.write(by, evolution(doc)).ID) + "/anulacion", `{"motivo":"Es de otra paciente."}`
		},
	} {
		for _, tt := range []struct {
			name  string
			given time.Duration // ago; 0 for never
			signs bool
		}{
			{"never", 0, false}, {"too long ago", auth.StepUpLife + time.Second, false}, {"not long ago", auth.StepUpLife - time.Minute, true},
		} {
			p := by
			p.SecondFactor = true
			if tt.given > 0 {
				p.SteppedUp = time.Now().Add(-tt.given)
			}
			path, body := way()
			rows := func() int {
				return w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo IN ('sign', 'annul')`, doc)
			}
			before := rows()
			got := w.send(p, "POST", path, body)
			made := rows() - before
			switch {
			case tt.signs && (got.status/100 != 2 || made != 1):
				t.Errorf("%s, the code given %s: %d, %d signed: %s", what, tt.name, got.status, made, got.raw)
			case !tt.signs && (got.status != 401 || got.body["error"] != auth.InsufficientAuthentication || made != 0 ||
				!strings.Contains(got.header.Get("WWW-Authenticate"), `error="insufficient_user_authentication"`)):
				t.Errorf("%s, the code given %s: %d %q, %d signed: %s", what, tt.name, got.status, got.header.Get("WWW-Authenticate"), made, got.raw)
			}
		}
	}
	// Who repeats a signature signs nothing.
	p := by
	p.SecondFactor, p.SteppedUp = true, time.Now()
	c, ctx := w.as(p)
	n, err := c.Write(ctx, evolution(doc), "una-vez")
	if err != nil {
		t.Fatal(err)
	}
	add := api.AddendumRequest{Motivo: "aclaracion", Texto: "Era ayer."}
	if _, err := c.Add(ctx, doc, n.ID, add, "otra-vez"); err != nil {
		t.Fatal(err)
	}
	p.SteppedUp = time.Time{}
	c, ctx = w.as(p)
	if again, err := c.Write(ctx, evolution(doc), "una-vez"); err != nil || again.ID != n.ID {
		t.Errorf("the note again: %v, %v", again.ID, err)
	}
	if _, err := c.Sign(ctx, doc, n.ID, 0); err != nil {
		t.Errorf("its signature again: %v", err)
	}
	if _, err := c.Add(ctx, doc, n.ID, add, "otra-vez"); err != nil {
		t.Errorf("the addendum again: %v", err)
	}
	// What is not signed asks for nothing.
	n = w.write(p, draft)
	if _, err := c.SaveDraft(ctx, doc, n.ID, n.Version, api.Draft{Content: draft.Content}); err != nil {
		t.Errorf("saving a draft: %v", err)
	}
	if err := c.Discard(ctx, doc, n.ID, n.Version+1); err != nil {
		t.Errorf("discarding it: %v", err)
	}
}
