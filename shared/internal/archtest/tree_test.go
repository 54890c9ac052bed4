// Package archtest holds the tests of how the repository is built: who may
// import whom, what a package is called, what stands beside it.
package archtest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// domain is what all our import paths begin with; the rest is the folder.
const domain = "hce.co/"

// source is a Go file.
type source struct {
	path      string // from the root, with slashes
	name      string // of its package
	doc       string // the package comment, if it stands in this file
	imports   []string
	lines     int
	test      bool
	generated bool
}

// folder is the package that the file belongs to.
func (s source) folder() string { return path.Dir(s.path) }

// ours returns the folders of this repository that the file imports.
func (s source) ours() (folders []string) {
	for _, i := range s.imports {
		if f, ok := strings.CutPrefix(i, domain); ok {
			folders = append(folders, f)
		}
	}
	return folders
}

// root returns the folder that holds go.work.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.work above this package")
		}
		dir = up
	}
}

// modules returns the folders of the workspace's modules that exist, and
// whether all of them do.
func modules(t *testing.T) (folders []string, all bool) {
	t.Helper()
	dir := root(t)
	work, err := os.ReadFile(filepath.Join(dir, "go.work"))
	if err != nil {
		t.Fatal(err)
	}
	all = true
	for line := range strings.Lines(string(work)) {
		folder, ok := strings.CutPrefix(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "use ")), "./")
		if !ok {
			continue
		}
		mod, err := os.ReadFile(filepath.Join(dir, folder, "go.mod"))
		if err != nil {
			all = false
			continue
		}
		if want := []byte("module " + domain + folder + "\n"); !bytes.HasPrefix(mod, want) {
			t.Errorf("%s/go.mod does not begin with %q", folder, want)
		}
		folders = append(folders, folder)
	}
	if len(folders) < 2 {
		t.Fatalf("go.work names only %v", folders)
	}
	return folders, all
}

// sources returns the Go files of all modules.
func sources(t *testing.T) []source {
	t.Helper()
	dir := root(t)
	folders, _ := modules(t)
	var files []source
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(dir, folder), func(file string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".")):
				return filepath.SkipDir
			case d.IsDir() || path.Ext(d.Name()) != ".go":
				return nil
			}
			s, err := read(dir, file)
			files = append(files, s)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func read(dir, file string) (source, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return source{}, err
	}
	f, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return source{}, err
	}
	rel, err := filepath.Rel(dir, file)
	if err != nil {
		return source{}, err
	}
	s := source{
		path: filepath.ToSlash(rel), name: f.Name.Name, doc: strings.TrimSpace(f.Doc.Text()),
		lines: bytes.Count(text, []byte("\n")), test: strings.HasSuffix(file, "_test.go"), generated: ast.IsGenerated(f),
	}
	for _, i := range f.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return s, err
		}
		s.imports = append(s.imports, p)
	}
	return s, nil
}

// packages returns the files of each package, without tests.
func packages(t *testing.T) map[string][]source {
	t.Helper()
	all := map[string][]source{}
	for _, s := range sources(t) {
		if !s.test {
			all[s.folder()] = append(all[s.folder()], s)
		}
	}
	return all
}

// sorted returns a map's keys in order, so that a test always says the same.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// forTests reports whether a package exists for tests alone, as net/http/httptest
// does.
func forTests(folder string) bool { return strings.HasSuffix(folder, "test") }

// under reports whether folder is one of these or below it.
func under(folder string, these ...string) bool {
	return slices.ContainsFunc(these, func(f string) bool { return folder == f || strings.HasPrefix(folder, f+"/") })
}
