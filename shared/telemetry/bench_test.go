package telemetry_test

import (
	"net/http/httptest"
	"testing"

	"hce.co/shared/telemetry"
	"hce.co/shared/telemetry/telemetrytest"
)

// What a request costs besides itself.
func BenchmarkRequest(b *testing.B) {
	r := httptest.NewRequest("GET", "/paciente/CC-1", nil)
	run := func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			answer(r, "GET /paciente/{id}", telemetry.Ours, 200, nil)
		}
	}
	b.Run("off", run)
	b.Run("measured", func(b *testing.B) {
		telemetrytest.Start(b, "x", "OTEL_TRACES_EXPORTER", "none")
		run(b)
	})
	b.Run("measured and traced", func(b *testing.B) {
		telemetrytest.Start(b, "x")
		run(b)
	})
}
