package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"io"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// user is who the programs run as: nobody, with no rights to any file.
const user = "65532:65532"

// assemble makes an image that holds the programs, the certificates of the
// public authorities and an empty /tmp, and runs the first program.
func assemble(title string, programs []string, arch string) (v1.Image, error) {
	content, err := layer(programs)
	if err != nil {
		return nil, err
	}
	l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err := mutate.Append(base, mutate.Addendum{Layer: l, MediaType: types.OCILayer, History: v1.History{CreatedBy: "manifests/image"}})
	if err != nil {
		return nil, err
	}
	cfg, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	cfg = cfg.DeepCopy()
	cfg.OS, cfg.Architecture = "linux", arch
	cfg.Config = v1.Config{
		Entrypoint:   []string{"/app/" + filepath.Base(programs[0])},
		User:         user,
		Env:          []string{"PATH=/app"},
		WorkingDir:   "/",
		StopSignal:   "SIGTERM", // what the programs drain on
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		Labels:       map[string]string{"org.opencontainers.image.title": "hce/" + title, "org.opencontainers.image.licenses": "Apache-2.0"},
	}
	return mutate.ConfigFile(img, cfg)
}

// layer is a tar archive without times and owners.
func layer(programs []string) ([]byte, error) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	add := func(h tar.Header, content []byte) error {
		h.Size = int64(len(content))
		if err := w.WriteHeader(&h); err != nil {
			return err
		}
		_, err := w.Write(content)
		return err
	}
	for _, dir := range []tar.Header{
		{Name: "app/", Mode: 0o755}, {Name: "etc/", Mode: 0o755}, {Name: "etc/ssl/", Mode: 0o755},
		{Name: "etc/ssl/certs/", Mode: 0o755}, {Name: "tmp/", Mode: 0o1777},
	} {
		dir.Typeflag = tar.TypeDir
		if err := add(dir, nil); err != nil {
			return nil, err
		}
	}
	for _, program := range programs {
		content, err := os.ReadFile(program)
		if err != nil {
			return nil, err
		}
		if err := add(tar.Header{Typeflag: tar.TypeReg, Name: "app/" + filepath.Base(program), Mode: 0o755}, content); err != nil {
			return nil, err
		}
	}
	if err := add(tar.Header{Typeflag: tar.TypeReg, Name: "etc/passwd", Mode: 0o644}, []byte("hce:x:65532:65532::/tmp:/none\n")); err != nil {
		return nil, err
	}
	if err := add(tar.Header{Typeflag: tar.TypeReg, Name: "etc/ssl/certs/ca-certificates.crt", Mode: 0o644}, authorities()); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// authorities are Mozilla's root certificates as the version in go.mod has them,
// not those of the machine that builds.
func authorities() []byte {
	var out bytes.Buffer
	for root := range bundle.Roots() {
		pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) //nolint:errcheck // to memory
	}
	return out.Bytes()
}
