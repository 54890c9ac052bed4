-- +goose Up
-- What every function leaves beside its own rows: the audit trail, events to
-- send, events received and answers already given.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';

-- FHIR AuditEvent. Append only. What concerns no record stands under the pseudo
-- record "usuario:<id>", so that sign-ins do not queue on one shard.
CREATE TABLE historia_clinica.auditoria (
  documento_id text NOT NULL,
  id           uuid NOT NULL,
  en           timestamptz NOT NULL,
  usuario_id   uuid,
  rol          text NOT NULL,
  nombre       text NOT NULL,
  accion       char(1) NOT NULL CHECK (accion IN ('C', 'R', 'U', 'D', 'E')),
  tipo         text NOT NULL,
  recurso      text NOT NULL DEFAULT '',
  motivo       text NOT NULL DEFAULT '',
  resultado    text NOT NULL DEFAULT 'exito',
  ip           text NOT NULL DEFAULT '',
  request_id   text NOT NULL DEFAULT '',
  PRIMARY KEY (documento_id, id)
);
SELECT historia_clinica.distribuir('auditoria', 'documento_id', 'paciente');

-- The outbox: an event stands here from the transaction that it tells of until
-- the broker has taken it.
CREATE TABLE historia_clinica.evento_salida (
  documento_id text NOT NULL,
  id           uuid NOT NULL,
  fuente       text NOT NULL,
  tipo         text NOT NULL,
  creado_en    timestamptz NOT NULL,
  datos        jsonb NOT NULL,
  traza        text NOT NULL DEFAULT '',
  PRIMARY KEY (documento_id, id)
);
SELECT historia_clinica.distribuir('evento_salida', 'documento_id', 'paciente');
CREATE INDEX evento_salida_creado ON historia_clinica.evento_salida (creado_en);

-- The inbox: what a receiver has already given effect to.
CREATE TABLE historia_clinica.evento_entrada (
  documento_id text NOT NULL,
  receptor     text NOT NULL,
  fuente       text NOT NULL,
  id           text NOT NULL,
  recibido_en  timestamptz NOT NULL,
  PRIMARY KEY (documento_id, receptor, fuente, id)
);
SELECT historia_clinica.distribuir('evento_entrada', 'documento_id', 'paciente');

-- The answer that a write with an Idempotency-Key was given, by user and key.
CREATE TABLE historia_clinica.idempotencia (
  clave      text NOT NULL PRIMARY KEY,
  huella     bytea NOT NULL,
  estado     integer NOT NULL,
  ubicacion  text NOT NULL,
  etag       text NOT NULL,
  cuerpo     bytea NOT NULL,
  creado_en  timestamptz NOT NULL
);
SELECT historia_clinica.distribuir('idempotencia', 'clave', 'none');
CREATE INDEX idempotencia_creado ON historia_clinica.idempotencia (creado_en);

GRANT SELECT, INSERT ON historia_clinica.auditoria TO hce_login, hce_patient, hce_admission, hce_notes, hce_pdf_export;
GRANT SELECT, INSERT, DELETE ON historia_clinica.evento_salida TO hce_login, hce_patient, hce_admission, hce_notes, hce_pdf_export;
GRANT SELECT, INSERT, DELETE ON historia_clinica.evento_entrada TO hce_patient, hce_admission, hce_notes, hce_pdf_export;
GRANT SELECT, INSERT, DELETE ON historia_clinica.idempotencia TO hce_login, hce_patient, hce_admission, hce_notes, hce_pdf_export;
