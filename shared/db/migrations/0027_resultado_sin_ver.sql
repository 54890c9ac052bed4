-- +goose Up
-- A médico's list of results that nobody has seen yet begins with the patients
-- of whom they wrote of late, and goes on to what is unseen in their records.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';

CREATE INDEX nota_autor ON historia_clinica.nota (autor_id, fecha_atencion) INCLUDE (documento_id);
CREATE INDEX resultado_sin_ver ON historia_clinica.resultado (documento_id, emitido_en DESC, id DESC) WHERE visto_en IS NULL;
