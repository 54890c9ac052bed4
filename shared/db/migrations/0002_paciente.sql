-- +goose Up
-- The registry: a record and every identity document its person has had.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';

CREATE TABLE historia_clinica.paciente (
  documento_id        text NOT NULL,
  version             integer NOT NULL DEFAULT 1,
  creado_en           timestamptz NOT NULL,
  actualizado_en      timestamptz NOT NULL,
  actualizado_por     uuid NOT NULL,
  tipo_documento      text NOT NULL,
  numero_documento    text NOT NULL,
  primer_apellido     text NOT NULL,
  segundo_apellido    text NOT NULL DEFAULT '',
  primer_nombre       text NOT NULL,
  segundo_nombre      text NOT NULL DEFAULT '',
  nombre_identitario  text NOT NULL DEFAULT '',
  fecha_nacimiento    date NOT NULL,
  hora_nacimiento     text NOT NULL DEFAULT '',
  sexo_biologico      text NOT NULL,
  identidad_genero    text NOT NULL DEFAULT '',
  nacionalidades      text[] NOT NULL DEFAULT '{}',
  direccion_residencia text NOT NULL DEFAULT '',
  barrio              text NOT NULL DEFAULT '',
  municipio           text NOT NULL DEFAULT '',
  departamento        text NOT NULL DEFAULT '',
  pais                text NOT NULL DEFAULT '',
  zona                text NOT NULL DEFAULT '',
  etnia               text NOT NULL DEFAULT '',
  comunidad_etnica    text NOT NULL DEFAULT '',
  discapacidades      text[] NOT NULL DEFAULT '{}',
  ocupacion           text NOT NULL DEFAULT '',
  telefono            text NOT NULL DEFAULT '',
  celular             text NOT NULL DEFAULT '',
  correo_electronico  text NOT NULL DEFAULT '',
  estado_civil        text NOT NULL DEFAULT '',
  grupo_sanguineo     text NOT NULL DEFAULT '',
  factor_rh           text NOT NULL DEFAULT '',
  entidad_codigo      text NOT NULL DEFAULT '',
  entidad_nombre      text NOT NULL DEFAULT '',
  regimen_afiliacion  text NOT NULL DEFAULT '',
  tipo_usuario        text NOT NULL DEFAULT '',
  contacto_emergencia jsonb,
  responsable         jsonb,
  voluntad_anticipada jsonb,
  oposicion_donacion  jsonb,
  fallecido           boolean NOT NULL DEFAULT false,
  fecha_fallecimiento timestamptz,
  activo              boolean NOT NULL DEFAULT true,
  fusionado_en        text,
  nombre_busqueda     text NOT NULL,
  nombre_orden        text NOT NULL,
  PRIMARY KEY (documento_id)
);
SELECT historia_clinica.distribuir('paciente', 'documento_id', 'none');
CREATE INDEX paciente_nombre_trgm ON historia_clinica.paciente USING gin (nombre_busqueda gin_trgm_ops);
CREATE INDEX paciente_nombre_orden ON historia_clinica.paciente (nombre_orden, documento_id);
CREATE INDEX paciente_nacimiento ON historia_clinica.paciente (fecha_nacimiento);

-- Every version that a change of the record has replaced.
CREATE TABLE historia_clinica.paciente_version (
  documento_id text NOT NULL,
  version      integer NOT NULL,
  contenido    jsonb NOT NULL,
  hasta        timestamptz NOT NULL,
  PRIMARY KEY (documento_id, version)
);
SELECT historia_clinica.distribuir('paciente_version', 'documento_id', 'paciente');

-- clave is TIPO-NUMERO of any document that the person has had: what makes
-- "one document, one record" a fact of the database.
CREATE TABLE historia_clinica.identificador (
  clave        text NOT NULL PRIMARY KEY,
  documento_id text NOT NULL,
  vigente      boolean NOT NULL DEFAULT true,
  desde        date NOT NULL
);
SELECT historia_clinica.distribuir('identificador', 'clave', 'none');
CREATE INDEX identificador_documento ON historia_clinica.identificador (documento_id);

-- The code with which a patient opens an account: printed at reception,
-- seven days, one use; only its hash is kept.
CREATE TABLE historia_clinica.codigo_registro (
  documento_id text NOT NULL,
  id           uuid NOT NULL,
  huella       bytea NOT NULL,
  creado_en    timestamptz NOT NULL,
  expira       timestamptz NOT NULL,
  intentos     integer NOT NULL DEFAULT 0,
  usado_en     timestamptz,
  creado_por   uuid NOT NULL,
  PRIMARY KEY (documento_id, id)
);
SELECT historia_clinica.distribuir('codigo_registro', 'documento_id', 'paciente');

-- Break-the-glass: who opened a record without being in relation to it, why,
-- until when, and what the review said.
CREATE TABLE historia_clinica.acceso_emergencia (
  documento_id text NOT NULL,
  id           uuid NOT NULL,
  usuario_id   uuid NOT NULL,
  nombre       text NOT NULL,
  motivo       text NOT NULL,
  desde        timestamptz NOT NULL,
  hasta        timestamptz NOT NULL,
  revisado_en  timestamptz,
  revisado_por uuid,
  decision     text NOT NULL DEFAULT '',
  PRIMARY KEY (documento_id, id)
);
SELECT historia_clinica.distribuir('acceso_emergencia', 'documento_id', 'paciente');
CREATE INDEX acceso_emergencia_por_revisar ON historia_clinica.acceso_emergencia (desde) WHERE revisado_en IS NULL;

GRANT SELECT, INSERT, UPDATE ON historia_clinica.paciente TO hce_patient;
GRANT SELECT, INSERT ON historia_clinica.paciente_version TO hce_patient;
GRANT SELECT, INSERT, UPDATE ON historia_clinica.identificador TO hce_patient;
GRANT SELECT, INSERT, UPDATE ON historia_clinica.codigo_registro TO hce_patient;
GRANT SELECT, INSERT, UPDATE ON historia_clinica.acceso_emergencia TO hce_patient;

GRANT SELECT ON historia_clinica.paciente TO hce_login;
GRANT SELECT ON historia_clinica.identificador TO hce_login;
GRANT SELECT, UPDATE ON historia_clinica.codigo_registro TO hce_login;

GRANT SELECT ON historia_clinica.paciente TO hce_admission;
GRANT SELECT ON historia_clinica.identificador TO hce_admission;
GRANT SELECT ON historia_clinica.acceso_emergencia TO hce_admission;
GRANT SELECT ON historia_clinica.paciente TO hce_notes;
GRANT SELECT ON historia_clinica.identificador TO hce_notes;
GRANT SELECT ON historia_clinica.acceso_emergencia TO hce_notes;
GRANT SELECT ON historia_clinica.paciente TO hce_pdf_export;
GRANT SELECT ON historia_clinica.paciente_version TO hce_pdf_export;
GRANT SELECT ON historia_clinica.identificador TO hce_pdf_export;
GRANT SELECT ON historia_clinica.acceso_emergencia TO hce_pdf_export;
