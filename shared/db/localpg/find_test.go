package localpg

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFindOnPath(t *testing.T) {
	all := find(t.Context())
	if len(all) == 0 {
		t.Fatal("no PostgreSQL on this machine")
	}
	// A symlink on PATH leads to the directory that has the rest.
	links := t.TempDir()
	if err := os.Symlink(filepath.Join(all[0].bin, "pg_ctl"), filepath.Join(links, "pg_ctl")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", links)
	places = nil
	t.Cleanup(func() { places = saved })
	got := find(t.Context())
	if len(got) != 1 || got[0] != all[0] {
		t.Errorf("found %+v, want %+v", got, all[0])
	}
	t.Setenv("PATH", t.TempDir())
	if got := find(t.Context()); got != nil {
		t.Errorf("found %+v where there is none", got)
	}
}

var saved = places

func TestProbe(t *testing.T) {
	tests := []struct {
		version string
		major   int // 0: refused
	}{
		{"postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)", 15},
		{"postgres (PostgreSQL) 17.5", 17},
		{"postgres (PostgreSQL) 19devel", 19},
		{"postgres (PostgreSQL) 13.21", 0},
		{"something else", 0},
	}
	for _, tt := range tests {
		bin := t.TempDir()
		for _, program := range []string{"initdb", "postgres"} {
			script := "#!/bin/sh\necho '" + tt.version + "'\n"
			if err := os.WriteFile(filepath.Join(bin, program), []byte(script), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		pg, err := probe(t.Context(), bin)
		if pg.major != tt.major || (err == nil) != (tt.major != 0) {
			t.Errorf("%s: %+v, %v", tt.version, pg, err)
		}
	}
}

func TestChoose(t *testing.T) {
	var (
		pg15 = installation{bin: "/15", major: 15, citus: true}
		pg17 = installation{bin: "/17", major: 17}
	)
	tests := []struct {
		name      string
		installed []installation
		held      shape
		major     int
		mode      CitusMode
		want      installation
		shape     shape // empty: an error
	}{
		{"new, auto", []installation{pg17, pg15}, "", 0, CitusAuto, pg17, plain},
		{"new, auto, Citus first", []installation{pg15, pg17}, "", 0, CitusAuto, pg15, cluster},
		{"new, required", []installation{pg17, pg15}, "", 0, CitusRequire, pg15, cluster},
		{"new, required, none", []installation{pg17}, "", 0, CitusRequire, installation{}, ""},
		{"new, off", []installation{pg15}, "", 0, CitusOff, pg15, plain},
		{"plain stays plain", []installation{pg15}, plain, 15, CitusAuto, pg15, plain},
		{"plain of its version", []installation{pg17, pg15}, plain, 15, CitusAuto, pg15, plain},
		{"plain of a version gone", []installation{pg17}, plain, 15, CitusAuto, installation{}, ""},
		{"plain, required", []installation{pg15}, plain, 15, CitusRequire, installation{}, ""},
		{"cluster", []installation{pg17, pg15}, cluster, 15, CitusAuto, pg15, cluster},
		{"cluster, off", []installation{pg15}, cluster, 15, CitusOff, installation{}, ""},
		{"cluster, Citus gone", []installation{pg17}, cluster, 17, CitusAuto, installation{}, ""},
	}
	for _, tt := range tests {
		got, shape, err := choose(tt.installed, tt.held, tt.major, tt.mode)
		if got != tt.want || shape != tt.shape || (err == nil) != (tt.shape != "") {
			t.Errorf("%s: %+v, %q, %v", tt.name, got, shape, err)
		}
	}
}

// The package's own cluster is held back while it is installed, and only then.
func TestPreventMainCluster(t *testing.T) {
	etc := t.TempDir()
	remove, err := preventMainCluster(etc)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(etc, "createcluster.d/hce-localpg.conf")
	if text, err := os.ReadFile(path); err != nil || string(text) != "create_main_cluster = false\n" {
		t.Errorf("%q, %v", text, err)
	}
	remove()
	if _, err := os.Stat(path); err == nil {
		t.Error("it is still there")
	}
}
