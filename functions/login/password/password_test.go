package password

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/argon2"
)

func TestVerify(t *testing.T) {
	const right = "un camino de ñandúes"
	hash := Hash(right)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=65536,t=2,p=1$") {
		t.Errorf("hash is %q", hash)
	}
	if hash == Hash(right) {
		t.Error("two hashes of one password are the same: no salt")
	}
	salt := make([]byte, saltSize)
	cheap := parameters{1024, 1, 1}
	hashed := func(p parameters) string {
		return format(p, salt, argon2.IDKey(normal(right), salt, p.passes, p.memory, p.threads, keySize))
	}
	old := hashed(cheap)
	for name, c := range map[string]struct {
		hash, password string
		ok, outdated   bool
	}{
		"right":                {hash, right, true, false},
		"right, decomposed":    {hash, "un camino de n\u0303andu\u0301es", true, false},
		"wrong":                {hash, right + " ", false, false},
		"empty":                {hash, "", false, false},
		"cheaper, right":       {old, right, true, true},
		"cheaper, wrong":       {old, "otra cosa", false, true},
		"dearer":               {hashed(parameters{memory, passes + 1, 1}), right, true, false},
		"no account":           {Dummy(), right, false, false},
		"no account, no clave": {Dummy(), "", false, false},
	} {
		ok, outdated, err := Verify(c.hash, c.password)
		if err != nil || ok != c.ok || outdated != c.outdated {
			t.Errorf("%s: Verify = %v, %v, %v", name, ok, outdated, err)
		}
	}
}

func TestVerifyRefusesSpoiltHashes(t *testing.T) {
	good := Hash("una clave cualquiera")
	for _, bad := range []string{
		"", "x", "$argon2id$", strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=65536", "m=99999999", 1), strings.Replace(good, "t=2", "t=0", 1), strings.Replace(good, "p=1", "p=0", 1),
		good[:len(good)-4], good + "AAAA", good[:strings.LastIndex(good, "$")],
	} {
		if ok, _, err := Verify(bad, "una clave cualquiera"); !errors.Is(err, ErrHash) || ok {
			t.Errorf("Verify(%q) = %v, %v", bad, ok, err)
		}
	}
}

func TestWeakness(t *testing.T) {
	personal := []string{"lpena", "exm77", "luz.pena@clinica.co", "Luz Marina Peña Ávila"}
	for _, good := range []string{
		"caballo correcto batería grapa", "tres tristes tigres", "ñandú-brújula-péndulo", "日本語のパスワードです例え", "🦆🐴🔋📎🌵🎻🧭🪁🍋🛶🧵🪴",
		"mi gato Pancho duerme", strings.Repeat("una frase larga y distinta, ", 36), "8402 9173 5566", "luz.pena compra lulos",
	} {
		if why := Weakness(good, personal...); why != "" {
			t.Errorf("%q is refused: %s", good, why)
		}
	}
	for name, bad := range map[string]string{
		"eleven characters":        "abcdefghi12",
		"short, though many bytes": "ñññññ🦆🦆🦆",
		"combining marks":          strings.Repeat("n\u0303", 11),
		"over the limit":           strings.Repeat("una frase, ", 100),
		"invalid UTF-8":            "clave\xff\xfe que no se lee",
		"NUL":                      "clave\x00 con nulo dentro",
		"one of the list":          "1qaz2wsx3edc",
		"of the list, upper case":  "QWERTY123456",
		"common with digits":       "password20241",
		"common with signs":        "!!Dragon2024!!",
		"here, with accent":        "Contraseña2026",
		"here, spaced":             "historia clinica 1",
		"common, twice":            "passwordpassword",
		"digits, twice":            "123456123456",
		"one character":            "aaaaaaaaaaaaaa",
		"two characters":           "abababababab",
		"spaces":                   "              ",
		"the alphabet":             "abcdefghijklm",
		"digits along":             "12345678901234",
		"digits back":              "9876543210987",
		"user name with digits":    "lpena20262026",
		"user name repeated":       "lpenalpenalpena",
		"user name of digits, too": "exm77exm77exm77",
		"the e-mail":               "luz.pena@clinica.co",
		"the e-mail, upper case":   "LUZ.PENA@CLINICA.CO",
		"local part with digits":   "luz.pena1984!!",
		"the name":                 "Luz Marina Peña Ávila",
		"the name without accents": "luzmarinapenaavila",
	} {
		if Weakness(bad, personal...) == "" {
			t.Errorf("%s: %q is taken", name, bad)
		}
	}
}

func TestTheListIsWhole(t *testing.T) {
	if n := len(common()); n < 10_000 || n > 10_000+len(local) {
		t.Errorf("the list has %d entries", n)
	}
	for w := range common() {
		if w == "" || w != strings.TrimSpace(w) {
			t.Errorf("entry %q", w)
		}
	}
}

func TestGateBoundsWhatRunsAtOnce(t *testing.T) {
	const slots, queue, callers = 2, 3, 40
	g := NewGate(slots, queue)
	release := make(chan struct{})
	var running, most, done, busy atomic.Int64
	started := make(chan struct{}, callers)
	var wg sync.WaitGroup
	call := func() {
		defer wg.Done()
		err := g.Do(context.Background(), func() error {
			most.Store(max(most.Load(), running.Add(1)))
			started <- struct{}{}
			<-release
			running.Add(-1)
			return nil
		})
		switch {
		case err == nil:
			done.Add(1)
		case errors.Is(err, ErrBusy):
			busy.Add(1)
		default:
			t.Errorf("Do = %v", err)
		}
	}
	for range slots {
		wg.Add(1)
		go call()
		<-started
	}
	for range callers {
		wg.Add(1)
		go call()
	}
	for busy.Load() < callers-queue { // all but those that may wait are refused at once
	}
	close(release)
	wg.Wait()
	if most.Load() != slots || done.Load() != slots+queue || busy.Load() != callers-queue {
		t.Errorf("most at once %d, done %d, refused %d", most.Load(), done.Load(), busy.Load())
	}
	if err := g.Do(context.Background(), func() error { return nil }); err != nil || g.waiting.Load() != 0 {
		t.Errorf("afterwards the gate is shut: %v, %d waiting", err, g.waiting.Load())
	}
}

func TestGateLeavesWithItsContext(t *testing.T) {
	g := NewGate(1, 1)
	ctx, cancel := context.WithCancel(context.Background())
	err := g.Do(context.Background(), func() error {
		cancel()
		return g.Do(ctx, func() error { t.Error("ran without a slot"); return nil })
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Do = %v", err)
	}
}

func BenchmarkVerify(b *testing.B) {
	hash := Hash("un camino de ñandúes")
	for b.Loop() {
		if ok, _, err := Verify(hash, "un camino de ñandúes"); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
