// Command load puts a rising load of reads on a clinic that is deployed, shows
// how its functions multiply and go back to sleep, and draws it. It is bounded:
// at most 128 clients, three minutes, and 200 000 requests.
//
//	HCE_URL, HCE_HOST               where the clinic is, and the host to ask for there
//	USUARIO, CLAVE, SEGUNDO_FACTOR  an administrador, who opens the accounts for it
//	HCE_RETIRE                      1: shut that account too
//	KUBECONFIG                      of the cluster, for kubectl
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
	"time"

	"hce.co/functions/hce/deployed"
)

const (
	maxClients  = 128
	maxDuration = 3 * time.Minute
	maxRequests = 200_000
)

// plan is what a run does.
type plan struct {
	steps       []int         // clients
	each        time.Duration // of a step
	rest        time.Duration // how long to wait for the functions to sleep again
	svg         string
	anyTarget   bool
	connections string
}

func main() {
	p, err := readPlan()
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
		defer stop()
		err = run(ctx, p)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

func readPlan() (p plan, err error) {
	steps := flag.String("steps", "1,16,128", "clients at once, one step after the other")
	flag.DurationVar(&p.each, "each", 40*time.Second, "how long a step lasts")
	flag.DurationVar(&p.rest, "rest", maxDuration, "how long to wait, without a request, for the functions to sleep again")
	flag.StringVar(&p.svg, "svg", ".bin/load.svg", "the file for the chart")
	flag.StringVar(&p.connections, "connections", "", "a shell command that prints how many connections the database has, asked every other second")
	flag.BoolVar(&p.anyTarget, "any-target", false, "also a clinic that is not on this machine: it must be yours")
	flag.Parse()
	for s := range strings.SplitSeq(*steps, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 0 || n > maxClients {
			return p, fmt.Errorf("-steps: %q is not a number of clients from 0 to %d", s, maxClients)
		}
		p.steps = append(p.steps, n)
	}
	if all := p.each * time.Duration(len(p.steps)); p.each < time.Second || all > maxDuration || p.rest > maxDuration {
		return p, fmt.Errorf("the steps take %v: at least a second each, at most %v in all, and as much of rest", all, maxDuration)
	}
	return p, nil
}

func run(ctx context.Context, p plan) (err error) {
	clinic, err := deployed.At(os.Getenv("HCE_URL"), os.Getenv("HCE_HOST"))
	if err != nil {
		return err
	}
	if !clinic.Loopback() && !p.anyTarget {
		return fmt.Errorf("%s is not on this machine: -any-target, if it is yours", clinic.URL)
	}
	pods, err := watch(ctx)
	if err != nil {
		return err
	}
	admin := &deployed.Account{Username: os.Getenv("USUARIO"), Password: os.Getenv("CLAVE"), Secret: os.Getenv("SEGUNDO_FACTOR")}
	token, err := clinic.SignIn(ctx, admin)
	if err != nil {
		return err
	}
	retire := os.Getenv("HCE_RETIRE") == "1"
	if admin.Changed && !retire {
		file, err := admin.Keep()
		if err != nil {
			return err
		}
		fmt.Printf("the new password and second factor of %s: %s\n", admin.Username, file)
	}
	staff, err := deployed.Hire(ctx, clinic, token)
	if err != nil {
		return err
	}
	shut := func() error { // before the rest: it wakes functions
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		err := staff.Leave(ctx)
		if retire {
			_, e := staff.Retire(ctx)
			err = errors.Join(err, e)
		}
		return err
	}
	work, err := prepare(ctx, clinic, staff)
	if err != nil {
		return errors.Join(err, shut())
	}
	m := &meter{began: time.Now(), pods: pods, database: ask(ctx, p.connections)}
	live := m.show(ctx, os.Stdout)
	m.ramp(ctx, p, work)
	err = shut()
	m.sleep(ctx, p.rest)
	live()
	if e := ctx.Err(); e == nil && m.asleep() {
		m.cold, e = wake(ctx, work)
		err = errors.Join(err, e)
	}
	m.report(os.Stdout)
	err = errors.Join(err, os.WriteFile(p.svg, m.chart(), 0o644)) // #nosec G306 -- a picture, to be looked at
	if n := m.failed(); n > 0 {
		err = errors.Join(err, fmt.Errorf("%d requests failed", n))
	}
	return err
}
