-- +goose Up

-- What happened, in ids only, appended and never changed: the truth of the queue, of which the rows of checkin are the fold, and the
-- trail of what staff did. An event outlives its check-in. Numbers may have gaps, and may become visible out of order.
CREATE TABLE event (
  seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at      bigint NOT NULL,
  day     text COLLATE "C" NOT NULL DEFAULT '', -- the office's
  kind    text COLLATE "C" NOT NULL,
  actor   text COLLATE "C" NOT NULL DEFAULT '', -- an account's or a caseworker's id
  desk    text COLLATE "C" NOT NULL DEFAULT '', -- a room's id
  checkin text COLLATE "C" NOT NULL DEFAULT '',
  service text COLLATE "C" NOT NULL DEFAULT '',
  queue   text COLLATE "C" NOT NULL DEFAULT '',
  room    text COLLATE "C" NOT NULL DEFAULT '',
  place   bigint NOT NULL DEFAULT 0,
  shared  boolean NOT NULL DEFAULT false,
  until   bigint NOT NULL DEFAULT 0,
  outcome text COLLATE "C" NOT NULL DEFAULT '',
  file    text COLLATE "C" NOT NULL DEFAULT '',
  command text COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX event_checkin ON event (checkin, seq);
CREATE INDEX event_actor ON event (actor, seq);
CREATE INDEX event_day ON event (day, checkin);

-- Whoever takes a number of the log holds this lock until the transaction ends; who holds it alone sees every number below the highest,
-- or it will never be. "FoyeLog", as in lock.go.
-- +goose StatementBegin
CREATE FUNCTION hold_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(x'466f79654c6f67'::bigint);
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER hold_log BEFORE INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION hold_log();

-- Where everybody is who is known was not written down: they arrived, then came what the audit trail tells.
INSERT INTO event (at, day, kind, checkin, service, queue, room, place)
  SELECT arrived_at, visit_day, 'arrived', id, service, caseworker, room, seq * 1048576 FROM checkin ORDER BY seq;
INSERT INTO event (at, day, kind, actor, checkin, service, place, file)
  SELECT a.at, coalesce(c.visit_day, ''), a.action, a.name, a.checkin, coalesce(c.service, ''),
    CASE a.action WHEN 'readmitted' THEN coalesce(c.seq * 1048576, 0) ELSE 0 END, a.file
  FROM audit AS a LEFT JOIN checkin AS c ON c.id = a.checkin ORDER BY a.seq;
INSERT INTO event (at, day, kind, checkin, service)
  SELECT closed_at, visit_day, 'left', id, service FROM checkin WHERE closed_at IS NOT NULL ORDER BY seq;
DROP TABLE audit;

-- place: NULL for who never moved, whose place is that of arrival. A visitor who is parked waits for something else than a turn. bytes are
-- those of the check-in's uploads.
ALTER TABLE checkin
  ADD place     bigint,
  ADD calls     int NOT NULL DEFAULT 0,
  ADD near      boolean NOT NULL DEFAULT false,
  ADD version   bigint NOT NULL DEFAULT 0, -- the number of the last event that a command came to
  ADD desk      text COLLATE "C" NOT NULL DEFAULT '',
  ADD parked_by text COLLATE "C" NOT NULL DEFAULT '',
  ADD shared    boolean NOT NULL DEFAULT false,
  ADD until     bigint NOT NULL DEFAULT 0,
  ADD outcome   text COLLATE "C" NOT NULL DEFAULT '',
  ADD bytes     bigint NOT NULL DEFAULT 0;
UPDATE checkin SET bytes = coalesce((SELECT sum(size) FROM upload WHERE upload.checkin = checkin.id), 0),
  calls = (SELECT count(*) FROM event WHERE event.checkin = checkin.id AND kind = 'called' AND event.seq >
    coalesce((SELECT max(seq) FROM event AS r WHERE r.checkin = checkin.id AND r.kind = 'readmitted'), 0));
DROP INDEX checkin_waiting;
CREATE INDEX checkin_turn ON checkin (caseworker, (coalesce(place, seq * 1048576)), id)
  WHERE state = 'waiting' AND closed_at IS NULL AND parked_by = '';
DROP INDEX checkin_from_station;
CREATE INDEX checkin_from_station ON checkin (station, arrived_at) INCLUDE (bytes);

-- What a caseworker wrote at the end of a visit, sealed under the check-in's own key.
CREATE TABLE closing_note (
  checkin text COLLATE "C" PRIMARY KEY REFERENCES checkin ON DELETE CASCADE,
  sealed  bytea NOT NULL
);

-- What was answered to a command, so that it is not carried out twice.
CREATE TABLE command (
  actor     text COLLATE "C" NOT NULL,
  id        text COLLATE "C" NOT NULL,
  at        bigint NOT NULL,
  operation text COLLATE "C" NOT NULL,
  subject   text COLLATE "C" NOT NULL, -- the check-in that it named; empty for none
  checkin   text COLLATE "C" NOT NULL, -- the answer; empty for none
  refused   text COLLATE "C" NOT NULL, -- the code of why not; empty where it was carried out
  PRIMARY KEY (actor, id)
);
CREATE INDEX command_at ON command (at);

-- Of a day each, the office's, with which it ends.
CREATE TABLE on_break (actor text COLLATE "C" PRIMARY KEY, day text COLLATE "C" NOT NULL);
CREATE TABLE closed_service (service text COLLATE "C" PRIMARY KEY, day text COLLATE "C" NOT NULL);
CREATE TABLE alarm (actor text COLLATE "C" PRIMARY KEY, day text COLLATE "C" NOT NULL, desk text COLLATE "C" NOT NULL);

-- The chain over the log: digest is of the event without its seq, link of the link before, seq and digest. A head is a link that the
-- office has signed.
CREATE TABLE chain (
  seq    bigint PRIMARY KEY,
  digest bytea NOT NULL,
  link   bytea NOT NULL
);
CREATE TABLE head (
  seq       bigint PRIMARY KEY,
  at        bigint NOT NULL,
  link      bytea NOT NULL,
  key       bytea NOT NULL, -- Ed25519, 32 bytes
  signature bytea NOT NULL
);

-- Why a visitor was sent where: routing.Explanation, JSON. It has the first letter of the visitor's name and the nationality, and goes
-- with the check-in.
CREATE TABLE explanation (
  checkin text COLLATE "C" PRIMARY KEY REFERENCES checkin ON DELETE CASCADE,
  text    text NOT NULL
);
