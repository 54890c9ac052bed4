-- +goose Up
-- Merging of duplicate records (FHIR R4 Patient.link; HL7 v2 A40), which can be
-- undone. No row of a chart moves: the duplicate stays under its own
-- documento_id and points to the record that goes on (paciente.fusionado_en).
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_unsafe_triggers = on;

-- A document leads to the record in documento_id. origen is the record that it
-- was given to, while that one is merged into another. partes are the records
-- merged into the one that the document leads to, so that whoever looks it up
-- knows at once of how many records the chart is made.
ALTER TABLE historia_clinica.identificador ADD COLUMN origen text;
ALTER TABLE historia_clinica.identificador ADD COLUMN partes text[] NOT NULL DEFAULT '{}';
CREATE INDEX identificador_origen ON historia_clinica.identificador (origen) WHERE origen IS NOT NULL;

-- Who merged duplicado into documento_id, when and why, and who undid it.
CREATE TABLE historia_clinica.fusion (
  documento_id        text NOT NULL,
  id                  uuid NOT NULL,
  duplicado           text NOT NULL CHECK (duplicado <> documento_id),
  motivo              text NOT NULL,
  en                  timestamptz NOT NULL,
  usuario_id          uuid NOT NULL,
  usuario_nombre      text NOT NULL,
  deshecha_en         timestamptz CHECK (deshecha_en >= en),
  deshecha_por        uuid,
  deshecha_por_nombre text NOT NULL DEFAULT '',
  deshecha_motivo     text NOT NULL DEFAULT '',
  PRIMARY KEY (documento_id, id)
);
SELECT historia_clinica.distribuir('fusion', 'documento_id', 'paciente');
CREATE UNIQUE INDEX fusion_vigente ON historia_clinica.fusion (documento_id, duplicado) WHERE deshecha_en IS NULL;

-- All that may still happen to a merge is that it is undone, once.
-- +goose StatementBegin
CREATE FUNCTION historia_clinica.fusion_solo_se_deshace() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.deshecha_en IS NULL AND NEW.deshecha_en IS NOT NULL
     AND (to_jsonb(NEW) - '{deshecha_en,deshecha_por,deshecha_por_nombre,deshecha_motivo}'::text[])
       = (to_jsonb(OLD) - '{deshecha_en,deshecha_por,deshecha_por_nombre,deshecha_motivo}'::text[]) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'una fusión solo se deshace' USING ERRCODE = 'HC001';
END $$;
-- +goose StatementEnd

CREATE TRIGGER fusion_solo_se_deshace BEFORE UPDATE OR DELETE ON historia_clinica.fusion
  FOR EACH ROW EXECUTE FUNCTION historia_clinica.fusion_solo_se_deshace();
CREATE TRIGGER fusion_no_se_vacia BEFORE TRUNCATE ON historia_clinica.fusion
  FOR EACH STATEMENT EXECUTE FUNCTION historia_clinica.inmutable();

-- The records, besides its own, whose entries a document holds: it is given only
-- to whoever may read them all.
ALTER TABLE historia_clinica.documento_pdf ADD COLUMN partes text[] NOT NULL DEFAULT '{}';

GRANT SELECT, INSERT ON historia_clinica.fusion TO hce_patient;
GRANT UPDATE (deshecha_en, deshecha_por, deshecha_por_nombre, deshecha_motivo) ON historia_clinica.fusion TO hce_patient;
