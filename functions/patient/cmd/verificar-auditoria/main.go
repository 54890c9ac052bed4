// Command verificar-auditoria verifies that the audit trail of DATABASE_URL is
// whole, with the keys of AUDIT_KEY. It prints what is wrong, a line each, and
// ends with 0 when nothing is, with 1 when something is, with 2 when it could not
// tell, as for an empty trail.
//
// With -ancla N:HASH it also verifies that anchor N is the one that patient wrote
// to its log. Without it, whoever may delete anchors can have removed all that was
// written since one of them, together with it: no trail tells its own end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"hce.co/functions/patient/trail"
	"hce.co/shared/audit"
	"hce.co/shared/config"
	"hce.co/shared/db"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	whole, err := run(ctx)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "verificar-auditoria:", err)
		os.Exit(2)
	case !whole:
		os.Exit(1)
	}
}

func run(ctx context.Context) (whole bool, err error) {
	logged := flag.String("ancla", "", "N:HASH, de la bitácora de patient")
	flag.Parse()
	var cfg struct {
		DB    db.Config
		Audit audit.Config
	}
	if err := config.Parse(config.Environ(), &cfg); err != nil {
		return false, err
	}
	key, err := audit.NewKey(cfg.Audit)
	if err != nil {
		return false, err
	}
	pool, err := db.Open(ctx, cfg.DB)
	if err != nil {
		return false, err
	}
	defer pool.Close()
	s, err := trail.Verify(ctx, pool, key, func(f trail.Finding) { fmt.Println(f) })
	if err != nil {
		return false, err
	}
	if *logged != "" {
		number, hash, _ := strings.Cut(*logged, ":")
		n, err := strconv.Atoi(number)
		if err != nil {
			return false, fmt.Errorf("-ancla: %w", err)
		}
		ok, err := trail.Holds(ctx, pool, n, hash)
		if err != nil {
			return false, err
		}
		if !ok {
			s.Findings++
			fmt.Printf("ancla %d: no es la de la bitácora\n", n)
		}
	}
	fmt.Printf("%d filas, %d sellos, %d anclas; %d filas por sellar, %d anteriores a los sellos\n", s.Rows, s.Seals, s.Anchors, s.Pending, s.Before)
	if s.LastAnchor > 0 {
		fmt.Printf("última ancla %d:%s\n", s.LastAnchor, s.LastHash)
	}
	switch {
	case s.Findings > 0:
		fmt.Printf("hallazgos: %d\n", s.Findings)
		return false, nil
	case s.Rows == 0:
		return false, errors.New("el rastro está vacío: no dice si falta algo")
	case *logged != "":
		fmt.Println("el rastro está completo, y tiene el ancla de la bitácora")
	default:
		fmt.Println("el rastro está completo hasta su última ancla (que no falte otra después, lo dice -ancla con la de la bitácora de patient)")
	}
	return true, nil
}
