package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"hce.co/functions/hce/demo"
	"hce.co/shared/ident"
)

// task is a request to measure.
type task struct {
	name    string
	clients []int
	request func() *http.Request
}

// others is how many sign in beside, one after another each.
const others = 32

// rate is how many records are read a second meanwhile, by somebody who pauses
// between one and the next, or as they come, whether those before have been
// answered or not.
const rate = 100

var usual = []int{1, 16, 64}

// prepare signs in, makes a chart of eleven pages, and returns what to measure,
// and the reading of a record.
func prepare(ctx context.Context, base string) (all []task, read func() *http.Request, err error) {
	tokens := map[string]string{}
	for _, user := range []string{"admisionista", "medico", "resultados"} {
		var t struct {
			AccessToken string `json:"access_token"`
		}
		if err := once(signIn(base, user), &t); err != nil {
			return nil, nil, err
		}
		tokens[user] = t.AccessToken
	}
	send := func(as, method, path string, body any) *http.Request {
		var r io.Reader
		if body != nil {
			b, _ := json.Marshal(body) // maps of strings
			r = bytes.NewReader(b)
		}
		req, _ := http.NewRequestWithContext(ctx, method, base+path, r) // the path is ours
		req.Header.Set("Authorization", "Bearer "+tokens[as])
		if body != nil {
			req.Header.Set("Content-Type", "application/json")
		}
		return req
	}
	note := func(id string, text int) map[string]any {
		return map[string]any{
			"documento_id": id, "tipo": "evolucion", "motivo_consulta": "Tos", "evolucion_medica": strings.Repeat("Paciente estable, sin fiebre. ", text),
			"diagnosticos":   []any{map[string]any{"cie10": "J20.9", "tipo": "01", "rol": "principal"}},
			"signos_vitales": map[string]any{"pas": 120, "pad": 80, "fc": 76, "temp": 36.8}, "firmar": true, "id": ident.NewID().String(),
		}
	}
	chart := map[string]any{"tipo_documento": "CC", "numero_documento": "1999888777", "primer_nombre": "Banco", "primer_apellido": "Pruebas", "fecha_nacimiento": "1980-01-01", "sexo_biologico": "02"}
	if err := once(send("admisionista", "POST", "/paciente", chart), nil); err != nil {
		return nil, nil, err
	}
	var admission struct {
		ID string `json:"id"`
	}
	open := map[string]any{"documento_id": "CC-1999888777", "clase": "AMB", "causa_motivo": "38"}
	if err := once(send("admisionista", "POST", "/admision", open), &admission); err != nil {
		return nil, nil, err
	}
	for range 24 {
		n := note("CC-1999888777", 12)
		n["admision_id"] = admission.ID
		if err := once(send("medico", "POST", "/medico/nota", n), nil); err != nil {
			return nil, nil, err
		}
	}
	read = func() *http.Request { return send("admisionista", "GET", "/paciente/CC-1999888777", nil) }
	return []task{
		{"GET /paciente/{id}", usual, read},
		{"POST /medico/nota, signed", usual, func() *http.Request {
			n := note(demo.OwnerID, 3)
			return send("medico", "POST", "/medico/nota", n)
		}},
		{"GET /medico/notas/{id}, twenty", usual, func() *http.Request { return send("resultados", "GET", "/medico/notas/CC-1999888777?limite=20", nil) }},
		{"POST /login", []int{1, 16}, func() *http.Request { return signIn(base, "medico") }},
		{"GET /exportar_pdf/{id}, unchanged", []int{1, 16}, func() *http.Request { return send("resultados", "GET", "/exportar_pdf/CC-1999888777", nil) }},
		{"GET /exportar_pdf/{id}, built", []int{1}, func() *http.Request {
			n := note("CC-1999888777", 1)
			n["admision_id"] = admission.ID
			once(send("medico", "POST", "/medico/nota", n), nil) //nolint:errcheck // the export shows it
			return send("resultados", "GET", "/exportar_pdf/CC-1999888777", nil)
		}},
	}, read, nil
}

