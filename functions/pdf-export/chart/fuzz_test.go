package chart_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"hce.co/functions/pdf-export/chart"
)

// FuzzRender puts any text everywhere.
func FuzzRender(f *testing.F) {
	for _, seed := range []string{
		"", "Luz Marina Peña", "línea\n\n\tcon tabulador\r\n", "\x00\x01\xff\xfe", "\u202e\u200d\u034f\u0301\u0301", "🙂👩‍⚕️ 李 العربية",
		strings.Repeat("a", 1500), strings.Repeat("\u0301", 300), strings.Repeat("ab-", 300), "10⁻³ ℃ ‑ Ａ", ")\\(<>[]{}%/", "\u00a0\u2028\u2029\u0085",
	} {
		f.Add(seed, 36.6)
	}
	f.Fuzz(func(t *testing.T, text string, number float64) {
		if len(text) > 4000 {
			t.Skip("longer texts have a test of their own")
		}
		c := sample()
		everywhere(reflect.ValueOf(&c).Elem(), text, number)
		c.Document.VerificationCode = "7K3M9QXZT2H4VBNA"
		c.Document.PublicURL = "https://hce.example.co"
		var first, second bytes.Buffer
		pages, err := chart.Render(&first, c)
		if errors.Is(err, chart.ErrTooLong) {
			return
		}
		if err != nil || pages < 1 {
			t.Fatalf("Render: %d pages, error %v", pages, err)
		}
		if _, err := chart.Render(&second, c); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("the same chart gave other bytes (error %v)", err)
		}
	})
}

// everywhere sets every text and number of a chart.
func everywhere(v reflect.Value, text string, number float64) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			everywhere(v.Elem(), text, number)
		}
	case reflect.Struct:
		if _, isTime := v.Interface().(time.Time); isTime {
			return
		}
		for i := range v.NumField() {
			everywhere(v.Field(i), text, number)
		}
	case reflect.Slice:
		for i := range v.Len() {
			everywhere(v.Index(i), text, number)
		}
	case reflect.String:
		v.SetString(text)
	case reflect.Float64:
		v.SetFloat(number)
	case reflect.Int:
		v.SetInt(int64(number))
	}
}
