-- +goose Up
-- Exports that are asked for twice, kept for a while, and revoked.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';

-- One unfinished export of the same content: whoever asks for it again joins
-- it. A reason is printed with the name of who gave it, so an export with a
-- reason is shared with nobody.
CREATE UNIQUE INDEX documento_pdf_en_curso ON historia_clinica.documento_pdf (documento_id, huella)
  WHERE estado IN ('solicitado', 'generando') AND motivo = '';
CREATE UNIQUE INDEX documento_pdf_propio_en_curso ON historia_clinica.documento_pdf (documento_id, huella, solicitado_por, motivo)
  WHERE estado IN ('solicitado', 'generando') AND motivo <> '';

ALTER TABLE historia_clinica.documento_pdf ADD COLUMN revocado_en timestamptz;
ALTER TABLE historia_clinica.documento_pdf ADD COLUMN revocado_motivo text NOT NULL DEFAULT '';

-- The file goes when its time is over; the row that vouches for printed copies
-- stays.
ALTER TABLE historia_clinica.documento_pdf_contenido ADD COLUMN expira timestamptz;
CREATE INDEX documento_pdf_contenido_expira ON historia_clinica.documento_pdf_contenido (expira);
