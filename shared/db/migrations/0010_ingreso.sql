-- +goose Up
-- A second factor that is being set up leaves the one in force alone until it
-- is confirmed.
ALTER TABLE historia_clinica.usuario ADD COLUMN mfa_pendiente bytea;

-- A producer can be changed, and two changes at once must not lose one.
ALTER TABLE historia_clinica.productor ADD COLUMN version integer NOT NULL DEFAULT 1;

-- What nobody has tried for long is swept away.
CREATE INDEX intento_ingreso_ultimo ON historia_clinica.intento_ingreso (ultimo);
