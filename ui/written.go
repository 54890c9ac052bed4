package ui

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"hce.co/shared/config"
	"hce.co/ui/view"
)

// written is a form as somebody sent it.
type written struct {
	Path   string     `json:"path"` // where to, with its query
	Fields url.Values `json:"fields"`
}

// maxWritten is how much of a form is kept, in bytes of JSON: sealed, it has to
// fit into a form again.
const maxWritten = 640 << 10

// unwritten are fields that nobody types in: they alone are not worth keeping.
var unwritten = []string{"idempotencia", "version", "despues", "siguiente"}

// writtenIn takes from a form what is kept of it: neither secrets nor the button
// that was pressed. ok is false when that is nothing.
func writtenIn(path string, form url.Values) (w written, ok bool) {
	w = written{Path: path, Fields: url.Values{}}
	for name, values := range form {
		if slices.Contains(view.SecretFields, name) || name == "accion" {
			continue
		}
		w.Fields[name] = values
		ok = ok || !slices.Contains(unwritten, name) && strings.TrimSpace(strings.Join(values, "")) != ""
	}
	return w, ok
}

// envelope closes what somebody wrote, so that it can wait in a page that
// anybody may have before them: AES-256-GCM, under the account that it is for.
type envelope struct {
	aead cipher.AEAD
	key  []byte
}

const envelopeKey = 32 // bytes

// newEnvelope reads the key, base64 of 32 bytes. Without one this instance has a
// key of its own: what it closes, no other opens.
func newEnvelope(text config.Secret) (envelope, error) {
	key, err := base64.StdEncoding.DecodeString(string(text))
	if text == "" {
		key = make([]byte, envelopeKey)
		rand.Read(key) //nolint:errcheck // crypto/rand never fails
	} else if err != nil || len(key) != envelopeKey {
		return envelope{}, fmt.Errorf("configuration: FORM_KEY is not base64 of %d bytes", envelopeKey)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return envelope{}, fmt.Errorf("configuration: FORM_KEY: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return envelope{aead, key}, err
}

// derive makes a key for another purpose (HKDF, RFC 5869).
func (e envelope) derive(purpose string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, e.key, nil, "hce/"+purpose, envelopeKey)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return key, nil
}

var errTooLong = errors.New("more was written than can be kept")

// seal closes w for an account.
func (e envelope) seal(account string, w written) (string, error) {
	b, err := json.Marshal(w)
	if err != nil {
		return "", fmt.Errorf("keep a form: %w", err)
	}
	if len(b) > maxWritten {
		return "", errTooLong
	}
	return base64.RawURLEncoding.EncodeToString(e.aead.Seal(nil, nil, b, owner(account))), nil
}

// open gives back what seal closed; ok is false for any other account.
func (e envelope) open(account, sealed string) (w written, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return w, false
	}
	if b, err = e.aead.Open(nil, nil, b, owner(account)); err != nil {
		return w, false
	}
	return w, json.Unmarshal(b, &w) == nil
}

// owner binds what is sealed to its purpose and to an account.
func owner(account string) []byte { return []byte("formulario:" + account) }
