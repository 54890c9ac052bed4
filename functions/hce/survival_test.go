package hce_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hce.co/functions/hce"
	"hce.co/functions/hce/demo"
	loginapi "hce.co/functions/login/api"
	notesapi "hce.co/functions/notes/api"
	"hce.co/shared/client"
	"hce.co/shared/ident"
	"hce.co/shared/service"
)

// childVariable makes this test program the clinic itself, to be killed.
const childVariable = "HCE_TEST_CHILD"

// child is a clinic in a process of its own, on an embedded database.
type child struct {
	cmd *exec.Cmd
	to  client.Client
}

func startChild(t *testing.T, dir string, settings ...string) *child {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(ln.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // it listens on TCP
	ln.Close()                                          //nolint:errcheck // only its number was wanted
	cmd := exec.Command(os.Args[0])                     //nolint:noctx // it is killed on purpose
	cmd.Env = append(os.Environ(), childVariable+"=1", "PORT="+port, "LISTEN_ADDRESS=127.0.0.1", "HCE_DATA_DIR="+dir,
		"HCE_DEMO=1", "HCE_DEMO_PASSWORD="+password, "LOG_LEVEL=error")
	cmd.Env = append(cmd.Env, settings...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: cmd, to: client.Client{Base: "http://127.0.0.1:" + port, HTTP: &http.Client{Timeout: 20 * time.Second}}}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt) //nolint:errcheck // it may be dead
		cmd.Wait()                       //nolint:errcheck // likewise
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "listo ") {
			go io.Copy(io.Discard, out) //nolint:errcheck // nobody reads on
			return c
		}
		t.Log(lines.Text())
	}
	t.Fatal("the clinic ended before it served")
	return nil
}

// Whatever was acknowledged is there after kill -9 of the whole process, and
// the clinic opens again by itself.
func TestAcknowledgedSurvivesKill(t *testing.T) {
	dir, err := os.MkdirTemp("", "hce-muere-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // PostgreSQL's account passes through it
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) }) //nolint:errcheck // temporary
	c := startChild(t, dir)
	token, err := (loginapi.Client{Client: c.to}).Login(t.Context(), "medico", password)
	if err != nil {
		t.Fatal(err)
	}
	ctx := client.As(t.Context(), client.Caller{Token: token.AccessToken})
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			for i := 0; ; i++ {
				n := note(demo.OwnerID, "")
				n.ID, n.Firmar, n.EvolucionMedica = ident.NewID().String(), i%2 == 0, fmt.Sprintf("Escritor %d, nota %d.", w, i)
				if _, err := (notesapi.Client{Client: c.to}).Write(ctx, n, ""); err != nil {
					return // killed
				}
				mu.Lock()
				acknowledged[n.ID] = true
				mu.Unlock()
			}
		})
	}
	time.Sleep(700 * time.Millisecond)
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if len(acknowledged) < 5 {
		t.Fatalf("only %d notes were acknowledged before the end: the test shows nothing", len(acknowledged))
	}
	c = startChild(t, dir)
	if token, err = (loginapi.Client{Client: c.to}).Login(t.Context(), "medico", password); err != nil {
		t.Fatal(err)
	}
	ctx = client.As(t.Context(), client.Caller{Token: token.AccessToken})
	after := ""
	for {
		page, next, err := (notesapi.Client{Client: c.to}).Notes(ctx, demo.OwnerID, 100, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range page {
			delete(acknowledged, n.ID.String())
		}
		if after = next; next == "" {
			break
		}
	}
	if len(acknowledged) > 0 {
		t.Errorf("%d acknowledged notes are gone", len(acknowledged))
	}
}

// runChild is the clinic, when this program was started to be one.
func runChild() {
	service.Main(hce.New())
	os.Exit(0)
}
