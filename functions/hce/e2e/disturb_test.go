package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	admissionapi "hce.co/functions/admission/api"
	"hce.co/functions/hce/journey"
	notesapi "hce.co/functions/notes/api"
	pdfapi "hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

// TestDisturbed takes things away from the deployed clinic while it works: make
// disturb. It needs a cluster of one's own.
//
//	HCE_DISTURB   1: yes, really
//	KUBECTL       the command that reaches the cluster
//	HCE_BROKER    the URL of the Broker from here, to post to it what the clinic would refuse; "": not tried
//	HCE_KILL, HCE_REVIVE   shell commands that kill a worker of the Citus cluster (kill -9), and start it again; "": not tried
func TestDisturbed(t *testing.T) {
	if os.Getenv("HCE_DISTURB") != "1" {
		t.Skip("make disturb runs this on a cluster")
	}
	c, admin := visit(t)
	t.Run("the broker is killed", func(t *testing.T) { brokerKilled(t, c) })
	t.Run("ten copies of an event", func(t *testing.T) { tenCopies(t, c) })
	t.Run("a poison event", func(t *testing.T) { poison(admin, t, c) })
	t.Run("instances are killed", func(t *testing.T) { instancesKilled(t, c) })
	t.Run("new revisions under load", func(t *testing.T) { newRevisions(t, c) })
	t.Run("a worker of the database is killed", func(t *testing.T) { workerKilled(t, c) })
	t.Run("all asleep, woken by an event", func(t *testing.T) { asleep(t, c) })
}

// kubectl returns what the command prints.
func kubectl(t testing.TB, args ...string) string {
	t.Helper()
	command := append(strings.Fields(os.Getenv("KUBECTL")), args...)
	out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).Output() // #nosec G204 -- the tester's own command
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(command, " "), err)
	}
	return string(out)
}

// pods are the functions' instances.
func pods(t testing.TB) []string {
	t.Helper()
	return strings.Fields(kubectl(t, "-n", "hce", "get", "pods", "-l", "serving.knative.dev/service", "-o", "jsonpath={.items[*].metadata.name}"))
}

