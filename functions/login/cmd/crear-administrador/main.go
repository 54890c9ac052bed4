// Command crear-administrador opens the first administrador's account, in the
// environment of login. The password comes from ADMIN_PASSWORD or
// ADMIN_PASSWORD_FILE, or else from the first line of standard input; without
// any, one is made that must be changed at the first sign-in.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"hce.co/functions/login"
	"hce.co/functions/login/api"
	"hce.co/shared/config"
	"hce.co/shared/problem"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "crear-administrador:", explain(err))
		os.Exit(1)
	}
}

func run() error {
	username := flag.String("usuario", "", "usuario")
	email := flag.String("correo", "", "correo electrónico")
	name := flag.String("nombre", "", "nombre de la persona")
	flag.Parse()
	env := config.Environ()
	var secret struct {
		Password config.Secret `env:"ADMIN_PASSWORD"`
	}
	if err := config.Parse(env, &secret); err != nil {
		return err
	}
	password := string(secret.Password)
	if password == "" && !terminal(os.Stdin) {
		line, err := bufio.NewReader(io.LimitReader(os.Stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		password = strings.TrimRight(line, "\r\n")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	f := login.New()
	if err := f.Start(ctx, env); err != nil {
		return err
	}
	defer f.Stop(ctx) //nolint:errcheck // the process ends now
	u, err := f.CreateAdministrator(ctx, api.NewUser{Username: *username, Email: *email, Nombre: *name, Password: password})
	if err != nil {
		return err
	}
	fmt.Println("usuario:", u.Username)
	if u.ClaveInicial != "" {
		fmt.Println("clave inicial:", u.ClaveInicial)
	}
	return nil
}

// terminal reports whether a person, who was not asked, would have to type.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err != nil || info.Mode()&os.ModeCharDevice != 0
}

// explain names the fields that a problem points at.
func explain(err error) string {
	var p *problem.Error
	if !errors.As(err, &p) || len(p.Fields) == 0 {
		return err.Error()
	}
	var lines []string
	for field, message := range p.Fields {
		lines = append(lines, field+": "+message)
	}
	return strings.Join(lines, " ")
}
