package keys

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
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

// A key that takes over at once is not replaced by one that was to come later,
// nor by one that has just begun.
func TestRotationAtOnce(t *testing.T) {
	first := Generate(now.Add(-24 * time.Hour))
	pending := first.Rotate(now, Lead)
	set := pending.Rotate(now.Add(time.Minute), 0)
	if diff := cmp.Diff([]string{set[0].ID, first[0].ID}, ids(set)); diff != "" || set[0].ID == pending[0].ID {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := active(t, set, now.Add(Lead+time.Hour)); got != set[0].ID {
		t.Error("another key signs later")
	}
	if later := pending.Rotate(now.Add(time.Minute), Lead); len(later) != 3 {
		t.Errorf("a key that signs before the new one is gone: %v", ids(later))
	}
	just := pending.Rotate(now.Add(Lead-auth.Leeway/2), 0)
	if _, ok := just.Key(pending[0].ID); !ok || active(t, just, now.Add(Lead+time.Hour)) != just[0].ID {
		t.Errorf("after a key that has signed a moment ago: %v", ids(just))
	}
}

func TestRetire(t *testing.T) {
	first := Generate(now.Add(-24 * time.Hour))
	both := first.Rotate(now, Lead)
	for name, tt := range map[string]struct {
		set  Set
		id   string
		at   time.Time
		left []string
	}{
		"the one that signs, with one that has not started": {both, first[0].ID, now, nil},
		"the only one":                    {first, first[0].ID, now, nil},
		"one that is not there":           {both, "otra", now, nil},
		"one that was to come":            {both, both[0].ID, now, []string{first[0].ID}},
		"one that was replaced":           {both, first[0].ID, now.Add(Lead), []string{both[0].ID}},
		"the one that signs, for another": {both, both[0].ID, now.Add(Lead), []string{first[0].ID}},
	} {
		got, err := tt.set.Retire(tt.id, tt.at)
		if (err == nil) != (tt.left != nil) || err == nil && cmp.Diff(tt.left, ids(got)) != "" {
			t.Errorf("%s: %v, %v; want %v", name, ids(got), err, tt.left)
		}
	}
	if len(both) != 2 || len(first) != 1 {
		t.Error("the set itself was changed")
	}
}

// Of two who make the files at once both have the keys of the first.
func TestEnsureAtOnce(t *testing.T) {
	dir := t.TempDir()
	made := make([]string, 8)
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() {
			set, err := Ensure(filepath.Join(dir, "p.json"), filepath.Join(dir, "q.json"), now)
			if err != nil {
				t.Error(err)
				return
			}
			made[i] = set[0].ID
		})
	}
	wg.Wait()
	b, err := os.ReadFile(filepath.Join(dir, "q.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range made {
		if id != made[0] || !strings.Contains(string(b), id) {
			t.Errorf("keys %v, public %s", made, b)
			break
		}
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
