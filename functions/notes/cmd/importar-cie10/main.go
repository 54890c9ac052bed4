// Command importar-cie10 brings the official table of CIE-10 (SISPRO, as CSV)
// into the database of DATABASE_URL:
//
//	importar-cie10 CIE10.csv
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/cie10"
	"hce.co/shared/config"
	"hce.co/shared/service"
)

func main() {
	log := service.NewLogger(os.Stdout, os.Getenv("LOG_LEVEL"))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, log, os.Args[1:]); err != nil {
		log.Error("importar-cie10", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: importar-cie10 FILE.csv")
	}
	var cfg struct {
		URL config.Secret `env:"DATABASE_URL,required"`
	}
	if err := config.Parse(config.Environ(), &cfg); err != nil {
		return err
	}
	file, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer file.Close()
	conn, err := pgx.Connect(ctx, string(cfg.URL))
	if err != nil {
		return errors.New("the database of DATABASE_URL does not answer")
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is under way any more
	n, err := cie10.Import(ctx, conn, file)
	for _, skipped := range n.Skipped {
		log.Warn("line skipped", "reason", skipped)
	}
	log.Info("codes written", "count", n.Written)
	return err
}
