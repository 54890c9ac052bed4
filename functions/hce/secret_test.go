package hce

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Clinics that start at once on a new directory get the same secrets, and find
// them again.
func TestSecretsOfFirstStartsAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "datos", "secretos")
	read := func() map[string]string {
		files := map[string]string{}
		s, err := openSecrets(dir)
		if err != nil {
			t.Error(err)
		}
		for _, path := range []string{s.signingKeys, s.encryptionKey, s.documentKey, s.auditKey, s.formKey} {
			b, err := os.ReadFile(path)
			if err != nil || len(b) == 0 {
				t.Errorf("%s holds %d bytes, %v", filepath.Base(path), len(b), err)
			}
			files[path] = string(b)
		}
		return files
	}
	all := make([]map[string]string, 8)
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() { all[i] = read() })
	}
	wg.Wait()
	last := read()
	for i, files := range all {
		for path, content := range files {
			if content != last[path] {
				t.Errorf("start %d has another %s", i+1, filepath.Base(path))
			}
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 6 {
		t.Errorf("in the directory: %v, %v", entries, err)
	}
}
