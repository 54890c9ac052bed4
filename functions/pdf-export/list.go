package pdfexport

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// list shows the exports of a record, newest first.
func (f *Function) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, err := service.ParsePage(r)
	if err != nil {
		return err
	}
	before, beforeID, err := parseCursor(page.After)
	if err != nil {
		return err
	}
	rec, err := f.chartOf(r)
	if err != nil {
		return err
	}
	lists := make([][]job, len(rec.Parts))
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		for i, part := range rec.Parts {
			f.page(b, part, rec, before, beforeID, page.Limit+1, &lists[i])
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: part, Action: audit.Read, Type: "read", Resource: "pdf", Permission: auth.ExportChart,
			})
		}
	})
	if err != nil {
		return fmt.Errorf("list exports: %w", err)
	}
	jobs := slices.Concat(lists...)
	slices.SortFunc(jobs, func(a, b job) int { return cmp.Or(b.Creado.Compare(a.Creado), bytes.Compare(b.ID[:], a.ID[:])) })
	if len(jobs) > page.Limit {
		jobs = jobs[:page.Limit]
		page.Next(w, r, cursor(jobs[page.Limit-1]))
	}
	out := make([]api.Job, 0, len(jobs))
	for _, j := range jobs {
		out = append(out, j.wire())
	}
	return service.WriteJSON(w, 0, out)
}

// cursor is the place of an export in its record's list.
func cursor(j job) string { return strconv.FormatInt(j.Creado.UnixMicro(), 10) + "_" + j.ID.String() }

func parseCursor(s string) (time.Time, uuid.UUID, error) {
	if s == "" {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), uuid.Max, nil
	}
	micro, id, _ := strings.Cut(s, "_")
	n, err := strconv.ParseInt(micro, 10, 64)
	if err == nil && (n < 0 || n > 1<<53) {
		err = strconv.ErrRange
	}
	if err == nil {
		var u uuid.UUID
		if u, err = uuid.Parse(id); err == nil {
			return time.UnixMicro(n).UTC(), u, nil
		}
	}
	return time.Time{}, uuid.Nil, problem.Invalid(map[string]string{"despues": "El cursor no es válido."})
}
