-- +goose Up
-- Notes: FHIR Composition, with what a note carries. A draft keeps its
-- structured parts in borrador; signing writes them out as rows of their own.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_unsafe_triggers = on;

CREATE TABLE historia_clinica.nota (
  documento_id     text NOT NULL,
  id               uuid NOT NULL,
  admision_id      uuid NOT NULL,
  version          integer NOT NULL DEFAULT 1,
  tipo             text NOT NULL CHECK (tipo IN ('ingreso', 'evolucion', 'interconsulta', 'egreso', 'enfermeria')),
  estado           text NOT NULL CHECK (estado IN ('borrador', 'firmada', 'anulada')),
  fecha_atencion   timestamptz NOT NULL,
  fecha_registro   timestamptz NOT NULL,
  actualizado_en   timestamptz NOT NULL,
  autor_id         uuid NOT NULL,
  autor_nombre     text NOT NULL,
  autor_registro   text NOT NULL DEFAULT '',
  autor_especialidad text NOT NULL DEFAULT '',
  motivo_consulta             text NOT NULL DEFAULT '',
  enfermedad_actual           text NOT NULL DEFAULT '',
  antecedentes_personales     text NOT NULL DEFAULT '',
  antecedentes_familiares     text NOT NULL DEFAULT '',
  alergias                    text NOT NULL DEFAULT '',
  habitos                     text NOT NULL DEFAULT '',
  medicamentos_actuales       text NOT NULL DEFAULT '',
  examen_fisico_general       text NOT NULL DEFAULT '',
  examen_fisico_sistemas      text NOT NULL DEFAULT '',
  impresion_diagnostica       text NOT NULL DEFAULT '',
  conducta_plan_manejo        text NOT NULL DEFAULT '',
  recomendaciones             text NOT NULL DEFAULT '',
  medicos_interconsultados    text NOT NULL DEFAULT '',
  procedimientos_realizados   text NOT NULL DEFAULT '',
  resultados_examenes         text NOT NULL DEFAULT '',
  diagnostico_definitivo      text NOT NULL DEFAULT '',
  evolucion_medica            text NOT NULL DEFAULT '',
  tratamiento_instaurado      text NOT NULL DEFAULT '',
  formulacion_medica          text NOT NULL DEFAULT '',
  educacion_paciente          text NOT NULL DEFAULT '',
  referencia_contrareferencia text NOT NULL DEFAULT '',
  borrador         jsonb,
  firmada_en       timestamptz,
  firma_sha256     bytea,
  firma            bytea,
  firma_clave_id   text NOT NULL DEFAULT '',
  firma_paciente   text NOT NULL DEFAULT '',
  anulada_en       timestamptz,
  anulada_motivo   text NOT NULL DEFAULT '',
  PRIMARY KEY (documento_id, id),
  CHECK ((estado = 'borrador') = (firmada_en IS NULL))
);
SELECT historia_clinica.distribuir('nota', 'documento_id', 'paciente');
ALTER TABLE historia_clinica.nota ADD CONSTRAINT nota_admision_fk
  FOREIGN KEY (documento_id, admision_id) REFERENCES historia_clinica.admision (documento_id, id);
CREATE INDEX nota_fecha ON historia_clinica.nota (documento_id, fecha_atencion DESC, id DESC);
CREATE INDEX nota_borrador ON historia_clinica.nota (autor_id, actualizado_en) WHERE estado = 'borrador';

-- The canonical content (RFC 8785) that a signature covers, byte for byte.
CREATE TABLE historia_clinica.nota_version (
  documento_id text NOT NULL,
  nota_id      uuid NOT NULL,
  version      integer NOT NULL,
  contenido    bytea NOT NULL,
  creado_en    timestamptz NOT NULL,
  PRIMARY KEY (documento_id, nota_id, version)
);
SELECT historia_clinica.distribuir('nota_version', 'documento_id', 'paciente');
ALTER TABLE historia_clinica.nota_version ADD CONSTRAINT nota_version_nota_fk
  FOREIGN KEY (documento_id, nota_id) REFERENCES historia_clinica.nota (documento_id, id);

CREATE TABLE historia_clinica.adenda (
  documento_id   text NOT NULL,
  nota_id        uuid NOT NULL,
  id             uuid NOT NULL,
  en             timestamptz NOT NULL,
  autor_id       uuid NOT NULL,
  autor_nombre   text NOT NULL,
  autor_registro text NOT NULL DEFAULT '',
  motivo         text NOT NULL CHECK (motivo IN ('correccion', 'aclaracion', 'ampliacion')),
  texto          text NOT NULL,
  hash_previo    bytea NOT NULL,
  firma_sha256   bytea NOT NULL,
  firma          bytea NOT NULL,
  firma_clave_id text NOT NULL,
  PRIMARY KEY (documento_id, nota_id, id)
);
SELECT historia_clinica.distribuir('adenda', 'documento_id', 'paciente');
ALTER TABLE historia_clinica.adenda ADD CONSTRAINT adenda_nota_fk
  FOREIGN KEY (documento_id, nota_id) REFERENCES historia_clinica.nota (documento_id, id);

