package localpg

import (
	"archive/zip"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The last resort, against a repository that serves this machine's own programs.
func TestDownload(t *testing.T) {
	if _, err := exec.LookPath("xz"); err != nil {
		t.Skip("no xz to pack an archive with")
	}
	pg := find(t.Context())[0]
	txz := filepath.Join(t.TempDir(), "pg.txz")
	pack := exec.Command("tar", "-cJf", txz, "-C", filepath.Dir(pg.bin),
		"bin/postgres", "bin/initdb", "bin/pg_ctl", "bin/pg_config")
	pack.Env = append(os.Environ(), "XZ_OPT=-0")
	if out, err := pack.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	served := 0
	repository := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".jar") {
			http.NotFound(w, r)
			return
		}
		served++
		archive, err := os.ReadFile(txz)
		if err != nil {
			t.Error(err)
		}
		jar := zip.NewWriter(w)
		entry, err := jar.Create("postgres.txz")
		if err != nil {
			t.Error(err)
		}
		_, _ = entry.Write(archive)
		_ = jar.Close()
	}))
	t.Cleanup(repository.Close)

	t.Setenv("TMPDIR", t.TempDir()) // the library leaves its log there
	root := testDir(t)
	// What a download cut short leaves is not taken for a PostgreSQL.
	if err := os.MkdirAll(filepath.Join(root, "postgresql-17.5.0.partial/bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds it there
		got, err := download(t.Context(), root, repository.URL)
		if err != nil {
			t.Fatal(err)
		}
		if got.major != pg.major || filepath.Dir(filepath.Dir(got.bin)) != root {
			t.Errorf("got %+v", got)
		}
	}
	if served != 1 {
		t.Errorf("downloaded %d times", served)
	}
	left, err := os.ReadDir(root)
	if err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestDownloadOutOfReach(t *testing.T) {
	repository := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(repository.Close)
	t.Setenv("TMPDIR", t.TempDir())
	if _, err := download(t.Context(), os.Getenv("TMPDIR"), repository.URL); err == nil {
		t.Error("no error")
	}
}
