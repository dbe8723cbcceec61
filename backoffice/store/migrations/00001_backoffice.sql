-- +goose Up

-- Times are Unix milliseconds. Personal data stands only in record, sealed under the check-in's own key.

CREATE TABLE snapshot (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  revision INTEGER NOT NULL,
  sha256   BLOB NOT NULL
) STRICT;

CREATE TABLE lease (
  station    TEXT NOT NULL,
  request_id TEXT NOT NULL,
  day        TEXT NOT NULL,
  first      INTEGER NOT NULL,
  count      INTEGER NOT NULL,
  PRIMARY KEY (station, request_id)
) STRICT;
CREATE INDEX lease_day ON lease (day, first);

CREATE TABLE checkin (
  id           TEXT PRIMARY KEY,
  station      TEXT NOT NULL,
  request      BLOB NOT NULL, -- SubmitRequest as it came
  confirmed_at INTEGER NOT NULL,
  service      TEXT NOT NULL,
  language     TEXT NOT NULL,
  ticket       TEXT NOT NULL,
  day          TEXT NOT NULL,
  verdict      TEXT NOT NULL,
  validity     TEXT NOT NULL,
  decision     TEXT NOT NULL, -- routing.Decision, JSON
  caseworker   TEXT NOT NULL,
  room         TEXT NOT NULL, -- with ahead and wait: the answer that the station got
  ahead        INTEGER NOT NULL,
  wait         INTEGER NOT NULL, -- milliseconds
  state        TEXT NOT NULL CHECK (state IN ('waiting', 'called', 'done', 'no_show')),
  called_by    TEXT,
  called_at    INTEGER,
  ended_at     INTEGER,
  CHECK ((state = 'waiting') = (called_by IS NULL)),
  UNIQUE (day, ticket)
) STRICT;
CREATE INDEX queue ON checkin (state, caseworker, confirmed_at, id);
-- Two visitors at one desk would be one visitor forgotten.
CREATE UNIQUE INDEX one_at_a_time ON checkin (called_by) WHERE state = 'called';

CREATE TABLE record (
  checkin TEXT PRIMARY KEY REFERENCES checkin ON DELETE CASCADE,
  sealed  BLOB NOT NULL
) STRICT;

CREATE TABLE upload (
  checkin TEXT NOT NULL REFERENCES checkin ON DELETE CASCADE,
  sha256  BLOB NOT NULL,
  size    INTEGER NOT NULL,
  PRIMARY KEY (checkin, sha256)
) STRICT;

CREATE TABLE staff (
  name     TEXT PRIMARY KEY, -- a caseworker's id
  password TEXT NOT NULL     -- argon2id, PHC string
) STRICT;

CREATE TABLE session (
  token_sha256 BLOB PRIMARY KEY,
  name         TEXT NOT NULL REFERENCES staff ON DELETE CASCADE,
  expires_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  name    TEXT NOT NULL,
  action  TEXT NOT NULL,
  checkin TEXT NOT NULL DEFAULT '',
  file    TEXT NOT NULL DEFAULT ''
) STRICT;
