package hce

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"

	cloudevents "github.com/cloudevents/sdk-go/v2"

	"hce.co/shared/event"
)

// Broker hands events to the receivers in this process, over the same HTTP
// request that a Knative Trigger makes.
type Broker struct {
	mu       sync.RWMutex
	triggers []Trigger
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

// Send implements event.Sender. An event that nobody asks for is taken, and so
// is one that its receiver can never understand: what it answers with 4xx is
// recorded where it was refused and not sent again. Any other failure leaves
// the event with its sender.
func (b *Broker) Send(ctx context.Context, e cloudevents.Event) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, t := range b.triggers {
		if t.Type != e.Type() {
			continue
		}
		req, err := event.Request(ctx, "http://hce.local"+t.Path, e)
		if err != nil {
			return err
		}
		req.RemoteAddr = "127.0.0.1:0"
		rec := httptest.NewRecorder()
		t.Subscriber.ServeHTTP(rec, req)
		if retry(rec.Code) {
			return fmt.Errorf("deliver %s: the receiver answered %d", e.Type(), rec.Code)
		}
	}
	return nil
}

// retry reports whether Knative Eventing would try again after this answer.
func retry(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests:
		return true
	}
	return status >= 500
}
