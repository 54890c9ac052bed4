-- +goose Up
-- A draft that its author discards goes away; what is signed never does.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION historia_clinica.nota_inmutable() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.estado = 'borrador' THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'TRUNCATE' OR TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'una nota firmada no se borra' USING ERRCODE = 'HC001';
  END IF;
  IF OLD.estado = 'borrador' THEN
    RETURN NEW;
  END IF;
  IF OLD.estado = 'firmada' AND NEW.estado = 'anulada'
     AND (to_jsonb(NEW) - '{estado,version,anulada_en,anulada_motivo,actualizado_en}'::text[])
       = (to_jsonb(OLD) - '{estado,version,anulada_en,anulada_motivo,actualizado_en}'::text[]) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'una nota firmada no se modifica' USING ERRCODE = 'HC001';
END $$;
-- +goose StatementEnd

GRANT DELETE ON historia_clinica.nota TO hce_notes;
