package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is who runs the server: PostgreSQL refuses to run as root.
type account struct {
	uid, gid int
	other    bool // not who we are: root hands over to it
}

// serverAccount is the current user, or for root the account postgres, else nobody.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return account{}, fmt.Errorf("read the account %s: %w", name, err)
		}
		return account{uid: uid, gid: gid, other: true}, nil
	}
	return account{}, errors.New("PostgreSQL does not run as root, and there is no account postgres nor nobody: " +
		"run as another user")
}

// ownerOf is the account that a directory of data belongs to: only that one may serve it.
func ownerOf(dir string) (account, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return account{}, err
	}
	owner := info.Sys().(*syscall.Stat_t)
	a := account{uid: int(owner.Uid), gid: int(owner.Gid), other: int(owner.Uid) != os.Geteuid()}
	switch {
	case a.uid == 0:
		return account{}, fmt.Errorf("%s belongs to root, and PostgreSQL does not run as root", dir)
	case a.other && os.Geteuid() != 0:
		return account{}, fmt.Errorf("%s belongs to the user with id %d: start as that user, or as root", dir, a.uid)
	}
	return a, nil
}

// command prepares a program to run as the account, in dir, apart from our process group: an interrupt
// typed at the terminal is ours to handle, and the server stays up until what is in flight is done.
// Of the environment only PATH is passed on: PGHOST and its like would mislead the server.
func (a account) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a.other {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return cmd
}

// reaches says whether the account can enter a directory. It tries, since modes, ACLs and mounts all
// have a say.
func (a account) reaches(ctx context.Context, dir string) bool {
	return a.command(ctx, dir, "/bin/sh", "-c", ":").Run() == nil
}

// mkdir makes a directory that only the account can enter.
func (a account) mkdir(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	if a.other {
		return os.Chown(path, a.uid, a.gid)
	}
	return nil
}
