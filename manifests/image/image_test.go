package main

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func made(t *testing.T, content string) v1.Image {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte(content), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	img, err := assemble("x", []string{program}, "amd64")
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestSameContentSameDigest(t *testing.T) {
	digest := func(content string) string {
		d, err := made(t, content).Digest()
		if err != nil {
			t.Fatal(err)
		}
		return d.String()
	}
	if a, b := digest("one"), digest("one"); a != b {
		t.Errorf("%s, then %s", a, b)
	}
	if digest("one") == digest("two") {
		t.Error("another program has the same digest")
	}
}

func TestImage(t *testing.T) {
	img := made(t, "content")
	cfg, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if c := cfg.Config; c.User != "65532:65532" || c.StopSignal != "SIGTERM" || len(c.Entrypoint) != 1 || c.Entrypoint[0] != "/app/program" {
		t.Errorf("config %+v", c)
	}
	layers, err := img.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	got := map[string]tar.Header{}
	for r := tar.NewReader(content); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.ModTime.Unix() != 0 || h.Uid != 0 {
			t.Errorf("%s: time %v, owner %d", h.Name, h.ModTime, h.Uid)
		}
		got[h.Name] = *h
	}
	if got["app/program"].Mode != 0o755 || got["tmp/"].Mode != 0o1777 {
		t.Errorf("modes %o, %o", got["app/program"].Mode, got["tmp/"].Mode)
	}
	if got["etc/ssl/certs/ca-certificates.crt"].Size < 100_000 {
		t.Error("no certificates")
	}
}
