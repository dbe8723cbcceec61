-- +goose Up

-- Who comes before whom is told by the order of arrival, never by a clock.
ALTER TABLE checkin ADD COLUMN seq INTEGER;
UPDATE checkin SET seq = (SELECT count(*) FROM checkin AS o WHERE (o.confirmed_at, o.id) <= (checkin.confirmed_at, checkin.id));
CREATE UNIQUE INDEX arrival ON checkin (seq);

-- The office's day on which the visitor came, and when that day was closed over the check-in.
ALTER TABLE checkin ADD COLUMN visit_day TEXT NOT NULL DEFAULT '';
ALTER TABLE checkin ADD COLUMN closed_at INTEGER;
UPDATE checkin SET visit_day = day;

DROP INDEX IF EXISTS queue;
CREATE INDEX queue ON checkin (state, caseworker, seq) WHERE closed_at IS NULL;
-- Two visitors at one desk would be one visitor forgotten; one of a day that is closed takes no desk.
DROP INDEX IF EXISTS one_at_a_time;
CREATE UNIQUE INDEX one_at_a_time ON checkin (called_by) WHERE state = 'called' AND closed_at IS NULL;

-- Visitors with whom nobody had finished when their day was closed, until the lead has seen to them. A row outlives its
-- check-in.
CREATE TABLE left_over (
  checkin    TEXT PRIMARY KEY,
  station    TEXT NOT NULL,
  day        TEXT NOT NULL,
  ticket     TEXT NOT NULL,
  service    TEXT NOT NULL,
  caseworker TEXT NOT NULL,
  called_by  TEXT NOT NULL -- empty: nobody
) STRICT;

-- How far erasing has come.
CREATE TABLE sweep (
  id           INTEGER PRIMARY KEY CHECK (id = 1),
  believed_at  INTEGER,                    -- what the clock said when it was last believed
  held         INTEGER NOT NULL DEFAULT 0, -- check-ins that wait to be erased until a person confirms it
  reason       TEXT NOT NULL DEFAULT '',   -- why they wait: clock, many
  clock_at     INTEGER,                    -- what the clock said then
  confirmed_at INTEGER,                    -- what it said when a person confirmed it
  failed       INTEGER NOT NULL DEFAULT 0  -- check-ins that the last sweep could not erase
) STRICT;
INSERT INTO sweep (id, believed_at)
  SELECT 1, max(at) FROM (SELECT max(at) AS at FROM audit UNION ALL SELECT max(confirmed_at) FROM checkin);
