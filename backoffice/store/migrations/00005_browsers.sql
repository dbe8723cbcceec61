-- +goose Up

-- Its token changes with every sign-in; by its id a browser stays the same one.
ALTER TABLE browser ADD COLUMN id BLOB NOT NULL DEFAULT x'';
UPDATE browser SET id = token_sha256;
