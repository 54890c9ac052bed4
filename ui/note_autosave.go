package ui

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	notes "hce.co/functions/notes/api"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// autosave saves the draft for the editor's script. What cannot be saved does
// not keep the rest from it: it is left out, and the answer names it (200, with
// campos as a problem has); when all was saved there is nothing to say (204).
func (f *Function) autosave(p *page, id uuid.UUID, v url.Values) error {
	const most = 5 // what is left out may show the next thing that is wrong
	version := versionOf(v.Get("version"))
	without := map[string]string{}
	for range most {
		d, err := typedDraft(v)
		var saved notes.Note
		if err == nil {
			saved, err = f.notes.SaveDraft(p.ctx, p.r.PathValue("id"), id, version, d)
		}
		if err == nil {
			return p.autosaved(saved, without)
		}
		var pr *problem.Error
		if !errors.As(err, &pr) {
			return err
		}
		if pr.Status != http.StatusUnprocessableEntity || !leaveOut(v, pr.Fields, without) {
			problem.Write(p.w, pr, "")
			return nil
		}
	}
	problem.Write(p.w, problem.Unprocessable("Hay varios campos por corregir: revise la nota y use «Guardar borrador»."), "")
	return nil
}

func (p *page) autosaved(saved notes.Note, without map[string]string) error {
	p.w.Header().Set("ETag", etag(saved.Version))
	p.w.Header().Set(endsHeader, p.s.Ends.UTC().Format(time.RFC3339))
	if len(without) == 0 {
		p.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return service.WriteJSON(p.w, 0, map[string]any{"campos": without})
}

// leaveOut takes the fields that were refused out of a form, and notes them in
// without by their names in the form; it reports whether there were any.
func leaveOut(v url.Values, refused, without map[string]string) bool {
	used, left := usedRows(v), false
	for name, message := range refused {
		for _, typed := range culprits(v, typedName(used, name)) {
			v.Del(typed)
			left = true
			if without[typed] == "" {
				without[typed] = message
			}
		}
	}
	return left
}

// culprits are the fields that have to go for what is wrong with one: itself, or
// when it is empty those that cannot be without it.
func culprits(v url.Values, name string) []string {
	if strings.TrimSpace(v.Get(name)) != "" {
		return []string{name}
	}
	var others []string
	if list, n, _, ok := rowOf(name); ok { // a row without its key
		for other := range v {
			if l, m, _, ok := rowOf(other); ok && l == list && m == n {
				others = append(others, other)
			}
		}
		if len(others) == 0 && list == "alergias_registradas" && v.Has("niega_alergias") { // the row that the box stands for
			return []string{"niega_alergias"}
		}
	}
	if name == "signos_vitales.pas" && v.Get("signos_vitales.pad") != "" {
		return []string{"signos_vitales.pad"}
	}
	return others
}

// typedName is the name in the form of a field of the request, which has no
// empty rows.
func typedName(used map[string][]bool, name string) string {
	list, n, field, ok := rowOf(name)
	if !ok {
		return name
	}
	for i, u := range used[list] {
		if !u {
			continue
		}
		if n == 0 {
			return list + "." + strconv.Itoa(i) + "." + field
		}
		n--
	}
	return name
}
