package notes

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/functions/notes/api"
)

var update = flag.Bool("update", false, "write the golden files")

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}

// The signed bytes are forever: a change of this file is a change of schema.
func TestCanonicalContent(t *testing.T) {
	p := &professional{
		ID: uuid.MustParse("0197c0de-0000-7000-8000-00000000000a"), Name: "Dra. Ñusta Peña", License: "RM-1", Specialty: "Medicina interna", KeyID: "clave-1",
		private: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize)),
	}
	n := api.Note{Written: api.Written{
		ID: uuid.MustParse("0197c0de-0000-7000-8000-000000000001"), DocumentoID: "CC-1032456789",
		AdmisionID: uuid.MustParse("0197c0de-0000-7000-8000-000000000002"), FechaAtencion: noon.Add(123456 * time.Microsecond), FechaRegistro: noon,
		Content: evolution("").Content,
	}}
	n.MotivoConsulta = "«Tos» & <fiebre> \"alta\" \\ €\n\tdesde ayer \u2028 𝄞"
	normalise(&n.Content, noon)
	x := facts{person: person{Sex: "02"}, codes: map[string]api.Code{"J20.9": {Descripcion: "Bronquitis"}, "I10": {Descripcion: "Hipertensión"}}}
	if _, err := judge(&n.Content, n.FechaAtencion, p.Name, x, noon); err != nil {
		t.Fatal(err)
	}
	s, err := p.signNote(&n, noon.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/nota.v1.json"
	if *update {
		if err := os.WriteFile(golden, s.content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(s.content)); diff != "" {
		t.Error(diff)
	}
	if !ed25519.Verify(p.private.Public().(ed25519.PublicKey), want, s.value) {
		t.Error("the signature does not verify")
	}
}

// What a list shows of a signed note is what decoding and encoding it gives.
func TestSignedNoteIsShownAsSigned(t *testing.T) {
	content, err := os.ReadFile("testdata/nota.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	s := &stored{Version: 3, Estado: annulled, Sellada: true, Contenido: content, FirmadaEn: &noon, AnuladaEn: &noon, AnuladaMotivo: "x", ActualizadoEn: noon}
	b, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	var shown api.Note
	if err := json.Unmarshal(b, &shown); err != nil {
		t.Fatal(err)
	}
	want, err := s.note()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Error(diff)
	}
}

func TestSectionsAreTheColumns(t *testing.T) {
	var names []string
	for _, s := range sections(&api.Sections{}) {
		names = append(names, s.name)
	}
	if diff := cmp.Diff(names, strings.FieldsFunc(sectionColumns, func(r rune) bool { return strings.ContainsRune(", \n\t", r) })); diff != "" {
		t.Error(diff)
	}
}
