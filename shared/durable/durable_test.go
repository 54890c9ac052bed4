package durable_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"hce.co/shared/durable"
)

// content returns what the file holds and checks that it is the only one.
func content(t *testing.T, path string, mode fs.FileMode) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != mode {
		t.Errorf("mode %v, %v; want %v", info.Mode(), err, mode)
	}
	if all, err := os.ReadDir(filepath.Dir(path)); err != nil || len(all) != 1 {
		t.Errorf("beside it: %v, %v", all, err)
	}
	return string(b)
}

func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "llave")
	for _, want := range []string{"uno", "dos"} {
		if err := durable.Replace(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path, 0o644); got != want {
			t.Errorf("it holds %q, want %q", got, want)
		}
	}
}

// Of many who create a file at once one does, and what it wrote stays.
func TestTheFirstCreates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "llave")
	var wg sync.WaitGroup
	var first atomic.Value
	var made atomic.Int64
	for i := range 16 {
		wg.Go(func() {
			mine := fmt.Sprintf("de %d", i)
			switch err := durable.Create(path, []byte(mine), 0o600); {
			case err == nil:
				made.Add(1)
				first.Store(mine)
			case !errors.Is(err, fs.ErrExist):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := content(t, path, 0o600); made.Load() != 1 || got != first.Load() {
		t.Errorf("%d created it, the first wrote %v, it holds %q", made.Load(), first.Load(), got)
	}
}

func TestWhereNothingCanBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no", "hay", "llave")
	for name, write := range map[string]func(string, []byte, fs.FileMode) error{"Create": durable.Create, "Replace": durable.Replace} {
		if err := write(path, nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
