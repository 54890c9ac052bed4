package pdfexport

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/civil"
	"hce.co/shared/crockford"
	"hce.co/shared/ident"
)

// squeeze drops the spaces, so that it does not matter where lines break.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// textOf returns the text of a PDF in the order in which it was drawn, without
// spaces.
func textOf(t testing.TB, pdf []byte) string {
	t.Helper()
	path, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Fatal("pdftotext (poppler-utils) is needed to read the documents back")
	}
	cmd := exec.Command(path, "-raw", "-enc", "UTF-8", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return squeeze(string(out))
}

// printed says how a column is printed where that is not as it is stored; ""
// for what is not printed.
var printed = map[string]string{
	"paciente.actualizado_por": "", "paciente.nombre_busqueda": "", "paciente.nombre_orden": "", "paciente.version": "versión 3",
	"paciente.tipo_documento": "Cédula de ciudadanía (CC)", "paciente.fecha_nacimiento": "29/02/1984, 14:35", "paciente.sexo_biologico": "Mujer",
	"paciente.identidad_genero": "Femenino", "paciente.nacionalidades": "Colombia, Venezuela", "paciente.municipio": "Bogotá, D. C. (11001)",
	"paciente.departamento": "Bogotá, D. C. (11)", "paciente.pais": "Colombia", "paciente.zona": "Urbana", "paciente.etnia": "Indígena",
	"paciente.discapacidades": "Visual", "paciente.estado_civil": "Unión libre", "paciente.factor_rh": "O negativo (−)",
	"paciente.entidad_codigo": "Nueva EPS (EPS037)", "paciente.regimen_afiliacion": "Contributivo",
	"paciente.tipo_usuario":        "Contributivo cotizante (01)",
	"paciente.contacto_emergencia": "Óscar Peña · Hermano(a) 320 555 0111", "paciente.responsable": "Blanca Rodríguez · Madre 311 555 0122",
	"paciente.voluntad_anticipada": "Sí · 04/05/2023 · No reanimación", "paciente.oposicion_donacion": "Sí · 06/05/2023 · Notaría 19",

	"admision.documento_id": "", "admision.profesional_id": "", "admision.admitido_por": "", "admision.creado_en": "",
	"admision.version": "· versión 4", "admision.clase": "Hospitalización", "admision.estado": "Terminada",
	"admision.via_ingreso": "Demanda espontánea (01)", "admision.causa_motivo": "Enfermedad general (38)",
	"admision.finalidad": "Tratamiento (16)", "admision.modalidad": "Intramural (01)", "admision.grupo_servicios": "Internación (03)",
	"admision.entorno": "Institucional (05)", "admision.servicio": "Hospitalización adultos (129)",
	"admision.triage_nivel": "Nivel II", "admision.acompanante": "Óscar Peña · Hermano(a) 320 555 0111",
	"admision.eapb_codigo": "Nueva EPS (EPS037)", "admision.tipo_usuario": "Contributivo beneficiario (02)",
	"admision.condicion_egreso": "Derivado o referido a hospitalización domiciliaria (06)", "admision.estado_egreso": "Vivo",

	"nota.documento_id": "", "nota.admision_id": "", "nota.actualizado_en": "", "nota.autor_id": "", "nota.firma": "",
	"nota.version": "· versión 5", "nota.tipo": "Nota de ingreso", "nota.estado": "Firmada",
	"nota.firma_sha256": strings.Repeat("ab12", 16), "nota.firmada_en": "14/11/2026 09:21:00 -05:00",

	"adenda.documento_id": "", "adenda.nota_id": "", "adenda.autor_id": "", "adenda.firma": "", "adenda.motivo": "Corrección",
	"adenda.hash_previo": strings.Repeat("cd34", 16), "adenda.firma_sha256": strings.Repeat("ef56", 16),

	"diagnostico.documento_id": "", "diagnostico.id": "", "diagnostico.nota_id": "", "diagnostico.admision_id": "", "diagnostico.orden": "",
	"diagnostico.tipo": "Confirmado nuevo", "diagnostico.rol": "Principal", "diagnostico.en": "14/11/2026",

	"alergia.documento_id": "", "alergia.id": "", "alergia.nota_id": "", "alergia.tipo": "Medicamento", "alergia.criticidad": "Alta",
	"alergia.estado": "Activa", "alergia.registrada_en": "03/06/2025",

	"medicamento.documento_id": "", "medicamento.id": "", "medicamento.nota_id": "", "medicamento.prescrito_en": "",

	"resultado.documento_id": "", "resultado.id": "", "resultado.admision_id": "", "resultado.loinc": "902210 · LOINC 6690-2", "resultado.valor_tipo": "",
	"resultado.interpretacion": "Alto", "resultado.estado": "Definitivo", "resultado.valor": "16,8 ▲",
}

