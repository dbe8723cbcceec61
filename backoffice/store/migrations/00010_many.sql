-- +goose Up

-- An office keeps some thousand check-ins; what it does all day must not look at each. bytes are those of the check-in's uploads.
ALTER TABLE checkin ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE checkin SET bytes = (SELECT coalesce(sum(size), 0) FROM upload WHERE upload.checkin = checkin.id);

DROP INDEX from_station;
CREATE INDEX from_station ON checkin (station, arrived_at, bytes);
CREATE INDEX ended ON checkin (called_by, ended_at, seq) WHERE state IN ('done', 'no_show') AND closed_at IS NULL;
CREATE INDEX confirmed ON checkin (confirmed_at);
CREATE INDEX open_day ON checkin (visit_day) WHERE closed_at IS NULL;
CREATE INDEX present_ticket ON checkin (ticket) WHERE state IN ('waiting', 'called') AND closed_at IS NULL;
