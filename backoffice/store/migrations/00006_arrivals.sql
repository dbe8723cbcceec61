-- +goose Up

-- When a check-in arrived, which tells what was over its time then from what became so here, and the certificate that its
-- station showed, as the deny list writes it: "sha256:" and its fingerprint.
ALTER TABLE checkin ADD COLUMN arrived_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checkin ADD COLUMN certificate TEXT NOT NULL DEFAULT '';
UPDATE checkin SET arrived_at = confirmed_at;
CREATE INDEX from_station ON checkin (station, arrived_at);

-- The lines of the deny list, and since when each stands there: what came from such a station before is marked.
CREATE TABLE denied (
  name  TEXT PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT;

-- How many wait whose day is not closed until a person confirms what the clock says.
ALTER TABLE sweep ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
