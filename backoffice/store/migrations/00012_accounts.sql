-- +goose Up

-- Who may sign in, apart from who receives visitors. A caseworker has one account at most. Roles are separated by spaces; they
-- are empty in an account of an earlier version until the office file has been asked for them.
CREATE TABLE account (
  id         TEXT PRIMARY KEY, -- says nothing
  name       TEXT NOT NULL UNIQUE,
  password   TEXT NOT NULL, -- argon2id, PHC string
  caseworker TEXT NOT NULL,
  roles      TEXT NOT NULL,
  disabled   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX account_of ON account (caseworker) WHERE caseworker <> '';
INSERT INTO account (id, name, password, caseworker, roles) SELECT lower(hex(randomblob(16))), name, password, name, '' FROM staff;

-- A session outlives its account, so that its pages can say why it ended.
CREATE TABLE session_new (
  token_sha256 BLOB PRIMARY KEY,
  account      TEXT NOT NULL,
  expires_at   INTEGER NOT NULL,
  seen_at      INTEGER NOT NULL,
  ended        TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO session_new SELECT s.token_sha256, a.id, s.expires_at, s.seen_at, s.ended FROM session s JOIN account a ON a.name = s.name;

CREATE TABLE browser_new (
  token_sha256 BLOB NOT NULL,
  account      TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  expires_at   INTEGER NOT NULL,
  id           BLOB NOT NULL,
  PRIMARY KEY (token_sha256, account)
) STRICT;
INSERT INTO browser_new SELECT b.token_sha256, a.id, b.expires_at, b.id FROM browser b JOIN account a ON a.name = b.name;

DROP TABLE session;
DROP TABLE browser;
DROP TABLE staff;
ALTER TABLE session_new RENAME TO session;
ALTER TABLE browser_new RENAME TO browser;

-- The secret of one-time codes, sealed under the office's key, and the latest time step whose code was taken.
ALTER TABLE account ADD COLUMN totp BLOB NOT NULL DEFAULT x'';
ALTER TABLE account ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;
CREATE TABLE recovery (
  account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  sha256  BLOB NOT NULL,
  PRIMARY KEY (account, sha256)
) STRICT;
-- By what, beside the password, a session's holder is known; empty for nothing.
ALTER TABLE session ADD COLUMN proof TEXT NOT NULL DEFAULT '';

-- Passkeys: the public half, as the program keeps it. What a session has begun with one is taken once.
CREATE TABLE passkey (
  id         BLOB PRIMARY KEY,
  account    TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  credential BLOB NOT NULL
) STRICT;
CREATE INDEX passkeys_of ON passkey (account);
ALTER TABLE session ADD COLUMN ceremony BLOB NOT NULL DEFAULT x'';
