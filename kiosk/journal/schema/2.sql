-- What a restored back office, a wrong clock and a switched-off station need.

-- In which epoch of the back office a range was leased; empty where nobody said.
ALTER TABLE leases ADD COLUMN epoch TEXT NOT NULL DEFAULT '';

-- The newest lease that this station has heard of.
CREATE TABLE known_lease (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  epoch TEXT NOT NULL,
  lease INTEGER NOT NULL
) STRICT;
INSERT INTO known_lease VALUES (1, '', 0);

-- The journal's own clock, in milliseconds: it runs with the machine, whatever anybody sets the time of day to. ran is how
-- long the machine has run, and off how long it seems to have been off between, when it had been up for uptime and the time
-- of day was wall; began is what ran was when this boot was first seen.
CREATE TABLE clock (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  boot   TEXT NOT NULL,
  uptime INTEGER NOT NULL,
  wall   INTEGER NOT NULL,
  ran    INTEGER NOT NULL,
  off    INTEGER NOT NULL,
  began  INTEGER NOT NULL
) STRICT;
INSERT INTO clock VALUES (1, '', 0, unixepoch() * 1000, 0, 0, 0);

-- What that clock showed when a check-in was confirmed. What an older journal holds is as old as the time of day says, and
-- at most a day.
ALTER TABLE outbox ADD COLUMN ran INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN off INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET off = -min(max(unixepoch() * 1000 - confirmed_at, 0), 24 * 3600 * 1000);

PRAGMA user_version = 2;
