-- +goose Up
-- huella is the SHA-256 of what an admission was opened with, so that a retry
-- under the same id can be told from another admission. triage_rol is the role
-- of who classified: a médico's word stands over an admisionista's.
ALTER TABLE historia_clinica.admision ADD COLUMN huella bytea;
ALTER TABLE historia_clinica.admision ADD COLUMN triage_rol text NOT NULL DEFAULT '';

-- An admission with signed notes is not cancelled.
GRANT SELECT (admision_id) ON historia_clinica.nota TO hce_admission;
