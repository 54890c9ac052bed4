package admission

import (
	"fmt"
	"time"

	"hce.co/functions/admission/api"
	"hce.co/shared/auth"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// arrive notes that a planned patient is here.
func arrive(service.Nothing, auth.Principal, time.Time) (change, error) {
	return change{
		step: arrival,
		done: func(api.Admission) bool { return true },
		set:  func(*api.Admission) (string, error) { return "", nil },
	}, nil
}

// attend begins the attention. The médico who does becomes responsible when
// nobody is.
func attend(_ service.Nothing, by auth.Principal, _ time.Time) (change, error) {
	return change{
		step: attention,
		done: func(api.Admission) bool { return true },
		set: func(a *api.Admission) (string, error) {
			if a.Profesional == nil && by.Is(auth.Physician) {
				a.Profesional = &api.Professional{ID: by.ID, Nombre: by.Name}
			}
			return "", nil
		},
	}, nil
}

var levels = [...]string{"", "I", "II", "III", "IV", "V"}

// classify gives or changes the level of triage, as long as the patient waits
// (Res. 5596/2015). What a médico decided only a médico changes.
func classify(in api.TriageRequest, by auth.Principal, now time.Time) (change, error) {
	f := fields{problem.Fields{}}
	in.Motivo = paragraph(in.Motivo)
	if in.Nivel < 1 || in.Nivel > 5 {
		f.Add("nivel", "Elija un nivel de 1 a 5.")
	}
	f.text("motivo", in.Motivo, maxRemark)
	return change{
		step: triage,
		done: func(a api.Admission) bool {
			return a.Triage != nil && a.Triage.Nivel == in.Nivel && a.Triage.Motivo == in.Motivo
		},
		set: func(a *api.Admission) (string, error) {
			role := by.ActingRole(auth.Triage)
			if by.Is(auth.Physician) {
				role = auth.Physician
			}
			if t := a.Triage; t != nil && t.Rol == string(auth.Physician) && role != auth.Physician {
				return "", problem.Forbidden("La clasificación la hizo un médico: solo un médico puede cambiarla.")
			}
			a.Triage = &api.Triage{Nivel: in.Nivel, Hora: now, Profesional: by.Name, Rol: string(role), Motivo: in.Motivo}
			detail := "Nivel " + levels[in.Nivel]
			if in.Motivo != "" {
				detail += ". " + in.Motivo
			}
			return detail, nil
		},
	}, f.Err()
}

// move takes the patient to another service or bed.
func move(in api.TransferRequest, _ auth.Principal, _ time.Time) (change, error) {
	f := fields{problem.Fields{}}
	in.Servicio, in.Cama = line(in.Servicio), bedName(in.Cama)
	switch {
	case in.Servicio == "" && in.Cama == "":
		f.Add("servicio", "Diga a qué servicio o a qué cama.")
	case in.Servicio != "":
		f.place(in.Servicio, in.Cama)
	default:
		f.match("cama", in.Cama, bedPattern, "Use como máximo 20 letras, números y guiones.")
	}
	to := func(a api.Admission) string {
		if in.Servicio == "" {
			return a.Servicio
		}
		return in.Servicio
	}
	return change{
		step: transfer,
		done: func(a api.Admission) bool { return a.Servicio == to(a) && a.Cama == in.Cama },
		set: func(a *api.Admission) (string, error) {
			a.Servicio, a.Cama = to(*a), in.Cama
			return "", nil
		},
	}, f.Err()
}

const dead = "02" // condicion_egreso: paciente muerto

// discharge ends the admission.
func discharge(in api.DischargeRequest, _ auth.Principal, now time.Time) (change, error) {
	f := fields{problem.Fields{}}
	in.PrestadorDestino, in.Observaciones = line(in.PrestadorDestino), paragraph(in.Observaciones)
	f.code("condicion_egreso", in.CondicionEgreso, true)
	f.code("estado_egreso", in.EstadoEgreso, true)
	if (in.CondicionEgreso == dead) != (in.EstadoEgreso == deceased) {
		f.Add("estado_egreso", "La condición 02 (paciente muerto) y el estado muerto van juntos.")
	}
	f.text("prestador_destino", in.PrestadorDestino, maxName)
	f.text("observaciones", in.Observaciones, maxRemark)
	end := now
	if in.Fin != nil {
		end = instant(*in.Fin, now)
	}
	if end.After(now) {
		f.Add("fin", "El egreso no puede estar en el futuro.")
	}
	return change{
		step:  discharging,
		death: in.EstadoEgreso == deceased,
		done: func(a api.Admission) bool {
			return (in.Fin == nil || a.Fin != nil && a.Fin.Sub(*in.Fin).Abs() <= clockSkew) && a.CondicionEgreso == in.CondicionEgreso &&
				a.EstadoEgreso == in.EstadoEgreso && a.PrestadorDestino == in.PrestadorDestino && a.ObservacionesEgreso == in.Observaciones
		},
		set: func(a *api.Admission) (string, error) {
			end := end
			if end.Before(a.Inicio) && !end.Before(a.Inicio.Truncate(time.Minute)) {
				end = a.Inicio // forms give no seconds
			}
			if end.Before(a.Inicio) {
				return "", problem.Invalid(map[string]string{"fin": "El egreso no puede ser anterior al inicio de la admisión."})
			}
			a.Fin, a.CondicionEgreso, a.EstadoEgreso = &end, in.CondicionEgreso, in.EstadoEgreso
			a.PrestadorDestino, a.ObservacionesEgreso = in.PrestadorDestino, in.Observaciones
			return fmt.Sprintf("Condición %s, %s", in.CondicionEgreso, in.EstadoEgreso), nil
		},
	}, f.Err()
}

// cancel takes back an admission.
func cancel(in api.CancelRequest, _ auth.Principal, _ time.Time) (change, error) {
	f := fields{problem.Fields{}}
	in.Motivo = line(in.Motivo)
	if ident.Blank(in.Motivo) {
		f.Add("motivo", "Escriba por qué se cancela.")
	}
	f.text("motivo", in.Motivo, maxReason)
	return change{
		step: cancellation,
		done: func(a api.Admission) bool {
			return len(a.Historia) > 0 && a.Historia[len(a.Historia)-1].Detalle == in.Motivo
		},
		set: func(*api.Admission) (string, error) { return in.Motivo, nil },
	}, f.Err()
}
