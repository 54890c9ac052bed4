-- +goose Up
-- An event of another system is known by the account that posted it, besides the
-- source and id that it gives itself: what one system writes there can neither
-- hide nor change what another sent. Zeros stand for our own events.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';

ALTER TABLE historia_clinica.evento_salida ADD COLUMN productor uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE historia_clinica.resultado ADD COLUMN productor_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE historia_clinica.resultado ADD COLUMN productor text NOT NULL DEFAULT '';

ALTER TABLE historia_clinica.evento_entrada ADD COLUMN productor uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE historia_clinica.evento_entrada DROP CONSTRAINT evento_entrada_pkey;
ALTER TABLE historia_clinica.evento_entrada
  ADD CONSTRAINT evento_entrada_pkey PRIMARY KEY (documento_id, receptor, productor, fuente, id);

ALTER TABLE historia_clinica.evento_muerto ADD COLUMN productor uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE historia_clinica.evento_muerto DROP CONSTRAINT evento_muerto_pkey;
ALTER TABLE historia_clinica.evento_muerto ADD CONSTRAINT evento_muerto_pkey PRIMARY KEY (productor, fuente, id, tipo);

-- The trail says who posted what was taken before, so that an event that comes
-- again is still known, and a result is corrected by who sent it. Where it names
-- more than one, it stays nobody's.
UPDATE historia_clinica.evento_entrada e SET productor = a.usuario_id
FROM (
  SELECT documento_id, substr(recurso, strpos(recurso, '/') + 1) AS id, min(usuario_id::text)::uuid AS usuario_id
  FROM historia_clinica.auditoria WHERE tipo = 'event' AND usuario_id IS NOT NULL
  GROUP BY documento_id, substr(recurso, strpos(recurso, '/') + 1) HAVING count(DISTINCT usuario_id) = 1
) a
WHERE a.documento_id = e.documento_id AND a.id = e.id AND e.fuente NOT LIKE '/hce/%';

UPDATE historia_clinica.resultado r SET productor_id = a.usuario_id, productor = a.nombre
FROM (
  SELECT documento_id, min(usuario_id::text)::uuid AS usuario_id, min(nombre) AS nombre
  FROM historia_clinica.auditoria WHERE tipo = 'event' AND recurso LIKE 'co.hce.resultado.emitido.v1/%' AND usuario_id IS NOT NULL
  GROUP BY documento_id HAVING count(DISTINCT usuario_id) = 1
) a
WHERE a.documento_id = r.documento_id AND NOT EXISTS (
  SELECT 1 FROM historia_clinica.auditoria m
  WHERE m.documento_id = r.documento_id AND m.tipo = 'create' AND m.recurso = 'resultado/' || r.id);

GRANT SELECT (nombre) ON historia_clinica.productor TO hce_notes;
