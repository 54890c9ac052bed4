-- +goose Up
-- Notes written twice, results that change, events of other systems.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_unsafe_triggers = on;

-- The SHA-256 of what a note was first sent as, so that a retry under the same
-- id can be told from another note.
ALTER TABLE historia_clinica.nota ADD COLUMN huella bytea;

-- The id that another system gave its event; empty for events of ours.
ALTER TABLE historia_clinica.evento_salida ADD COLUMN evento_id text NOT NULL DEFAULT '';

-- Every version of a result that a corrected one has replaced.
CREATE TABLE historia_clinica.resultado_version (
  documento_id text NOT NULL,
  resultado_id uuid NOT NULL,
  version      integer NOT NULL,
  contenido    jsonb NOT NULL,
  hasta        timestamptz NOT NULL,
  PRIMARY KEY (documento_id, resultado_id, version)
);
SELECT historia_clinica.distribuir('resultado_version', 'documento_id', 'paciente');

-- Of an allergy or a medication only the state changes.
-- +goose StatementBegin
CREATE FUNCTION historia_clinica.solo_estado() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'estado') = (to_jsonb(OLD) - 'estado') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'lo firmado no se modifica' USING ERRCODE = 'HC001';
END $$;
-- +goose StatementEnd

CREATE TRIGGER alergia_solo_estado BEFORE UPDATE OR DELETE ON historia_clinica.alergia
  FOR EACH ROW EXECUTE FUNCTION historia_clinica.solo_estado();
CREATE TRIGGER medicamento_solo_estado BEFORE UPDATE OR DELETE ON historia_clinica.medicamento
  FOR EACH ROW EXECUTE FUNCTION historia_clinica.solo_estado();
CREATE TRIGGER resultado_version_inmutable BEFORE UPDATE OR DELETE ON historia_clinica.resultado_version
  FOR EACH ROW EXECUTE FUNCTION historia_clinica.inmutable();

CREATE TRIGGER nota_version_no_se_vacia BEFORE TRUNCATE ON historia_clinica.nota_version
  FOR EACH STATEMENT EXECUTE FUNCTION historia_clinica.inmutable();
CREATE TRIGGER adenda_no_se_vacia BEFORE TRUNCATE ON historia_clinica.adenda
  FOR EACH STATEMENT EXECUTE FUNCTION historia_clinica.inmutable();
CREATE TRIGGER diagnostico_no_se_vacia BEFORE TRUNCATE ON historia_clinica.diagnostico
  FOR EACH STATEMENT EXECUTE FUNCTION historia_clinica.inmutable();
CREATE TRIGGER signo_vital_no_se_vacia BEFORE TRUNCATE ON historia_clinica.signo_vital
  FOR EACH STATEMENT EXECUTE FUNCTION historia_clinica.inmutable();
CREATE TRIGGER alergia_no_se_vacia BEFORE TRUNCATE ON historia_clinica.alergia
  FOR EACH STATEMENT EXECUTE FUNCTION historia_clinica.inmutable();
CREATE TRIGGER medicamento_no_se_vacia BEFORE TRUNCATE ON historia_clinica.medicamento
  FOR EACH STATEMENT EXECUTE FUNCTION historia_clinica.inmutable();
CREATE TRIGGER auditoria_no_se_vacia BEFORE TRUNCATE ON historia_clinica.auditoria
  FOR EACH STATEMENT EXECUTE FUNCTION historia_clinica.inmutable();

-- A code is found by its beginning, whatever the database's collation.
CREATE INDEX cie10_codigo ON historia_clinica.cie10 (codigo text_pattern_ops);

GRANT SELECT, INSERT ON historia_clinica.resultado_version TO hce_notes;
GRANT SELECT ON historia_clinica.resultado_version TO hce_pdf_export;
GRANT SELECT (id, tipos, activo) ON historia_clinica.productor TO hce_notes;
