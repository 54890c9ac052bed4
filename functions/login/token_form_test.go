package login

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"hce.co/functions/login/api"
	"hce.co/shared/problem"
)

// raw sends bytes as they are, closes its half when it is told to, and returns
// the answer.
func (w *world) raw(message string, half bool) (int, map[string]any) {
	w.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second)) //nolint:errcheck // then it hangs
	if _, err := conn.Write([]byte(message)); err != nil {
		w.t.Fatal(err)
	}
	if half {
		conn.(*net.TCPConn).CloseWrite() //nolint:errcheck,forcetypeassert // it is TCP
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body := map[string]any{}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, body
}

// A form that does not arrive whole is the client's, and says so as RFC 6749
// §5.2 has it.
func TestFormThatBreaksOff(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		message string
		half    bool
		status  int
	}{
		"no chunk":     {"Transfer-Encoding: chunked\r\n\r\nzz\r\n", false, 400},
		"half of it":   {"Content-Length: 100\r\n\r\ngrant_type=password", true, 400},
		"no UTF-8":     {"Content-Length: 10\r\n\r\npassword=\xff", false, 400},
		"far too long": {fmt.Sprintf("Content-Length: %d\r\n\r\n%s", 1<<20+1, strings.Repeat("x", 1<<20+1)), false, 413},
	} {
		status, body := w.raw("POST /login HTTP/1.1\r\nHost: hce\r\nContent-Type: "+formType+"\r\n"+tt.message, tt.half)
		if status != tt.status || body["error"] != api.ErrorRequest || body["detail"] == nil {
			t.Errorf("%s: %d %v, want %d", name, status, body, tt.status)
		}
	}
	if got := w.send("POST", "/login", jsonType, `{"username":"`+strings.Repeat("x", 1<<20)+`"}`); got.status != 413 || got.body["error"] != api.ErrorRequest {
		t.Errorf("JSON that is far too long: %d %v", got.status, got.body)
	}
}

// What only the database has to answer for is told as RFC 6749 has it too.
func TestTokenProblemOfTheDatabase(t *testing.T) {
	err := tokenProblem(httptest.NewRecorder(), fmt.Errorf("read account: %w", &pgconn.PgError{Code: "57P01", Message: "secret"}))
	var p *problem.Error
	if !asProblem(err, &p) || p.Status != 503 || p.Members["error"] != api.ErrorUnavailable || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v: %+v", err, p)
	}
	w := newWorld(t, "DATABASE_URL=postgres://nadie@127.0.0.1:1/x")
	if got := w.send("POST", "/login", formType, form("grant_type", "password", "username", "ana", "password", "x")); got.status != 503 ||
		got.body["error"] != api.ErrorUnavailable {
		t.Errorf("without a database: %d %v", got.status, got.body)
	}
}
