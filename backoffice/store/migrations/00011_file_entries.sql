-- +goose Up

-- What staff add to a visitor's file: decisions, notes, corrected MRZs, calls for help. An entry is only followed by another, never
-- changed, and goes with its check-in. Whatever is personal stands in sealed, under the check-in's own key.
CREATE TABLE file_entry (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  id       TEXT NOT NULL UNIQUE,
  checkin  TEXT NOT NULL REFERENCES checkin ON DELETE CASCADE,
  document INTEGER NOT NULL, -- from 1; 0 of the whole file
  kind     TEXT NOT NULL,
  reason   TEXT NOT NULL,    -- a code
  name     TEXT NOT NULL,    -- of the member of staff
  at       INTEGER NOT NULL,
  sealed   BLOB
) STRICT;
CREATE INDEX file_entry_of ON file_entry (checkin, seq);
CREATE INDEX file_entry_help ON file_entry (seq) WHERE kind = 'help_wanted';

-- +goose StatementBegin
CREATE TRIGGER file_entry_stays BEFORE UPDATE ON file_entry BEGIN
  SELECT RAISE(ABORT, 'an entry of a file is never changed');
END;
-- +goose StatementEnd
