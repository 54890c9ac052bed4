package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// document is a bill of materials (SPDX 2.3).
type document struct {
	SPDXVersion       string         `json:"spdxVersion"`
	DataLicense       string         `json:"dataLicense"`
	SPDXID            string         `json:"SPDXID"`
	Name              string         `json:"name"`
	DocumentNamespace string         `json:"documentNamespace"`
	CreationInfo      creation       `json:"creationInfo"`
	Packages          []part         `json:"packages"`
	Relationships     []relationship `json:"relationships"`
}

type creation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type part struct {
	SPDXID           string      `json:"SPDXID"`
	Name             string      `json:"name"`
	Version          string      `json:"versionInfo"`
	DownloadLocation string      `json:"downloadLocation"`
	FilesAnalyzed    bool        `json:"filesAnalyzed"`
	Comment          string      `json:"comment,omitempty"`
	References       []reference `json:"externalRefs,omitempty"`
}

type reference struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relationship struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

// materials lists the modules that the programs say they were built from. Like
// the image it has no time of its own.
func materials(title, digest string, programs []string) ([]byte, error) {
	d := document{
		SPDXVersion: "SPDX-2.3", DataLicense: "CC0-1.0", SPDXID: "SPDXRef-DOCUMENT",
		Name: "hce/" + title, DocumentNamespace: "https://hce.co/spdx/" + title + "/" + digest,
		CreationInfo:  creation{Created: "1970-01-01T00:00:00Z", Creators: []string{"Tool: hce-manifests-image"}},
		Packages:      []part{{SPDXID: "SPDXRef-image", Name: "hce/" + title, Version: digest, DownloadLocation: "NOASSERTION"}},
		Relationships: []relationship{{"SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-image"}},
	}
	seen := map[string]bool{}
	add := func(path, version, sum string) {
		id := "SPDXRef-" + strings.NewReplacer("/", "-", "_", "-", "~", "-", "+", "-").Replace(path)
		if seen[id] {
			return
		}
		seen[id] = true
		p := part{SPDXID: id, Name: path, Version: version, DownloadLocation: "NOASSERTION", Comment: sum}
		if version != "" {
			p.References = []reference{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + path + "@" + version}}
		}
		d.Packages = append(d.Packages, p)
		d.Relationships = append(d.Relationships, relationship{"SPDXRef-image", "CONTAINS", id})
	}
	for _, program := range programs {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return nil, fmt.Errorf("bill of materials of %s: %w", filepath.Base(program), err)
		}
		add("stdlib", strings.TrimPrefix(info.GoVersion, "go"), "")
		for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
			if strings.HasPrefix(m.Path, "hce.co/") {
				add(m.Path, "", "") // of this repository
				continue
			}
			add(m.Path, strings.Trim(m.Version, "()"), m.Sum)
		}
	}
	return json.MarshalIndent(d, "", "  ")
}
