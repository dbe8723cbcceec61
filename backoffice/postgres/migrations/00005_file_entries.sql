-- +goose Up

-- What staff add to a visitor's file: decisions, notes, corrected MRZs, calls for help. An entry is only followed by another, never
-- changed, and goes with its check-in. Whatever is personal stands in sealed, under the check-in's own key. Who adds one holds the row of
-- the check-in, so that the numbers of a file become visible in their order.
CREATE TABLE file_entry (
  seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id       text COLLATE "C" NOT NULL UNIQUE,
  checkin  text COLLATE "C" NOT NULL REFERENCES checkin ON DELETE CASCADE,
  document int NOT NULL,               -- from 1; 0 of the whole file
  kind     text COLLATE "C" NOT NULL,
  reason   text COLLATE "C" NOT NULL,  -- a code
  name     text COLLATE "C" NOT NULL,  -- of the member of staff
  at       bigint NOT NULL,
  sealed   bytea
);
CREATE INDEX file_entry_of ON file_entry (checkin, seq);
CREATE INDEX file_entry_help ON file_entry (seq) WHERE kind = 'help_wanted';

-- +goose StatementBegin
CREATE FUNCTION file_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an entry of a file is never changed';
END $$;
-- +goose StatementEnd
CREATE TRIGGER file_entry_stays BEFORE UPDATE ON file_entry FOR EACH ROW EXECUTE FUNCTION file_entry_stays();
