package hasher

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"hce.co/functions/login/password"
)

// argument tells a program that it was started to hash passwords.
const argument = "hash-passwords"

// question is a password to be hashed, or to be checked against a hash.
type question struct {
	Password string
	Hash     string
	Verify   bool
}

// answer is what [password.Hash] or [password.Verify] say.
type answer struct {
	Hash         string
	OK, Outdated bool
	Spoilt       bool // the hash to check against is none
}

// Asked reports whether a program with these arguments was started by a [Pool],
// and should call [Serve] and nothing else.
func Asked(args []string) bool { return len(args) == 2 && args[1] == argument }

// Serve answers what a [Pool] asks on in, until that ends. Signals are for whoever
// started it, which lets it go.
func Serve(in io.Reader, out io.Writer) {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	if err := serve(in, out); err != nil {
		fmt.Fprintln(os.Stderr, "hash passwords:", err)
		os.Exit(1)
	}
}

func serve(in io.Reader, out io.Writer) error {
	asks, answers := gob.NewDecoder(in), gob.NewEncoder(out)
	for {
		var q question
		if err := asks.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := answers.Encode(q.answer()); err != nil {
			return err
		}
		runtime.GC() // the next hash takes the memory of this one, not as much again
	}
}

func (q question) answer() (a answer) {
	if !q.Verify {
		a.Hash = password.Hash(q.Password)
		return a
	}
	var err error
	a.OK, a.Outdated, err = password.Verify(q.Hash, q.Password)
	a.Spoilt = err != nil // its only error
	return a
}
