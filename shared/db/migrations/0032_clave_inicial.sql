-- +goose Up
-- When a password that an administrador gave stops working: it is for the first
-- sign-in (OWASP ASVS 5.0, 6.4.1). NULL for one that its owner set.
ALTER TABLE historia_clinica.usuario ADD COLUMN clave_vence timestamptz;
