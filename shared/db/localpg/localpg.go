// Package localpg runs the private PostgreSQL that a developer's machine and the tests use.
package localpg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"
)

// ErrInUse says that another live process runs the server of this directory.
var ErrInUse = errors.New("localpg: the directory is in use")

// CitusMode says whether Start runs a Citus cluster or one plain server.
type CitusMode string

const (
	CitusAuto    CitusMode = "auto"    // what the directory already holds, else Citus where it is installed
	CitusOff     CitusMode = "off"     // one plain server
	CitusRequire CitusMode = "require" // a cluster, or an error
)

// superuser owns every database and runs the migrations.
const superuser = "postgres"

// startLimit bounds a start: crash recovery replays a minute of WAL at most, see checkpoint_timeout.
const startLimit = 2 * time.Minute

// Options say what Start runs.
type Options struct {
	// Dir holds all of it: data, configuration, sockets, log. Empty, with Ephemeral, is a temporary
	// directory that Stop removes.
	Dir string
	// Log tells what is found, installed and restarted; nil discards.
	Log *slog.Logger
	// Citus is CitusAuto when it is empty.
	Citus CitusMode
	// Port, when not 0, also listens on 127.0.0.1 at this port, for tools that need TCP. The user
	// postgres signs in there with the password kept in the file password of Dir, all others are refused.
	Port int
	// Ephemeral gives up durability for speed, for tests. Leave Dir empty then.
	Ephemeral bool
}

// Server is a running PostgreSQL, or a Citus cluster.
type Server struct {
	dir       string
	sockets   string
	temporary bool
	nodes     []*node // the first is the one that clients talk to
	lock      *os.File

	creating sync.Mutex // one at a time: CREATE EXTENSION IF NOT EXISTS is not safe against itself
	stop     sync.Once
	stopErr  error
}

// Start brings the server up and returns once it answers. It finds or installs a PostgreSQL, keeps all of
// it in one directory, and answers on Unix sockets that only the user who runs it can reach. Where Citus
// is installed it runs a coordinator and two workers instead, behind the same interface.
//
// It heals what an earlier process left behind: a server still running, a stale lock, an initdb cut
// short. It returns ErrInUse while another process runs the same directory. Cancelling ctx after Start
// has returned changes nothing: Stop ends the server.
func Start(ctx context.Context, o Options) (_ *Server, err error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	installed, err := findOrInstall(ctx, o.Log)
	if err != nil {
		return nil, fmt.Errorf("localpg: %w", err)
	}
	s := &Server{}
	if o.Dir == "" {
		if o.Dir, err = temporaryDir(); err != nil {
			return nil, fmt.Errorf("localpg: %w", err)
		}
		s.dir, s.temporary = o.Dir, true
	}
	defer func() {
		if err != nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
			defer cancel()
			err = errors.Join(err, s.Stop(ctx))
		}
	}()
	home, err := locate(o.Dir, fallbackRoots(), o.Log)
	if err != nil {
		return nil, fmt.Errorf("localpg: %w", err)
	}
	if s.lock, err = lockDir(home.dir); err != nil {
		return nil, err
	}
	s.dir = home.dir
	if o.Ephemeral && home.elsewhere && home.holds() == "" {
		s.temporary = true // nobody else would clean up there
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if s.sockets, err = home.socketDir(); err != nil {
		return nil, fmt.Errorf("localpg: %w", err)
	}
	pg, shape, err := choose(installed, home.holds(), home.major(), o.Citus)
	if err != nil {
		return nil, fmt.Errorf("localpg: %s: %w", home.dir, err)
	}
	if err := s.run(ctx, o, home, pg, shape); err != nil {
		return nil, fmt.Errorf("localpg: start PostgreSQL %d in %s: %w", pg.major, home.dir, err)
	}
	o.Log.InfoContext(ctx, "PostgreSQL is running", "dir", home.dir, "major", pg.major, "shape", shape)
	return s, nil
}

// run creates the data where there is none, and starts every node of it.
func (s *Server) run(ctx context.Context, o Options, home home, pg installation, shape shape) error {
	if home.holds() == "" {
		o.Log.InfoContext(ctx, "creating the database", "dir", home.dir, "shape", shape)
		if err := home.create(ctx, pg, shape, o.Ephemeral); err != nil {
			return err
		}
	}
	settings, err := newSettings(ctx, o, home, pg, shape, s.sockets)
	if err != nil {
		return err
	}
	var nodes []*node
	for i, name := range shape.nodes() {
		n := newNode(home, pg, shape, name, s.sockets, settings.port(i), o.Log)
		if err := settings.write(n, i); err != nil {
			return err
		}
		nodes = append(nodes, n)
	}
	s.nodes = nodes
	if err := s.each(func(n *node) error { return n.start(ctx) }); err != nil {
		return err
	}
	if o.Port != 0 {
		return s.setPassword(ctx)
	}
	return nil
}

// complete checks the options and fills in what was left out.
func (o *Options) complete() error {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	o.Citus = cmp.Or(o.Citus, CitusAuto)
	switch {
	case o.Dir == "" && !o.Ephemeral:
		return errors.New("localpg: Dir is empty: only an Ephemeral server can do without")
	case o.Port != 0 && (o.Port < 1024 || o.Port > 65535):
		return fmt.Errorf("localpg: port %d is not between 1024 and 65535", o.Port)
	}
	switch o.Citus {
	case CitusAuto, CitusOff, CitusRequire:
		return nil
	}
	return fmt.Errorf("localpg: unknown Citus mode %q", o.Citus)
}

// URL is the connection string for a role and a database, as pgx and libpq read it. No role needs a
// password: who can open the socket may connect as anyone.
func (s *Server) URL(user, database string) string {
	return s.nodes[0].url(user, database)
}

func (n *node) url(user, database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.User(user),
		Path:     "/" + database,
		RawQuery: url.Values{"host": {n.sockets}, "port": {strconv.Itoa(n.port)}, "sslmode": {"disable"}}.Encode(),
	}
	return u.String()
}

// Citus says whether this is a cluster with the extension.
func (s *Server) Citus() bool { return len(s.nodes) > 1 }

// Dir is where it is kept: Options.Dir, or the replacement that the log told of.
func (s *Server) Dir() string { return s.dir }

// Stop shuts the server down: open connections are cut, committed data is flushed. When ctx ends first
// the server is stopped at once and recovers at its next start. Calling it again returns the same.
func (s *Server) Stop(ctx context.Context) error {
	s.stop.Do(func() {
		s.stopErr = s.each(func(n *node) error { return n.stop(ctx) })
		if s.temporary {
			s.stopErr = errors.Join(s.stopErr, os.RemoveAll(s.sockets), os.RemoveAll(s.dir))
		}
		if s.lock != nil {
			s.stopErr = errors.Join(s.stopErr, s.lock.Close())
		}
	})
	return s.stopErr
}

// each runs f on all nodes at once and joins what went wrong.
func (s *Server) each(f func(*node) error) error {
	errs := make([]error, len(s.nodes))
	var wg sync.WaitGroup
	for i, n := range s.nodes {
		wg.Go(func() {
			if err := f(n); err != nil {
				errs[i] = fmt.Errorf("%s: %w", n.name, err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
