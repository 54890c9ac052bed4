package notes

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/seal"
)

const (
	keyLife = 3 * time.Minute // for which an opened key is kept: a change of the professional takes effect after it
	maxKeys = 512             // opened keys at most (about 200 bytes each)
)

// keyring opens professionals' signing keys and keeps those of late. Whether
// their account may still act is the token's affair, not the key's.
type keyring struct {
	box *seal.Box

	mu   sync.Mutex
	kept map[uuid.UUID]keptKey
}

type keptKey struct {
	professional *professional
	until        time.Time
}

func newKeyring(box *seal.Box) *keyring { return &keyring{box: box, kept: map[uuid.UUID]keptKey{}} }

// find returns the professional when their key was opened not long ago.
func (k *keyring) find(id uuid.UUID, now time.Time) *professional {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e, ok := k.kept[id]; ok && now.Before(e.until) {
		return e.professional
	}
	return nil
}

func (k *keyring) keep(p *professional, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.kept) >= maxKeys {
		clear(k.kept)
	}
	k.kept[p.ID] = keptKey{p, now.Add(keyLife)}
}

// queue reads the professional in a batch, unless their key is kept. into is nil
// after the batch when they have none.
func (k *keyring) queue(b *pgx.Batch, id uuid.UUID, now time.Time, into **professional) {
	if *into = k.find(id, now); *into != nil {
		return
	}
	b.Queue(`SELECT nombre_profesional, registro_medico, especialidad, clave_id, clave_publica, clave_privada
		FROM historia_clinica.profesional WHERE usuario_id = $1`, id).QueryRow(func(row pgx.Row) error {
		p := professional{ID: id}
		var public, sealed []byte
		err := row.Scan(&p.Name, &p.License, &p.Specialty, &p.KeyID, &public, &sealed)
		if db.NoRows(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read professional: %w", err)
		}
		if p.private, err = k.open(id, public, sealed); err != nil {
			return err
		}
		k.keep(&p, now)
		*into = &p
		return nil
	})
}

// open opens a sealed signing key, the 32-byte seed of RFC 8032.
func (k *keyring) open(id uuid.UUID, public, sealed []byte) (ed25519.PrivateKey, error) {
	seed, err := k.box.Open(sealed, seal.SigningKey(id))
	if err != nil {
		return nil, fmt.Errorf("open signing key: %w", err)
	}
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("open signing key: what was sealed is no Ed25519 seed")
	}
	private := ed25519.NewKeyFromSeed(seed)
	if !private.Public().(ed25519.PublicKey).Equal(ed25519.PublicKey(public)) {
		return nil, errors.New("open signing key: it does not belong to the public key")
	}
	return private, nil
}

// noProfessional is the answer to a médico who cannot sign.
func noProfessional() error {
	return problem.Forbidden("Su cuenta no tiene datos profesionales ni clave de firma: pida a un administrador que los registre.")
}
