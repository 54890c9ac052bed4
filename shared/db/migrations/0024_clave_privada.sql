-- +goose Up
-- A professional's signing key, though sealed, is read by who signs with it and
-- by who makes it: the other functions know a professional without it.
REVOKE SELECT ON historia_clinica.profesional FROM hce_admission;
REVOKE SELECT ON historia_clinica.profesional FROM hce_pdf_export;
GRANT SELECT (usuario_id, nombre_profesional, tipo_profesional, registro_medico, especialidad, cargo_servicio, servicios,
  firma_profesional, clave_id, clave_publica) ON historia_clinica.profesional TO hce_admission;
GRANT SELECT (usuario_id, nombre_profesional, tipo_profesional, registro_medico, especialidad, cargo_servicio, servicios,
  firma_profesional, clave_id, clave_publica) ON historia_clinica.profesional TO hce_pdf_export;
