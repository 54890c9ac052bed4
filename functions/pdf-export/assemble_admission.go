package pdfexport

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/pdf-export/chart"
)

// admissions puts each admission together with the states, services and beds
// that it went through.
func admissions(s snapshot) []chart.Admission {
	at := map[uuid.UUID]int{}
	list := make([]chart.Admission, 0, len(s.Admisiones))
	for i, a := range s.Admisiones {
		at[a.ID] = i
		list = append(list, a.admission())
	}
	for _, m := range s.Movimientos { // oldest first
		if i, ok := at[m.AdmisionID]; ok {
			m.addTo(&list[i])
		}
	}
	for i := range list {
		closeStay(&list[i], list[i].End)
	}
	return list
}

func (a admissionRow) admission() chart.Admission {
	out := chart.Admission{
		ID: a.ID.String(), Number: strconv.FormatInt(a.Numero, 10), Version: a.Version, Class: chart.Coded{Code: a.Clase}, State: a.Estado,
		Start: a.Inicio, End: instant(a.Fin), EntryRoute: chart.Coded{Code: a.ViaIngreso}, Cause: causes.coded(a.CausaMotivo),
		Purpose: purposes.coded(a.Finalidad), Modality: chart.Coded{Code: a.Modalidad}, ServiceGroup: chart.Coded{Code: a.GrupoServicios},
		Setting: chart.Coded{Code: a.Entorno}, Service: healthService(a.Servicio), Procedure: chart.Coded{Code: a.CUPS},
		Professional: chart.Professional{Name: a.ProfesionalNombre}, Site: a.Sede, Companion: contact(a.Acompanante),
		Payer: chart.Coded{Code: a.EAPBCodigo, Text: a.EAPBNombre}, UserType: chart.Coded{Code: a.TipoUsuario}, Authorization: a.NumAutorizacion,
		AdmittedBy: a.AdmitidoPorNombre, ReferredFrom: chart.Coded{Code: a.PrestadorRemite}, ReferredTo: chart.Coded{Code: a.PrestadorDestino},
		DischargeCondition: chart.Coded{Code: a.CondicionEgreso},
		RecordID:           a.historia,
		DischargeState:     sentence(dischargeStates.label(a.EstadoEgreso), a.ObservacionesEgreso),
	}
	if a.TriageNivel != nil {
		out.Triage = &chart.Triage{Level: *a.TriageNivel, At: instant(a.TriageHora), By: a.TriagePor, Note: a.TriageMotivo}
	}
	return out
}

// sentence puts a remark behind a text.
func sentence(text, remark string) string {
	if text == "" || remark == "" {
		return text + remark
	}
	return text + " · " + remark
}

// addTo adds a step to the admission's history of states, and to its stays when
// it changed the service or the bed.
func (m movementRow) addTo(a *chart.Admission) {
	if last := len(a.States) - 1; last < 0 || a.States[last].State != m.Estado || m.Detalle != "" {
		a.States = append(a.States, chart.StateChange{State: m.Estado, At: m.En, By: sentence(m.UsuarioNombre, m.Detalle)})
	}
	service := healthServiceName(m.Servicio)
	last := len(a.Stays) - 1
	if service == "" && m.Cama == "" || last >= 0 && a.Stays[last].Service == service && a.Stays[last].Bed == m.Cama {
		return
	}
	closeStay(a, m.En)
	a.Stays = append(a.Stays, chart.Stay{Service: service, Bed: m.Cama, From: m.En, By: m.UsuarioNombre})
}

// closeStay ends the stay that lasts.
func closeStay(a *chart.Admission, at time.Time) {
	if last := len(a.Stays) - 1; last >= 0 && a.Stays[last].To.IsZero() {
		a.Stays[last].To = at
	}
}
