package event_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/event"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

func TestSinkPostsBinaryCloudEvents(t *testing.T) {
	var got http.Header
	var body string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got, body = r.Header, r.Method+" "+r.URL.Path+" "+string(b)
		w.WriteHeader(http.StatusAccepted)
	}))
	defer srv.Close()
	e := newEvent(t)
	e.At = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	e.TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	ce, err := e.CloudEvent()
	if err != nil {
		t.Fatal(err)
	}
	if err := event.NewSink(srv.URL+"/default").Send(t.Context(), ce); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Ce-Specversion": "1.0", "Ce-Id": e.ID.String(), "Ce-Source": "/hce/patient", "Ce-Type": "co.hce.paciente.registrado.v1",
		"Ce-Subject": e.DocumentoID, "Ce-Time": "2026-03-02T12:00:00Z", "Ce-Traceparent": e.TraceParent, "Content-Type": "application/json",
	} {
		if got.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Get(name), want)
		}
	}
	if want := "POST /default " + string(e.Data); body != want {
		t.Errorf("the sink got %s, want %s", body, want)
	}
}

func TestSinkThatRefuses(t *testing.T) {
	ce, err := newEvent(t).CloudEvent()
	if err != nil {
		t.Fatal(err)
	}
	for status, ok := range map[int]bool{200: true, 202: true, 204: true, 300: false, 400: false, 404: false, 429: false, 500: false, 503: false} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		if err := event.NewSink(srv.URL).Send(t.Context(), ce); (err == nil) != ok {
			t.Errorf("%d: %v", status, err)
		}
		srv.Close()
		if err := event.NewSink(srv.URL).Send(t.Context(), ce); err == nil {
			t.Error("a sink that is gone takes events")
		}
	}
	if err := event.NewSink(":").Send(t.Context(), ce); err == nil {
		t.Error("an address that is none takes events")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := event.NewSink("http://127.0.0.1:1").Send(ctx, ce); !errors.Is(err, context.Canceled) {
		t.Errorf("after its time: %v", err)
	}
}

func post1(contentType, body string, headers map[string]string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/eventos", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	return r
}

var binary = map[string]string{
	"ce-specversion": "1.0", "ce-id": "7", "ce-source": "/laboratorio", "ce-type": event.ResultIssued, "ce-subject": "CC-1", "ce-time": "2026-03-02T12:00:00Z",
	"ce-traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}

const structured = `{"specversion":"1.0","id":"7","source":"/laboratorio","type":"co.hce.resultado.emitido.v1","subject":"CC-1",
	"time":"2026-03-02T12:00:00Z","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	"datacontenttype":"application/json","data":{"documento_id":"CC-1","nombre":"Glucosa","valor":92.5}}`

func TestRead(t *testing.T) {
	const data = `{"documento_id":"CC-1","nombre":"Glucosa","valor":92.5}`
	for mode, r := range map[string]*http.Request{
		"binary":                 post1("application/json", data, binary),
		"binary with a charset":  post1("application/json; charset=utf-8", data, binary),
		"structured":             post1("application/cloudevents+json", structured, nil),
		"structured, charset":    post1("application/cloudevents+json; charset=UTF-8", structured, nil),
		"structured beats ce-id": post1("application/cloudevents+json", structured, map[string]string{"ce-id": "9"}),
	} {
		e, err := event.Read(r)
		if err != nil {
			t.Errorf("%s: %v", mode, err)
			continue
		}
		if e.ID() != "7" || e.Source() != "/laboratorio" || e.Type() != event.ResultIssued || e.Subject() != "CC-1" ||
			!e.Time().Equal(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)) || e.Extensions()["traceparent"] != binary["ce-traceparent"] {
			t.Errorf("%s: read as %v", mode, e)
		}
		var got event.ResultData
		want := event.ResultData{DocumentoID: "CC-1", Nombre: "Glucosa", Valor: 92.5}
		if err := event.Data(e, &got); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: the data is %+v, %v", mode, got, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	without := func(name string) map[string]string {
		h := map[string]string{}
		for k, v := range binary {
			if k != name {
				h[k] = v
			}
		}
		return h
	}
	with := func(name, value string) map[string]string {
		h := without(name)
		h[name] = value
		return h
	}
	for name, tt := range map[string]struct {
		r    *http.Request
		want int
	}{
		"plain JSON":               {post1("application/json", `{}`, nil), 400},
		"nothing":                  {post1("", "", nil), 400},
		"no id":                    {post1("application/json", `{}`, without("ce-id")), 400},
		"no source":                {post1("application/json", `{}`, without("ce-source")), 400},
		"no type":                  {post1("application/json", `{}`, without("ce-type")), 400},
		"no version":               {post1("application/json", `{}`, without("ce-specversion")), 400},
		"version 2":                {post1("application/json", `{}`, with("ce-specversion", "2.0")), 400},
		"version 0.3":              {post1("application/json", `{}`, with("ce-specversion", "0.3")), 400},
		"structured, version 0.3":  {post1("application/cloudevents+json", strings.Replace(structured, `"1.0"`, `"0.3"`, 1), nil), 400},
		"a time that is none":      {post1("application/json", `{}`, with("ce-time", "ayer")), 400},
		"no subject":               {post1("application/json", `{}`, without("ce-subject")), 422},
		"structured, cut short":    {post1("application/cloudevents+json", structured[:50], nil), 400},
		"structured, no object":    {post1("application/cloudevents+json", `[]`, nil), 400},
		"structured without an id": {post1("application/cloudevents+json", strings.Replace(structured, `"id":"7",`, "", 1), nil), 400},
		"a batch":                  {post1("application/cloudevents-batch+json", "["+structured+"]", nil), 400},
		"text that poses as one":   {post1("text/plain", structured, nil), 400},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := event.Read(tt.r)
			var p *problem.Error
			if !errors.As(err, &p) || p.Status != tt.want {
				t.Errorf("Read = %v, %v; want a %d", e, err, tt.want)
			}
		})
	}
}

