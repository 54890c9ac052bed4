package service

import (
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hce.co/shared/problem"
)

func TestIfMatch(t *testing.T) {
	for in, want := range map[string]struct {
		versions Versions
		status   int
	}{
		`"1"`: {Versions{1}, 0}, `"42"`: {Versions{42}, 0}, `"2147483647"`: {Versions{2147483647}, 0},
		`*`: {nil, 0}, ` * `: {nil, 0},
		`"5", "1"`: {Versions{5, 1}, 0}, `"5","1"`: {Versions{5, 1}, 0}, `"5",, W/"3", "x", "1"`: {Versions{5, 1}, 0}, `W/"1", "2"`: {Versions{2}, 0},
		``: {nil, 428}, `1`: {nil, 412}, `W/"1"`: {nil, 412}, `"0"`: {nil, 412}, `"-1"`: {nil, 412}, `"+1"`: {nil, 412},
		`"01"`: {nil, 412}, `"x"`: {nil, 412}, `""1""`: {nil, 412}, `"1`: {nil, 412}, `"99999999999999999999"`: {nil, 412}, `"*"`: {nil, 412}, `,`: {nil, 412},
	} {
		r := httptest.NewRequest("PUT", "/", nil)
		if in != "" {
			r.Header.Set("If-Match", in)
		}
		got, err := IfMatch(r)
		if want.status == 0 && (err != nil || !cmp.Equal(got, want.versions)) || want.status != 0 && (problem.Status(err) != want.status || got != nil) {
			t.Errorf("If-Match: %s is %v, %v; want %+v", in, got, err, want)
		}
	}
	for _, v := range []int{1, 9, 10, 123456} {
		r := httptest.NewRequest("PUT", "/", nil)
		r.Header.Set("If-Match", ETag(v))
		if got, err := IfMatch(r); err != nil || !got.Has(v) || got.Has(v+1) {
			t.Errorf("the ETag of %d is read as %d, %v", v, got, err)
		}
	}
}

func TestIfMatchInTwoLines(t *testing.T) {
	r := httptest.NewRequest("PUT", "/", nil)
	r.Header.Add("If-Match", `"1"`)
	r.Header.Add("If-Match", `"3"`)
	if got, err := IfMatch(r); err != nil || !got.Has(1) || !got.Has(3) || got.Has(2) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestIfMatchThatMayBeMissing(t *testing.T) {
	r := httptest.NewRequest("POST", "/", nil)
	if got, err := IfMatchIfAny(r); err != nil || !got.Has(1) || !got.Has(99) {
		t.Errorf("without the header: %v, %v", got, err)
	}
	r.Header.Set("If-Match", `"3"`)
	if got, err := IfMatchIfAny(r); err != nil || !got.Has(3) || got.Has(1) {
		t.Errorf("with it: %v, %v", got, err)
	}
	r.Header.Set("If-Match", "3")
	if got, err := IfMatchIfAny(r); problem.Status(err) != 412 {
		t.Errorf("with one that is no ETag: %v, %v", got, err)
	}
}
