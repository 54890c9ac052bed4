// Command llaves makes and rotates the keys that sign access tokens.
//
//	llaves generar   makes the files, unless they are there
//	llaves rotar     adds a key that takes over after -espera, and drops those long replaced
//	llaves retirar … KID   drops a key that may be in other hands; nobody believes it any more
//	llaves cifrado   prints a new KEY_ENCRYPTION_KEY
//
// The id of a key to be dropped comes last, after the flags. The key that signs
// is dropped only when another has started: llaves rotar -espera 0s first.
package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"hce.co/functions/login/keys"
	"hce.co/shared/seal"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "llaves:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("diga generar, rotar, retirar o cifrado")
	}
	var kid string
	if args[0] == "retirar" {
		if len(args) < 2 {
			return errors.New("diga cuál llave: llaves retirar KID")
		}
		kid = args[len(args)-1] // which may look like a flag
		args = args[:len(args)-1]
	}
	flags := flag.NewFlagSet("llaves "+args[0], flag.ExitOnError)
	private := flags.String("privadas", "llaves-privadas.json", "archivo de llaves privadas (AUTH_SIGNING_KEYS_FILE)")
	public := flags.String("publicas", "jwks.json", "archivo de llaves públicas (AUTH_KEYS_FILE)")
	wait := flags.Duration("espera", keys.Lead, "cuánto se publica una llave antes de que firme")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("sobra %q", flags.Arg(0))
	}
	now := time.Now()
	switch args[0] {
	case "generar":
		set, err := keys.Ensure(*private, *public, now)
		if err != nil {
			return err
		}
		return show(set, now)
	case "rotar":
		set, err := keys.Read(*private)
		if err != nil {
			return err
		}
		set = set.Rotate(now, *wait)
		if err := set.Write(*private, *public); err != nil {
			return err
		}
		return show(set, now)
	case "retirar":
		set, err := keys.Read(*private)
		if err != nil {
			return err
		}
		if set, err = set.Retire(kid, now); err != nil {
			return err
		}
		if err := set.Write(*private, *public); err != nil {
			return err
		}
		return show(set, now)
	case "cifrado":
		key := make([]byte, seal.KeySize)
		rand.Read(key) //nolint:errcheck // crypto/rand never fails
		fmt.Println(base64.StdEncoding.EncodeToString(key))
		return nil
	}
	return fmt.Errorf("no se conoce %q: diga generar, rotar, retirar o cifrado", args[0])
}

// show lists the keys, and which one signs.
func show(set keys.Set, now time.Time) error {
	active, err := set.Active(now)
	if err != nil {
		return err
	}
	for _, k := range set {
		state := "publicada"
		switch {
		case k.ID == active.ID:
			state = "firma"
		case k.From.After(now):
			state = "firmará"
		}
		fmt.Printf("%s  desde %s  %s\n", k.ID, k.From.Format(time.RFC3339), state)
	}
	return nil
}
