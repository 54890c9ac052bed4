// Package durable writes small files that are whole or not there, after a power
// cut too.
package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Create writes a file that is not there yet: fs.ErrExist when somebody else's is.
func Create(path string, content []byte, mode fs.FileMode) error {
	return write(path, content, mode, os.Link)
}

// Replace writes a file in the place of the one that is there, if there is one.
func Replace(path string, content []byte, mode fs.FileMode) error {
	return write(path, content, mode, os.Rename)
}

// write writes a file beside path, and puts it in its place once it is on the
// disk.
func write(path string, content []byte, mode fs.FileMode, place func(from, to string) error) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".nuevo-*")
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // in its place by then, or worthless
	_, err = tmp.Write(content)
	if err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err == nil {
		err = place(tmp.Name(), path)
	}
	if err == nil {
		err = sync(dir)
	}
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

// sync has the names in a directory written to the disk.
func sync(dir string) error {
	d, err := os.Open(dir) // #nosec G304 -- where a file was just written
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
