package hce_test

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2"

	"hce.co/functions/hce"
	"hce.co/shared/event"
)

// answering is a receiver that keeps what it gets.
type answering struct {
	status int
	got    []cloudevents.Event
}

func (a *answering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e, err := event.Read(r)
	if err != nil {
		panic(err)
	}
	a.got = append(a.got, e)
	w.WriteHeader(a.status)
	w.Write([]byte(strings.Repeat("No se entiende. ", 100))) //nolint:errcheck // a recorder
}

// What a receiver refuses for good is kept, with who refused it and why; what may
// succeed later stays with its sender, and so does what cannot be kept.
func TestRefusedEventIsBuried(t *testing.T) {
	for _, tt := range []struct {
		receiver, grave int
		fails           bool
		buried          int
	}{
		{receiver: 204}, {receiver: 422, grave: 204, buried: 1}, {receiver: 400, grave: 204, buried: 1}, {receiver: 302, grave: 204, buried: 1},
		{receiver: 422, grave: 503, buried: 1, fails: true}, {receiver: 422, grave: 400, buried: 1, fails: true},
		{receiver: 503, grave: 204, fails: true}, {receiver: 409, grave: 204, fails: true}, {receiver: 429, grave: 204, fails: true},
	} {
		b, receiver, grave := &hce.Broker{}, &answering{status: tt.receiver}, &answering{status: tt.grave}
		b.Subscribe(hce.Trigger{Type: event.PDFRequested, Subscriber: receiver, Path: "/eventos/recibir"})
		b.Bury(hce.Trigger{Subscriber: grave, Path: "/eventos/muertos"})
		e := cloudevents.NewEvent()
		e.SetID("7")
		e.SetSource("https://otro.example.co")
		e.SetType(event.PDFRequested)
		e.SetSubject("CC-1032456789")
		if err := e.SetData(cloudevents.ApplicationJSON, map[string]string{"tipo": "epicrisis"}); err != nil {
			t.Fatal(err)
		}
		if err := b.Send(t.Context(), e); (err != nil) != tt.fails || len(receiver.got) != 1 || len(grave.got) != tt.buried {
			t.Errorf("%+v: %v, delivered %d, buried %d", tt, err, len(receiver.got), len(grave.got))
			continue
		}
		if len(e.Extensions()) > 0 {
			t.Errorf("the sender's event has %v", e.Extensions())
		}
		for _, dead := range grave.got {
			x := dead.Extensions()
			data, _ := x["knativeerrordata"].(string)
			said, err := base64.StdEncoding.DecodeString(data)
			if dead.ID() != "7" || dead.Source() != e.Source() || string(dead.Data()) != string(e.Data()) || x["knativeerrorcode"] != strconv.Itoa(tt.receiver) ||
				x["knativeerrordest"] != "http://hce.local/eventos/recibir" || err != nil || len(said) != 1024 {
				t.Errorf("%+v: buried %v", tt, dead)
			}
		}
	}
}
