package admission

import (
	"fmt"
	"slices"
	"time"

	"hce.co/functions/admission/api"
	"hce.co/shared/auth"
	"hce.co/shared/civil"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// The states of an admission (FHIR R4 EncounterStatus), in their order.
const (
	planned    = "planned"
	arrived    = "arrived"
	triaged    = "triaged"
	inProgress = "in-progress"
	finished   = "finished"
	cancelled  = "cancelled"
)

// stateNames are the states as people read them.
var stateNames = map[string]string{
	planned: "programada", arrived: "en espera", triaged: "clasificada", inProgress: "en curso", finished: "finalizada", cancelled: "cancelada",
}

// step is what happens to an admission, by the tipo of the event it leaves.
type step string

const (
	opening      step = "ingreso"
	arrival      step = "llegada"
	triage       step = "triage"
	attention    step = "atencion"
	transfer     step = "traslado"
	discharging  step = "egreso"
	cancellation step = "cancelacion"
)

// machine says from which states a step may be taken and to which it leads, ""
// being the one it was in. It never leads back: each state may be skipped, but
// a planned patient has to arrive before they get a bed or leave.
var machine = map[step]struct {
	verb string
	from []string
	to   string
}{
	arrival:      {"registrar la llegada", []string{planned}, arrived},
	triage:       {"hacer el triage", []string{planned, arrived, triaged}, triaged},
	attention:    {"iniciar la atención", []string{planned, arrived, triaged}, inProgress},
	transfer:     {"trasladar al paciente", []string{arrived, triaged, inProgress}, ""},
	discharging:  {"dar egreso", []string{arrived, triaged, inProgress}, finished},
	cancellation: {"cancelar la admisión", []string{planned, arrived, triaged, inProgress}, cancelled},
}

// over reports whether nothing more happens to an admission.
func over(state string) bool { return state == finished || state == cancelled }

// change is a step that somebody asks for.
type change struct {
	step step
	// done reports whether an admission in the state that the step leads to is
	// there by this very step: then it was a retry.
	done func(a api.Admission) bool
	// set writes what the step brings, but for the state, and returns what its
	// event tells; an error is why it cannot be.
	set func(a *api.Admission) (detail string, err error)
	// death says that the step tells of the patient's.
	death bool
}

// current is an admission as it stands, and what else decides on its steps.
type current struct {
	api.Admission
	Signed bool       // it has signed notes; only for a cancellation
	Last   *time.Time // the last attention that a signed note tells of; only for a discharge
	Life   life       // only for a step that tells of the patient's death
}

// endAfter reports an end before the last attention. One that is a little before
// it is moved there: forms give no seconds, and who signed may have another clock.
func (c current) endAfter(a *api.Admission) error {
	if c.Last == nil || !a.Fin.Before(*c.Last) {
		return nil
	}
	if c.Last.Sub(*a.Fin) > clockSkew {
		return problem.Invalid(map[string]string{"fin": fmt.Sprintf("La admisión tiene notas firmadas hasta el %s: el egreso no puede ser anterior.",
			c.Last.In(civil.Zone).Format("02/01/2006 15:04"))})
	}
	a.Fin = c.Last
	return nil
}

// apply takes the step at now, or says why not. An admission where the step is
// done already comes back as it is, whatever version the caller saw (RFC 9110
// §13.1.1).
func (c change) apply(cur current, seen service.Versions, by auth.Principal, now time.Time) (api.Admission, error) {
	a, rule := cur.Admission, machine[c.step]
	may := slices.Contains(rule.from, a.Estado)
	switch {
	case (a.Estado == rule.to || rule.to == "" && may) && c.done(a):
		return a, nil
	case !seen.Has(a.Version):
		return a, problem.Stale().With("version", a.Version)
	case !may:
		return a, problem.Conflict("No se puede %s: la admisión está %s.", rule.verb, stateNames[a.Estado]).With("estado", a.Estado)
	case c.step == cancellation && cur.Signed:
		return a, problem.Conflict("La admisión tiene notas firmadas: no se puede cancelar, dé egreso.").With("estado", a.Estado)
	}
	if a.Estado == planned && !over(rule.to) {
		a.Inicio = now // the plan gives way to what happened
	}
	detail, err := c.set(&a)
	if err == nil && c.step == discharging {
		err = cur.endAfter(&a)
	}
	if err != nil {
		return cur.Admission, err
	}
	if rule.to != "" {
		a.Estado = rule.to
	}
	a.Version++
	at := now
	if c.step == discharging {
		at = *a.Fin
	}
	a.Historia = append(slices.Clip(a.Historia), eventOf(a, c.step, at, detail, by))
	return a, nil
}

// eventOf is the step that left the admission as it is.
func eventOf(a api.Admission, s step, at time.Time, detail string, by auth.Principal) api.Event {
	return api.Event{
		En: at, Tipo: string(s), Estado: a.Estado, Servicio: a.Servicio, Cama: a.Cama, Detalle: detail, Usuario: by.Name,
	}
}
