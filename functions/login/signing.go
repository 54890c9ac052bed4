package login

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	"github.com/google/uuid"

	"hce.co/shared/seal"
)

// newSigningKey makes the Ed25519 key with which a professional signs notes. Its
// id is made from the public half, so a signature says which key to look for.
func (f *Function) newSigningKey(user uuid.UUID) (id string, public, sealed []byte) {
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil { // crypto/rand never fails
		panic(err)
	}
	sum := sha256.Sum256(pub)
	return hex.EncodeToString(sum[:8]), pub, f.box.Seal(priv.Seed(), seal.SigningKey(user))
}
