package db_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"hce.co/shared/config"
	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
)

func TestUUIDsCrossAsTheyAre(t *testing.T) {
	ctx := context.Background()
	pool, err := db.Open(ctx, db.Config{URL: config.Secret(dbtest.URL(t, "postgres")), MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	id := uuid.Must(uuid.NewV7())
	var back, fromText uuid.UUID
	var none, some *uuid.UUID
	var text, asText string
	var list []uuid.UUID
	err = pool.QueryRow(ctx, `SELECT $1::uuid, $1::uuid::text, $2::text, $2::text::uuid, NULL::uuid, $1::uuid, ARRAY[$1::uuid] || $3::uuid[]`,
		id, id, []uuid.UUID{id}).Scan(&back, &text, &asText, &fromText, &none, &some, &list)
	if err != nil {
		t.Fatal(err)
	}
	if back != id || fromText != id || text != id.String() || asText != id.String() || none != nil || some == nil || *some != id || len(list) != 2 || list[1] != id {
		t.Errorf("%v %v %q %q %v %v %v", back, fromText, text, asText, none, some, list)
	}
	var given *uuid.UUID
	var null bool
	if err := pool.QueryRow(ctx, `SELECT $1::uuid IS NULL`, given).Scan(&null); err != nil || !null {
		t.Errorf("a missing id: %v, %v", null, err)
	}
	if err := pool.QueryRow(ctx, `SELECT NULL::uuid`).Scan(&back); err == nil {
		t.Error("NULL was read as an id")
	}
}