// record is somebody new with a signed note.
func record(t *testing.T, c *journey.Clinic) (documentoID string) {
	t.Helper()
	p, err := c.Patient.Register(c.As(t, auth.Registrar), journey.Person(), "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.Admission.Open(c.As(t, auth.Registrar), admissionapi.Opening{DocumentoID: p.DocumentoID, Clase: "AMB", CausaMotivo: "38"}, "")
	if err != nil {
		t.Fatal(err)
	}
	n := journey.Note(p.DocumentoID, a.ID.String())
	n.Firmar = true
	if _, err := c.Notes.Write(c.As(t, auth.Physician), n, ""); err != nil {
		t.Fatal(err)
	}
	return p.DocumentoID
}

// ready follows an export until it is there.
func ready(t *testing.T, c *journey.Clinic, documentoID string, id uuid.UUID, within time.Duration) {
	t.Helper()
	began := time.Now()
	var j pdfapi.Job
	for time.Since(began) < within {
		var err error
		if j, err = c.PDF.Follow(c.As(t, auth.RecordsClerk), documentoID, id); err != nil {
			t.Fatal(err)
		}
		if j.Done() {
			break
		}
		time.Sleep(500 * time.Millisecond)
	}
	if j.Estado != pdfapi.Ready {
		t.Fatalf("after %v the export is %s %s", within, j.Estado, j.Error)
	}
	t.Logf("the export was there %.1f s after it was first looked at", time.Since(began).Seconds())
}

// brokerKilled: exports asked for just before the broker's processes are killed,
// while they are away, and after, all come to an end.
func brokerKilled(t *testing.T, c *journey.Clinic) {
	var ids []string
	for range 6 {
		ids = append(ids, record(t, c))
	}
	jobs := map[string]uuid.UUID{}
	for i, id := range ids {
		if i == 3 {
			names := strings.Fields(kubectl(t, "-n", "knative-eventing", "get", "pods", "-o", "jsonpath={.items[*].metadata.name}"))
			kill := []string{"-n", "knative-eventing", "delete", "pod", "--force", "--grace-period=0"}
			for _, n := range names {
				if strings.Contains(n, "broker") || strings.Contains(n, "dispatcher") {
					kill = append(kill, n)
				}
			}
			kubectl(t, kill...)
		}
		j, err := c.PDF.Ask(c.As(t, auth.RecordsClerk), id, pdfapi.Request{}, "")
		if err != nil {
			t.Fatal(err)
		}
		jobs[id] = j.ID
	}
	for id, j := range jobs {
		ready(t, c, id, j, 2*time.Minute)
	}
}

// tenCopies: an event that asks for a PDF, posted ten times, makes one.
func tenCopies(t *testing.T, c *journey.Clinic) {
	id := record(t, c)
	token, err := c.Login.LoginClient(t.Context(), c.Producer.Username, c.Producer.Password)
	if err != nil {
		t.Fatal(err)
	}
	event := `{"specversion":"1.0","id":"` + uuid.NewString() + `","source":"/otro","type":"co.hce.pdf.solicitado.v1","subject":"` + id + `",
		"datacontenttype":"application/json","data":{"documento_id":"` + id + `"}}`
	for range 10 {
		if status, _, body := c.Send(t, token.AccessToken, "POST", "/eventos", "application/cloudevents+json", event); status != http.StatusAccepted {
			t.Fatalf("the event got %d: %s", status, body)
		}
	}
	list := func() []pdfapi.Job {
		jobs, _, err := c.PDF.List(c.As(t, auth.RecordsClerk), id, 0, "")
		if err != nil {
			t.Fatal(err)
		}
		return jobs
	}
	for until := time.Now().Add(time.Minute); len(list()) == 0 && time.Now().Before(until); {
		time.Sleep(200 * time.Millisecond)
	}
	time.Sleep(3 * time.Second) // for the other copies
	jobs := list()
	if len(jobs) != 1 {
		t.Fatalf("%d exports, want 1", len(jobs))
	}
	ready(t, c, id, jobs[0].ID, time.Minute)
}

// poison: an event that its receiver refuses ends in the dead letter sink.
func poison(admin context.Context, t *testing.T, c *journey.Clinic) {
	broker := os.Getenv("HCE_BROKER")
	if broker == "" {
		t.Skip("no HCE_BROKER")
	}
	before, err := c.Patient.System(admin)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, broker, strings.NewReader(`{"documento_id":"XX-0","veneno":true}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Ce-Specversion": "1.0", "Ce-Id": uuid.NewString(), "Ce-Source": "/otro", "Ce-Type": "co.hce.resultado.emitido.v1", "Ce-Subject": "XX-0",
		"Content-Type": "application/json",
	} {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		t.Errorf("the broker answered %d", resp.StatusCode)
	}
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(500 * time.Millisecond) {
		now, err := c.Patient.System(admin)
		if err != nil {
			t.Fatal(err)
		}
		if now.Muertos == before.Muertos+1 {
			return
		}
	}
	t.Error("the event is not in the dead letter sink")
}

// instancesKilled: notes are written and read while an instance is killed every
// second, by clients that ask again with the same key when they get no answer or
// a 5xx. What was acknowledged is there, and there once.
func instancesKilled(t *testing.T, c *journey.Clinic) {
	const writers, howLong = 8, 40 * time.Second
	id := record(t, c)
	doctor := c.As(t, auth.Physician)
	ctx, cancel := context.WithTimeout(t.Context(), howLong)
	defer cancel()
	var mu sync.Mutex
	written := map[uuid.UUID]int{}
	var again, killed atomic.Int64
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				n := journey.Note(id, "")
				n.EvolucionMedica, n.Firmar = fmt.Sprintf("Nota %d de %d.", i, w), true
				key := ident.NewID().String()
				for try := 0; ; try++ {
					note, err := c.Notes.Write(doctor, n, key)
					if err == nil {
						mu.Lock()
						written[note.ID] = 0
						mu.Unlock()
						break
					}
					if s := problem.Status(err); s < 500 && s != 409 || try > 60 { // 409: the first try is still under way
						t.Errorf("writing a note: %v", err)
						break
					}
					again.Add(1)
					time.Sleep(250 * time.Millisecond)
				}
			}
		})
	}
	for ctx.Err() == nil {
		time.Sleep(time.Second)
		if names := pods(t); len(names) > 0 {
			kubectl(t, "-n", "hce", "delete", "pod", "--force", "--grace-period=0", "--ignore-not-found", names[rand.IntN(len(names))]) // #nosec G404 -- which pod
			killed.Add(1)
		}
	}
	wg.Wait()
	for after := ""; ; {
		var list []notesapi.Note
		var err error
		if list, after, err = c.Notes.Notes(doctor, id, 100, after); err != nil {
			t.Fatal(err)
		}
		for _, n := range list {
			if _, ok := written[n.ID]; ok {
				written[n.ID]++
			}
		}
		if after == "" {
			break
		}
	}
	for n, times := range written {
		if times != 1 {
			t.Errorf("note %s was acknowledged and is there %d times", n, times)
		}
	}
	t.Logf("%d instances killed, %d notes acknowledged, %d requests repeated", killed.Load(), len(written), again.Load())
	if len(written) == 0 || killed.Load() == 0 {
		t.Error("nothing was tried")
	}
}

// newRevisions: every function gets a new revision while readers and writers are
// at work, and no request fails.
func newRevisions(t *testing.T, c *journey.Clinic) {
	id := record(t, c)
	clerk, doctor := c.As(t, auth.RecordsClerk), c.As(t, auth.Physician)
	ctx, cancel := context.WithCancel(t.Context())
	var requests, failed atomic.Int64
	var wg sync.WaitGroup
	work := func(name string, do func() error) {
		wg.Go(func() {
			for ctx.Err() == nil {
				requests.Add(1)
				if err := do(); err != nil {
					failed.Add(1)
					t.Errorf("%s: %v", name, err)
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	for range 4 {
		work("read the record", func() error { _, err := c.Patient.Read(clerk, id); return err })
		work("read the notes", func() error { _, _, err := c.Notes.Notes(clerk, id, 20, ""); return err })
		work("read the admissions", func() error { _, _, err := c.Admission.List(doctor, id, 20, ""); return err })
		work("save a note", func() error { _, err := c.Notes.Write(doctor, journey.Note(id, ""), ""); return err })
	}
	patch := fmt.Sprintf(`{"spec":{"template":{"metadata":{"annotations":{"hce.co/revisado":"%d"}}}}}`, time.Now().Unix())
	for _, f := range []string{"notes", "patient", "ui", "admission"} {
		kubectl(t, "-n", "hce", "patch", "ksvc", f, "--type", "merge", "-p", patch)
	}
	time.Sleep(2 * time.Second)
	kubectl(t, "-n", "hce", "wait", "--for=condition=Ready", "ksvc", "--all", "--timeout=3m")
	time.Sleep(10 * time.Second) // while the old revisions go
	cancel()
	wg.Wait()
	t.Logf("%d requests, %d failed", requests.Load(), failed.Load())
}

// status is what a call was answered with, any success being 200.
func status(err error) int {
	if err == nil {
		return http.StatusOK
	}
	return problem.Status(err)
}

// workerKilled: without one of the database's workers the records on it are away,
// with 503 and at once, and no others; when it is back so are they.
func workerKilled(t *testing.T, c *journey.Clinic) {
	kill, revive := os.Getenv("HCE_KILL"), os.Getenv("HCE_REVIVE")
	if kill == "" || revive == "" {
		t.Skip("no HCE_KILL and HCE_REVIVE")
	}
	shell := func(command string) {
		if out, err := exec.CommandContext(t.Context(), "sh", "-c", command).CombinedOutput(); err != nil { // #nosec G204 -- the tester's own command
			t.Errorf("%s: %v %s", command, err, out)
		}
	}
	clerk, doctor := c.As(t, auth.RecordsClerk), c.As(t, auth.Physician)
	ids := make([]string, 24)
	for i := range ids {
		ids[i] = record(t, c)
	}
	try := func(id string) (read, write int) {
		began := time.Now()
		_, err := c.Patient.Read(clerk, id)
		read = status(err)
		_, err = c.Notes.Write(doctor, journey.Note(id, ""), "")
		write = status(err)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("reading and writing took %v", took)
		}
		return read, write
	}
	shell(kill)
	away := map[string]bool{}
	for round := range 3 {
		for _, id := range ids {
			read, write := try(id)
			if read != write || read != http.StatusOK && read != http.StatusServiceUnavailable {
				t.Errorf("without a worker a read is %d and a write %d", read, write)
			}
			if is := read != http.StatusOK; round == 0 {
				away[id] = is
			} else if is != away[id] {
				t.Errorf("a record was away %t, and then %t", away[id], is)
			}
		}
	}
	shell(revive)
	n := 0
	for _, is := range away {
		if is {
			n++
		}
	}
	if n == 0 || n == len(ids) {
		t.Errorf("%d of %d records were away", n, len(ids))
	}
	began := time.Now()
	for _, id := range ids {
		for {
			read, write := try(id)
			if read == http.StatusOK && write == http.StatusOK {
				break
			}
			if time.Since(began) > time.Minute {
				t.Fatalf("a minute after the worker is back a read is %d and a write %d", read, write)
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
	t.Logf("%d of %d records were away; all were back %.1f s after the worker", n, len(ids), time.Since(began).Seconds())
}

// asleep: within two minutes of the last request no instance is left; an event
// then wakes what builds the document.
func asleep(t *testing.T, c *journey.Clinic) {
	id := record(t, c)
	token, err := c.Login.LoginClient(t.Context(), c.Producer.Username, c.Producer.Password)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for len(pods(t)) > 0 {
		if time.Since(began) > 3*time.Minute {
			t.Fatalf("after three minutes there are %v", pods(t))
		}
		time.Sleep(time.Second)
	}
	t.Logf("all asleep %.0f s after the last request", time.Since(began).Seconds())
	if took := time.Since(began); took > 2*time.Minute {
		t.Errorf("it took %v", took)
	}
	began = time.Now()
	event := `{"specversion":"1.0","id":"` + uuid.NewString() + `","source":"/otro","type":"co.hce.pdf.solicitado.v1","subject":"` + id + `",
		"datacontenttype":"application/json","data":{"documento_id":"` + id + `"}}`
	if status, _, body := c.Send(t, token.AccessToken, "POST", "/eventos", "application/cloudevents+json", event); status != http.StatusAccepted {
		t.Fatalf("the event got %d: %s", status, body)
	}
	t.Logf("the event was taken %.1f s later", time.Since(began).Seconds())
	var jobs []pdfapi.Job
	for until := time.Now().Add(time.Minute); len(jobs) == 0 && time.Now().Before(until); time.Sleep(200 * time.Millisecond) {
		if jobs, _, err = c.PDF.List(c.As(t, auth.RecordsClerk), id, 0, ""); err != nil {
			t.Fatal(err)
		}
	}
	if len(jobs) != 1 {
		t.Fatalf("%d exports, want 1", len(jobs))
	}
	ready(t, c, id, jobs[0].ID, time.Minute)
	t.Logf("the document was there after %.1f s", time.Since(began).Seconds())
}
