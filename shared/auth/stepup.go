package auth

import (
	"fmt"
	"net/http"
	"time"

	"hce.co/shared/problem"
)

// ACRSecondFactor is the authentication context class (acr) of who gave their
// second factor.
const ACRSecondFactor = "urn:hce:acr:segundo-factor"

// StepUpLife is how long a second factor counts as given just now: as long as
// an access token lives, so that the one which says so never loses it. It is the
// time that somebody may leave a screen open, against that of signing the notes
// of one round with one code.
const StepUpLife = 15 * time.Minute

// InsufficientAuthentication is the `error` member of the problem of
// [RequireStepUp], as RFC 9470 §3 calls it.
const InsufficientAuthentication = "insufficient_user_authentication"

// RequireStepUp lets through whoever has no second factor, and who gave it not
// long ago. It is for what a person answers for by name, such as a signature:
// a token left at an open screen must not do it. The error is the 401 with the
// challenge of RFC 9470; POST /login/reforzar meets it. A token from before the
// account had a second factor says nothing of it, until it runs out.
func RequireStepUp(p Principal, now time.Time) error {
	if !p.SecondFactor || now.Sub(p.SteppedUp) < StepUpLife {
		return nil
	}
	seconds := int(StepUpLife / time.Second)
	e := &problem.Error{
		Status: http.StatusUnauthorized, Slug: "falta-reforzar", Title: "Confirme que es usted",
		Detail: "Confirme primero que es usted con un código de su segundo factor.",
		Challenge: fmt.Sprintf(`Bearer realm="hce", error=%q, error_description="a recent second factor is required", acr_values=%q, max_age=%q`,
			InsufficientAuthentication, ACRSecondFactor, fmt.Sprint(seconds)),
	}
	return e.With("error", InsufficientAuthentication).With("acr_values", ACRSecondFactor).With("max_age", seconds).With("reforzar", true)
}
