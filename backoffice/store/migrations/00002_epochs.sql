-- +goose Up

-- An epoch of leases ends when the office is restored from a backup: what was leased after the backup is not known then.
-- id is empty until the first start; began is when a restore was noticed, 0 for an office that never was restored; lease
-- counts the leases.
CREATE TABLE epoch (
  only  INTEGER PRIMARY KEY CHECK (only = 1),
  id    TEXT NOT NULL,
  began INTEGER NOT NULL,
  lease INTEGER NOT NULL
) STRICT;
INSERT INTO epoch VALUES (1, '', 0, 0);

-- prefix is empty where it was not written down yet: then it was the office's, whatever that was.
CREATE TABLE lease_new (
  station    TEXT NOT NULL,
  request_id TEXT NOT NULL,
  day        TEXT NOT NULL,
  prefix     TEXT NOT NULL,
  first      INTEGER NOT NULL,
  count      INTEGER NOT NULL,
  epoch      TEXT NOT NULL,
  PRIMARY KEY (station, request_id, day, epoch)
) STRICT;
INSERT INTO lease_new SELECT station, request_id, day, '', first, count, '' FROM lease;
DROP TABLE lease;
ALTER TABLE lease_new RENAME TO lease;
CREATE INDEX lease_day ON lease (day, first);

-- A ticket may be there twice: nobody who has one is refused for it. doubt says what is odd about it, and is empty for
-- most. SQLite drops a constraint only with its table, and a table that others refer to only after them.
CREATE TABLE checkin_new (
  id           TEXT PRIMARY KEY,
  station      TEXT NOT NULL,
  request      BLOB NOT NULL, -- SubmitRequest as it came
  confirmed_at INTEGER NOT NULL,
  service      TEXT NOT NULL,
  language     TEXT NOT NULL,
  ticket       TEXT NOT NULL,
  day          TEXT NOT NULL,
  doubt        TEXT NOT NULL,
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
  CHECK ((state = 'waiting') = (called_by IS NULL))
) STRICT;
INSERT INTO checkin_new SELECT id, station, request, confirmed_at, service, language, ticket, day, '', verdict, validity,
  decision, caseworker, room, ahead, wait, state, called_by, called_at, ended_at FROM checkin ORDER BY rowid;

CREATE TABLE record_new (
  checkin TEXT PRIMARY KEY REFERENCES checkin_new ON DELETE CASCADE,
  sealed  BLOB NOT NULL
) STRICT;
INSERT INTO record_new SELECT checkin, sealed FROM record;

CREATE TABLE upload_new (
  checkin TEXT NOT NULL REFERENCES checkin_new ON DELETE CASCADE,
  sha256  BLOB NOT NULL,
  size    INTEGER NOT NULL,
  PRIMARY KEY (checkin, sha256)
) STRICT;
INSERT INTO upload_new SELECT checkin, sha256, size FROM upload;

DROP TABLE upload;
DROP TABLE record;
DROP TABLE checkin;
ALTER TABLE checkin_new RENAME TO checkin;
ALTER TABLE record_new RENAME TO record;
ALTER TABLE upload_new RENAME TO upload;
CREATE INDEX queue ON checkin (state, caseworker, confirmed_at, id);
CREATE INDEX ticket ON checkin (ticket, day);
-- Two visitors at one desk would be one visitor forgotten.
CREATE UNIQUE INDEX one_at_a_time ON checkin (called_by) WHERE state = 'called';
