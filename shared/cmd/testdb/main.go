// Command testdb runs a command with a database server for its tests, whose
// address it passes in HCE_TEST_DATABASE_URL, and stops the server afterwards:
//
//	testdb [-citus off|auto|require] go test ./...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"hce.co/shared/db/dbtest"
	"hce.co/shared/db/localpg"
)

func main() {
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "testdb:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run() (code int, err error) {
	citus := flag.String("citus", "off", "off, auto or require")
	flag.Parse()
	if flag.NArg() == 0 {
		return 0, errors.New("no command to run")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	cmd := exec.CommandContext(ctx, flag.Arg(0), flag.Args()[1:]...) // #nosec G204 -- what its user asks it to run
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = os.Environ()
	if os.Getenv(dbtest.URLVariable) == "" {
		srv, err := localpg.Start(ctx, localpg.Options{Ephemeral: true, Citus: localpg.CitusMode(*citus)})
		if err != nil {
			return 0, err
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
			defer cancel()
			err = errors.Join(err, srv.Stop(ctx))
		}()
		if err := srv.Database(ctx, "hce"); err != nil {
			return 0, err
		}
		cmd.Env = append(cmd.Env, dbtest.URLVariable+"="+srv.URL("postgres", "hce"))
	}
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}
