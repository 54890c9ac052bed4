-- +goose Up
-- Accounts and sessions: tables of the coordinator alone, because a user name
-- is unique in the whole clinic and a sign-in concerns no record.
CREATE TABLE historia_clinica.usuario (
  id              uuid PRIMARY KEY,
  username        text NOT NULL,
  email           text,
  nombre          text NOT NULL,
  hash            text NOT NULL,
  roles           text[] NOT NULL,
  activo          boolean NOT NULL DEFAULT true,
  documento_id    text,
  mfa_secreto     bytea,
  mfa_confirmado  boolean NOT NULL DEFAULT false,
  mfa_ultimo_paso bigint NOT NULL DEFAULT 0,
  debe_cambiar    boolean NOT NULL DEFAULT false,
  demo            boolean NOT NULL DEFAULT false,
  token_version   integer NOT NULL DEFAULT 1,
  version         integer NOT NULL DEFAULT 1,
  creado_en       timestamptz NOT NULL,
  ultimo_ingreso  timestamptz
);
CREATE UNIQUE INDEX usuario_username ON historia_clinica.usuario (lower(username));
CREATE UNIQUE INDEX usuario_email ON historia_clinica.usuario (lower(email)) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX usuario_documento ON historia_clinica.usuario (documento_id) WHERE documento_id IS NOT NULL;

-- clave_privada is the professional's Ed25519 signing key, sealed with the key
-- that the functions hold and the database does not.
CREATE TABLE historia_clinica.profesional (
  usuario_id        uuid PRIMARY KEY REFERENCES historia_clinica.usuario (id),
  nombre_profesional text NOT NULL,
  tipo_profesional  text NOT NULL DEFAULT '',
  registro_medico   text NOT NULL DEFAULT '',
  especialidad      text NOT NULL DEFAULT '',
  cargo_servicio    text NOT NULL DEFAULT '',
  servicios         text[] NOT NULL DEFAULT '{}',
  firma_profesional text NOT NULL DEFAULT '',
  clave_id          text NOT NULL,
  clave_publica     bytea NOT NULL,
  clave_privada     bytea NOT NULL
);

CREATE TABLE historia_clinica.codigo_recuperacion (
  usuario_id uuid NOT NULL REFERENCES historia_clinica.usuario (id),
  huella     bytea NOT NULL,
  usado_en   timestamptz,
  PRIMARY KEY (usuario_id, huella)
);

-- A sign-in: the family of its refresh tokens. Only the hash of the current
-- one is kept; any other that claims this family is a replay.
CREATE TABLE historia_clinica.sesion (
  id             uuid PRIMARY KEY,
  usuario_id     uuid NOT NULL REFERENCES historia_clinica.usuario (id),
  refresco       bytea NOT NULL,
  creada_en      timestamptz NOT NULL,
  usada_en       timestamptz NOT NULL,
  expira         timestamptz NOT NULL,
  reforzada_en   timestamptz,
  terminada_en   timestamptz,
  motivo_fin     text NOT NULL DEFAULT ''
);
CREATE INDEX sesion_usuario ON historia_clinica.sesion (usuario_id) WHERE terminada_en IS NULL;
CREATE INDEX sesion_expira ON historia_clinica.sesion (expira);

-- Sessions ended before their access tokens ran out: every function reads the
-- recent ones, so that an end takes effect everywhere within seconds.
CREATE TABLE historia_clinica.revocacion (
  sesion_id uuid PRIMARY KEY,
  en        timestamptz NOT NULL
);
CREATE INDEX revocacion_en ON historia_clinica.revocacion (en);

-- Failed sign-ins by account and by address.
CREATE TABLE historia_clinica.intento_ingreso (
  clave     text PRIMARY KEY,
  fallos    integer NOT NULL,
  ultimo    timestamptz NOT NULL,
  hasta     timestamptz NOT NULL
);

-- Event producers: OAuth2 clients that post CloudEvents.
CREATE TABLE historia_clinica.productor (
  client_id text PRIMARY KEY,
  id        uuid NOT NULL UNIQUE,
  nombre    text NOT NULL,
  hash      text NOT NULL,
  tipos     text[] NOT NULL,
  activo    boolean NOT NULL DEFAULT true,
  creado_en timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON historia_clinica.usuario TO hce_login;
GRANT SELECT, INSERT, UPDATE ON historia_clinica.profesional TO hce_login;
GRANT SELECT, INSERT, UPDATE, DELETE ON historia_clinica.codigo_recuperacion TO hce_login;
GRANT SELECT, INSERT, UPDATE, DELETE ON historia_clinica.sesion TO hce_login;
GRANT SELECT, INSERT, DELETE ON historia_clinica.revocacion TO hce_login;
GRANT SELECT, INSERT, UPDATE, DELETE ON historia_clinica.intento_ingreso TO hce_login;
GRANT SELECT, INSERT, UPDATE ON historia_clinica.productor TO hce_login;

GRANT SELECT ON historia_clinica.revocacion TO hce_patient, hce_admission, hce_notes, hce_pdf_export;
GRANT SELECT ON historia_clinica.profesional TO hce_notes, hce_admission, hce_pdf_export;
