-- The journal of one station. Files are sealed before they come here: nothing below can be read with what the station has.

CREATE TABLE office (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  snapshot BLOB NOT NULL
) STRICT;

-- The number ranges that the back office leased, each for one day. A request is noted before it is sent, so that the
-- same request is repeated when its answer is lost.
CREATE TABLE lease_request (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  request_id TEXT NOT NULL
) STRICT;

CREATE TABLE leases (
  request_id TEXT PRIMARY KEY,
  prefix     TEXT NOT NULL,
  day        TEXT NOT NULL,
  next       INTEGER NOT NULL,
  past       INTEGER NOT NULL -- the first number after the range
) STRICT;

-- A file belongs to the outbox when outbox_files names it, else to the spool of a check-in that nobody has confirmed.
CREATE TABLE files (
  id          INTEGER PRIMARY KEY,
  check_in_id TEXT NOT NULL,
  name        TEXT NOT NULL,
  sha256      BLOB NOT NULL,
  sealed      BLOB NOT NULL,
  UNIQUE (check_in_id, name)
) STRICT;

CREATE TABLE outbox (
  check_in_id  TEXT PRIMARY KEY,
  confirmed_at INTEGER NOT NULL, -- Unix milliseconds
  service_id   TEXT NOT NULL,
  language     TEXT NOT NULL,
  ticket       TEXT NOT NULL,
  day          TEXT NOT NULL,
  UNIQUE (ticket, day)
) STRICT;

-- Position 0 is the record, the others follow in its order.
CREATE TABLE outbox_files (
  check_in_id TEXT NOT NULL REFERENCES outbox ON DELETE CASCADE,
  position    INTEGER NOT NULL,
  file        INTEGER NOT NULL REFERENCES files,
  PRIMARY KEY (check_in_id, position)
) STRICT;

-- How many confirmed check-ins were wiped because nobody took them within the limit.
CREATE TABLE expired (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  count INTEGER NOT NULL
) STRICT;

INSERT INTO expired VALUES (1, 0);

PRAGMA user_version = 1;
