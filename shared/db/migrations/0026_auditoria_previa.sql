-- +goose Up
-- A row of the trail names one that the same process wrote before it and knows
-- to be committed, so that it cannot go unnoticed before a seal covers it: the
-- second half of its id. NULL where there was none to name, and in the rows
-- from before.
ALTER TABLE historia_clinica.auditoria ADD COLUMN previa bytea;
