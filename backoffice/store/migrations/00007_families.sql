-- +goose Up

-- How many come, and with how many documents, for lists that open no record; and whether the record is of a newer contract than the
-- office understood when it came.
ALTER TABLE checkin ADD COLUMN persons INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checkin ADD COLUMN documents INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checkin ADD COLUMN newer INTEGER NOT NULL DEFAULT 0;
