package hce

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"

	cloudevents "github.com/cloudevents/sdk-go/v2"

	"hce.co/shared/event"
)

// Broker hands events to the receivers in this process, over the same HTTP
// request that a Knative Trigger makes.
type Broker struct {
	mu       sync.RWMutex
	triggers []Trigger
	dead     Trigger // takes what a receiver refused; without a Subscriber nobody does
}

// Trigger says which events a receiver gets, as a Knative Trigger does.
type Trigger struct {
	Type       string // of event
	Subscriber http.Handler
	Path       string // subscriber.uri
}

// Subscribe adds a receiver.
func (b *Broker) Subscribe(t Trigger) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.triggers = append(b.triggers, t)
}

// Bury has the events that a receiver refused for good sent to t, whatever their
// type: what the dead letter sink is to a Knative Broker.
func (b *Broker) Bury(t Trigger) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dead = t
}

// Send implements event.Sender. An event that nobody asks for is taken, and so
// is one that its receiver can never understand: it is kept for a person to look
// at. Any other failure leaves the event with its sender.
func (b *Broker) Send(ctx context.Context, e cloudevents.Event) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, t := range b.triggers {
		if t.Type != e.Type() {
			continue
		}
		rec, err := t.deliver(ctx, e)
		if err != nil {
			return err
		}
		if retry(rec.Code) {
			return fmt.Errorf("deliver %s: the receiver answered %d", e.Type(), rec.Code)
		}
		if rec.Code < 300 || b.dead.Subscriber == nil {
			continue
		}
		if rec, err = b.dead.deliver(ctx, refused(e, t.url(), rec)); err != nil {
			return err
		}
		if rec.Code >= 300 {
			return fmt.Errorf("bury %s: the receiver answered %d", e.Type(), rec.Code)
		}
	}
	return nil
}

func (t Trigger) url() string { return "http://hce.local" + t.Path }

func (t Trigger) deliver(ctx context.Context, e cloudevents.Event) (*httptest.ResponseRecorder, error) {
	req, err := event.Request(ctx, t.url(), e)
	if err != nil {
		return nil, err
	}
	req.RemoteAddr = "127.0.0.1:0"
	rec := httptest.NewRecorder()
	t.Subscriber.ServeHTTP(rec, req)
	return rec, nil
}

// refused is the event with the extensions by which Knative tells a dead letter
// sink who refused it, with what status and in what words.
func refused(e cloudevents.Event, by string, rec *httptest.ResponseRecorder) cloudevents.Event {
	e = e.Clone()
	e.SetExtension("knativeerrordest", by)
	e.SetExtension("knativeerrorcode", strconv.Itoa(rec.Code))
	words := rec.Body.Bytes()
	e.SetExtension("knativeerrordata", base64.StdEncoding.EncodeToString(words[:min(len(words), maxWords)]))
	return e
}

const maxWords = 1024 // bytes of a refusal; Knative keeps as many

// retry reports whether Knative Eventing would try again after this answer.
func retry(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests:
		return true
	}
	return status >= 500
}
