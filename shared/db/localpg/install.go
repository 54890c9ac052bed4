package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// findOrInstall returns at least one installation.
func findOrInstall(ctx context.Context, log *slog.Logger) ([]installation, error) {
	if found := find(ctx); len(found) > 0 {
		return found, nil
	}
	log.InfoContext(ctx, "no PostgreSQL here: installing one")
	aptErr := aptInstall(ctx)
	if aptErr == nil {
		if found := find(ctx); len(found) > 0 {
			return found, nil
		}
		aptErr = errors.New("the package postgresql brought no usable server")
	}
	log.WarnContext(ctx, "Debian's package is out of reach: downloading PostgreSQL", "err", aptErr)
	pg, err := download(ctx, downloads(), "")
	if err != nil {
		return nil, fmt.Errorf("no PostgreSQL %d or newer on this machine, and none could be installed: %w",
			oldest, errors.Join(aptErr, err))
	}
	return []installation{pg}, nil
}

// aptInstall installs Debian's package, which carries the contrib extensions too.
func aptInstall(ctx context.Context) error {
	apt, err := exec.LookPath("apt-get")
	if err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return errors.New("only root may install packages")
	}
	remove, err := preventMainCluster("/etc/postgresql-common")
	if err != nil {
		return err
	}
	defer remove()
	install := []string{"install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=60", "postgresql"}
	if runApt(ctx, apt, install...) == nil {
		return nil
	}
	if err := runApt(ctx, apt, "update"); err != nil {
		return err
	}
	return runApt(ctx, apt, install...)
}

func runApt(ctx context.Context, apt string, args ...string) error {
	cmd := exec.CommandContext(ctx, apt, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w: %s", args[0], err, lastLines(out, 3))
	}
	return nil
}

// preventMainCluster keeps the package from creating and starting a server of its own while it is being
// installed. The setting is a file of its own, so that nobody's configuration is touched.
func preventMainCluster(etc string) (remove func(), err error) {
	path := filepath.Join(etc, "createcluster.d", "hce-localpg.conf")
	err = os.MkdirAll(filepath.Dir(path), 0o755) // #nosec G301 -- where Debian keeps its settings
	if err != nil {
		return nil, err
	}
	err = os.WriteFile(path, []byte("create_main_cluster = false\n"), 0o644) // #nosec G306 -- a setting, for anybody to read
	if err != nil {
		return nil, err
	}
	return func() { _ = os.Remove(path) }, nil
}

// downloads is where a downloaded PostgreSQL is kept: the server's account, which is not root, has to
// reach it too.
func downloads() string {
	if os.Geteuid() == 0 {
		return systemDir
	}
	if cache, err := os.UserCacheDir(); err == nil {
		return filepath.Join(cache, "hce")
	}
	return filepath.Join(os.TempDir(), "hce")
}

// download fetches a PostgreSQL from Maven's repository, or from the one given. It is the last resort:
// it needs the open Internet.
func download(ctx context.Context, root, repository string) (installation, error) {
	target := filepath.Join(root, "postgresql-"+string(embeddedpostgres.V17))
	if pg, err := probe(ctx, filepath.Join(target, "bin")); err == nil {
		return pg, nil
	}
	// Unpacked beside its place and then renamed: half a copy is never taken for a whole one.
	partial := target + ".partial"
	for _, dir := range []string{target, partial} {
		if err := os.RemoveAll(dir); err != nil {
			return installation{}, err
		}
	}
	port, err := freePort()
	if err != nil {
		return installation{}, err
	}
	config := embeddedpostgres.DefaultConfig().Version(embeddedpostgres.V17).Port(port).Logger(io.Discard).
		CachePath(filepath.Join(partial, "cache")).BinariesPath(partial).
		RuntimePath(filepath.Join(partial, "runtime")).DataPath(filepath.Join(partial, "runtime", "data"))
	if repository != "" {
		config = config.BinaryRepositoryURL(repository)
	}
	done := make(chan error, 1)
	go func() { // the library takes no context
		// It can only unpack by starting a server. As root that server refuses to run, which is no
		// matter: what counts is whether the programs are there and answer.
		server := embeddedpostgres.NewDatabase(config)
		startErr := server.Start()
		if startErr == nil {
			startErr = server.Stop()
		}
		if _, err := probe(ctx, filepath.Join(partial, "bin")); err != nil {
			done <- errors.Join(startErr, err)
			return
		}
		done <- nil
	}()
	select {
	case err = <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return installation{}, fmt.Errorf("download PostgreSQL: %w", err)
	}
	for _, dir := range []string{"cache", "runtime"} {
		if err := os.RemoveAll(filepath.Join(partial, dir)); err != nil {
			return installation{}, err
		}
	}
	if err := os.Rename(partial, target); err != nil {
		return installation{}, err
	}
	return probe(ctx, filepath.Join(target, "bin"))
}

func freePort() (uint32, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return uint32(l.Addr().(*net.TCPAddr).Port), nil
}

// lastLines are the end of a program's output, which is where it says what went wrong.
func lastLines(out []byte, n int) []byte {
	out = bytes.TrimSpace(out)
	lines := bytes.Split(out, []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-n):], []byte(" | "))
}
