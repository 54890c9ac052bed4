package notes

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"slices"
	"strings"
	"time"
	"unicode"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/event"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

// vetted are events that can be taken, and what is wrong with those that cannot.
type vetted struct {
	events []event.Event
	faults []fault
}

// fault is what is wrong with the event at a place of its batch.
type fault struct {
	Indice  int    `json:"indice"`
	Mensaje string `json:"mensaje"`
	status  int
}

func (v *vetted) refuse(index int, err error) error {
	status := problem.Status(err)
	if status >= 500 {
		return err
	}
	detail := err.Error()
	if p, ok := err.(*problem.Error); ok { //nolint:errorlint // ours, never wrapped
		detail = p.Detail
	}
	v.faults = append(v.faults, fault{index, detail, status})
	return nil
}

// problem is the answer when something is wrong: of a batch nothing is taken.
func (v *vetted) problem(batch bool) error {
	switch {
	case len(v.faults) == 0:
		return nil
	case !batch:
		return &problem.Error{Status: v.faults[0].status, Detail: v.faults[0].Mensaje}
	}
	return problem.Unprocessable("No se recibió ningún evento del lote: %d no son válidos.", len(v.faults)).With("eventos", v.faults)
}

// candidate is an event that is sound by itself, at a place of its batch.
type candidate struct {
	index   int
	event   cloudevents.Event
	subject string      // key of the document that it is about
	inData  string      // of the one that its data names
	record  string      // documento_id of the record, once that is known
	result  *api.Result // what it brings, when that is a result
}

// vet checks the events by themselves, then against the registry: their producer
// may post them, and they are about a record that is there and allows them.
func (f *Function) vet(ctx context.Context, events []cloudevents.Event) (*vetted, error) {
	v := &vetted{}
	var sound []candidate
	var keys []string
	for i, e := range events {
		subject, inData, err := checkEvent(e)
		if err == nil {
			sound, keys = append(sound, candidate{index: i, event: e, subject: subject, inData: inData}), append(keys, subject, inData)
		} else if err := v.refuse(i, err); err != nil {
			return nil, err
		}
	}
	types, records, err := f.lookUp(ctx, keys)
	if err != nil {
		return nil, err
	}
	var placed []candidate
	for _, c := range sound {
		if err := c.place(types, records, f.now()); err == nil {
			placed = append(placed, c)
		} else if err := v.refuse(c.index, err); err != nil {
			return nil, err
		}
	}
	facts, err := f.lookUpResults(ctx, placed)
	if err != nil {
		return nil, err
	}
	for i, c := range placed {
		if c.result != nil {
			if err := judgeResult(*c.result, facts[i]); err != nil {
				if err := v.refuse(c.index, inEvent(err)); err != nil {
					return nil, err
				}
				continue
			}
		}
		out, err := passOn(ctx, c)
		if err != nil {
			return nil, err
		}
		v.events = append(v.events, out)
	}
	slices.SortFunc(v.faults, func(a, b fault) int { return a.Indice - b.Indice })
	return v, nil
}

// place finds the record that an event is about, or says why it cannot be taken.
func (c *candidate) place(types []string, records map[string]record.Record, now time.Time) error {
	id, inData := records[c.subject], records[c.inData]
	switch {
	case !slices.Contains(types, c.event.Type()):
		return problem.Forbidden("Este productor no está autorizado para enviar eventos de tipo %s.", c.event.Type())
	case id.Of == "":
		return problem.Unprocessable("El subject no es de ninguna historia clínica.")
	case inData.ID != id.ID:
		return problem.Unprocessable("El documento_id de los datos no es de la misma historia clínica que el subject.")
	}
	c.record = id.Of
	if c.event.Type() == event.ResultIssued {
		r, err := resultOf(c.record, c.event, now)
		if err != nil {
			return inEvent(err)
		}
		c.result = &r
	}
	return nil
}

