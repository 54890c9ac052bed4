// Command migrate brings the database of DATABASE_URL to the newest schema.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"hce.co/shared/config"
	"hce.co/shared/db/migrate"
	"hce.co/shared/service"
)

func main() {
	log := service.NewLogger(os.Stdout, os.Getenv("LOG_LEVEL"))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, log); err != nil {
		log.Error("migrate", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger) error {
	var cfg struct {
		URL config.Secret `env:"DATABASE_URL,required"`
	}
	if err := config.Parse(config.Environ(), &cfg); err != nil {
		return err
	}
	n, err := migrate.Up(ctx, string(cfg.URL))
	if err != nil {
		return err
	}
	log.Info("schema is current", "applied", n)
	return nil
}
