-- +goose Up
-- Events that their receiver refused for good, or that could not be delivered:
-- kept for a person to look at. A table of the coordinator alone, since such an
-- event may name no record. evento is all of it, as it came.
CREATE TABLE historia_clinica.evento_muerto (
  fuente      text NOT NULL,
  id          text NOT NULL,
  tipo        text NOT NULL,
  asunto      text NOT NULL DEFAULT '',
  codigo      text NOT NULL DEFAULT '',
  evento      jsonb NOT NULL,
  recibido_en timestamptz NOT NULL,
  PRIMARY KEY (fuente, id, tipo)
);
CREATE INDEX evento_muerto_recibido ON historia_clinica.evento_muerto (recibido_en);
GRANT SELECT, INSERT ON historia_clinica.evento_muerto TO hce_patient;
