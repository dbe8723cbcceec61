-- +goose Up

-- The range of waiting that the visitor was told on arrival, in milliseconds; until 0 where none was.
ALTER TABLE checkin ADD COLUMN wait_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checkin ADD COLUMN wait_until INTEGER NOT NULL DEFAULT 0;

-- What forecasts learn from when the office starts is of the last days, and not the whole log.
CREATE INDEX event_at ON event (at);
