-- What the self-test found on a station. Nothing of a person, and no serial numbers: ids of checks, results, keys of reasons, values.
CREATE TABLE run (
	at     INTEGER PRIMARY KEY, -- Unix seconds
	level  TEXT NOT NULL,
	source TEXT NOT NULL
);
CREATE TABLE "check" (
	id      INTEGER PRIMARY KEY,
	name    TEXT NOT NULL UNIQUE, -- "camera.sharpness"
	unit    TEXT NOT NULL DEFAULT '',
	minimum REAL,                 -- of the last run
	maximum REAL
);
-- How a check ended, where it had ended otherwise before.
CREATE TABLE change (
	"check" INTEGER NOT NULL REFERENCES "check"(id),
	at      INTEGER NOT NULL,
	result  TEXT NOT NULL,
	state   TEXT NOT NULL,
	reason  TEXT NOT NULL, -- its key
	device  TEXT NOT NULL, -- model and firmware
	PRIMARY KEY ("check", at)
) WITHOUT ROWID;
CREATE TABLE value (
	"check" INTEGER NOT NULL REFERENCES "check"(id),
	at      INTEGER NOT NULL,
	value   REAL NOT NULL,
	PRIMARY KEY ("check", at)
) WITHOUT ROWID;
