-- +goose Up

-- Moments are Unix milliseconds, days YYYY-MM-DD. Personal data stands only in record, sealed under the check-in's own key. Texts
-- compare byte by byte (COLLATE "C"), whatever language the cluster was made for.

CREATE TABLE snapshot (
  id       int PRIMARY KEY CHECK (id = 1),
  revision bigint NOT NULL,
  sha256   bytea NOT NULL
);

-- The newest arrival. Whoever admits takes the next one in the admission's own transaction, and so holds the row until it is kept: numbers
-- become visible in their order, which those of a sequence need not.
CREATE TABLE arrival (
  id   int PRIMARY KEY CHECK (id = 1),
  last bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO arrival VALUES (1, 0);

CREATE TABLE checkin (
  id           text COLLATE "C" PRIMARY KEY,
  seq          bigint NOT NULL, -- who came before whom
  station      text COLLATE "C" NOT NULL,
  certificate  text COLLATE "C" NOT NULL, -- as the deny list writes it
  request      bytea NOT NULL, -- SubmitRequest as it came
  confirmed_at bigint NOT NULL,
  arrived_at   bigint NOT NULL,
  service      text COLLATE "C" NOT NULL,
  language     text COLLATE "C" NOT NULL,
  ticket       text COLLATE "C" NOT NULL,
  day          text COLLATE "C" NOT NULL, -- the ticket's
  visit_day    text COLLATE "C" NOT NULL, -- the office's, when the visitor came
  closed_at    bigint, -- when that day was closed over the check-in
  doubt        text COLLATE "C" NOT NULL,
  verdict      text COLLATE "C" NOT NULL,
  validity     text COLLATE "C" NOT NULL,
  persons      int NOT NULL,
  documents    int NOT NULL,
  newer        boolean NOT NULL,
  decision     text NOT NULL, -- routing.Decision, JSON; not jsonb, which has no U+0000
  caseworker   text COLLATE "C" NOT NULL,
  room         text COLLATE "C" NOT NULL, -- with ahead and wait: the answer that the station got
  ahead        int NOT NULL,
  wait         bigint NOT NULL, -- milliseconds
  state        text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'called', 'done', 'no_show')),
  called_by    text COLLATE "C",
  called_at    bigint,
  ended_at     bigint,
  CHECK ((state = 'waiting') = (called_by IS NULL))
);
CREATE UNIQUE INDEX checkin_arrival ON checkin (seq);
CREATE INDEX checkin_waiting ON checkin (caseworker, seq) WHERE state = 'waiting' AND closed_at IS NULL;
CREATE INDEX checkin_open ON checkin (visit_day) WHERE closed_at IS NULL;
CREATE INDEX checkin_present ON checkin (seq) WHERE state IN ('waiting', 'called') AND closed_at IS NULL;
CREATE INDEX checkin_ended ON checkin (called_by, ended_at DESC, seq DESC) WHERE state IN ('done', 'no_show') AND closed_at IS NULL;
CREATE INDEX checkin_ticket ON checkin (ticket, day);
CREATE INDEX checkin_from_station ON checkin (station, arrived_at);
CREATE INDEX checkin_due ON checkin (confirmed_at);
-- Two visitors at one desk would be one visitor forgotten; one of a day that is closed takes no desk.
CREATE UNIQUE INDEX checkin_one_at_a_time ON checkin (called_by) WHERE state = 'called' AND closed_at IS NULL;

CREATE TABLE record (
  checkin text COLLATE "C" PRIMARY KEY REFERENCES checkin ON DELETE CASCADE,
  sealed  bytea NOT NULL
);
ALTER TABLE record ALTER sealed SET STORAGE EXTERNAL; -- what is sealed does not compress

CREATE TABLE upload (
  checkin text COLLATE "C" NOT NULL REFERENCES checkin ON DELETE CASCADE,
  sha256  bytea NOT NULL,
  size    bigint NOT NULL,
  PRIMARY KEY (checkin, sha256)
);

-- Visitors with whom nobody had finished when their day was closed, until the lead has seen to them. A row outlives its check-in.
CREATE TABLE left_over (
  checkin    text COLLATE "C" PRIMARY KEY,
  n          bigint GENERATED ALWAYS AS IDENTITY, -- in order of arrival, within a day
  station    text COLLATE "C" NOT NULL,
  day        text COLLATE "C" NOT NULL,
  ticket     text COLLATE "C" NOT NULL,
  service    text COLLATE "C" NOT NULL,
  caseworker text COLLATE "C" NOT NULL,
  called_by  text COLLATE "C" NOT NULL -- empty: nobody
);

-- The lines of the deny list, and since when each stands there.
CREATE TABLE denied (
  name  text COLLATE "C" PRIMARY KEY,
  since bigint NOT NULL
);

-- The epoch of leases; who leases holds its row. began is when a restore was noticed, 0 for an office that never was restored; lease counts
-- the leases.
CREATE TABLE epoch (
  line  int PRIMARY KEY CHECK (line = 1),
  id    text COLLATE "C" NOT NULL,
  began bigint NOT NULL,
  lease bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO epoch VALUES (1, gen_random_uuid()::text, 0, 0);

CREATE TABLE lease (
  station    text COLLATE "C" NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  day        text COLLATE "C" NOT NULL,
  prefix     text COLLATE "C" NOT NULL,
  first      int NOT NULL,
  count      int NOT NULL,
  epoch      text COLLATE "C" NOT NULL,
  PRIMARY KEY (station, request_id, day, epoch)
);
CREATE INDEX lease_day ON lease (day, first);

-- How far erasing has come, and what it waits for.
CREATE TABLE sweep (
  id           int PRIMARY KEY CHECK (id = 1),
  believed_at  bigint,                       -- what the clock said when it was last believed
  held         int NOT NULL DEFAULT 0,       -- check-ins that wait to be erased until a person confirms it
  ended        int NOT NULL DEFAULT 0,       -- visitors whose day is not closed until then
  reason       text NOT NULL DEFAULT '',     -- why they wait: clock, many
  clock_at     bigint,                       -- what the clock said then
  confirmed_at bigint,                       -- what it said when a person confirmed it
  failed       int NOT NULL DEFAULT 0        -- check-ins that could not be erased the last time
);
INSERT INTO sweep (id) VALUES (1);

CREATE TABLE staff (
  name     text COLLATE "C" PRIMARY KEY, -- a caseworker's id
  password text NOT NULL                 -- argon2id, PHC string
);

CREATE TABLE session (
  token_sha256 bytea PRIMARY KEY,
  name         text COLLATE "C" NOT NULL REFERENCES staff ON DELETE CASCADE,
  seen_at      bigint NOT NULL,
  expires_at   bigint NOT NULL,
  ended        text NOT NULL DEFAULT '' -- why; empty while it lives
);
CREATE INDEX session_name ON session (name);

CREATE TABLE browser (
  token_sha256 bytea NOT NULL,
  name         text COLLATE "C" NOT NULL REFERENCES staff ON DELETE CASCADE,
  expires_at   bigint NOT NULL,
  id           bytea NOT NULL, -- of the browser, whatever became of its token
  PRIMARY KEY (token_sha256, name)
);

CREATE TABLE audit (
  seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at      bigint NOT NULL,
  name    text COLLATE "C" NOT NULL,
  action  text COLLATE "C" NOT NULL,
  checkin text COLLATE "C" NOT NULL DEFAULT '',
  file    text COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX audit_checkin ON audit (checkin);
