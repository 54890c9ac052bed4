package keys

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hce.co/shared/auth"
)

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func ids(s Set) []string {
	out := []string{}
	for _, k := range s {
		out = append(out, k.ID)
	}
	return out
}

func active(t *testing.T, s Set, at time.Time) string {
	t.Helper()
	k, err := s.Active(at)
	if err != nil {
		t.Fatal(err)
	}
	return k.ID
}

func TestRotationOverlaps(t *testing.T) {
	first := Generate(now)
	old := first[0].ID
	second := first.Rotate(now.Add(24*time.Hour), Lead)
	if len(second) != 2 || second[1].ID != old {
		t.Fatalf("after one rotation: %v", ids(second))
	}
	rotated := now.Add(24 * time.Hour)
	if got := active(t, second, rotated.Add(Lead-time.Minute)); got != old {
		t.Error("the new key signs before its time")
	}
	if got := active(t, second, rotated.Add(Lead)); got != second[0].ID {
		t.Error("the new key does not take over")
	}
	if _, ok := second.Key(old); !ok {
		t.Error("tokens of the old key are no longer verified")
	}
	soon := second.Rotate(rotated.Add(30*time.Minute), Lead)
	if len(soon) != 3 {
		t.Errorf("a key replaced 20 minutes ago is gone: %v", ids(soon))
	}
	later := second.Rotate(rotated.Add(24*time.Hour), Lead)
	if diff := cmp.Diff([]string{later[0].ID, second[0].ID}, ids(later)); diff != "" {
		t.Errorf("a day later (-want +got):\n%s", diff)
	}
	if _, err := Generate(now).Active(now.Add(-time.Hour)); err == nil {
		t.Error("a key signs an hour before it was made")
	}
}

func TestFilesRoundTrip(t *testing.T) {
	dir := t.TempDir()
	private, public := filepath.Join(dir, "privadas.json"), filepath.Join(dir, "publicas.json")
	set, err := Ensure(private, public, now)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(private)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("private file: %v, %v", info.Mode(), err)
	}
	b, err := os.ReadFile(public)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), `"d"`) {
		t.Error("the public file holds a private key")
	}
	known, err := auth.ParseJWKS(b)
	if err != nil || !known[set[0].ID].Equal(set[0].Public()) {
		t.Errorf("public file: %v, %v", known, err)
	}
	if err := os.Remove(public); err != nil {
		t.Fatal(err)
	}
	again, err := Ensure(private, public, now.Add(time.Hour))
	if err != nil || again[0].ID != set[0].ID || !again[0].Private().Equal(set[0].Private()) || !again[0].From.Equal(now) {
		t.Errorf("Ensure made another set: %v, %v", ids(again), err)
	}
	if _, err := os.Stat(public); err != nil {
		t.Errorf("Ensure did not write the public file again: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("files were left behind: %v", entries)
	}
}

func TestParseRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(s Set) string {
		p := filepath.Join(dir, "p.json")
		if err := s.Write(p, filepath.Join(dir, "q.json")); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	one, two := Generate(now), Generate(now)
	good := write(one)
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"nothing":      "",
		"no keys":      `{"keys":[]}`,
		"public only":  `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"AAAA"}]}`,
		"mixed halves": strings.Replace(good, one.Public().Keys[0].X, two.Public().Keys[0].X, 1),
		"without id":   strings.Replace(good, one[0].ID, "", 1),
	} {
		if _, err := Parse([]byte(bad)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestMountedSeesTheReplacedFile(t *testing.T) {
	dir := t.TempDir()
	private, public := filepath.Join(dir, "p.json"), filepath.Join(dir, "q.json")
	m := &Mounted{Path: private}
	if _, err := m.Set(); err == nil {
		t.Fatal("keys without a file")
	}
	first := Generate(now)
	if err := first.Write(private, public); err != nil {
		t.Fatal(err)
	}
	if _, ok := m.Key(first[0].ID); !ok {
		t.Fatal("the first key is unknown")
	}
	second := first.Rotate(now, Lead)
	if err := second.Write(private, public); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Second)
	if err := os.Chtimes(private, later, later); err != nil {
		t.Fatal(err)
	}
	m.looked = time.Time{} // a second later
	if _, ok := m.Key(second[0].ID); !ok {
		t.Error("the second key is unknown")
	}
	if err := os.WriteFile(private, []byte("roto"), 0o600); err != nil {
		t.Fatal(err)
	}
	m.looked = time.Time{}
	if _, ok := m.Key(second[0].ID); !ok {
		t.Error("a spoilt file made the keys unknown")
	}
}