func TestReadKeepsTheBodyLimit(t *testing.T) {
	for mode, r := range map[string]*http.Request{
		"binary":     post1("application/json", `{"valor":"`+strings.Repeat("a", 5000)+`"}`, binary),
		"structured": post1("application/cloudevents+json", strings.Replace(structured, "Glucosa", strings.Repeat("a", 5000), 1), nil),
	} {
		r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, 1000)
		_, err := event.Read(r)
		var tooBig *http.MaxBytesError
		if !errors.As(err, &tooBig) {
			t.Errorf("%s: %v, want the limit in the chain so that the answer is 413", mode, err)
		}
	}
}

func TestDataOfAnotherType(t *testing.T) {
	for name, body := range map[string]string{"a list": `[1]`, "a number for a text": `{"documento_id":7}`, "no JSON": `x`} {
		e, err := event.Read(post1("application/json", body, binary))
		if err != nil {
			t.Fatal(err)
		}
		var d event.ResultData
		if err := event.Data(e, &d); problem.Status(err) != 422 {
			t.Errorf("%s: %v, want a 422", name, err)
		}
	}
}

// What Request writes, Read reads.
func TestRequestRoundTrip(t *testing.T) {
	sent, err := newEvent(t).CloudEvent()
	if err != nil {
		t.Fatal(err)
	}
	r, err := event.Request(t.Context(), "http://hce.local/eventos", sent)
	if err != nil {
		t.Fatal(err)
	}
	got, err := event.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != sent.String() {
		t.Errorf("sent\n%sread\n%s", sent, got)
	}
}

// An event of another system keeps its name, also when it went through the
// table, and is the same row each time.
func TestForeignEvent(t *testing.T) {
	in, err := event.Read(post1("application/cloudevents+json", structured, nil))
	if err != nil {
		t.Fatal(err)
	}
	id := "CC-" + dbtest.DocumentoID()
	producer := ident.NewID()
	e, again := event.Foreign(t.Context(), in, producer, id, in.Data()), event.Foreign(t.Context(), in, producer, id, in.Data())
	if e.ID != again.ID || e.ID == event.ForeignUUID(in) {
		t.Errorf("its row is %s and then %s", e.ID, again.ID)
	}
	if other := event.Foreign(t.Context(), in, ident.NewID(), id, in.Data()); other.ID == e.ID {
		t.Error("what another producer posts under the same source and id is the same row")
	}
	sender := &inbox{}
	p := newPost(t, sender)
	p.save(e, again)
	if n, err := p.Flush(t.Context(), 0); n != 1 || err != nil {
		t.Fatalf("Flush = %d, %v", n, err)
	}
	direct, err := e.CloudEvent()
	if err != nil {
		t.Fatal(err)
	}
	for way, got := range map[string]cloudevents.Event{"at once": direct, "through the table": sender.taken[0]} {
		if got.ID() != "7" || got.Source() != "/laboratorio" || got.Subject() != id || got.Extensions()["traceparent"] != binary["ce-traceparent"] ||
			!got.Time().Equal(in.Time()) || event.Producer(got) != producer || event.ForeignUUID(got) != e.ID {
			t.Errorf("%s: %v", way, got)
		}
	}
}

