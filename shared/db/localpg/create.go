package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
)

// create makes the data of every node. It works beside the final place and renames at the end, so data
// that bears its name is whole, whenever this process dies.
func (h home) create(ctx context.Context, pg installation, shape shape, ephemeral bool) error {
	final := filepath.Join(h.dir, string(shape))
	partial := final + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	if err := h.who.mkdir(partial); err != nil {
		return err
	}
	names := shape.nodes()
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { errs[i] = h.initdb(ctx, pg, filepath.Join(partial, name), ephemeral) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := errors.Join(syncDir(partial), os.Rename(partial, final)); err != nil {
		return err
	}
	return syncDir(h.dir)
}

func (h home) initdb(ctx context.Context, pg installation, data string, ephemeral bool) error {
	locale := "C.UTF-8"
	if runtime.GOOS == "darwin" { // which has no C.UTF-8
		locale = "en_US.UTF-8"
	}
	// The server reads our hba.conf; the one that initdb leaves shuts out everybody else, in case the
	// data is ever served by hand.
	args := []string{"--pgdata=" + data, "--username=" + superuser, "--encoding=UTF8", "--locale=" + locale,
		"--lc-messages=C", "--data-checksums", "--auth-local=peer", "--auth-host=reject", "--no-instructions"}
	if ephemeral {
		args = append(args, "--no-sync")
	}
	runtime.LockOSThread() // see node.supervise
	defer runtime.UnlockOSThread()
	cmd := h.who.command(ctx, "/", filepath.Join(pg.bin, "initdb"), args...)
	dieWithParent(cmd.SysProcAttr, syscall.SIGKILL)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, lastLines(out, 3))
	}
	return nil
}

func syncDir(path string) error {
	d, err := os.Open(path) // #nosec G304 -- the server's own directories
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
