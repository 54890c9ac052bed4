package auth_test

import (
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hce.co/shared/auth"
	"hce.co/shared/problem"
)

func TestRequireStepUp(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    auth.Principal
		want int // status, 0 when let through
	}{
		{"without a second factor", auth.Principal{}, 0},
		{"just given", auth.Principal{SecondFactor: true, SteppedUp: noon}, 0},
		{"given a moment before it is too old", auth.Principal{SecondFactor: true, SteppedUp: noon.Add(-auth.StepUpLife + time.Second)}, 0},
		{"given by a clock that is ahead", auth.Principal{SecondFactor: true, SteppedUp: noon.Add(auth.Leeway)}, 0},
		{"too old", auth.Principal{SecondFactor: true, SteppedUp: noon.Add(-auth.StepUpLife)}, 401},
		{"never given", auth.Principal{SecondFactor: true}, 401},
	} {
		err := auth.RequireStepUp(tt.p, noon)
		if tt.want == 0 && err != nil || tt.want != 0 && (err == nil || problem.Status(err) != tt.want) {
			t.Errorf("%s: %v, want %d", tt.name, err, tt.want)
		}
	}
}

// The challenge is the one of RFC 9470 §3, and the problem says the same.
func TestStepUpChallenge(t *testing.T) {
	w := httptest.NewRecorder()
	problem.Write(w, auth.RequireStepUp(auth.Principal{SecondFactor: true}, noon), "")
	const want = `Bearer realm="hce", error="insufficient_user_authentication", ` +
		`error_description="a recent second factor is required", acr_values="urn:hce:acr:segundo-factor", max_age="900"`
	if got := w.Header().Get("WWW-Authenticate"); got != want || w.Code != 401 {
		t.Errorf("%d, challenge %s", w.Code, got)
	}
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{
		"type": "urn:hce:problema:falta-reforzar", "title": "Confirme que es usted", "status": 401.0,
		"detail": "Confirme primero que es usted con un código de su segundo factor.",
		"error":  "insufficient_user_authentication", "acr_values": "urn:hce:acr:segundo-factor", "max_age": 900.0, "reforzar": true,
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Only a second factor steps up: confirming a password says when, and not how.
func TestVerifyTakesTheSecondFactorFromACR(t *testing.T) {
	f := newForge(t)
	for name, tt := range map[string]struct {
		claims map[string]any
		want   time.Time
	}{
		"with it":            {map[string]any{"auth_time": noon.Unix(), "acr": auth.ACRSecondFactor}, noon},
		"with the password":  {map[string]any{"auth_time": noon.Unix()}, time.Time{}},
		"in another way":     {map[string]any{"auth_time": noon.Unix(), "acr": "urn:otra"}, time.Time{}},
		"at no known moment": {map[string]any{"acr": auth.ACRSecondFactor}, time.Time{}},
	} {
		p, err := f.verifier.Verify(f.with(tt.claims))
		if err != nil || !p.SteppedUp.Equal(tt.want) {
			t.Errorf("%s: %v, %v; want %v", name, p.SteppedUp, err, tt.want)
		}
	}
}
