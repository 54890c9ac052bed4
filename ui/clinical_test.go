package ui

import (
	"encoding/json"
	"testing"
)

// A number keeps the digits that it was typed with.
func TestValueOfAResult(t *testing.T) {
	for typed, want := range map[string]string{
		"7,10": `7.10`, " 7.1 ": `7.1`, "12345678901234567891": `12345678901234567891`, "-0,5": `-0.5`,
		"> 1000": `"\u003e 1000"`, "negativo": `"negativo"`, "007": `"007"`, "1,2,3": `"1,2,3"`, "": `""`, "NaN": `"NaN"`, "0x1f": `"0x1f"`,
	} {
		if got, err := json.Marshal(value(typed)); err != nil || string(got) != want {
			t.Errorf("%q is sent as %s, %v; want %s", typed, got, err, want)
		}
	}
}
