package notes

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/functions/notes/api"
	"hce.co/shared/audit/audittest"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/civil"
	"hce.co/shared/client"
	"hce.co/shared/config"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/problem"
	"hce.co/shared/seal"
)

func TestMain(m *testing.M) {
	time.Local = civil.Zone // as on a machine in Colombia: the wire is in UTC all the same
	os.Exit(dbtest.Main(m))
}

var keyEncryptionKey = base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))

// world is a chart under test, reached over HTTP.
type world struct {
	t      testing.TB
	f      *Function
	url    string
	issuer *authtest.Issuer
	root   *pgxpool.Pool // the superuser
	sent   *sink
}

func newWorld(t testing.TB) *world {
	t.Helper()
	issuer := authtest.New(t)
	f, sent := New(), &sink{}
	f.Sender = sent
	f.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	err := f.Start(context.Background(), map[string]string{
		"DATABASE_URL": dbtest.URL(t, "hce_notes"), "AUTH_KEYS_FILE": issuer.KeysFile, "DATABASE_MAX_CONNS": "16", "AUDIT_KEY": audittest.Key,
		"KEY_ENCRYPTION_KEY": keyEncryptionKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(f.Handle))
	t.Cleanup(func() {
		srv.Close()
		if err := f.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &world{t: t, f: f, url: srv.URL, issuer: issuer, root: dbtest.Pool(t, "postgres"), sent: sent}
}

// sink keeps the events that were sent on.
type sink struct {
	mu     sync.Mutex
	closed bool // refuses everything
	events []cloudevents.Event
}

func (s *sink) Send(_ context.Context, e cloudevents.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return io.ErrClosedPipe
	}
	s.events = append(s.events, e)
	return nil
}

// about returns the events that were sent about a record.
func (s *sink) about(documentoID string) (all []cloudevents.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e.Subject() == documentoID {
			all = append(all, e)
		}
	}
	return all
}

// wait returns the events about a record as soon as there are n.
func (s *sink) wait(t testing.TB, documentoID string, n int) []cloudevents.Event {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		all := s.about(documentoID)
		if len(all) >= n || time.Now().After(deadline) {
			return all
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// as returns a client, and a context in which it acts for p.
func (w *world) as(p auth.Principal) (api.Client, context.Context) {
	ctx := client.As(context.Background(), client.Caller{Token: w.issuer.Token(w.t, p)})
	return api.Client{Client: client.Client{Base: w.url, HTTP: http.DefaultClient}}, ctx
}

// answer is what came back of a raw request.
type answer struct {
	status int
	header http.Header
	body   map[string]any // nil unless the body is an object
	raw    string
}

func (a answer) field(name string) any {
	f, _ := a.body["campos"].(map[string]any)
	return f[name]
}

// send makes a raw request as p; headers are pairs of name and value.
func (w *world) send(p auth.Principal, method, path, body string, headers ...string) answer {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+w.issuer.Token(w.t, p))
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	json.Unmarshal(raw, &a.body) //nolint:errcheck // not every answer is an object
	return a
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.root.Exec(context.Background(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// count runs a query that counts.
func (w *world) count(sql string, args ...any) (n int) {
	w.t.Helper()
	if err := w.root.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// patient puts a woman born in 1984 in the registry and returns her
// documento_id.
func (w *world) patient() string {
	w.t.Helper()
	number := dbtest.DocumentoID()
	id := "CC-" + number
	w.exec(`INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ($1, $1, '2020-01-01')`, id)
	w.exec(`INSERT INTO historia_clinica.paciente (documento_id, creado_en, actualizado_en, actualizado_por, tipo_documento, numero_documento,
		primer_apellido, segundo_apellido, primer_nombre, fecha_nacimiento, sexo_biologico, entidad_codigo, entidad_nombre, tipo_usuario,
		nombre_busqueda, nombre_orden)
		VALUES ($1, '2020-01-01', '2020-01-01', '00000000-0000-0000-0000-000000000001', 'CC', $2,
		'Peña', 'Núñez', 'Luz', '1984-02-29', '02', 'EPS010', 'EPS Sura', '01', ' pena nunez luz', ' peña nuñez luz')`, id, number)
	return id
}

// physician makes an account of a médico with a signing key.
func (w *world) physician() auth.Principal {
	w.t.Helper()
	p := authtest.Principal("Mario Médico", auth.Physician)
	p.Services = []string{"328"}
	w.register(p)
	return p
}

// register gives an account its professional data, and returns its public key.
func (w *world) register(p auth.Principal) ed25519.PublicKey {
	w.t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	box, err := seal.New(seal.Config{Keys: config.Secret(keyEncryptionKey)})
	if err != nil {
		w.t.Fatal(err)
	}
	w.exec(`INSERT INTO historia_clinica.usuario (id, username, nombre, hash, roles, creado_en) VALUES ($1, $2, $3, '', '{medico}', '2020-01-01')`,
		p.ID, p.ID.String(), p.Name)
	w.exec(`INSERT INTO historia_clinica.profesional (usuario_id, nombre_profesional, registro_medico, especialidad, clave_id, clave_publica, clave_privada)
		VALUES ($1, $2, 'RM-12345', 'Medicina general', $3, $4, $5)`,
		p.ID, "Dr. "+p.Name, "clave-"+p.ID.String()[:8], []byte(public), box.Seal(private.Seed(), seal.SigningKey(p.ID)))
	return public
}

// producer makes an account of a system that may post events of types.
func (w *world) producer(types ...string) auth.Principal {
	w.t.Helper()
	p := authtest.Principal("Laboratorio", auth.Producer)
	w.exec(`INSERT INTO historia_clinica.productor (client_id, id, nombre, hash, tipos, creado_en) VALUES ($1, $2, 'Laboratorio', '', $3, '2020-01-01')`,
		p.ID.String(), p.ID, types)
	return p
}

// admission puts an admission in the record.
func (w *world) admission(documentoID, class, state string, start time.Time) uuid.UUID {
	w.t.Helper()
	id := uuid.Must(uuid.NewV7())
	var end *time.Time
	if state == "finished" {
		now := time.Now()
		end = &now
	}
	w.exec(`INSERT INTO historia_clinica.admision (documento_id, id, clase, estado, inicio, fin, servicio, admitido_por, admitido_por_nombre, creado_en)
		VALUES ($1, $2, $3, $4, $5, $6, '1102', '00000000-0000-0000-0000-000000000001', 'Ana', $5)`, documentoID, id, class, state, start, end)
	return id
}

// write writes a note, which must succeed.
func (w *world) write(by auth.Principal, n api.NewNote) api.Note {
	w.t.Helper()
	c, ctx := w.as(by)
	out, err := c.Write(ctx, n, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// evolution is a signed note with a little of everything.
func evolution(documentoID string) api.NewNote {
	n := api.NewNote{DocumentoID: documentoID, Firmar: true}
	n.Tipo, n.MotivoConsulta, n.EvolucionMedica = "evolucion", "Tos", "Mejor que ayer."
	n.Diagnosticos = []api.Diagnosis{
		{CIE10: "j209", Tipo: "01", Rol: "principal"}, {CIE10: "I10X", Tipo: "03", Rol: "relacionado"},
	}
	n.SignosVitales = &api.VitalSigns{PAS: num(120), PAD: num(80), FC: num(72), Temp: num(36.5), Peso: num(64), Talla: num(160)}
	n.AlergiasRegistradas = []api.Allergy{{Tipo: "01", Sustancia: "Penicilina", Reaccion: "Urticaria", Criticidad: "alta"}}
	n.Medicamentos = []api.Medication{{DCI: "Acetaminofén", Dosis: "500", Unidad: "mg", Via: "oral", Frecuencia: "cada 8 horas", Duracion: "3 días", Cantidad: "9"}}
	return n
}

func num(x float64) *float64 { return &x }

func ago(d time.Duration) *time.Time {
	t := time.Now().Add(-d).UTC().Truncate(time.Second)
	return &t
}

// account is a patient with an account of their own.
func account(documentoID string) auth.Principal {
	p := authtest.Principal("Luz Peña", auth.Patient)
	p.DocumentoID = documentoID
	return p
}

var clerk = authtest.Principal("Rita Resultados", auth.RecordsClerk)

// wantStatus fails unless err is the problem of a status.
func wantStatus(t testing.TB, what string, err error, status int) {
	t.Helper()
	if err == nil || problem.Status(err) != status {
		t.Errorf("%s: error = %v, want %d", what, err, status)
	}
}
