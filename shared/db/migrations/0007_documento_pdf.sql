-- +goose Up
-- Exports: FHIR DocumentReference.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';

CREATE TABLE historia_clinica.documento_pdf (
  documento_id   text NOT NULL,
  id             uuid NOT NULL,
  tipo           text NOT NULL CHECK (tipo IN ('historia', 'epicrisis', 'nota')),
  filtros        jsonb NOT NULL DEFAULT '{}',
  solicitado_por uuid NOT NULL,
  solicitado_por_nombre text NOT NULL,
  motivo         text NOT NULL DEFAULT '',
  estado         text NOT NULL CHECK (estado IN ('solicitado', 'generando', 'listo', 'fallido', 'revocado')),
  progreso       smallint NOT NULL DEFAULT 0,
  intentos       smallint NOT NULL DEFAULT 0,
  error          text NOT NULL DEFAULT '',
  huella         bytea,
  paginas        integer,
  bytes          integer,
  sha256         bytea,
  codigo_verificacion text NOT NULL,
  firma          bytea,
  creado         timestamptz NOT NULL,
  tomado         timestamptz,
  listo          timestamptz,
  expira         timestamptz,
  PRIMARY KEY (documento_id, id)
);
SELECT historia_clinica.distribuir('documento_pdf', 'documento_id', 'paciente');
ALTER TABLE historia_clinica.documento_pdf ADD CONSTRAINT documento_pdf_paciente_fk
  FOREIGN KEY (documento_id) REFERENCES historia_clinica.paciente (documento_id);
CREATE INDEX documento_pdf_creado ON historia_clinica.documento_pdf (documento_id, creado DESC, id DESC);
CREATE INDEX documento_pdf_pendiente ON historia_clinica.documento_pdf (creado)
  WHERE estado IN ('solicitado', 'generando');

-- The file itself, beside its row so that lists stay light.
CREATE TABLE historia_clinica.documento_pdf_contenido (
  documento_id text NOT NULL,
  id           uuid NOT NULL,
  contenido    bytea NOT NULL,
  PRIMARY KEY (documento_id, id)
);
-- A PDF is compressed already.
ALTER TABLE historia_clinica.documento_pdf_contenido ALTER COLUMN contenido SET STORAGE EXTERNAL;
SELECT historia_clinica.distribuir('documento_pdf_contenido', 'documento_id', 'paciente');

-- Where a printed copy's code leads; the code is all that its bearer knows.
CREATE TABLE historia_clinica.verificacion (
  codigo       text NOT NULL PRIMARY KEY,
  documento_id text NOT NULL,
  pdf_id       uuid NOT NULL
);
SELECT historia_clinica.distribuir('verificacion', 'codigo', 'none');

GRANT SELECT, INSERT, UPDATE ON historia_clinica.documento_pdf TO hce_pdf_export;
GRANT SELECT, INSERT, DELETE ON historia_clinica.documento_pdf_contenido TO hce_pdf_export;
GRANT SELECT, INSERT ON historia_clinica.verificacion TO hce_pdf_export;
