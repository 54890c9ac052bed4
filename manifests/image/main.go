// Command image builds a container image of each Go command that it is given,
// without a container engine: static binaries on nothing, one layer, the same
// digest for the same source.
//
//	image -out DIR -repo REPO [-push] NAME=PACKAGE[,PACKAGE]...
//
// The first package is what the image runs. For each name it writes DIR/NAME.tar,
// which docker, containerd and minikube load, and DIR/NAME.spdx.json, its bill of
// materials; and in DIR/images.yaml it tells kustomize what to put in the place
// of dev.local/hce/NAME.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// placeholder is the repository that the manifests name.
const placeholder = "dev.local/hce"

type options struct {
	goCommand, root, out, repo, arch string
	push                             bool
}

func main() {
	var o options
	flag.StringVar(&o.goCommand, "go", "go", "the Go command")
	flag.StringVar(&o.root, "root", ".", "the repository")
	flag.StringVar(&o.out, "out", ".bin/images", "where the images are written")
	flag.StringVar(&o.repo, "repo", placeholder, "the repository of images they belong to")
	flag.StringVar(&o.arch, "arch", runtime.GOARCH, "the processor they run on")
	flag.BoolVar(&o.push, "push", false, "push them to their repository")
	flag.Parse()
	if err := run(o, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(o options, targets []string) error {
	if len(targets) == 0 {
		return errors.New("NAME=PACKAGE[,PACKAGE]...")
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	var kustomization strings.Builder
	for _, target := range targets {
		title, packages, ok := strings.Cut(target, "=")
		if !ok {
			return fmt.Errorf("%q is not NAME=PACKAGE", target)
		}
		line, err := o.image(title, strings.Split(packages, ","))
		if err != nil {
			return fmt.Errorf("%s: %w", title, err)
		}
		kustomization.WriteString(line)
	}
	return os.WriteFile(filepath.Join(o.out, "images.yaml"), []byte(kustomization.String()), 0o644)
}

// image makes one image and returns what kustomize has to know of it.
func (o options) image(title string, packages []string) (string, error) {
	dir, err := os.MkdirTemp("", "image")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	var programs []string
	for _, p := range packages {
		program, err := o.compile(p, dir)
		if err != nil {
			return "", err
		}
		programs = append(programs, program)
	}
	img, err := assemble(title, programs, o.arch)
	if err != nil {
		return "", err
	}
	digest, err := img.Digest()
	if err != nil {
		return "", err
	}
	// A tag that follows the content: a changed image is a changed manifest, hence a new revision.
	tag, err := name.NewTag(o.repo + "/" + title + ":" + digest.Hex[:12])
	if err != nil {
		return "", err
	}
	if err := o.write(title, tag, img, programs, digest.String()); err != nil {
		return "", err
	}
	fmt.Println(tag.Name() + "@" + digest.String())
	line := fmt.Sprintf("- {name: %s/%s, newName: %s/%s, newTag: %q}\n", placeholder, title, o.repo, title, tag.TagStr())
	if o.push {
		line = fmt.Sprintf("- {name: %s/%s, newName: %s/%s, digest: %q}\n", placeholder, title, o.repo, title, digest)
	}
	return line, nil
}

func (o options) write(title string, tag name.Tag, img v1.Image, programs []string, digest string) error {
	if err := tarball.WriteToFile(filepath.Join(o.out, title+".tar"), tag, img); err != nil {
		return err
	}
	sbom, err := materials(title, digest, programs)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.out, title+".spdx.json"), sbom, 0o644); err != nil {
		return err
	}
	if !o.push {
		return nil
	}
	if err := remote.Write(tag, img, remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
		return fmt.Errorf("push: %w", err)
	}
	return nil
}
