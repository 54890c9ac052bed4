-- +goose Up
-- The schema, one role per function, and what lets one set of migrations run
-- on plain PostgreSQL and on a Citus cluster alike.
CREATE SCHEMA IF NOT EXISTS historia_clinica;

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- distribuir turns a table into a Citus distributed table; on a PostgreSQL
-- without the extension it returns at once.
-- +goose StatementBegin
CREATE FUNCTION historia_clinica.distribuir(tabla text, columna text, junto_a text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
    RETURN;
  END IF;
  EXECUTE format('SELECT create_distributed_table(%L, %L, colocate_with => %L)',
    'historia_clinica.' || tabla, columna,
    CASE WHEN junto_a = 'none' THEN 'none' ELSE 'historia_clinica.' || junto_a END);
END $$;
-- +goose StatementEnd

-- replicar turns a code table into a Citus reference table, likewise.
-- +goose StatementBegin
CREATE FUNCTION historia_clinica.replicar(tabla text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
    EXECUTE format('SELECT create_reference_table(%L)', 'historia_clinica.' || tabla);
  END IF;
END $$;
-- +goose StatementEnd

-- One role per function. LOGIN, because Citus opens its connections to the
-- workers as the role that asks. Roles belong to the whole cluster, so another
-- database's migration may be making the same ones at this moment.
-- +goose StatementBegin
DO $$
DECLARE
  rol text;
BEGIN
  FOREACH rol IN ARRAY ARRAY['hce_login', 'hce_patient', 'hce_admission', 'hce_notes', 'hce_pdf_export'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = rol) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I LOGIN', rol);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
      END;
    END IF;
  END LOOP;
END $$;
-- +goose StatementEnd

GRANT USAGE ON SCHEMA historia_clinica TO hce_login, hce_patient, hce_admission, hce_notes, hce_pdf_export;
GRANT SELECT ON historia_clinica.version_esquema TO hce_login, hce_patient, hce_admission, hce_notes, hce_pdf_export;
