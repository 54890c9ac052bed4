package archtest

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const maxLines = 350 // of a file that a person reads

func TestFilesAreShort(t *testing.T) {
	for _, s := range sources(t) {
		if !s.test && !s.generated && s.lines > maxLines {
			t.Errorf("%s has %d lines, more than %d", s.path, s.lines, maxLines)
		}
	}
}

var meaningless = regexp.MustCompile(`^(utils?|commons?|helpers?|misc|base|lib|stuff|tools?)$`)

func TestPackagesAreNamedForAnIdea(t *testing.T) {
	for _, s := range sources(t) {
		for _, name := range append(strings.Split(s.folder(), "/"), s.name) {
			if meaningless.MatchString(name) {
				t.Errorf("%s: %q says nothing", s.path, name)
			}
		}
	}
}

// sentenceEnd is where a second sentence would begin.
var sentenceEnd = regexp.MustCompile(`[.!?]\s+\p{Lu}`)

func TestPackageCommentsAreOneSentence(t *testing.T) {
	all := packages(t)
	for _, folder := range sorted(all) {
		if forTests(folder) {
			continue
		}
		var docs []string
		for _, s := range all[folder] {
			if s.doc != "" && !s.generated {
				docs = append(docs, s.doc)
			}
		}
		if len(docs) != 1 {
			t.Errorf("%s has %d package comments, want 1", folder, len(docs))
			continue
		}
		doc, name := docs[0], all[folder][0].name
		begin := "Package " + name + " "
		if name == "main" {
			begin = "Command " + path.Base(folder) + " "
		}
		switch {
		case !strings.HasPrefix(doc, begin):
			t.Errorf("%s: its comment does not begin with %q", folder, begin)
		case name == "main": // a command's goes on to say how to call it
		case !strings.HasSuffix(doc, ".") || strings.Contains(doc, "\n\n") || sentenceEnd.MatchString(doc):
			t.Errorf("%s: its comment is not one sentence: %s", folder, doc)
		}
	}
}

// functions returns the folders of the functions.
func functions(t *testing.T) (folders []string) {
	t.Helper()
	mods, _ := modules(t)
	for _, m := range mods {
		if under(m, "functions") && m != "functions/hce" {
			folders = append(folders, m)
		}
	}
	if len(folders) == 0 {
		t.Fatal("no function in go.work")
	}
	return folders
}

// Who has read one function finds their way in all.
func TestFunctionsHaveOneSkeleton(t *testing.T) {
	dir := root(t)
	want := map[string][]string{".": {"func.yaml"}}
	for _, f := range functions(t) {
		want[f] = []string{"function.go", "config.go", "http.go", "store.go", "api", "cmd/" + path.Base(f) + "/main.go", "func.yaml", "go.mod"}
	}
	if mods, _ := modules(t); slices.Contains(mods, "ui") {
		want["ui"] = []string{"function.go", "config.go", "cmd/ui/main.go", "go.mod"}
	}
	for _, folder := range sorted(want) {
		for _, file := range want[folder] {
			if _, err := os.Stat(filepath.Join(dir, folder, file)); err != nil {
				t.Errorf("%s has no %s", folder, file)
			}
		}
	}
}