func signIn(base, user string) *http.Request {
	form := url.Values{"grant_type": {"password"}, "username": {user}, "password": {password}}
	req, _ := http.NewRequest(http.MethodPost, base+"/login", strings.NewReader(form.Encode())) //nolint:noctx // bounded by the client
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

var client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 128}}

// once makes a request that must succeed.
func once(req *http.Request, into any) error {
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %d %s", req.Method, req.URL.Path, resp.StatusCode, b)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(b, into)
}

// sample is what was measured.
type sample struct {
	mu             sync.Mutex
	times          []time.Duration
	failed         error
	during         time.Duration
	ours, postgres time.Duration // processor time
}

func (s *sample) ask(req *http.Request) error {
	at := time.Now()
	err := once(req, nil)
	took := time.Since(at)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times = append(s.times, took)
	if err != nil {
		s.failed = err
	}
	return err
}

// timed adds to the sample what work takes.
func (s *sample) timed(p *process, work func()) {
	ours, postgres := p.cpu()
	began := time.Now()
	work()
	s.during += time.Since(began)
	oursAfter, postgresAfter := p.cpu()
	s.ours += oursAfter - ours
	s.postgres += postgresAfter - postgres
}

// row prints the sample; asked says how.
func (s *sample) row(name, asked string) {
	slices.Sort(s.times)
	n := len(s.times)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("| %s | %s | %.0f | %.2f | %.2f | %.2f | %.2f |\n", name, asked, float64(n)/s.during.Seconds(),
		ms(s.times[n/2]), ms(s.times[min(n-1, n*99/100)]), ms(s.ours)/float64(n), ms(s.postgres)/float64(n))
}

// measure keeps clients busy for a while.
func measure(ctx context.Context, p *process, request func() *http.Request, clients int, during time.Duration) *sample {
	s := &sample{}
	s.timed(p, func() {
		began := time.Now()
		var wg sync.WaitGroup
		for range clients {
			wg.Go(func() {
				for time.Since(began) < during && ctx.Err() == nil && s.ask(request()) == nil {
				}
			})
		}
		wg.Wait()
	})
	return s
}

// pause is that of a Poisson process of the rate.
func pause() time.Duration { return time.Duration(rand.ExpFloat64() * float64(time.Second) / rate) }

// paced has one client ask for a while, with pauses after each answer.
func (s *sample) paced(ctx context.Context, request func() *http.Request, during time.Duration) {
	for end := time.Now().Add(during); time.Now().Before(end) && ctx.Err() == nil; {
		time.Sleep(pause())
		if s.ask(request()) != nil {
			return
		}
	}
}

// arrivals has requests come at a rate for a while (a Poisson process).
func (s *sample) arrivals(ctx context.Context, request func() *http.Request, during time.Duration) {
	var wg sync.WaitGroup
	defer wg.Wait()
	next := time.Now()
	for end := next.Add(during); next.Before(end) && ctx.Err() == nil; next = next.Add(pause()) {
		time.Sleep(time.Until(next))
		wg.Go(func() { s.ask(request()) }) //nolint:errcheck // the sample has it
	}
}

// crowd measures a way of reading records while others sign in and while nobody
// does, in turns, so that whatever else the machine does falls on both. They sign
// in from a process of their own, so that the reader's clock does not wait for
// its own program.
func crowd(ctx context.Context, p *process, read func(*sample)) (alone, beside *sample, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	alone, beside = &sample{}, &sample{}
	for range 8 {
		alone.timed(p, func() { read(alone) })
		entering := exec.CommandContext(ctx, self, "-entering", p.url) // #nosec G204 -- this program
		entering.Stderr = os.Stderr
		if err := entering.Start(); err != nil {
			return nil, nil, err
		}
		time.Sleep(2 * time.Second) // until all of them wait for their turn
		beside.timed(p, func() { read(beside) })
		entering.Process.Kill() //nolint:errcheck // waited for below
		entering.Wait()         //nolint:errcheck // it was killed
	}
	return alone, beside, cmp.Or(alone.failed, beside.failed)
}

// enter has others sign in until the process ends.
func enter(base string) {
	for range others {
		go func() {
			for {
				if once(signIn(base, "medico"), nil) != nil {
					time.Sleep(100 * time.Millisecond) // who is refused does not insist
				}
			}
		}()
	}
	select {}
}
