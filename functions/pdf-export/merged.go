package pdfexport

import (
	"slices"
	"time"
)

// add puts what another record of the same chart holds with what this one does,
// in the order that the queries give: oldest first.
func (s *snapshot) add(other snapshot) {
	of := other.Paciente.DocumentoID
	s.unidas = append(s.unidas, of)
	s.Documentos = append(append(s.Documentos, documentRow{other.Paciente.TipoDocumento, other.Paciente.NumeroDocumento}), other.Documentos...)
	for i := range other.Notas {
		other.Notas[i].historia = of
	}
	for i := range other.Admisiones {
		other.Admisiones[i].historia = of
	}
	s.Alergias = ordered(s.Alergias, other.Alergias, func(r allergyRow) time.Time { return r.RegistradaEn })
	s.Medicamentos = ordered(s.Medicamentos, other.Medicamentos, func(r medicationRow) time.Time { return r.PrescritoEn })
	s.Admisiones = ordered(s.Admisiones, other.Admisiones, func(r admissionRow) time.Time { return r.Inicio })
	s.Movimientos = ordered(s.Movimientos, other.Movimientos, func(r movementRow) time.Time { return r.En })
	s.Notas = ordered(s.Notas, other.Notas, func(r noteRow) time.Time { return r.FechaAtencion })
	s.Adendas = ordered(s.Adendas, other.Adendas, func(r addendumRow) time.Time { return r.En })
	s.Diagnosticos = ordered(s.Diagnosticos, other.Diagnosticos, func(r diagnosisRow) time.Time { return r.En })
	s.Signos = ordered(s.Signos, other.Signos, func(r vitalRow) time.Time { return r.TomadoEn })
	s.Resultados = ordered(s.Resultados, other.Resultados, func(r resultRow) time.Time { return r.EmitidoEn })
	s.Correcciones = append(s.Correcciones, other.Correcciones...) // those of one result stay together
}

// ordered joins two lists by their instants.
func ordered[T any](a, b []T, at func(T) time.Time) []T {
	all := slices.Concat(a, b)
	slices.SortStableFunc(all, func(x, y T) int { return at(x).Compare(at(y)) })
	return all
}
