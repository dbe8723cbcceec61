-- +goose Up

-- A session that was ended before its time is kept until then, so that each of its open pages can say why. Sessions of
-- before have never been seen: they end with the update.
ALTER TABLE session ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN ended TEXT NOT NULL DEFAULT '';

-- Browsers in which somebody has signed in before, so that strangers' guesses do not keep that person out.
CREATE TABLE browser (
  token_sha256 BLOB NOT NULL,
  name         TEXT NOT NULL REFERENCES staff ON DELETE CASCADE,
  expires_at   INTEGER NOT NULL,
  PRIMARY KEY (token_sha256, name)
) STRICT;
