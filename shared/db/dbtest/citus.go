package dbtest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// node is a worker of a Citus cluster.
type node struct {
	Name string
	Port int
}

// on returns base with this node for a host; a node known by the directory of
// its socket is reached there.
func (n node) on(base url.URL) url.URL {
	if !strings.HasPrefix(n.Name, "/") {
		base.Host = net.JoinHostPort(n.Name, strconv.Itoa(n.Port))
		return base
	}
	q := base.Query()
	q.Set("host", n.Name)
	q.Set("port", strconv.Itoa(n.Port))
	base.Host, base.RawQuery = "", q.Encode()
	return base
}

// coordinatorOf reads from an address which node it leads to.
func coordinatorOf(base url.URL) (node, error) {
	host, port := base.Hostname(), base.Port()
	if base.Host == "" {
		host, port = base.Query().Get("host"), base.Query().Get("port")
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return node{}, fmt.Errorf("%s names no port: %w", URLVariable, err)
	}
	return node{host, n}, nil
}

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

// joinNodes makes one cluster of the database that in names on all servers, the
// coordinator first.
func joinNodes(ctx context.Context, in url.URL, servers []node) error {
	if err := each(ctx, in, servers, func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, "CREATE EXTENSION citus")
		return err
	}); err != nil {
		return err
	}
	return each(ctx, in, servers[:1], func(c *pgx.Conn) error {
		if _, err := c.Exec(ctx, `SELECT citus_set_coordinator_host($1, $2)`, servers[0].Name, servers[0].Port); err != nil {
			return err
		}
		for _, w := range servers[1:] {
			if _, err := c.Exec(ctx, `SELECT citus_add_node($1, $2)`, w.Name, w.Port); err != nil {
				return err
			}
		}
		return nil
	})
}

// each runs do on a connection to each server.
func each(ctx context.Context, base url.URL, servers []node, do func(*pgx.Conn) error) error {
	for _, s := range servers {
		u := s.on(base)
		c, err := pgx.Connect(ctx, u.String())
		if err != nil {
			return err
		}
		err = do(c)
		c.Close(ctx) //nolint:errcheck // what it was for is done
		if err != nil {
			return fmt.Errorf("on %s: %w", s.Name, err)
		}
	}
	return nil
}
