// Package audittest gives tests a key for the trail.
package audittest

import (
	"context"

	"hce.co/shared/audit"
)

// Key is a value for AUDIT_KEY.
const Key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

// Context returns ctx with the key in it.
func Context(ctx context.Context) context.Context { return Open().Context(ctx) }

// Open returns the key.
func Open() *audit.Key {
	k, err := audit.NewKey(audit.Config{Keys: Key})
	if err != nil {
		panic(err)
	}
	return k
}
