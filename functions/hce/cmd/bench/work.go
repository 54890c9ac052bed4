package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
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
	beside  func() *http.Request // what others ask meanwhile; nil: nobody does
}

// others is how many ask beside.
const others = 32

var usual = []int{1, 16, 64}

// prepare signs in, makes a chart of eleven pages, and returns what to measure.
func prepare(ctx context.Context, base string) ([]task, error) {
	tokens := map[string]string{}
	for _, user := range []string{"admisionista", "medico", "resultados"} {
		var t struct {
			AccessToken string `json:"access_token"`
		}
		if err := once(signIn(base, user), &t); err != nil {
			return nil, err
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
		return nil, err
	}
	var admission struct {
		ID string `json:"id"`
	}
	open := map[string]any{"documento_id": "CC-1999888777", "clase": "AMB", "causa_motivo": "38"}
	if err := once(send("admisionista", "POST", "/admision", open), &admission); err != nil {
		return nil, err
	}
	for range 24 {
		n := note("CC-1999888777", 12)
		n["admision_id"] = admission.ID
		if err := once(send("medico", "POST", "/medico/nota", n), nil); err != nil {
			return nil, err
		}
	}
	login := func() *http.Request { return signIn(base, "medico") }
	read := func() *http.Request { return send("admisionista", "GET", "/paciente/CC-1999888777", nil) }
	return []task{
		{"GET /paciente/{id}", usual, read, nil},
		{fmt.Sprintf("GET /paciente/{id}, while %d sign in", others), []int{1, 16}, read, login},
		{"POST /medico/nota, signed", usual, func() *http.Request {
			n := note(demo.OwnerID, 3)
			return send("medico", "POST", "/medico/nota", n)
		}, nil},
		{"GET /medico/notas/{id}, twenty", usual, func() *http.Request { return send("resultados", "GET", "/medico/notas/CC-1999888777?limite=20", nil) }, nil},
		{"POST /login", []int{1, 16}, login, nil},
		{"GET /exportar_pdf/{id}, unchanged", []int{1, 16}, func() *http.Request { return send("resultados", "GET", "/exportar_pdf/CC-1999888777", nil) }, nil},
		{"GET /exportar_pdf/{id}, built", []int{1}, func() *http.Request {
			n := note("CC-1999888777", 1)
			n["admision_id"] = admission.ID
			once(send("medico", "POST", "/medico/nota", n), nil) //nolint:errcheck // the export shows it
			return send("resultados", "GET", "/exportar_pdf/CC-1999888777", nil)
		}, nil},
	}, nil
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

// measure keeps clients busy for a while and prints a row.
func measure(ctx context.Context, p *process, t task, clients int, during time.Duration, show bool) error {
	var mu sync.Mutex
	var times []time.Duration
	var failed error
	var meanwhile sync.WaitGroup
	defer meanwhile.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if t.beside != nil {
		for range others {
			meanwhile.Go(func() {
				for ctx.Err() == nil {
					if once(t.beside(), nil) != nil {
						time.Sleep(100 * time.Millisecond) // who is refused does not insist
					}
				}
			})
		}
	}
	oursBefore, pgBefore := p.cpu()
	began := time.Now()
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for time.Since(began) < during && ctx.Err() == nil {
				req := t.request()
				at := time.Now()
				err := once(req, nil)
				took := time.Since(at)
				mu.Lock()
				times = append(times, took)
				if err != nil {
					failed = err
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	if failed != nil || !show {
		return failed
	}
	took := time.Since(began)
	ours, pg := p.cpu()
	slices.Sort(times)
	n := len(times)
	per := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(n) }
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("| %s | %d | %.0f | %.2f | %.2f | %.2f | %.2f |\n", t.name, clients, float64(n)/took.Seconds(),
		ms(times[n/2]), ms(times[min(n-1, n*99/100)]), per(ours-oursBefore), per(pg-pgBefore))
	return nil
}
