package chart_test

import (
	"fmt"
	"io"
	"syscall"
	"testing"
	"time"

	"hce.co/functions/pdf-export/chart"
)

// long is the sample with so many progress notes of half a page each added, one a day.
func long(notes int) chart.Chart {
	c := sample()
	paragraph := "Paciente en su día %d de estancia, refiere mejoría de la disnea y de la tos; tolera la vía oral, diuresis y deposiciones " +
		"normales. Afebril en las últimas 24 horas, sin signos de dificultad respiratoria, oxígeno por cánula nasal a 1 L/min con SpO₂ ≥ 92 %%. " +
		"Se revisan paraclínicos: leucocitos en descenso (16,8 → 11,2 × 10³/µL), función renal conservada, electrolitos normales."
	template := c.Notes[1]
	for i := range notes {
		n := template
		n.ID = fmt.Sprintf("0199f2c4-4444-7c3e-9a51-%012d", i)
		n.Type = chart.NoteProgress
		n.CareAt = at("2026-11-15 08:00").Add(time.Duration(i) * 24 * time.Hour)
		n.VitalSigns = template.VitalSigns[1:]
		text := fmt.Sprintf(paragraph, i+1)
		n.Sections = chart.Sections{
			PresentIllness: text, SystemsExamination: text, ManagementPlan: text + "\n" + text, MedicalProgress: text + "\n\n" + text,
		}
		n.Addenda = nil
		c.Notes = append(c.Notes, n)
	}
	return c
}

// BenchmarkRender reports the processor time of a document as cpu-ms/op, garbage collection included.
func BenchmarkRender(b *testing.B) {
	for _, notes := range []int{4, 150} {
		c := long(notes)
		pages, err := chart.Render(io.Discard, c)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("pages=%d", pages), func(b *testing.B) {
			b.ReportAllocs()
			before := processorTime(b)
			for b.Loop() {
				if _, err := chart.Render(io.Discard, c); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((processorTime(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
	}
}

// processorTime is what this process has used so far on all processors.
func processorTime(tb testing.TB) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
