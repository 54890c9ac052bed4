package chart_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"hce.co/functions/pdf-export/chart"
)

// render writes c and fails the test on an error.
func render(tb testing.TB, c chart.Chart) (pdf []byte, pages int) {
	tb.Helper()
	var b bytes.Buffer
	pages, err := chart.Render(&b, c)
	if err != nil {
		tb.Fatalf("Render: %v", err)
	}
	return b.Bytes(), pages
}

// poppler runs one of poppler's tools on a PDF and returns what it prints. The file is called PDF in args, where it is
// not the only one.
func poppler(tb testing.TB, pdf []byte, tool string, args ...string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "chart.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		tb.Fatal(err)
	}
	replaced := false
	for i := range args {
		if args[i] == "PDF" {
			args[i], replaced = path, true
		}
	}
	if !replaced {
		args = append(args, path)
	}
	out, err := exec.Command(tool, args...).Output()
	if err != nil {
		tb.Fatalf("%s (of poppler-utils) %v: %v", tool, args, err)
	}
	return string(out)
}

// pagesText is the text of each page as it stands on paper.
func pagesText(tb testing.TB, pdf []byte) []string {
	tb.Helper()
	text := poppler(tb, pdf, "pdftotext", "-enc", "UTF-8", "-layout", "PDF", "-")
	return strings.Split(strings.TrimSuffix(text, "\f"), "\f")
}

// bodyText is the text between the running headers and footers, in the order in which it was drawn, so that a value that
// is broken into lines or over pages comes in one piece.
func bodyText(tb testing.TB, pdf []byte) string {
	tb.Helper()
	return poppler(tb, pdf, "pdftotext", "-enc", "UTF-8", "-raw", "-r", "72", "-x", "0", "-y", "64", "-W", "596", "-H", "712", "PDF", "-")
}

// squeeze drops white space, of which line breaks make some and take some.
func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}
