package typeset

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

var plain = Style{Size: 10, Leading: 14}

func sheet(tb testing.TB) *Sheet {
	tb.Helper()
	s, err := New(Info{Title: "prueba"})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// room is how many lines of the plain style fit on a page.
func room() int {
	lines := (Bottom - Top) / plain.Leading
	return int(lines)
}

func TestParagraphsAreNotTornApart(t *testing.T) {
	for _, test := range []struct {
		name            string
		before, lines   int // lines on the page already, lines of the paragraph
		wantOnFirstPage int
	}{
		{"all fit", room() - 3, 3, 3},
		{"no single first line", room() - 1, 4, 0},
		{"no single last line", room() - 4, 5, 3},
		{"three stay together", room() - 2, 3, 0},
		{"two and two", room() - 2, 4, 2},
		{"two and many", room() - 2, 30, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := sheet(t)
			s.SetY(Top + float64(test.before)*plain.Leading)
			s.Text(strings.TrimSuffix(strings.Repeat("x\n", test.lines), "\n"), plain)
			onSecond := test.lines - test.wantOnFirstPage
			if onSecond == 0 {
				if s.pages != 1 {
					t.Fatalf("%d pages, want 1", s.pages)
				}
				return
			}
			if got := int((s.y-Top)/plain.Leading + 0.5); s.pages != 2 || got != onSecond {
				t.Errorf("%d lines on page %d, want %d on page 2", got, s.pages, onSecond)
			}
		})
	}
}

func TestHoldStaysWithContent(t *testing.T) {
	s := sheet(t)
	s.SetY(Bottom - 40)
	var drawnOn []int
	for range 2 {
		s.Hold(5, 15, func() { drawnOn = append(drawnOn, s.pages); s.y += 15 })
	}
	if len(drawnOn) != 0 {
		t.Fatal("a heading was drawn before its content")
	}
	s.Text("una línea", plain)
	if fmt.Sprint(drawnOn) != "[2 2]" {
		t.Errorf("headings drawn on pages %v, want both on 2", drawnOn)
	}
}

func TestHoldWithoutContentIsDrawn(t *testing.T) {
	s := sheet(t)
	drawn := false
	s.Hold(5, 15, func() { drawn = true })
	if _, err := s.Finish(&bytes.Buffer{}, func(int, int) {}); err != nil || !drawn {
		t.Errorf("drawn %v, error %v", drawn, err)
	}
}

func TestStampSeesEveryPage(t *testing.T) {
	s := sheet(t)
	s.NewPage()
	s.NewPage()
	var seen []string
	pages, err := s.Finish(&bytes.Buffer{}, func(page, pages int) { seen = append(seen, fmt.Sprint(page, "/", pages)) })
	if err != nil || pages != 3 || strings.Join(seen, ",") != "1/3,2/3,3/3" {
		t.Errorf("stamped %v of %d pages, error %v", seen, pages, err)
	}
}

func TestTooLong(t *testing.T) {
	s := sheet(t)
	for range MaxPages {
		s.NewPage()
	}
	s.Text("nada de esto se dibuja", plain)
	if _, err := s.Finish(&bytes.Buffer{}, func(int, int) {}); !errors.Is(err, ErrTooLong) {
		t.Errorf("error %v, want ErrTooLong", err)
	}
}

func TestTableRowsBreakOverPages(t *testing.T) {
	tall := strings.Repeat("x\n", 100)
	for name, rows := range map[string][][]Cell{
		"many rows":     repeat([]Cell{{Text: "a"}, {Text: "b"}}, 200),
		"a tall row":    {{{Text: "a"}, {Text: tall}}, {{Text: "c"}, {Text: "d"}}},
		"a tall report": {{{Text: "a"}, {Text: "b"}}, {{Text: tall}}},
		"missing cells": {{}, {{Text: "a"}}, {{Text: "a"}, {Text: "b"}, {Text: "c"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := sheet(t)
			s.Table(Table{Columns: []Column{{Title: "Uno", Share: 1}, {Title: "Dos", Share: 3, Align: AlignCenter}}, Rows: rows, Head: plain, Body: plain})
			if s.y > Bottom+1.5 {
				t.Errorf("the table ends at %.1f, below the foot of the page at %.1f", s.y, Bottom)
			}
			if _, err := s.Finish(&bytes.Buffer{}, func(int, int) {}); err != nil {
				t.Error(err)
			}
		})
	}
}

func repeat(row []Cell, n int) [][]Cell {
	rows := make([][]Cell, n)
	for i := range rows {
		rows[i] = row
	}
	return rows
}
