package localpg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version that has all settings written by config.go.
const oldest = 14

// places hold one directory of programs per major version, on Debian, Red Hat and Homebrew.
var places = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
}

// installation is a PostgreSQL on this machine.
type installation struct {
	bin   string // directory of initdb and postgres
	major int
	citus bool // the extension is installed beside it
}

// find lists what is usable: first what PATH names, then the rest, newest first.
func find(ctx context.Context) []installation {
	var found []installation
	for _, program := range []string{"postgres", "initdb", "pg_ctl"} {
		if path, err := exec.LookPath(program); err == nil {
			// Debian and Homebrew put symlinks on PATH; the programs next to the target are the whole set.
			if path, err = filepath.EvalSymlinks(path); err == nil {
				found = appendUsable(ctx, found, filepath.Dir(path))
			}
		}
	}
	var rest []installation
	for _, place := range places {
		dirs, _ := filepath.Glob(place) // the patterns are constants: the error cannot occur
		for _, dir := range dirs {
			rest = appendUsable(ctx, rest, dir)
		}
	}
	slices.SortStableFunc(rest, func(a, b installation) int { return cmp.Compare(b.major, a.major) })
	for _, pg := range rest {
		if !slices.ContainsFunc(found, func(f installation) bool { return f.bin == pg.bin }) {
			found = append(found, pg)
		}
	}
	return found
}

func appendUsable(ctx context.Context, found []installation, bin string) []installation {
	if slices.ContainsFunc(found, func(f installation) bool { return f.bin == bin }) {
		return found
	}
	if pg, err := probe(ctx, bin); err == nil {
		return append(found, pg)
	}
	return found
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// probe asks the programs in bin who they are.
func probe(ctx context.Context, bin string) (installation, error) {
	if _, err := exec.LookPath(filepath.Join(bin, "initdb")); err != nil {
		return installation{}, err
	}
	out, err := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version").Output() // #nosec G204 -- the PostgreSQL that was found here
	if err != nil {
		return installation{}, fmt.Errorf("ask %s for its version: %w", bin, err)
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return installation{}, fmt.Errorf("%s does not tell its version", bin)
	}
	major, err := strconv.Atoi(string(m[1]))
	if err != nil || major < oldest {
		return installation{}, fmt.Errorf("%s is PostgreSQL %s, older than %d", bin, m[1], oldest)
	}
	return installation{bin: bin, major: major, citus: hasCitus(ctx, bin)}, nil
}

func hasCitus(ctx context.Context, bin string) bool {
	shares := []string{filepath.Join(bin, "../share"), filepath.Join(bin, "../share/postgresql")}
	out, err := exec.CommandContext(ctx, filepath.Join(bin, "pg_config"), "--sharedir").Output() // #nosec G204 -- the PostgreSQL that was found here
	if err == nil {
		shares = []string{strings.TrimSpace(string(out))}
	}
	return slices.ContainsFunc(shares, func(share string) bool {
		_, err := os.Stat(filepath.Join(share, "extension/citus.control"))
		return err == nil
	})
}

// hasSetting says whether this server knows a configuration parameter: an unknown one stops it.
func (pg installation) hasSetting(ctx context.Context, name string) (bool, error) {
	out, err := exec.CommandContext(ctx, filepath.Join(pg.bin, "postgres"), "--describe-config").Output() // #nosec G204 -- the PostgreSQL that was found here
	if err != nil {
		return false, fmt.Errorf("list the settings of %s: %w", pg.bin, err)
	}
	return strings.Contains("\n"+string(out), "\n"+name+"\t"), nil
}

// choose settles which installation runs which shape. What the directory already holds decides, since
// data is bound to its major version and a plain server's tables are not a cluster's; held is empty and
// major 0 for a new directory.
func choose(installed []installation, held shape, major int, mode CitusMode) (installation, shape, error) {
	switch {
	case held == cluster && mode == CitusOff:
		return installation{}, "", errors.New("it holds a Citus cluster, and Citus is off: use another directory")
	case held == plain && mode == CitusRequire:
		return installation{}, "", errors.New("it holds a plain server, and Citus is required: use another directory")
	}
	for _, pg := range installed {
		want := held
		if want == "" {
			want = plain
			if mode == CitusRequire || mode == CitusAuto && pg.citus {
				want = cluster
			}
		}
		if (major == 0 || pg.major == major) && (want == plain || pg.citus) {
			return pg, want, nil
		}
	}
	var have []string
	for _, pg := range installed {
		have = append(have, fmt.Sprintf("%d in %s", pg.major, pg.bin))
	}
	need := "PostgreSQL"
	if major != 0 {
		need += " " + strconv.Itoa(major)
	}
	if held == cluster || mode == CitusRequire {
		need += " with Citus"
	}
	return installation{}, "", fmt.Errorf("it needs %s, and installed is %s", need, strings.Join(have, ", "))
}