// expect asks that every column of a row stands in the text.
func expect(t *testing.T, text, table string, r row) {
	t.Helper()
	for column, value := range r {
		want, known := printed[table+"."+column]
		if known && want == "" {
			continue
		}
		if !known {
			want = fmt.Sprint(value)
			if at, ok := value.(time.Time); ok {
				want = at.In(civil.Zone).Format("02/01/2006 15:04")
			}
		}
		if !strings.Contains(text, squeeze(want)) {
			t.Errorf("%s.%s: %q is not in the document", table, column, want)
		}
	}
}

func TestTheDocumentHoldsEveryField(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	w.insert("nota", draft(s))
	annulled := w.insert("nota", noteFixture(s.id, s.admission.id()).with("tipo", "enfermeria", "estado", "anulada", "motivo_consulta",
		"Paciente equivocado", "anulada_en", bogota("2026-11-15 07:02"), "anulada_motivo", "Registrada por error"))
	w.insert("diagnostico", s.diagnosis.with("id", ident.NewID(), "nota_id", annulled.id(), "cie10", "Z99.9", "descripcion", "Diagnóstico anulado"))
	w.insert("alergia", s.allergy.with("id", ident.NewID(), "nota_id", annulled.id(), "sustancia", "Látex de la nota anulada"))
	w.insert("medicamento", s.active.with("id", ident.NewID(), "nota_id", annulled.id(), "dci", "Warfarina de la nota anulada"))
	w.insert("resultado_version", row{"documento_id": s.id, "resultado_id": s.result.id(), "version": 1, "hasta": bogota("2026-11-14 08:30"),
		"contenido": map[string]string{"valor": "168", "unidad": "10*3/uL"}})
	a := w.send(clerk, "GET", "/exportar_pdf/"+s.id, "")
	if a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if dir := os.Getenv("HCE_TEST_KEEP"); dir != "" { // to look at the pages
		if err := os.WriteFile(filepath.Join(dir, "historia.pdf"), a.body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := textOf(t, a.body)
	for table, r := range map[string]row{
		"paciente": s.patient, "admision": s.admission, "nota": s.note, "adenda": s.addendum, "diagnostico": s.diagnosis, "alergia": s.allergy,
		"resultado": s.result,
	} {
		expect(t, text, table, r)
	}
	expect(t, text, "medicamento", s.active.with("via", "Oral", "estado", "Activo"))
	expect(t, text, "medicamento", s.past.with("via", "Intravenosa", "estado", "Terminado"))
	for _, want := range []string{
		"Hospital de la Prueba", "NIT 899.999.123-4", "110010912301", "Carrera 8 # 0-55", // letterhead
		"148 ▲", "86", "38,6 ▲", "68,45", "perímetro abdominal: 92,5 cm", "Yeimy Cuesta", // vitals
		"Urgencias OBS-12 14/11/2026 07:05 14/11/2026 19:30", "Hospitalización adultos 418-B 14/11/2026 19:30 20/11/2026 12:15", // stays
		"En espera 14/11/2026 06:40 Usuario 1", "En curso 14/11/2026 07:05 Usuario 2 · Nivel II. Se agravó", "Terminada 20/11/2026 12:15 Usuario 4", // states
		"Comentario: hasta el 14/11/2026 08:30 decía 168 10*3/uL", // the result before its correction
		"ANULADA", "Registrada por error", "Paciente equivocado", "Diagnóstico anulado",
	} {
		if !strings.Contains(text, squeeze(want)) {
			t.Errorf("%q is not in the document", want)
		}
	}
	for _, never := range []string{"SECRETO DEL BORRADOR", "Solicitado por", "Látex"} {
		if strings.Contains(text, squeeze(never)) {
			t.Errorf("%q is in the document", never)
		}
	}
	// The diagnosis of the annulled note stands in the note, not among the problems.
	if n := strings.Count(text, squeeze("Diagnóstico anulado")); n != 1 {
		t.Errorf("the annulled diagnosis appears %d times", n)
	}
	if n := strings.Count(text, "Warfarina"); n != 1 {
		t.Errorf("the annulled prescription appears %d times, want 1: in its note", n)
	}
	if n := strings.Count(text, squeeze("Neumonía, no especificada")); n != 2 {
		t.Errorf("the diagnosis in force appears %d times, want 2: problem list and note", n)
	}
	j, found, err := one(t.Context(), w.root, `SELECT `+jobColumns+` FROM historia_clinica.documento_pdf WHERE documento_id = $1`, s.id)
	if err != nil || !found || !strings.Contains(text, squeeze("https://hce.example.co/verificar/"+crockford.Show(j.Codigo))) {
		t.Errorf("the verification address is not in the document (%v)", err)
	}
}

func TestADocumentOfAPeriod(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	later := w.insert("admision", admissionFixture(s.id).with("inicio", bogota("2026-11-21 00:10"), "fin", nil, "estado", "in-progress",
		"clase", "AMB", "num_autorizacion", "AUT-SEGUNDA"))
	// 23:30 in Bogotá is the next day in UTC.
	w.insert("nota", noteFixture(s.id, later.id()).with("fecha_atencion", bogota("2026-11-21 23:30"), "motivo_consulta", "NOTA DEL VEINTIUNO"))
	w.insert("nota", noteFixture(s.id, later.id()).with("fecha_atencion", bogota("2026-11-22 00:00"), "motivo_consulta", "NOTA DEL VEINTIDOS"))
	w.insert("resultado", s.result.with("id", ident.NewID(), "emitido_en", bogota("2026-11-21 12:00"), "nombre", "Potasio sérico"))
	text := textOf(t, w.send(clerk, "GET", "/exportar_pdf/"+s.id+"?desde=2026-11-21&hasta=2026-11-21", "").body)
	for want, in := range map[string]bool{
		"del 21/11/2026 al 21/11/2026": true, "NOTA DEL VEINTIUNO": true, "NOTA DEL VEINTIDOS": false, "AUT-SEGUNDA": true, "AUT-99381274": false,
		"Potasio sérico": true, "Leucocitos": false, "Penicilina G": true, "Texto de motivo consulta": false,
	} {
		if strings.Contains(text, squeeze(want)) != in {
			t.Errorf("%q is in the document: %v, want %v", want, !in, in)
		}
	}
}

func TestEpicrisisAndOneNote(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	w.insert("nota", noteFixture(s.id, s.admission.id()).with("tipo", "egreso", "evolucion_medica", "RESUMEN DEL EGRESO"))
	epicrisis := textOf(t, w.send(clerk, "GET", "/exportar_pdf/"+s.id+"?tipo="+api.Epicrisis, "").body)
	if !strings.Contains(epicrisis, squeeze("RESUMEN DEL EGRESO")) || strings.Contains(epicrisis, squeeze("Nota de ingreso")) ||
		!strings.Contains(epicrisis, "AUT-99381274") {
		t.Error("the epicrisis does not hold the discharge note with its admission, and that alone")
	}
	note := textOf(t, w.send(clerk, "GET", "/exportar_pdf/"+s.id+"?tipo=nota&nota_id="+s.note.id().String(), "").body)
	if strings.Contains(note, squeeze("RESUMEN DEL EGRESO")) || !strings.Contains(note, squeeze("Nota de ingreso")) {
		t.Error("the document of a note does not hold that note, and that alone")
	}
	if a := w.send(clerk, "GET", "/exportar_pdf/"+s.id+"?tipo=nota&nota_id="+draftOf(w, s), ""); a.status != 404 {
		t.Errorf("a draft: %d", a.status)
	}
}

func draftOf(w *world, s story) string { return w.insert("nota", draft(s)).id().String() }

func TestPatientsSayOutLoudThatTheyHaveNoAllergies(t *testing.T) {
	w := newWorld(t)
	id := w.patient()["documento_id"].(string)
	text := textOf(t, w.send(clerk, "GET", "/exportar_pdf/"+id, "").body)
	if !strings.Contains(text, squeeze("SIN INFORMACIÓN")) {
		t.Error("an unknown allergy status does not say so")
	}
	w.insert("alergia", row{"documento_id": id, "id": ident.NewID(), "sustancia": "", "estado": "niega",
		"registrada_en": bogota("2026-01-02 10:00"), "registrada_por": "Carlos Mosquera"})
	text = textOf(t, w.send(clerk, "GET", "/exportar_pdf/"+id, "").body)
	if !strings.Contains(text, squeeze("NIEGA ALERGIAS")) || !strings.Contains(text, squeeze("02/01/2026 10:00 · Carlos Mosquera")) {
		t.Error("the denial is not in the document")
	}
}