CREATE TABLE historia_clinica.diagnostico (
  documento_id text NOT NULL,
  id           uuid NOT NULL,
  nota_id      uuid NOT NULL,
  admision_id  uuid NOT NULL,
  orden        smallint NOT NULL,
  cie10        text NOT NULL,
  descripcion  text NOT NULL,
  tipo         text NOT NULL CHECK (tipo IN ('01', '02', '03')),
  rol          text NOT NULL,
  en           timestamptz NOT NULL,
  PRIMARY KEY (documento_id, id)
);
SELECT historia_clinica.distribuir('diagnostico', 'documento_id', 'paciente');
ALTER TABLE historia_clinica.diagnostico ADD CONSTRAINT diagnostico_nota_fk
  FOREIGN KEY (documento_id, nota_id) REFERENCES historia_clinica.nota (documento_id, id);
CREATE INDEX diagnostico_en ON historia_clinica.diagnostico (documento_id, en DESC, id DESC);

-- One row per measurement: codigo is the LOINC code, unidad UCUM.
CREATE TABLE historia_clinica.signo_vital (
  documento_id text NOT NULL,
  id           uuid NOT NULL,
  nota_id      uuid NOT NULL,
  nombre       text NOT NULL,
  codigo       text NOT NULL,
  valor        numeric(9, 3) NOT NULL,
  unidad       text NOT NULL,
  tomado_en    timestamptz NOT NULL,
  tomado_por   text NOT NULL,
  PRIMARY KEY (documento_id, id)
);
SELECT historia_clinica.distribuir('signo_vital', 'documento_id', 'paciente');
ALTER TABLE historia_clinica.signo_vital ADD CONSTRAINT signo_vital_nota_fk
  FOREIGN KEY (documento_id, nota_id) REFERENCES historia_clinica.nota (documento_id, id);
CREATE INDEX signo_vital_en ON historia_clinica.signo_vital (documento_id, tomado_en DESC, id DESC);

CREATE TABLE historia_clinica.alergia (
  documento_id text NOT NULL,
  id           uuid NOT NULL,
  nota_id      uuid,
  tipo         text NOT NULL DEFAULT '',
  sustancia    text NOT NULL,
  reaccion     text NOT NULL DEFAULT '',
  criticidad   text NOT NULL DEFAULT '',
  estado       text NOT NULL CHECK (estado IN ('activa', 'inactiva', 'resuelta', 'niega')),
  registrada_en timestamptz NOT NULL,
  registrada_por text NOT NULL,
  PRIMARY KEY (documento_id, id)
);
SELECT historia_clinica.distribuir('alergia', 'documento_id', 'paciente');

CREATE TABLE historia_clinica.medicamento (
  documento_id text NOT NULL,
  id           uuid NOT NULL,
  nota_id      uuid,
  dci          text NOT NULL,
  cum          text NOT NULL DEFAULT '',
  dosis        text NOT NULL DEFAULT '',
  unidad       text NOT NULL DEFAULT '',
  via          text NOT NULL DEFAULT '',
  frecuencia   text NOT NULL DEFAULT '',
  duracion     text NOT NULL DEFAULT '',
  cantidad     text NOT NULL DEFAULT '',
  estado       text NOT NULL CHECK (estado IN ('activo', 'suspendido', 'terminado')),
  prescrito_en timestamptz NOT NULL,
  prescrito_por text NOT NULL,
  PRIMARY KEY (documento_id, id)
);
SELECT historia_clinica.distribuir('medicamento', 'documento_id', 'paciente');

-- A laboratory's result. Its id is derived from the event that brought it, so
-- that the same event twice is one row.
CREATE TABLE historia_clinica.resultado (
  documento_id   text NOT NULL,
  id             uuid NOT NULL,
  admision_id    uuid,
  cups           text NOT NULL DEFAULT '',
  loinc          text NOT NULL DEFAULT '',
  nombre         text NOT NULL,
  valor          text NOT NULL,
  valor_tipo     text NOT NULL CHECK (valor_tipo IN ('numero', 'texto', 'codigo')),
  unidad         text NOT NULL DEFAULT '',
  rango          text NOT NULL DEFAULT '',
  interpretacion text NOT NULL DEFAULT '',
  estado         text NOT NULL CHECK (estado IN ('registered', 'preliminary', 'final', 'corrected')),
  tomado_en      timestamptz,
  emitido_en     timestamptz NOT NULL,
  emisor         text NOT NULL,
  version        integer NOT NULL DEFAULT 1,
  visto_por      text NOT NULL DEFAULT '',
  visto_en       timestamptz,
  PRIMARY KEY (documento_id, id)
);
SELECT historia_clinica.distribuir('resultado', 'documento_id', 'paciente');
CREATE INDEX resultado_en ON historia_clinica.resultado (documento_id, emitido_en DESC, id DESC);

