-- +goose Up

-- What stands on a visitor's ticket, as a code, and leads to the visitor's own view. The server fills it in for who was there before.
CREATE TABLE ticket_view (
  token   text COLLATE "C" PRIMARY KEY,
  checkin text COLLATE "C" NOT NULL UNIQUE REFERENCES checkin ON DELETE CASCADE
);

-- Who has asked not to be called for a while, until when, and how often.
CREATE TABLE away (
  checkin text COLLATE "C" PRIMARY KEY REFERENCES checkin ON DELETE CASCADE,
  until   bigint NOT NULL,
  times   int NOT NULL
);

-- The displays of the lobby. One that waits to be paired has the hash of its code, one that is paired the hash of its token.
CREATE TABLE display (
  name           text COLLATE "C" PRIMARY KEY,
  rooms          text[] NOT NULL, -- ids; empty for all
  pairing_sha256 bytea UNIQUE,
  pairing_until  bigint NOT NULL DEFAULT 0,
  token_sha256   bytea UNIQUE
);

-- The appointments of a day, as they were imported last: one sealed list under a key of its own, which is erased when the day is over.
CREATE TABLE appointments (
  day         text COLLATE "C" PRIMARY KEY,
  sealed      bytea NOT NULL,
  count       int NOT NULL,
  imported_by text COLLATE "C" NOT NULL,
  imported_at bigint NOT NULL
);