// checkEvent checks an event by itself. It returns the keys of the documents
// that its subject and its data name.
func checkEvent(e cloudevents.Event) (subject, inData string, err error) {
	if err := event.CheckVersion(e); err != nil {
		return "", "", err
	}
	if err := e.Validate(); err != nil {
		return "", "", problem.Unprocessable("El CloudEvent no es válido: revise specversion, id, source, type y time.").Because(err)
	}
	for _, s := range []string{e.ID(), e.Source(), e.Subject()} {
		if len(s) > maxEventID || strings.ContainsFunc(s, unicode.IsControl) {
			return "", "", problem.Unprocessable("El id, el source y el subject tienen como máximo %d caracteres, ninguno de control.", maxEventID)
		}
	}
	if from := strings.ToLower(e.Source()); from == "/hce" || strings.HasPrefix(from, "/hce/") {
		return "", "", problem.Unprocessable("El source /hce/… es de este sistema: use el de quien emite el evento.")
	}
	if !slices.Contains(postable, e.Type()) {
		return "", "", problem.Forbidden("Los eventos de ese tipo no se reciben de otros sistemas.")
	}
	if mt, _, err := mime.ParseMediaType(e.DataContentType()); e.DataContentType() != "" && (err != nil || mt != cloudevents.ApplicationJSON) {
		return "", "", problem.Unprocessable("Los datos del evento van en application/json.")
	}
	if e.DataBase64 { // otherwise it was read with the rest
		if err := service.WellFormed(e.Data()); err != nil {
			return "", "", err
		}
	}
	if err := valid(e); err != nil {
		return "", "", err
	}
	d, err := ident.ParseID(e.Subject())
	if err != nil {
		return "", "", problem.Unprocessable("El subject dice de qué historia clínica trata el evento, como CC-1032456789.")
	}
	var data struct {
		DocumentoID string `json:"documento_id"`
		Tipo        string `json:"tipo"`
	}
	if err := json.Unmarshal(e.Data(), &data); err != nil {
		return "", "", problem.Unprocessable("Los datos del evento no son JSON.").Because(err)
	}
	if e.Type() == event.PDFRequested && data.Tipo == "nota" { // only this system's own events say which
		return "", "", problem.Unprocessable("Otro sistema puede pedir la historia o la epicrisis, no una nota.")
	}
	other, err := ident.ParseID(data.DocumentoID)
	if err != nil {
		return "", "", problem.Unprocessable("El documento_id de los datos no es un documento.")
	}
	return d.ID(), other.ID(), nil
}

// lookUp reads, in one round trip, which types the caller may post and which
// records documents lead to.
func (f *Function) lookUp(ctx context.Context, keys []string) (types []string, records map[string]record.Record, err error) {
	records = map[string]record.Record{}
	b := &pgx.Batch{}
	b.Queue(`SELECT tipos FROM historia_clinica.productor WHERE id = $1 AND activo`, auth.From(ctx).ID).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&types}, func() error { return nil })
		return err
	})
	b.Queue(`SELECT clave, documento_id, coalesce(origen, documento_id) FROM historia_clinica.identificador WHERE clave = ANY($1)`, keys).
		Query(func(rows pgx.Rows) error {
			var key string
			var r record.Record
			_, err := pgx.ForEachRow(rows, []any{&key, &r.ID, &r.Of}, func() error {
				records[key] = r
				return nil
			})
			return err
		})
	if err := f.pool.SendBatch(ctx, b).Close(); err != nil {
		return nil, nil, fmt.Errorf("look up events: %w", err)
	}
	return types, records, nil
}

// lookUpResults reads, in one round trip, what decides on the results among the
// events, in their order.
func (f *Function) lookUpResults(ctx context.Context, placed []candidate) ([]resultFacts, error) {
	facts := make([]resultFacts, len(placed))
	b := &pgx.Batch{}
	for i, c := range placed {
		if c.result != nil {
			queueResultFacts(b, *c.result, &facts[i])
		}
	}
	if b.Len() == 0 {
		return facts, nil
	}
	if err := f.pool.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("look up results: %w", err)
	}
	return facts, nil
}

// passOn makes of the caller's event the one that is sent on, with whose it is: about the record
// by its documento_id, whatever document of the person the producer knows, and
// whether or not it has been merged into another.
func passOn(ctx context.Context, c candidate) (event.Event, error) {
	data := json.RawMessage(c.event.Data())
	if c.inData != c.record {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(data, &members); err != nil {
			return event.Event{}, fmt.Errorf("decode event data: %w", err)
		}
		id, err := json.Marshal(c.record)
		if err != nil {
			return event.Event{}, fmt.Errorf("encode event data: %w", err)
		}
		members["documento_id"] = id
		if data, err = json.Marshal(members); err != nil {
			return event.Event{}, fmt.Errorf("encode event data: %w", err)
		}
	}
	return event.Foreign(ctx, c.event, auth.From(ctx).ID, c.record, data), nil
}