-- A signed note is immutable; all that may still happen to it is annulment.
-- +goose StatementBegin
CREATE FUNCTION historia_clinica.nota_inmutable() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' OR TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'una nota no se borra' USING ERRCODE = 'HC001';
  END IF;
  IF OLD.estado = 'borrador' THEN
    RETURN NEW;
  END IF;
  IF OLD.estado = 'firmada' AND NEW.estado = 'anulada'
     AND (to_jsonb(NEW) - '{estado,version,anulada_en,anulada_motivo,actualizado_en}'::text[])
       = (to_jsonb(OLD) - '{estado,version,anulada_en,anulada_motivo,actualizado_en}'::text[]) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'una nota firmada no se modifica' USING ERRCODE = 'HC001';
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION historia_clinica.inmutable() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'lo firmado no se modifica' USING ERRCODE = 'HC001';
END $$;
-- +goose StatementEnd

CREATE TRIGGER nota_inmutable BEFORE UPDATE OR DELETE ON historia_clinica.nota
  FOR EACH ROW EXECUTE FUNCTION historia_clinica.nota_inmutable();
CREATE TRIGGER nota_no_se_vacia BEFORE TRUNCATE ON historia_clinica.nota
  FOR EACH STATEMENT EXECUTE FUNCTION historia_clinica.nota_inmutable();
CREATE TRIGGER nota_version_inmutable BEFORE UPDATE OR DELETE ON historia_clinica.nota_version
  FOR EACH ROW EXECUTE FUNCTION historia_clinica.inmutable();
CREATE TRIGGER adenda_inmutable BEFORE UPDATE OR DELETE ON historia_clinica.adenda
  FOR EACH ROW EXECUTE FUNCTION historia_clinica.inmutable();
CREATE TRIGGER diagnostico_inmutable BEFORE UPDATE OR DELETE ON historia_clinica.diagnostico
  FOR EACH ROW EXECUTE FUNCTION historia_clinica.inmutable();
CREATE TRIGGER signo_vital_inmutable BEFORE UPDATE OR DELETE ON historia_clinica.signo_vital
  FOR EACH ROW EXECUTE FUNCTION historia_clinica.inmutable();
CREATE TRIGGER auditoria_inmutable BEFORE UPDATE OR DELETE ON historia_clinica.auditoria
  FOR EACH ROW EXECUTE FUNCTION historia_clinica.inmutable();

GRANT SELECT, INSERT, UPDATE ON historia_clinica.nota TO hce_notes;
GRANT SELECT, INSERT ON historia_clinica.nota_version TO hce_notes;
GRANT SELECT, INSERT ON historia_clinica.adenda TO hce_notes;
GRANT SELECT, INSERT ON historia_clinica.diagnostico TO hce_notes;
GRANT SELECT, INSERT ON historia_clinica.signo_vital TO hce_notes;
GRANT SELECT, INSERT, UPDATE ON historia_clinica.alergia TO hce_notes;
GRANT SELECT, INSERT, UPDATE ON historia_clinica.medicamento TO hce_notes;
GRANT SELECT, INSERT, UPDATE ON historia_clinica.resultado TO hce_notes;

-- The relation of a médico to a patient is read from their notes.
GRANT SELECT (documento_id, id, autor_id, estado) ON historia_clinica.nota TO hce_patient;
GRANT SELECT (documento_id, id, autor_id, estado) ON historia_clinica.nota TO hce_admission;
GRANT SELECT ON historia_clinica.nota TO hce_pdf_export;
GRANT SELECT ON historia_clinica.nota_version TO hce_pdf_export;
GRANT SELECT ON historia_clinica.adenda TO hce_pdf_export;
GRANT SELECT ON historia_clinica.diagnostico TO hce_pdf_export;
GRANT SELECT ON historia_clinica.signo_vital TO hce_pdf_export;
GRANT SELECT ON historia_clinica.alergia TO hce_pdf_export, hce_patient;
GRANT SELECT ON historia_clinica.medicamento TO hce_pdf_export;
GRANT SELECT ON historia_clinica.resultado TO hce_pdf_export;
