-- +goose Up
-- A discharge as dead is known to the record in the same transaction: the front
-- desk writes that the patient died, and keeps the version from before.
GRANT UPDATE (fallecido, fecha_fallecimiento, version, actualizado_en, actualizado_por) ON historia_clinica.paciente TO hce_admission;
GRANT INSERT ON historia_clinica.paciente_version TO hce_admission;
