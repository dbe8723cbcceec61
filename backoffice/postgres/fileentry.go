package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-station/foyer/backoffice/store"
)

// AddToFile adds an entry to the file of its check-in, and its kind as an action to the audit trail. Of a decision, and of a
// correction, last is the id of the last of its sort on the same document that the writer has seen, empty for none: where another has
// been added since, it is ErrOutrun, so that of two people who decide at once one looks again. An id that the file has already is no
// error and adds nothing: the same entry came twice. ErrNotFound where there is no such check-in, ErrFileFull where the file has
// store.MaxFileEntries.
func (s *Store) AddToFile(ctx context.Context, e store.FileEntry, last string) error {
	again := false
	err := s.transact(ctx, func(ctx context.Context, tx transaction) (err error) {
		if again, err = mayAdd(ctx, tx, e, last); err != nil || again {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO file_entry (id, checkin, document, kind, reason, name, at, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			e.ID, e.CheckIn, e.Document, e.Kind, e.Reason, e.Name, millis(e.At), e.Sealed)
		if err != nil {
			return err
		}
		return audit(ctx, tx, store.Entry{At: e.At, Name: e.Name, Action: store.Action(e.Kind), CheckIn: e.CheckIn})
	})
	if err != nil {
		return fmt.Errorf("add to file: %w", err)
	}
	if !again {
		s.announce()
	}
	return nil
}

// mayAdd holds the file, and says why an entry may not be added, or that it was added already.
func mayAdd(ctx context.Context, tx transaction, e store.FileEntry, last string) (again bool, err error) {
	var there, entries int
	var newest string
	var b batch
	b.Queue("SELECT 1 FROM checkin WHERE id = $1 FOR UPDATE", e.CheckIn).QueryRow(func(row pgx.Row) error { return row.Scan(&there) })
	b.Queue(`SELECT EXISTS (SELECT 1 FROM file_entry WHERE id = $2 AND checkin = $1),
		(SELECT count(*) FROM file_entry WHERE checkin = $1),
		coalesce((SELECT id FROM file_entry WHERE checkin = $1 AND document = $3
			AND (kind = 'corrected') = ($4::text = 'corrected') AND kind IN ('accepted', 'rejected', 'asked_again', 'corrected')
			ORDER BY seq DESC LIMIT 1), '')`, e.CheckIn, e.ID, e.Document, e.Kind).QueryRow(func(row pgx.Row) error {
		return row.Scan(&again, &entries, &newest)
	})
	err = tx.send(ctx, &b)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return false, store.ErrNotFound
	case err != nil || again:
		return again, err
	case entries >= store.MaxFileEntries:
		return false, store.ErrFileFull
	case (e.Kind.Decides() || e.Kind == store.Corrected) && newest != last:
		return false, store.ErrOutrun
	}
	return false, nil
}

const entryColumns = "e.id, e.checkin, e.document, e.kind, e.reason, e.name, e.at, e.sealed"

// FileEntries lists what staff added to a visitor's file, in the order in which it was added; nothing where there is no such check-in.
func (s *Store) FileEntries(ctx context.Context, checkIn string) ([]store.FileEntry, error) {
	return s.entries(ctx, "SELECT "+entryColumns+" FROM file_entry e WHERE checkin = $1 ORDER BY seq", checkIn)
}

// WantedHelp lists the calls for help, the first one first, to which nobody has gone yet, of visitors whose day is not closed. Who goes
// has added an entry HelpComing to the same file, which answers every call in it until then.
func (s *Store) WantedHelp(ctx context.Context) ([]store.FileEntry, error) {
	return s.entries(ctx, "SELECT "+entryColumns+` FROM file_entry e JOIN checkin ON checkin.id = e.checkin
		WHERE e.kind = 'help_wanted' AND checkin.closed_at IS NULL AND NOT EXISTS
			(SELECT 1 FROM file_entry a WHERE a.checkin = e.checkin AND a.kind = 'help_coming' AND a.seq > e.seq)
		ORDER BY e.seq`)
}

func (s *Store) entries(ctx context.Context, query string, args ...any) ([]store.FileEntry, error) {
	all, err := list(ctx, s, func(row pgx.CollectableRow) (e store.FileEntry, err error) {
		var at int64
		err = row.Scan(&e.ID, &e.CheckIn, &e.Document, &e.Kind, &e.Reason, &e.Name, &at, &e.Sealed)
		e.At = moment(at)
		return e, err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read file entries: %w", err)
	}
	return all, nil
}
