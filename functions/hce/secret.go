package hce

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hce.co/functions/login/keys"
	"hce.co/shared/audit"
	"hce.co/shared/durable"
	"hce.co/shared/seal"
)

// secrets are the files that a cluster would mount from its Secrets.
type secrets struct {
	dir           string
	signingKeys   string
	publicKeys    string
	encryptionKey string
	documentKey   string
	auditKey      string
	formKey       string
}

// openSecrets finds the secrets of a clinic, and makes them at its first start.
func openSecrets(dir string) (secrets, error) {
	s := secrets{
		dir: dir, signingKeys: filepath.Join(dir, "firma.json"), publicKeys: filepath.Join(dir, "jwks.json"), encryptionKey: filepath.Join(dir, "cifrado"),
		documentKey: filepath.Join(dir, "documentos"), auditKey: filepath.Join(dir, "auditoria"),
		formKey: filepath.Join(dir, "formularios"),
	}
	err := os.MkdirAll(filepath.Dir(dir), 0o755) // #nosec G301 -- PostgreSQL's account passes through it
	if err != nil {
		return s, fmt.Errorf("secrets: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return s, fmt.Errorf("secrets: %w", err)
	}
	if _, err := keys.Ensure(s.signingKeys, s.publicKeys, time.Now()); err != nil {
		return s, err
	}
	for path, size := range map[string]int{
		s.encryptionKey: seal.KeySize, s.documentKey: ed25519.SeedSize, s.auditKey: audit.KeySize, s.formKey: seal.KeySize,
	} {
		key := make([]byte, size)
		rand.Read(key) //nolint:errcheck // crypto/rand never fails
		if _, err := keep(path, base64.StdEncoding.EncodeToString(key)); err != nil {
			return s, err
		}
	}
	return s, nil
}

// demoPassword returns the password of the demo accounts: the one given, else
// the one that was made at the first start, which made reports.
func (s secrets) demoPassword(given string) (password string, made bool, err error) {
	if given != "" {
		return given, false, nil
	}
	raw := make([]byte, 12)
	rand.Read(raw) //nolint:errcheck // crypto/rand never fails
	fresh := strings.TrimRight(base64.URLEncoding.EncodeToString(raw), "=")
	password, err = keep(filepath.Join(s.dir, "clave-demo"), fresh)
	return password, password == fresh, err
}

// keep returns what the file at path holds, after writing value where there is
// no file: of two who start at once the first one's stays. The file is whole or
// not there, and on the disk before anything is sealed with what it holds.
func keep(path, value string) (string, error) {
	b, err := os.ReadFile(path) // #nosec G304 -- in the clinic's own directory
	if errors.Is(err, fs.ErrNotExist) {
		if err := durable.Create(path, []byte(value), 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("secrets: %w", err)
		}
		b, err = os.ReadFile(path) // #nosec G304 -- likewise
	}
	if err != nil {
		return "", fmt.Errorf("secrets: %w", err)
	}
	return string(b), nil
}
