-- +goose Up
-- A document given to the wrong record is taken back, so that whose it is can be
-- registered: which one it was, and why, stays in the trail. The record keeps the
-- one that it was opened under, the current one, and those of merged records.
SET LOCAL citus.enable_unsafe_triggers = on;

-- +goose StatementBegin
CREATE FUNCTION historia_clinica.identificador_se_queda() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.clave <> OLD.documento_id AND NOT OLD.vigente AND OLD.origen IS NULL THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'ese documento no se retira' USING ERRCODE = 'HC001';
END $$;
-- +goose StatementEnd

CREATE TRIGGER identificador_se_queda BEFORE DELETE ON historia_clinica.identificador
  FOR EACH ROW EXECUTE FUNCTION historia_clinica.identificador_se_queda();

GRANT DELETE ON historia_clinica.identificador TO hce_patient;

-- An admission does not end before what was attended in it.
GRANT SELECT (fecha_atencion) ON historia_clinica.nota TO hce_admission;
