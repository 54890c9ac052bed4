package dbtest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// node is a worker of a Citus cluster.
type node struct {
	Name string
	Port int
}

func (n node) address() string { return net.JoinHostPort(n.Name, strconv.Itoa(n.Port)) }

// citusNodes returns the workers of the coordinator at admin, none on a plain
// PostgreSQL.
func citusNodes(ctx context.Context, admin string) ([]node, error) {
	c, err := pgx.Connect(ctx, admin)
	if err != nil {
		return nil, err
	}
	defer c.Close(ctx)
	var citus bool
	if err := c.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')`).Scan(&citus); err != nil || !citus {
		return nil, err
	}
	rows, err := c.Query(ctx, `SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0 AND noderole = 'primary'`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[node])
}

// joinNodes makes one cluster of the database that in names on all servers.
func joinNodes(ctx context.Context, in *url.URL, servers []string, workers []node) error {
	if err := each(ctx, in, servers, func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, "CREATE EXTENSION citus")
		return err
	}); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(in.Host)
	if err != nil {
		return fmt.Errorf("%s names no port: %w", URLVariable, err)
	}
	return each(ctx, in, servers[:1], func(c *pgx.Conn) error {
		if _, err := c.Exec(ctx, `SELECT citus_set_coordinator_host($1, $2::int)`, host, port); err != nil {
			return err
		}
		for _, w := range workers {
			if _, err := c.Exec(ctx, `SELECT citus_add_node($1, $2)`, w.Name, w.Port); err != nil {
				return err
			}
		}
		return nil
	})
}

// each runs do on a connection to each server.
func each(ctx context.Context, base *url.URL, servers []string, do func(*pgx.Conn) error) error {
	for _, s := range servers {
		u := *base
		u.Host = s
		c, err := pgx.Connect(ctx, u.String())
		if err != nil {
			return err
		}
		err = do(c)
		c.Close(ctx)
		if err != nil {
			return fmt.Errorf("on %s: %w", s, err)
		}
	}
	return nil
}
