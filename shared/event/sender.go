package event

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"hce.co/shared/telemetry"
)

// Sender hands an event to whoever takes events on: a broker, or the receivers
// in the same process.
type Sender interface {
	Send(ctx context.Context, e cloudevents.Event) error
}

// Config says where a function's events go.
type Config struct {
	Sink string `env:"K_SINK"` // URL of the broker; empty: events wait in the outbox
}

// sink posts events to a URL in CloudEvents' binary mode.
type sink struct {
	url    string
	client *http.Client
}

// NewSink returns a Sender that posts to url, nil when it is empty.
func NewSink(url string) Sender {
	if url == "" {
		return nil
	}
	return &sink{url: url, client: &http.Client{Timeout: 10 * time.Second}}
}

// Send implements Sender.
func (s *sink) Send(ctx context.Context, e cloudevents.Event) error {
	req, err := Request(ctx, s.url, e)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("send event: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < 300 {
		return nil
	}
	err = fmt.Errorf("send event: the sink answered %d", resp.StatusCode)
	if resp.StatusCode < 500 && !retriable[resp.StatusCode] {
		err = fmt.Errorf("%w: %w", errRefused, err)
	}
	return err
}

// errRefused says that a sink does not take this event, rather than none.
var errRefused = errors.New("event refused")

// retriable are the answers of the client's kind that Knative Eventing tries
// again: they speak of the moment, not of the event.
var retriable = map[int]bool{
	http.StatusNotFound: true, http.StatusRequestTimeout: true, http.StatusConflict: true, http.StatusTooManyRequests: true,
}

// Request is the HTTP request that carries the event in binary mode.
func Request(ctx context.Context, url string, e cloudevents.Event) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("send event: %w", err)
	}
	if err := cehttp.WriteRequest(ctx, binding.ToMessage(&e), req); err != nil {
		return nil, fmt.Errorf("send event: %w", err)
	}
	telemetry.Inject(ctx, req.Header)
	return req, nil
}
