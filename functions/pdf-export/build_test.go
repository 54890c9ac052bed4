package pdfexport

import (
	"bytes"
	"context"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/pdf-export/chart"
	"hce.co/shared/crockford"
	"hce.co/shared/db"
	"hce.co/shared/ident"
	"hce.co/shared/record"
)

// BenchmarkBuild builds the document of a record of ten pages: from asking
// to storing, and its parts.
func BenchmarkBuild(b *testing.B) {
	w := newWorld(b)
	s := w.chart()
	for range 4 {
		n := w.insert("nota", noteFixture(s.id, s.admission.id()))
		w.insert("diagnostico", s.diagnosis.with("id", ident.NewID(), "nota_id", n.id()))
		for _, v := range s.vitals {
			w.insert("signo_vital", v.with("id", ident.NewID(), "nota_id", n.id()))
		}
	}
	ctx := context.Background()
	o := order{record: record.Record{ID: s.id, Of: s.id, Parts: []string{s.id}}, content: content{Tipo: "historia"}}
	j := job{DocumentoID: s.id, Tipo: o.Tipo}
	render := func(out io.Writer) (int, error) {
		snap, err := w.f.read(ctx, j)
		if err != nil {
			return 0, err
		}
		return chart.Render(out, assemble(snap, job{Codigo: crockford.New()}, w.f.cfg.Institution, w.f.cfg.PublicURL, time.Now()))
	}
	var file bytes.Buffer
	pages, err := render(&file)
	if err != nil {
		b.Fatal(err)
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"fingerprint", func() error { _, err := w.f.present(ctx, o.record, o.content); return err }},
		{"snapshot", func() error { _, err := w.f.read(ctx, j); return err }},
		{"render", func() error { _, err := render(io.Discard); return err }},
		{"all", func() error {
			o.huella = []byte(ident.NewID().String())
			var j job
			err := db.Tx(ctx, w.f.pool, func(tx pgx.Tx) (err error) { j, _, err = w.f.place(ctx, tx, o); return err })
			if err == nil {
				_, err = w.f.finish(ctx, j, nil)
			}
			return err
		}},
	} {
		b.Run(step.name, func(b *testing.B) {
			before := cpu()
			for b.Loop() {
				if err := step.do(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpu()-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(pages), "pages")
		})
	}
}

// cpu is what the process has used of the processor.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
