package chart_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"image"
	_ "image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	qrcode "github.com/skip2/go-qrcode"

	"hce.co/functions/pdf-export/chart"
	"hce.co/shared/vital"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestGoldenText(t *testing.T) {
	full := sample()
	newborn := chart.Chart{
		Institution: full.Institution,
		Document:    chart.Document{Kind: chart.KindNote, GeneratedAt: at("2026-11-23 08:05")},
		Patient: chart.Patient{RecordID: "RC-1145678901", DocumentType: chart.Coded{Code: "RC"}, DocumentNumber: "1145678901", FirstName: "Íngrid",
			FirstSurname: "Ñustes", BirthDate: chart.Date{Year: 2026, Month: 11, Day: 3}, BiologicalSex: chart.Coded{Code: "03"}},
		AllergyDenial: &chart.AllergyDenial{At: at("2026-11-03 10:00"), By: "Yeimy Paola Cuesta"},
		Notes: []chart.Note{{Type: "pediatria", CareAt: at("2026-11-03 11:00"), State: chart.NoteSigned, Sections: chart.Sections{MedicalProgress: "Recién nacido sano."},
			VitalSigns: []chart.VitalSigns{{TakenAt: at("2026-11-03 10:50"), Measures: []chart.Measure{
				{Sign: vital.HeartRate, Value: 140}, {Sign: vital.RespiratoryRate, Value: 66}, {Sign: vital.Weight, Value: 3.125}}}}}},
	}
	for name, c := range map[string]chart.Chart{"full": full, "empty": {}, "newborn": newborn} {
		t.Run(name, func(t *testing.T) {
			pdf, _ := render(t, c)
			got := strings.Join(pagesText(t, pdf), "\n--- página ---\n")
			golden := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("text on paper (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryPageNamesPatientAndNumber(t *testing.T) {
	pdf, pages := render(t, long(8))
	texts := pagesText(t, pdf)
	if len(texts) != pages || pages < 15 {
		t.Fatalf("Render says %d pages, the file has %d; want the same, at least 15", pages, len(texts))
	}
	for i, text := range texts {
		for _, want := range []string{
			"Luz Marina Peña Rodríguez", "CC 1032456789", fmt.Sprintf("Página %d de %d", i+1, pages), "Generado 23/11/2026 08:05:17 -05:00",
			"7K3M9QXZT2H4VBNA", "hce.husabana.example.co/verificar/7K3M9QXZT2H4VBNA", "Hospital Universitario de la Sabana E.S.E.",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("page %d lacks %q", i+1, want)
			}
		}
	}
}

func TestMetadata(t *testing.T) {
	pdf, pages := render(t, sample())
	info := poppler(t, pdf, "pdfinfo", "-isodates")
	for _, want := range []string{
		"Title:           Historia clínica · CC 1032456789 · Luz Marina Peña Rodríguez\n",
		"Author:          Hospital Universitario de la Sabana E.S.E.\n",
		"Subject:         Historia completa · del 01/01/2026 al 22/11/2026\n",
		"CreationDate:    2026-11-23T", ":05:17",
		fmt.Sprintf("Pages:           %d\n", pages), "(A4)",
	} {
		if !strings.Contains(info, want) {
			t.Errorf("pdfinfo lacks %q:\n%s", want, info)
		}
	}
	if !bytes.Contains(pdf, []byte("/CreationDate(D:20261123080517-05'00')")) {
		t.Error("the creation date is not the instant of generation in legal time")
	}
	fonts := poppler(t, pdf, "pdffonts")
	for _, line := range strings.Split(strings.TrimSpace(fonts), "\n")[2:] {
		if fields := strings.Fields(line); len(fields) < 7 || strings.Join(fields[len(fields)-5:len(fields)-2], " ") != "yes yes yes" {
			t.Errorf("font not embedded, subset and searchable: %s", line)
		}
	}
}

func TestSameBytesAtOnce(t *testing.T) {
	want, _ := render(t, long(4))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			var got bytes.Buffer
			if _, err := chart.Render(&got, long(4)); err != nil {
				t.Error(err)
			}
			if !bytes.Equal(want, got.Bytes()) {
				t.Error("the same chart gave other bytes")
			}
		})
	}
	group.Wait()
}

func TestInputUnchanged(t *testing.T) {
	c, before := sample(), sample()
	render(t, c)
	if diff := cmp.Diff(before, c); diff != "" {
		t.Errorf("Render changed its input (-before +after):\n%s", diff)
	}
}

func TestQRCode(t *testing.T) {
	pdf, _ := render(t, sample())
	prefix := filepath.Join(t.TempDir(), "qr")
	poppler(t, pdf, "pdfimages", "-png", "PDF", prefix)
	file, err := os.Open(prefix + "-000.png")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	img, _, err := image.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qrcode.New("https://hce.husabana.example.co/verificar/7K3M9QXZT2H4VBNA", qrcode.Medium)
	if err != nil {
		t.Fatal(err)
	}
	modules := code.Bitmap()
	scale := img.Bounds().Dx() / len(modules)
	for y := range modules {
		for x, dark := range modules[y] {
			if r, _, _, _ := img.At(x*scale+scale/2, y*scale+scale/2).RGBA(); dark != (r < 0x8000) {
				t.Fatalf("module %d,%d of the QR code is wrong", x, y)
			}
		}
	}
}

func TestNoQRCodeWithoutAddress(t *testing.T) {
	c := sample()
	c.Document.PublicURL = ""
	pdf, _ := render(t, c)
	if list := poppler(t, pdf, "pdfimages", "-list"); strings.Count(strings.TrimSpace(list), "\n") > 1 {
		t.Errorf("a document that cannot be verified has a picture:\n%s", list)
	}
}

// brokenWriter takes so many bytes and then fails.
type brokenWriter int

var errBroken = errors.New("disk full")

func (w *brokenWriter) Write(p []byte) (int, error) {
	if len(p) > int(*w) {
		return 0, errBroken
	}
	*w -= brokenWriter(len(p))
	return len(p), nil
}

func TestErrors(t *testing.T) {
	for _, room := range []brokenWriter{0, 100, 40_000} {
		if _, err := chart.Render(&room, sample()); !errors.Is(err, errBroken) {
			t.Errorf("Render to a writer that fails: error %v, want %v", err, errBroken)
		}
	}
	c := sample()
	c.Document.PublicURL = "https://" + strings.Repeat("x", 4000)
	if _, err := chart.Render(&bytes.Buffer{}, c); err == nil {
		t.Error("Render with an address that no QR code can hold: no error")
	}
	c = sample()
	c.Notes[0].Sections.Habits = strings.Repeat("x\n", 60_000)
	if _, err := chart.Render(&bytes.Buffer{}, c); !errors.Is(err, chart.ErrTooLong) {
		t.Errorf("Render of a thousand pages and more: error %v, want ErrTooLong", err)
	}
}
