package patient

import (
	"fmt"
	"net/http"

	cloudevents "github.com/cloudevents/sdk-go/v2"

	"hce.co/shared/event"
	"hce.co/shared/problem"
)

// bury keeps an event that nobody could take: the broker's dead letter sink. It
// takes events of any type and shape, once each.
func (f *Function) bury(w http.ResponseWriter, r *http.Request) error {
	e, err := cloudevents.NewEventFromHTTPRequest(r)
	if err != nil {
		return problem.BadRequest("La solicitud no lleva un CloudEvent.").Because(err)
	}
	body, err := e.MarshalJSON()
	if err != nil {
		return problem.BadRequest("El CloudEvent no es válido.").Because(err)
	}
	code, _ := e.Extensions()["knativeerrorcode"].(string)
	_, err = f.pool.Exec(r.Context(), `
		INSERT INTO historia_clinica.evento_muerto (productor, fuente, id, tipo, asunto, codigo, evento, recibido_en)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		event.Producer(*e), e.Source(), e.ID(), e.Type(), e.Subject(), code, body, f.Now().UTC())
	if err != nil {
		return fmt.Errorf("bury event: %w", err)
	}
	f.Log.WarnContext(r.Context(), "an event died", "type", e.Type(), "code", code)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
