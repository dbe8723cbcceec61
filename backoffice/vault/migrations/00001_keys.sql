-- +goose Up
-- Erasing a row erases the check-in: nothing else opens its files.
CREATE TABLE checkin_key (
  checkin  TEXT PRIMARY KEY,
  identity TEXT NOT NULL -- of age, X25519
) STRICT;
