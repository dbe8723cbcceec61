package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// EntryKind is what an entry of a visitor's file is.
type EntryKind string

// The kinds of entries. The first three are decisions on a document.
const (
	Accepted   EntryKind = "accepted"
	Rejected   EntryKind = "rejected"
	AskedAgain EntryKind = "asked_again" // the visitor is to bring it, or something else, once more

	Corrected  EntryKind = "corrected"   // the MRZ of a document, by hand; Sealed has its lines
	Noted      EntryKind = "noted"       // Sealed has the note
	HelpWanted EntryKind = "help_wanted" // at the desk of whoever added it; Reason says which
	HelpComing EntryKind = "help_coming" // whoever added it goes there
)

// Decides says whether an entry of this kind is a decision on a document.
func (k EntryKind) Decides() bool { return k == Accepted || k == Rejected || k == AskedAgain }

// MaxFileEntries is how many entries a file may have. No visit needs nearly as many.
const MaxFileEntries = 500

// Errors of entries that a caller can decide by.
var (
	// ErrOutrun says that somebody else has decided on the document, or corrected it, since the writer looked.
	ErrOutrun = errors.New("somebody else was first")
	// ErrFileFull says that a file has as many entries as it may have.
	ErrFileFull = errors.New("the file has as many entries as it may have")
)

// FileEntry is what a member of staff added to a visitor's file. It is never changed, only followed by another.
type FileEntry struct {
	ID       string // given by whoever adds it; no other entry has it
	CheckIn  string
	Document int // in the check-in, from 1; 0 of the whole file
	Kind     EntryKind
	Reason   string // a code; empty where none is asked for
	Name     string // of the member of staff
	At       time.Time
	Sealed   []byte // under the check-in's own key: all that is personal; nil where there is nothing
}

// AddToFile adds an entry to the file of its check-in, and its kind as an action to the audit trail. Of a decision, and of a
// correction, last is the id of the last of its sort on the same document that the writer has seen, empty for none: where another has
// been added since, it is ErrOutrun, so that of two people who decide at once one looks again. An id that the file has already is no
// error and adds nothing: the same entry came twice. ErrNotFound where there is no such check-in, ErrFileFull where the file has
// MaxFileEntries.
func (s *Store) AddToFile(ctx context.Context, e FileEntry, last string) error {
	again := false
	err := s.transact(ctx, func(tx *sql.Tx) (err error) {
		if again, err = s.mayAdd(ctx, tx, e, last); err != nil || again {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO file_entry (id, checkin, document, kind, reason, name, at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			e.ID, e.CheckIn, e.Document, e.Kind, e.Reason, e.Name, millis(e.At), e.Sealed)
		if err != nil {
			return err
		}
		return audit(ctx, tx, Entry{At: e.At, Name: e.Name, Action: Action(e.Kind), CheckIn: e.CheckIn})
	})
	if err != nil {
		return fmt.Errorf("add to file: %w", err)
	}
	if !again {
		s.announce()
	}
	return nil
}

// mayAdd says why an entry may not be added, or that it was added already.
func (s *Store) mayAdd(ctx context.Context, tx *sql.Tx, e FileEntry, last string) (again bool, err error) {
	var there bool
	var entries int
	var newest string
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM checkin WHERE id = ?1),
		EXISTS (SELECT 1 FROM file_entry WHERE id = ?2 AND checkin = ?1),
		(SELECT count(*) FROM file_entry WHERE checkin = ?1),
		coalesce((SELECT id FROM file_entry WHERE checkin = ?1 AND document = ?3
			AND (kind = 'corrected') = (?4 = 'corrected') AND kind IN ('accepted', 'rejected', 'asked_again', 'corrected')
			ORDER BY seq DESC LIMIT 1), '')`, e.CheckIn, e.ID, e.Document, e.Kind).Scan(&there, &again, &entries, &newest)
	switch {
	case err != nil || again:
		return again, err
	case !there:
		return false, ErrNotFound
	case entries >= MaxFileEntries:
		return false, ErrFileFull
	case (e.Kind.Decides() || e.Kind == Corrected) && newest != last:
		return false, ErrOutrun
	}
	return false, nil
}

const entryColumns = "e.id, e.checkin, e.document, e.kind, e.reason, e.name, e.at, e.sealed"

// FileEntries lists what staff added to a visitor's file, in the order in which it was added; nothing where there is no such check-in.
func (s *Store) FileEntries(ctx context.Context, checkIn string) ([]FileEntry, error) {
	return s.entries(ctx, "SELECT "+entryColumns+" FROM file_entry e WHERE checkin = ? ORDER BY seq", checkIn)
}

// WantedHelp lists the calls for help, the first one first, to which nobody has gone yet, of visitors whose day is not closed. Who goes
// has added an entry HelpComing to the same file, which answers every call in it until then.
func (s *Store) WantedHelp(ctx context.Context) ([]FileEntry, error) {
	return s.entries(ctx, "SELECT "+entryColumns+` FROM file_entry e JOIN checkin ON checkin.id = e.checkin
		WHERE e.kind = 'help_wanted' AND checkin.closed_at IS NULL AND NOT EXISTS
			(SELECT 1 FROM file_entry a WHERE a.checkin = e.checkin AND a.kind = 'help_coming' AND a.seq > e.seq)
		ORDER BY e.seq`)
}

func (s *Store) entries(ctx context.Context, query string, args ...any) ([]FileEntry, error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read file entries: %w", err)
	}
	defer rows.Close()
	var all []FileEntry
	for rows.Next() {
		var e FileEntry
		var at int64
		if err := rows.Scan(&e.ID, &e.CheckIn, &e.Document, &e.Kind, &e.Reason, &e.Name, &at, &e.Sealed); err != nil {
			return nil, fmt.Errorf("read file entries: %w", err)
		}
		e.At = moment(at)
		all = append(all, e)
	}
	return all, rows.Err()
}
