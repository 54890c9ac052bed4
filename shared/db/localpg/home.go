package localpg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// shape is what a directory holds, and the name of the subdirectory that holds its data.
type shape string

const (
	plain   shape = "plain"
	cluster shape = "citus"
)

func (s shape) nodes() []string {
	if s == cluster {
		return []string{"coordinator", "worker-1", "worker-2"}
	}
	return []string{"server"}
}

// home is the directory that a server lives in, and the account that runs it. The directory itself
// stays ours, with the configuration, the lock and the log; only data and sockets are the account's.
type home struct {
	dir       string
	who       account
	elsewhere bool // not the directory that was asked for
}

// systemDir is where root keeps what another account has to reach.
var systemDir = "/var/lib/hce"

// fallbackRoots hold the data whose own place the server's account cannot reach.
func fallbackRoots() []string { return []string{systemDir, os.TempDir()} }

// locate settles where the data lives: in dir, or when root asks for a place that the server's account
// cannot enter, such as one below /root, in the first of the fallbacks that it can, under a name made of
// dir. Data that is already in one of them always wins.
func locate(dir string, fallbacks []string, log *slog.Logger) (home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return home{}, err
	}
	candidates := []string{dir}
	if os.Geteuid() == 0 {
		for _, root := range fallbacks {
			candidates = append(candidates, filepath.Join(root, "pg-"+digest(dir)))
		}
	}
	ctx := context.Background()
	for i, c := range candidates {
		if held := holds(c); held != "" {
			if c, err = filepath.EvalSymlinks(c); err != nil {
				return home{}, err
			}
			who, err := ownerOf(filepath.Join(c, string(held)))
			if err != nil {
				return home{}, err
			}
			if !who.reaches(ctx, c) {
				return home{}, fmt.Errorf("%s holds data, and user %d who owns it cannot enter the directory", c, who.uid)
			}
			return home{c, who, i > 0}, nil
		}
	}
	who, err := serverAccount()
	if err != nil {
		return home{}, err
	}
	var errs []error
	for i, c := range candidates {
		err := os.MkdirAll(c, 0o755) // #nosec G301 -- PostgreSQL's account passes through it
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if c, err = filepath.EvalSymlinks(c); err != nil {
			return home{}, err
		}
		if !who.reaches(ctx, c) {
			_ = os.Remove(c) // only if it is empty, hence ours
			errs = append(errs, fmt.Errorf("user %d, who runs PostgreSQL, cannot enter %s", who.uid, c))
			continue
		}
		if i > 0 {
			log.Warn("the database lives elsewhere", "wanted", dir, "dir", c, "why", errors.Join(errs...))
		}
		return home{c, who, i > 0}, nil
	}
	return home{}, errors.Join(errs...)
}

// temporaryDir is short, so that sockets fit in it, and lets the server's account pass.
func temporaryDir() (string, error) {
	dir, err := os.MkdirTemp("", "hce-pg-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o711) // #nosec G302 -- PostgreSQL's account passes through it
}

// holds is the shape of the data in dir, empty when there is none. Data gets its name only once it is
// complete, see create.
func holds(dir string) shape {
	for _, s := range []shape{plain, cluster} {
		if _, err := os.Stat(filepath.Join(dir, string(s))); err == nil {
			return s
		}
	}
	return ""
}

func (h home) holds() shape { return holds(h.dir) }

// major is the version that made the data, 0 when there is none.
func (h home) major() int {
	held := h.holds()
	if held == "" {
		return 0
	}
	text, err := os.ReadFile(filepath.Join(h.dir, string(held), held.nodes()[0], "PG_VERSION"))
	if err != nil {
		return 0
	}
	major, _ := strconv.Atoi(strings.TrimSpace(string(text))) // 0 when unreadable: the server will say why
	return major
}

// lockDir takes the directory for this process, until the file is closed or the process is gone.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- in the directory its user chose
	if err != nil {
		return nil, fmt.Errorf("localpg: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(f.Name())
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: %s, by process %s", ErrInUse, dir, holder)
		}
		return nil, fmt.Errorf("localpg: lock %s: %w", dir, err)
	}
	if err := errors.Join(f.Truncate(0), writePID(f)); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("localpg: %w", err)
	}
	return f, nil
}

func writePID(f *os.File) error {
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	return err
}

// longestSocketDir leaves room for "/.s.PGSQL.65535" in the 104 bytes that the strictest system gives
// to a socket's path, with its closing zero.
const longestSocketDir = 104 - 1 - len("/.s.PGSQL.65535")

// plainPath has no character that unix_socket_directories or a connection string would take for its own.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9/._-]+$`)

// socketPath is where the sockets go: in the home, or where its name is too long or odd, in a short
// directory named for it.
func (h home) socketPath(temp string) string {
	if path := filepath.Join(h.dir, "sockets"); len(path) <= longestSocketDir && plainPath.MatchString(path) {
		return path
	}
	return filepath.Join(temp, "hce-"+digest(h.dir))
}

// socketDir makes the directory of the sockets, which guards the database: no role has a password.
func (h home) socketDir() (string, error) {
	path := h.socketPath(os.TempDir())
	err := h.who.mkdir(path)
	if err == nil || !errors.Is(err, fs.ErrExist) {
		return path, err
	}
	// Somebody may have made it before us, in a directory where everyone may write.
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	if uid := int(info.Sys().(*syscall.Stat_t).Uid); uid == os.Geteuid() && h.who.other && info.IsDir() {
		err = os.Chown(path, h.who.uid, h.who.gid) // an earlier start was cut short in mkdir
	} else if uid != h.who.uid || info.Mode() != fs.ModeDir|0o700 {
		err = fmt.Errorf("%s is not a private directory of user %d: remove it", path, h.who.uid)
	}
	return path, err
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}
