-- +goose Up
-- CIE-10: a code table, on every node. sexo and the ages (years) are what a
-- plausibility check needs; empty means any.
CREATE TABLE historia_clinica.cie10 (
  codigo      text NOT NULL PRIMARY KEY,
  descripcion text NOT NULL,
  busqueda    text NOT NULL,
  sexo        text NOT NULL DEFAULT '',
  edad_min    smallint,
  edad_max    smallint,
  vigente     boolean NOT NULL DEFAULT true
);
SELECT historia_clinica.replicar('cie10');
CREATE INDEX cie10_busqueda_trgm ON historia_clinica.cie10 USING gin (busqueda gin_trgm_ops);
GRANT SELECT ON historia_clinica.cie10 TO hce_notes, hce_pdf_export;