// Whose account an event was posted with is ours to say.
func TestProducerIsNotTheirsToSay(t *testing.T) {
	claimed := ident.NewID()
	in, err := event.Read(post1("application/cloudevents+json", strings.Replace(structured, `"id":"7"`, `"id":"7","productor":"`+claimed.String()+`"`, 1), nil))
	if err != nil {
		t.Fatal(err)
	}
	if got := event.Producer(in); got != claimed {
		t.Errorf("read as of %s", got)
	}
	for _, producer := range []uuid.UUID{ident.NewID(), uuid.Nil} {
		out, err := event.Foreign(t.Context(), in, producer, "CC-1", in.Data()).CloudEvent()
		if err != nil || event.Producer(out) != producer {
			t.Errorf("passed on as of %s, %v; want %s", event.Producer(out), err, producer)
		}
	}
	in.SetExtension("productor", "laboratorio")
	if got := event.Producer(in); got != uuid.Nil {
		t.Errorf("a name that is no account is read as %s", got)
	}
}

// The time that a producer gives is theirs to choose; when the event is passed
// on is not.
func TestForeignEventOfNoTime(t *testing.T) {
	for name, at := range map[string]string{"of the far future": "2999-01-01T00:00:00Z", "without a time": ""} {
		in := cloudevents.NewEvent()
		in.SetID("8")
		in.SetSource("/laboratorio")
		in.SetType(event.ResultIssued)
		if at != "" {
			when, err := time.Parse(time.RFC3339, at)
			if err != nil {
				t.Fatal(err)
			}
			in.SetTime(when)
		}
		sender := &inbox{}
		p := newPost(t, sender)
		p.save(event.Foreign(t.Context(), in, ident.NewID(), "CC-"+dbtest.DocumentoID(), raw(1)))
		if n, err := p.Flush(t.Context(), 0); n != 1 || err != nil {
			t.Errorf("an event %s: Flush = %d, %v", name, n, err)
		}
	}
}

func TestEventsAreValid(t *testing.T) {
	ce, err := newEvent(t).CloudEvent()
	if err != nil {
		t.Fatal(err)
	}
	if err := ce.Validate(); err != nil {
		t.Error(err)
	}
	if _, err := event.New(t.Context(), "/hce/x", event.NoteSigned, "CC-1", make(chan int)); err == nil {
		t.Error("data that is no JSON makes an event")
	}
	e := newEvent(t)
	e.Data = json.RawMessage(`{`)
	if ce, err := e.CloudEvent(); err == nil {
		t.Errorf("broken JSON makes the event %v", ce)
	}
}

func TestFirstIsOnceUnderConcurrency(t *testing.T) {
	pool := dbtest.Pool(t, "hce_notes")
	in, err := event.Read(post1("application/cloudevents+json", structured, nil))
	if err != nil {
		t.Fatal(err)
	}
	id := "CC-" + dbtest.DocumentoID()
	first := make([]bool, 10)
	var wg sync.WaitGroup
	for i := range first {
		wg.Go(func() {
			err := db.Tx(t.Context(), pool, func(tx pgx.Tx) (err error) {
				first[i], err = event.First(t.Context(), tx, "notes", id, in)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	n := 0
	for _, f := range first {
		if f {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d of 10 took the event for new, want 1", n)
	}
}

func TestFirst(t *testing.T) {
	pool := dbtest.Pool(t, "hce_notes")
	id := "CC-" + dbtest.DocumentoID()
	in, err := event.Read(post1("application/cloudevents+json", structured, nil))
	if err != nil {
		t.Fatal(err)
	}
	other := in.Clone()
	other.SetSource("/otro-laboratorio")
	posted, elsewhere := in.Clone(), in.Clone()
	posted.SetExtension("productor", ident.NewID().String())
	elsewhere.SetExtension("productor", ident.NewID().String())
	undo := errors.New("undo")
	for _, tt := range []struct {
		name, receiver, record string
		e                      cloudevents.Event
		end                    error
		want                   bool
	}{
		{"in a transaction that fails", "notes", id, in, undo, true},
		{"after that", "notes", id, in, nil, true},
		{"again", "notes", id, in, nil, false},
		{"for another receiver", "pdf-export", id, in, nil, true},
		{"from another source", "notes", id, other, nil, true},
		{"of a producer who names that source", "notes", id, posted, nil, true},
		{"of that producer again", "notes", id, posted, nil, false},
		{"of another producer who names it", "notes", id, elsewhere, nil, true},
		{"about another record", "notes", "CC-" + dbtest.DocumentoID(), in, nil, true},
	} {
		var got bool
		err := db.Tx(t.Context(), pool, func(tx pgx.Tx) (err error) {
			if got, err = event.First(t.Context(), tx, tt.receiver, tt.record, tt.e); err != nil {
				return err
			}
			return tt.end
		})
		if !errors.Is(err, tt.end) || got != tt.want {
			t.Errorf("%s: first %v, %v; want %v", tt.name, got, err, tt.want)
		}
	}
}
