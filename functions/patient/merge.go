package patient

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"hce.co/functions/patient/api"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

// Merging says that two records are of one person (FHIR Patient.link; HL7 v2
// A40). One goes on, the other stays as it is under its own documento_id, closed:
// nothing of either moves, so that undoing it leaves both as they were, apart
// from what was written since, which is where it was written.
//
// A chart is one record that goes on and those merged straight into it. A record
// that others were merged into is not merged itself: with neither chains nor
// cycles, whoever reads a chart asks each of its records once.
//
// It is an act of the registry, done by whoever sees the person's documents, and
// the trail of both records tells it to both patients. Neither trail names the
// other record: it is told even where the merge was a mistake, and then that is
// the document of somebody else.

const (
	minReason = 10  // characters of why, which the patient reads
	maxReason = 500 //
	maxMerged = 10  // records merged into one; each is read for every page of the chart
)

// tidyReason tidies why something is done to a record, which must be said.
func tidyReason(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if ident.Length(s) < minReason || utf8.RuneCountInString(s) > maxReason || strings.ContainsFunc(s, unicode.IsControl) {
		return "", problem.Invalid(map[string]string{"motivo": "Explique el motivo en 10 a 500 caracteres: el paciente lo leerá."})
	}
	return s, nil
}

// checkMerge reads a request to merge.
func checkMerge(in *api.MergeRequest) (err error) {
	if in.Motivo, err = tidyReason(in.Motivo); err != nil {
		return err
	}
	if _, err := ident.ParseID(in.Duplicado); err != nil {
		return badDuplicate("Escriba el documento de la otra historia, como CC-1032456789.")
	}
	if in.VersionDuplicado < 0 {
		return problem.Invalid(map[string]string{"version_duplicado": "Use la versión de la otra historia que está viendo."})
	}
	return nil
}

func badDuplicate(message string) error {
	return problem.Invalid(map[string]string{"duplicado": message})
}

// checkPair reports whether what two documents lead to may be merged at all.
func checkPair(survivor, duplicate record.Record) error {
	switch {
	case survivor.Merged():
		return survivor.Closed()
	case duplicate.Of == survivor.ID:
		return badDuplicate("Es la misma historia.")
	case duplicate.ID == survivor.ID:
		return problem.Conflict("La historia %s ya está unida a esta.", duplicate.Of).With("documento_id", survivor.ID)
	case duplicate.Merged():
		return problem.Conflict("La historia %s ya se unió a la %s. Si también es la misma persona, una esa, o deshaga primero esa unión.",
			duplicate.Of, duplicate.ID).With("documento_id", duplicate.ID)
	}
	return nil
}

// pair is two records, locked, with what decides on merging them.
type pair struct {
	survivor, duplicate api.Patient
	into                []string // the records merged into the survivor
	under               []string // those merged into the duplicate
	admission           int64    // number of an open admission of the duplicate; 0 when it has none
}

// check reports why the duplicate cannot be merged into the survivor, in the
// versions that the caller saw. A duplicateVersion of 0 is whatever there is.
func (p pair) check(seen service.Versions, duplicateVersion int) error {
	into, of := p.survivor.DocumentoID, p.duplicate.DocumentoID
	switch {
	case p.survivor.FusionadoEn != nil:
		return record.Closed(into, *p.survivor.FusionadoEn)
	case p.duplicate.FusionadoEn != nil:
		return problem.Conflict("La historia %s ya se unió a la %s.", of, *p.duplicate.FusionadoEn).With("documento_id", *p.duplicate.FusionadoEn)
	case !seen.Has(p.survivor.Version):
		return problem.Stale().With("version", p.survivor.Version)
	case duplicateVersion != 0 && duplicateVersion != p.duplicate.Version:
		return problem.Stale().With("version_duplicado", p.duplicate.Version)
	case len(p.under) > 0:
		return problem.Conflict("La historia %s tiene otras unidas a ella: conserve esa, o deshaga primero esas uniones.", of).
			With("documento_id", of).With("incluye", p.under)
	case len(p.into) >= maxMerged:
		return problem.Conflict("A una historia se unen como máximo %d.", maxMerged)
	case p.admission != 0:
		return problem.Conflict("La historia %s tiene abierta la admisión %d: ciérrela primero, o conserve esa historia.", of, p.admission).
			With("documento_id", of).With("numero", p.admission)
	}
	return nil
}

// checkApart reports why a merge cannot be undone.
func (p pair) checkApart(seen service.Versions) error {
	switch {
	case p.duplicate.FusionadoEn == nil || *p.duplicate.FusionadoEn != p.survivor.DocumentoID:
		return notMerged()
	case !seen.Has(p.survivor.Version):
		return problem.Stale().With("version", p.survivor.Version)
	}
	return nil
}

// differences names the fields in which two records differ, in the order of
// their names on the wire.
func differences(a, b api.Demographics) ([]string, error) {
	one, err := members(a)
	if err != nil {
		return nil, err
	}
	other, err := members(b)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for name := range one {
		if !reflect.DeepEqual(one[name], other[name]) {
			names = append(names, name)
		}
	}
	for name := range other {
		if _, ok := one[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func members(d api.Demographics) (map[string]any, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("compare records: %w", err)
	}
	var m map[string]any
	return m, json.Unmarshal(b, &m)
}
