package schema_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hce.co/shared/event"
	"hce.co/shared/event/schema"
)

func TestWhatOurTypesMakeIsValid(t *testing.T) {
	id, now := uuid.Must(uuid.NewV7()), time.Now()
	const doc = "CC-1032456789"
	for typ, data := range map[string]any{
		event.PatientRegistered: event.PatientRegisteredData{DocumentoID: doc},
		event.AdmissionOpened:   event.AdmissionData{DocumentoID: doc, AdmisionID: id, Clase: "AMB"},
		event.AdmissionClosed:   event.AdmissionData{DocumentoID: doc, AdmisionID: id, Clase: "IMP", Servicio: "129"},
		event.NoteSigned:        event.NoteSignedData{DocumentoID: doc, NotaID: id, AdmisionID: id, Tipo: "egreso"},
		event.PDFRequested:      event.PDFData{DocumentoID: doc},
		event.PDFReady:          event.PDFData{DocumentoID: doc, PDFID: &id, Tipo: "historia"},
		event.PDFFailed:         event.PDFData{DocumentoID: doc, PDFID: &id, Motivo: "sin espacio"},
		event.ResultIssued: event.ResultData{
			DocumentoID: doc, ResultadoID: &id, AdmisionID: &id, CUPS: "902210", LOINC: "718-7", Nombre: "Hemoglobina", Valor: 13.2,
			ValorTipo: "numero", Unidad: "g/dL", Rango: "12-16", Interpretacion: "N", Estado: "final", TomadoEn: &now, EmitidoEn: &now,
		},
	} {
		b, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Check(typ, b); err != nil {
			t.Errorf("%s: %v", typ, err)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	for name, test := range map[string]struct{ data, want string }{
		"no JSON":             {`{`, "no son JSON"},
		"no object":           {`[]`, "data: el tipo de dato no es el esperado."},
		"missing":             {`{"documento_id":"CC-123456"}`, "falta nombre, valor"},
		"unknown field":       {`{"documento_id":"CC-123456","nombre":"x","valor":1,"nota":"libre"}`, "no se conoce el campo nota"},
		"wrong type":          {`{"documento_id":"CC-123456","nombre":1,"valor":1}`, "nombre: el tipo de dato"},
		"value is an object":  {`{"documento_id":"CC-123456","nombre":"x","valor":{}}`, "valor: el tipo de dato"},
		"value empty":         {`{"documento_id":"CC-123456","nombre":"x","valor":""}`, "valor: está vacío."},
		"no code of the list": {`{"documento_id":"CC-123456","nombre":"x","valor":1,"estado":"lista"}`, "estado: no es uno"},
		"no instant":          {`{"documento_id":"CC-123456","nombre":"x","valor":1,"emitido_en":"ayer"}`, "emitido_en: no tiene el formato"},
		"no uuid":             {`{"documento_id":"CC-123456","nombre":"x","valor":1,"resultado_id":"7"}`, "resultado_id: no tiene el formato"},
		"no record":           {`{"documento_id":"lo que sea","nombre":"x","valor":1}`, "documento_id: no tiene el formato"},
	} {
		var bad *schema.Invalid
		err := schema.Check(event.ResultIssued, []byte(test.data))
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error = %v, want %q", name, err, test.want)
		}
	}
	if err := schema.Check("co.hce.otra.cosa.v1", []byte(`{}`)); !errors.Is(err, schema.ErrType) {
		t.Errorf("unknown type: error = %v", err)
	}
	if err := schema.Check("../schema", []byte(`{}`)); !errors.Is(err, schema.ErrType) {
		t.Errorf("a path is no type: error = %v", err)
	}
}
