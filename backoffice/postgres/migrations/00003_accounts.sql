-- +goose Up

-- Who may sign in, apart from who receives visitors. A caseworker has one account at most. Roles are empty in an account of an earlier
-- version until the office file has been asked for them.
CREATE TABLE account (
  id         text COLLATE "C" PRIMARY KEY, -- says nothing
  name       text COLLATE "C" NOT NULL UNIQUE,
  password   text COLLATE "C" NOT NULL, -- argon2id, PHC string
  caseworker text COLLATE "C" NOT NULL,
  roles      text[] NOT NULL,
  disabled   boolean NOT NULL DEFAULT false,
  totp       bytea NOT NULL DEFAULT '', -- the secret of one-time codes, sealed under the office's key; empty for none
  totp_step  bigint NOT NULL DEFAULT 0  -- the latest time step whose code was taken
);
CREATE UNIQUE INDEX account_of ON account (caseworker) WHERE caseworker <> '';
INSERT INTO account (id, name, password, caseworker, roles) SELECT gen_random_uuid()::text, name, password, name, '{}' FROM staff;

-- A session outlives its account, so that its pages can say why it ended.
ALTER TABLE session DROP CONSTRAINT session_name_fkey;
UPDATE session SET name = account.id FROM account WHERE account.name = session.name;
ALTER TABLE session RENAME name TO account;
ALTER TABLE session
  ADD proof    text NOT NULL DEFAULT '', -- by what, beside the password, the holder is known; empty for nothing
  ADD ceremony bytea NOT NULL DEFAULT ''; -- what was begun with a passkey, and is taken once
ALTER INDEX session_name RENAME TO session_account;

ALTER TABLE browser DROP CONSTRAINT browser_name_fkey;
UPDATE browser SET name = account.id FROM account WHERE account.name = browser.name;
ALTER TABLE browser RENAME name TO account;
ALTER TABLE browser ADD FOREIGN KEY (account) REFERENCES account ON DELETE CASCADE;
DROP TABLE staff;

CREATE TABLE recovery (
  account text COLLATE "C" NOT NULL REFERENCES account ON DELETE CASCADE,
  sha256  bytea NOT NULL,
  PRIMARY KEY (account, sha256)
);

-- Passkeys: the public half, as the program keeps it.
CREATE TABLE passkey (
  id         bytea PRIMARY KEY,
  n          bigint GENERATED ALWAYS AS IDENTITY, -- in the order in which they were added
  account    text COLLATE "C" NOT NULL REFERENCES account ON DELETE CASCADE,
  credential bytea NOT NULL
);
CREATE INDEX passkey_account ON passkey (account);
