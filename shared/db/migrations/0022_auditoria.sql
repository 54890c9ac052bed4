-- +goose Up
-- The trail proves that it is whole: each row carries a MAC under a key that
-- the database does not have, seals sign which rows a record has, and anchors
-- sign which seals there are.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_unsafe_triggers = on;

-- Empty for the rows from before.
ALTER TABLE historia_clinica.auditoria ADD COLUMN mac bytea NOT NULL DEFAULT '';

-- Rows come in the order of their time, so that this finds the new ones and
-- costs a write next to nothing.
CREATE INDEX auditoria_en ON historia_clinica.auditoria USING brin (en) WITH (pages_per_range = 16, autosummarize = on);

-- One seal covers rows of one record that no seal covered before.
CREATE TABLE historia_clinica.auditoria_sello (
  documento_id text NOT NULL,
  n            integer NOT NULL,
  ancla        integer NOT NULL,
  en           timestamptz NOT NULL,
  filas        uuid[] NOT NULL,
  raiz         bytea NOT NULL,
  previo       bytea NOT NULL,
  firma        bytea NOT NULL,
  PRIMARY KEY (documento_id, n)
);
SELECT historia_clinica.distribuir('auditoria_sello', 'documento_id', 'paciente');
CREATE INDEX auditoria_sello_en ON historia_clinica.auditoria_sello (documento_id, en);
CREATE INDEX auditoria_sello_ancla ON historia_clinica.auditoria_sello (ancla);

-- One anchor names the seals, "documento_id#n", of one run over all records. On
-- a Citus cluster it stands on the coordinator.
CREATE TABLE historia_clinica.auditoria_ancla (
  n          integer NOT NULL PRIMARY KEY,
  en         timestamptz NOT NULL,
  hasta      timestamptz NOT NULL,
  anteriores bigint NOT NULL,
  sellos     text[] NOT NULL,
  raiz       bytea NOT NULL,
  previo     bytea NOT NULL,
  firma      bytea NOT NULL
);

CREATE TRIGGER auditoria_sello_inmutable BEFORE UPDATE OR DELETE ON historia_clinica.auditoria_sello
  FOR EACH ROW EXECUTE FUNCTION historia_clinica.inmutable();
CREATE TRIGGER auditoria_sello_no_se_vacia BEFORE TRUNCATE ON historia_clinica.auditoria_sello
  FOR EACH STATEMENT EXECUTE FUNCTION historia_clinica.inmutable();
CREATE TRIGGER auditoria_ancla_inmutable BEFORE UPDATE OR DELETE ON historia_clinica.auditoria_ancla
  FOR EACH ROW EXECUTE FUNCTION historia_clinica.inmutable();
CREATE TRIGGER auditoria_ancla_no_se_vacia BEFORE TRUNCATE ON historia_clinica.auditoria_ancla
  FOR EACH STATEMENT EXECUTE FUNCTION historia_clinica.inmutable();

GRANT SELECT, INSERT ON historia_clinica.auditoria_sello TO hce_patient;
GRANT SELECT, INSERT ON historia_clinica.auditoria_ancla TO hce_patient;
