package component

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	qrcode "github.com/skip2/go-qrcode"
)

func TestQRDrawsEveryModule(t *testing.T) {
	const text = "otpauth://totp/HCE:mario?algorithm=SHA1&digits=6&issuer=HCE&period=30&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	q := NewQR(text)
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		t.Fatal(err)
	}
	drawn := make([][]bool, q.Side)
	for y := range drawn {
		drawn[y] = make([]bool, q.Side)
	}
	for run := range strings.SplitSeq(strings.TrimSuffix(q.Dark, "z"), "z") {
		var x, y, width, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &width, &back); err != nil || width != back {
			t.Fatalf("run %q: %v", run, err)
		}
		for i := range width {
			drawn[y][x+i] = true
		}
	}
	if diff := cmp.Diff(code.Bitmap(), drawn); diff != "" {
		t.Error(diff)
	}
	if len(q.Dark) > 12<<10 {
		t.Errorf("the path takes %d bytes of the page", len(q.Dark))
	}
	for _, none := range []string{"", strings.Repeat("x", 1<<16)} {
		if got := NewQR(none); got != (QR{}) {
			t.Errorf("%d bytes are drawn", len(none))
		}
	}
}
