-- +goose Up

-- What stands on a visitor's ticket, as a code, and leads to the visitor's own view. The server fills it in: SQLite knows no SHA-256.
CREATE TABLE ticket_view (
  token   TEXT PRIMARY KEY,
  checkin TEXT NOT NULL UNIQUE REFERENCES checkin ON DELETE CASCADE
) STRICT;

-- Who has asked not to be called for a while, until when, and how often.
CREATE TABLE away (
  checkin TEXT PRIMARY KEY REFERENCES checkin ON DELETE CASCADE,
  until   INTEGER NOT NULL,
  times   INTEGER NOT NULL
) STRICT;

-- The displays of the lobby. One that waits to be paired has the hash of its code, one that is paired the hash of its token.
CREATE TABLE display (
  name           TEXT PRIMARY KEY,
  rooms          TEXT NOT NULL, -- a JSON array of the rooms' ids; empty for all
  pairing_sha256 BLOB UNIQUE,
  pairing_until  INTEGER NOT NULL DEFAULT 0,
  token_sha256   BLOB UNIQUE
) STRICT;
