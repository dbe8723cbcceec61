-- +goose Up

-- The appointments of a day, as they were imported last: one sealed list under a key of its own, which is erased when the day is over.
CREATE TABLE appointments (
  day         TEXT PRIMARY KEY, -- YYYY-MM-DD
  sealed      BLOB NOT NULL,
  count       INTEGER NOT NULL,
  imported_by TEXT NOT NULL,
  imported_at INTEGER NOT NULL
) STRICT;
