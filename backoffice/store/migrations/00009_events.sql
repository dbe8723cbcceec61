-- +goose Up

-- What happened, in ids only, appended and never changed: the truth of the queue, of which the rows of checkin are the fold, and the
-- trail of what staff did. An event outlives its check-in.
CREATE TABLE event (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  day     TEXT NOT NULL DEFAULT '',    -- the office's, YYYY-MM-DD
  kind    TEXT NOT NULL,
  actor   TEXT NOT NULL DEFAULT '',    -- an account's or a caseworker's id
  desk    TEXT NOT NULL DEFAULT '',    -- a room's id
  checkin TEXT NOT NULL DEFAULT '',
  service TEXT NOT NULL DEFAULT '',
  queue   TEXT NOT NULL DEFAULT '',
  room    TEXT NOT NULL DEFAULT '',
  place   INTEGER NOT NULL DEFAULT 0,
  shared  INTEGER NOT NULL DEFAULT 0,
  until   INTEGER NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL DEFAULT '',
  file    TEXT NOT NULL DEFAULT '',
  command TEXT NOT NULL DEFAULT ''
) STRICT;

-- Where everybody is who is known was not written down: they arrived, then came what the audit trail tells.
INSERT INTO event (at, day, kind, checkin, service, queue, room, place)
  SELECT arrived_at, visit_day, 'arrived', id, service, caseworker, room, coalesce(seq, 0) * 1048576 FROM checkin ORDER BY seq;
INSERT INTO event (at, day, kind, actor, checkin, service, place, file)
  SELECT a.at, coalesce(c.visit_day, ''), a.action, a.name, a.checkin, coalesce(c.service, ''),
    CASE a.action WHEN 'readmitted' THEN coalesce(c.seq * 1048576, 0) ELSE 0 END, a.file
  FROM audit AS a LEFT JOIN checkin AS c ON c.id = a.checkin ORDER BY a.seq;
INSERT INTO event (at, day, kind, checkin, service)
  SELECT closed_at, visit_day, 'left', id, service FROM checkin WHERE closed_at IS NOT NULL ORDER BY seq;
DROP TABLE audit;
CREATE INDEX event_checkin ON event (checkin, seq);
CREATE INDEX event_actor ON event (actor, seq);
CREATE INDEX event_day ON event (day, checkin);

-- place: NULL for who never moved, whose place is that of arrival. A visitor who is parked waits for something else than a turn.
ALTER TABLE checkin ADD COLUMN place INTEGER;
ALTER TABLE checkin ADD COLUMN calls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checkin ADD COLUMN near INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checkin ADD COLUMN version INTEGER NOT NULL DEFAULT 0; -- the number of the last event that a command came to
ALTER TABLE checkin ADD COLUMN desk TEXT NOT NULL DEFAULT '';
ALTER TABLE checkin ADD COLUMN parked_by TEXT NOT NULL DEFAULT '';
ALTER TABLE checkin ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checkin ADD COLUMN until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checkin ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
UPDATE checkin SET calls = (SELECT count(*) FROM event WHERE event.checkin = checkin.id AND kind = 'called' AND event.seq >
  coalesce((SELECT max(seq) FROM event AS r WHERE r.checkin = checkin.id AND r.kind = 'readmitted'), 0));
CREATE INDEX turn ON checkin (caseworker, coalesce(place, seq * 1048576), id)
  WHERE state = 'waiting' AND closed_at IS NULL AND parked_by = '';

-- What a caseworker wrote at the end of a visit, sealed under the check-in's own key.
CREATE TABLE closing_note (
  checkin TEXT PRIMARY KEY REFERENCES checkin ON DELETE CASCADE,
  sealed  BLOB NOT NULL
) STRICT;

-- What was answered to a command, so that it is not carried out twice.
CREATE TABLE command (
  actor     TEXT NOT NULL,
  id        TEXT NOT NULL,
  at        INTEGER NOT NULL,
  operation TEXT NOT NULL,
  subject   TEXT NOT NULL, -- the check-in that it named; empty for none
  checkin   TEXT NOT NULL, -- the answer; empty for none
  refused   TEXT NOT NULL, -- the code of why not; empty where it was carried out
  PRIMARY KEY (actor, id)
) STRICT;
CREATE INDEX command_at ON command (at);

-- Of a day each, the office's, with which it ends.
CREATE TABLE on_break (actor TEXT PRIMARY KEY, day TEXT NOT NULL) STRICT;
CREATE TABLE closed_service (service TEXT PRIMARY KEY, day TEXT NOT NULL) STRICT;
CREATE TABLE alarm (actor TEXT PRIMARY KEY, day TEXT NOT NULL, desk TEXT NOT NULL) STRICT;

-- The chain over the log: digest is of the event without its seq, link of the link before, seq and digest. A head is a link that the
-- office has signed.
CREATE TABLE chain (
  seq    INTEGER PRIMARY KEY,
  digest BLOB NOT NULL,
  link   BLOB NOT NULL
) STRICT;
CREATE TABLE head (
  seq       INTEGER PRIMARY KEY,
  at        INTEGER NOT NULL,
  link      BLOB NOT NULL,
  key       BLOB NOT NULL, -- Ed25519, 32 bytes
  signature BLOB NOT NULL
) STRICT;
