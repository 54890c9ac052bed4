package view

import "strconv"

// Fault says that a page cannot be shown, and what to do about it.
type Fault struct {
	Page
	Status    int    // of HTTP
	Detail    string // of the problem, when it says more than the standard text
	RequestID string
	Retry     int    // seconds, of a 429 or a 503
	Emergency string // where break-the-glass is asked for, of a 403 of a chart
}

func (m Fault) title() string {
	switch m.Status {
	case 403:
		return "No tiene permiso"
	case 404:
		return "No encontramos esta página"
	case 405:
		return "Esta página no se abre así"
	case 410:
		return "Ya no está disponible"
	case 429:
		return "Demasiados intentos"
	case 503:
		return "El servicio no responde"
	}
	if m.Status >= 500 {
		return "Algo falló de nuestro lado"
	}
	return "No se pudo hacer"
}

func (m Fault) text() string {
	if m.Detail != "" {
		return m.Detail
	}
	switch m.Status {
	case 403:
		return "Su cuenta no permite ver esta página. Si cree que debería, hable con quien administra las cuentas."
	case 404:
		return "La dirección puede estar mal escrita, o el registro no existe."
	case 405:
		return "Aquí se llega con el botón de un formulario. Vuelva al inicio y siga desde allí."
	case 410:
		return "El documento venció o fue retirado. Puede pedirlo de nuevo."
	case 429:
		return "Espere un momento antes de intentarlo otra vez."
	case 503:
		return "Estamos poniendo en marcha una parte del sistema. Intente de nuevo en unos segundos; lo que guardó sigue a salvo."
	}
	if m.Status >= 500 {
		return "No se completó lo que pidió. El fallo quedó anotado; vuelva a intentarlo."
	}
	return "Vuelva atrás y revise lo que envió."
}

func (m Fault) wait() string {
	switch {
	case m.Retry <= 0:
		return ""
	case m.Retry < 120:
		return strconv.Itoa(m.Retry) + " segundos"
	}
	return strconv.Itoa((m.Retry+59)/60) + " minutos"
}
