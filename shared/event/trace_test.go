package event_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/trace"

	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/service"
	"hce.co/shared/telemetry"
	"hce.co/shared/telemetry/telemetrytest"
)

const (
	theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	given  = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
)

// receiver is a function that receives events from a broker, which may change
// what it delivers.
func receiver(t *testing.T, broker func(http.Header)) (url string) {
	t.Helper()
	rt := service.NewRouter(service.Config{MaxBody: 1 << 20}, service.Guard{}, slog.New(slog.DiscardHandler))
	rt.On("POST /eventos/recibir", auth.Internal, func(w http.ResponseWriter, r *http.Request) error {
		if _, err := event.Read(r); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		broker(r.Header)
		rt.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/eventos/recibir"
}

// An event goes on with the trace that it was written in, whether it is sent at
// once or from the table, and whatever the broker makes of the header.
func TestTraceGoesOn(t *testing.T) {
	for name, tt := range map[string]struct {
		broker func(http.Header)
		later  bool   // sent from the table, by somebody else
		parent string // of the receiver
	}{
		"at once":                        {func(http.Header) {}, false, "PRODUCER send " + event.PatientRegistered},
		"from the table":                 {func(http.Header) {}, true, "PRODUCER send " + event.PatientRegistered},
		"by a broker that drops headers": {func(h http.Header) { h.Del("Traceparent") }, true, "INTERNAL write"},
		"by a broker that traces itself": {func(h http.Header) { h.Set("Traceparent", given) }, true, "INTERNAL write"},
	} {
		t.Run(name, func(t *testing.T) {
			c := telemetrytest.Start(t, "patient")
			p := newPost(t, event.NewSink(receiver(t, tt.broker)))
			ctx, writing := telemetry.Child(telemetry.WithTraceParent(t.Context(), theirs), "write", trace.SpanKindInternal)
			e, err := event.New(ctx, "/hce/patient", event.PatientRegistered, "CC-1032456789", event.PatientRegisteredData{DocumentoID: "CC-1032456789"})
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Tx(ctx, p.pool, func(tx pgx.Tx) error { return p.Save(ctx, tx, e) }); err != nil {
				t.Fatal(err)
			}
			var stored string
			if err := p.pool.QueryRow(t.Context(), `SELECT traza FROM historia_clinica.evento_salida WHERE id = $1`, e.ID).Scan(&stored); err != nil {
				t.Fatal(err)
			}
			if want := telemetry.TraceParent(ctx); stored != want || e.TraceParent != want {
				t.Errorf("the outbox holds %q, the event %q, want %q", stored, e.TraceParent, want)
			}
			writing.End()
			if tt.later {
				if n, err := p.Flush(t.Context(), 0); n != 1 || err != nil {
					t.Fatalf("flushed %d, %v", n, err)
				}
			} else {
				p.Committed(e)
			}
			p.drain()
			c.Stop()
			byID := map[string]string{}
			for _, s := range c.Spans() {
				byID[s.ID] = s.Kind + " " + s.Name
			}
			got := c.Named("SERVER", "POST /eventos/recibir")
			write := c.Named("INTERNAL", "write")
			if got.Trace != write.Trace || byID[got.Parent] != tt.parent {
				t.Errorf("the receiver is in trace %s below %q, want %s below %q", got.Trace, byID[got.Parent], write.Trace, tt.parent)
			}
			if send := c.Named("PRODUCER", "send "+event.PatientRegistered); send.Trace != write.Trace || send.Parent != write.ID || send.Failed {
				t.Errorf("the sending is %+v", send)
			}
			if diff := cmp.Diff(map[string]string{
				"http.request.method": "POST", "http.route": "/eventos/recibir", "http.response.status_code": "204",
				"cloudevents.event_type": event.PatientRegistered,
			}, got.Attributes); diff != "" {
				t.Errorf("the receiver's step (-want +got):\n%s", diff)
			}
			if p := c.Points("http.server.request.duration"); len(p) != 1 || p[0].Attributes["cloudevents.event_type"] != event.PatientRegistered {
				t.Errorf("events are counted as %+v", p)
			}
			for _, word := range c.Words() {
				if strings.Contains(word, "1032456789") || strings.Contains(word, e.ID.String()) {
					t.Errorf("%q was sent out", word)
				}
			}
		})
	}
}

// What a type may be called is anybody's to choose: it is no label of its own.
func TestInventedTypes(t *testing.T) {
	c := telemetrytest.Start(t, "notes")
	url := receiver(t, func(http.Header) {})
	for _, typ := range []string{"x.y.z", "CC-1032456789"} {
		e := cloudevents.NewEvent()
		e.SetID("1")
		e.SetSource("/x")
		e.SetType(typ)
		e.SetSubject("CC-1")
		req, err := event.Request(context.Background(), url, e)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	c.Stop()
	if p := c.Points("http.server.request.duration"); len(p) != 1 || p[0].Count != 2 || p[0].Attributes["cloudevents.event_type"] != "other" {
		t.Errorf("%+v", p)
	}
}

// A foreign event keeps its producer's trace, when it has one.
func TestForeignTrace(t *testing.T) {
	telemetrytest.Start(t, "notes")
	ctx, span := telemetry.Child(telemetry.WithTraceParent(t.Context(), theirs), "take", trace.SpanKindInternal)
	defer span.End()
	ours := telemetry.TraceParent(ctx)
	for parent, want := range map[string]string{"": ours, given: given, "Luz Peña": ours, given + "x": ours} {
		in := cloudevents.NewEvent()
		in.SetID("1")
		in.SetSource("/laboratorio")
		if parent != "" {
			in.SetExtension("traceparent", parent)
		}
		if got := event.Foreign(ctx, in, uuid.Nil, "CC-1", nil).TraceParent; got != want {
			t.Errorf("of %q it keeps %q, want %q", parent, got, want)
		}
	}
}

func TestNoTraceWhenOff(t *testing.T) {
	e := newEvent(t)
	if e.TraceParent != "" {
		t.Errorf("the event carries %q", e.TraceParent)
	}
}
