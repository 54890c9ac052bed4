package localpg

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// Database creates a database where it is missing. On a cluster it creates it on every node, with the
// extension, and makes the workers known to the coordinator, whose record it corrects when the sockets
// have moved: call it at each start for each database that is used.
func (s *Server) Database(ctx context.Context, name string) error {
	s.creating.Lock()
	defer s.creating.Unlock()
	err := s.each(func(n *node) error { return n.createDatabase(ctx, name) })
	if err == nil && s.Citus() {
		err = s.joinWorkers(ctx, name)
	}
	if err != nil {
		return fmt.Errorf("create the database %s: %w", name, err)
	}
	return nil
}

func (n *node) createDatabase(ctx context.Context, name string) error {
	return n.as(ctx, "postgres", func(conn *pgx.Conn) error {
		var exists bool
		err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists)
		if err != nil || exists {
			return err
		}
		_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
		return err
	})
}

// joinWorkers gives every node of a database the extension, and tells the coordinator where all are. The
// nodes are named by the directory of their sockets, which libpq takes for a host: so they speak to each
// other as privately as clients do, with no password and as the role that asks.
func (s *Server) joinWorkers(ctx context.Context, database string) error {
	err := s.each(func(n *node) error {
		return n.as(ctx, database, func(conn *pgx.Conn) error {
			if _, err := conn.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS citus"); err != nil {
				return err
			}
			_, err := conn.Exec(ctx, "ALTER EXTENSION citus UPDATE") // when the library is newer by now
			return err
		})
	})
	if err != nil {
		return err
	}
	return s.nodes[0].as(ctx, database, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "SELECT nodeid, nodename, nodeport FROM pg_dist_node ORDER BY groupid, nodeid")
		if err != nil {
			return err
		}
		type known struct {
			ID   int
			Host string
			Port int
		}
		have, err := pgx.CollectRows(rows, pgx.RowToStructByPos[known])
		if err != nil {
			return err
		}
		for i, n := range s.nodes { // in the order in which they were first registered
			switch {
			case i < len(have) && have[i].Host == n.sockets && have[i].Port == n.port:
			case i < len(have):
				_, err = conn.Exec(ctx, "SELECT citus_update_node($1, $2, $3)", have[i].ID, n.sockets, n.port)
			case i == 0:
				_, err = conn.Exec(ctx, "SELECT citus_set_coordinator_host($1, $2)", n.sockets, n.port)
			default:
				_, err = conn.Exec(ctx, "SELECT citus_add_node($1, $2)", n.sockets, n.port)
			}
			if err != nil {
				return fmt.Errorf("register %s: %w", n.name, err)
			}
		}
		return nil
	})
}

// setPassword gives the superuser the password that TCP asks for, made at the first need.
func (s *Server) setPassword(ctx context.Context) error {
	path := filepath.Join(s.dir, "password")
	password, err := os.ReadFile(path) // #nosec G304 -- the server's own file
	if errors.Is(err, fs.ErrNotExist) {
		password = []byte(rand.Text())
		err = os.WriteFile(path, password, 0o600)
	}
	if err != nil {
		return err
	}
	return s.nodes[0].as(ctx, "postgres", func(conn *pgx.Conn) error {
		literal, err := conn.PgConn().EscapeString(string(password))
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "ALTER ROLE "+superuser+" PASSWORD '"+literal+"'")
		return err
	})
}

// as runs f on a connection of the superuser to one database of this node.
func (n *node) as(ctx context.Context, database string, f func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, n.url(superuser, database))
	if err != nil {
		return err
	}
	return errors.Join(f(conn), conn.Close(ctx))
}
