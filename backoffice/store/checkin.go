package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/verify"
)

// State is where a check-in is on its way.
type State string

// The states of a check-in.
const (
	Waiting State = "waiting"
	Called  State = "called"
	Done    State = "done"
	NoShow  State = "no_show"
)

// Doubt is what is odd about a ticket.
type Doubt string

// The doubts about a ticket; empty for none. No visitor is refused for one.
const (
	LeasedToNobody  Doubt = "leased_to_nobody" // that the office knows of: after a restore, or from a station that lies
	LeasedElsewhere Doubt = "leased_elsewhere" // to another station
)

// CheckIn is what is known of a check-in without opening its record.
type CheckIn struct {
	ID, Station string
	ConfirmedAt time.Time
	Service     string // id; empty when the visitor asked for a member of staff
	Language    string // BCP 47
	Ticket, Day string
	Doubt       Doubt          // about the ticket
	Twin        bool           // another visitor of the day, or one who waits, has the same ticket; not looked at on arrival
	Verdict     verify.Verdict // of the worst document; empty without one; unverified where the record could not be read
	Validity    verify.Validity
	Decision    routing.Decision
	Room        string
	State       State
	CalledBy    string    // a caseworker; empty while waiting
	CalledAt    time.Time // zero while waiting
}

// Upload is one sealed file as the station sent it.
type Upload struct {
	SHA256 []byte
	Size   int64
}

// Admission is a check-in on arrival. Its Decision, Room, State and calls are not looked at.
type Admission struct {
	CheckIn
	Request []byte // the request, to be recognised when it is sent again
	Record  []byte // sealed; nil when the visitor gave no data
	Uploads []Upload
}

// InLine is one visitor who waits.
type InLine struct {
	Caseworker, Service string
	ConfirmedAt         time.Time
}

// Placement is where a new check-in goes and what its station is told.
type Placement struct {
	Decision routing.Decision
	Room     string
	Ahead    int
	Wait     time.Duration
}

// Submission is a check-in that arrived earlier: who sent what, and the answer it got.
type Submission struct {
	Station string
	Request []byte
	Room    string
	Ahead   int
	Wait    time.Duration
}

// Admit puts a check-in into the queue. Place is called once, with everyone who waits, and decides where it goes;
// nothing else changes the queue meanwhile. A ticket that another check-in has too is no reason to refuse this one.
func (s *Store) Admit(ctx context.Context, a Admission, place func([]InLine) Placement) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		line, err := inLine(ctx, tx)
		if err != nil {
			return err
		}
		if err := insert(ctx, tx, a, place(line)); err != nil {
			return err
		}
		if a.Record != nil {
			_, err := tx.ExecContext(ctx, "INSERT INTO record (checkin, sealed) VALUES (?, ?)", a.ID, a.Record)
			if err != nil {
				return err
			}
		}
		for _, u := range a.Uploads {
			_, err := tx.ExecContext(ctx, "INSERT INTO upload (checkin, sha256, size) VALUES (?, ?, ?)", a.ID, u.SHA256, u.Size)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("admit check-in: %w", err)
	}
	s.announce()
	return nil
}

func insert(ctx context.Context, tx *sql.Tx, a Admission, p Placement) error {
	decision, err := json.Marshal(p.Decision)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO checkin (id, station, request, confirmed_at, service, language, ticket, day,
		doubt, verdict, validity, decision, caseworker, room, ahead, wait, state)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting')`,
		a.ID, a.Station, a.Request, millis(a.ConfirmedAt), a.Service, a.Language, a.Ticket, a.Day,
		a.Doubt, a.Verdict, a.Validity, string(decision), p.Decision.Caseworker, p.Room, p.Ahead, p.Wait.Milliseconds())
	return err
}

func inLine(ctx context.Context, tx *sql.Tx) ([]InLine, error) {
	rows, err := tx.QueryContext(ctx, "SELECT caseworker, service, confirmed_at FROM checkin WHERE state = 'waiting'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var line []InLine
	for rows.Next() {
		var v InLine
		var at int64
		if err := rows.Scan(&v.Caseworker, &v.Service, &at); err != nil {
			return nil, err
		}
		v.ConfirmedAt = moment(at)
		line = append(line, v)
	}
	return line, rows.Err()
}

// Submitted finds what arrived under a check-in's id; ErrNotFound when nothing did.
func (s *Store) Submitted(ctx context.Context, id string) (Submission, error) {
	var b Submission
	var wait int64
	err := s.db.QueryRowContext(ctx, "SELECT station, request, room, ahead, wait FROM checkin WHERE id = ?", id).
		Scan(&b.Station, &b.Request, &b.Room, &b.Ahead, &wait)
	if errors.Is(err, sql.ErrNoRows) {
		return Submission{}, ErrNotFound
	}
	if err != nil {
		return Submission{}, fmt.Errorf("look up check-in: %w", err)
	}
	b.Wait = time.Duration(wait) * time.Millisecond
	return b, nil
}

// Uploaded gives the size of a sealed file that came in with a submitted check-in of this station; ErrNotFound when
// there is none.
func (s *Store) Uploaded(ctx context.Context, station, id string, sha256 []byte) (size int64, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT size FROM upload JOIN checkin ON checkin.id = upload.checkin
		WHERE station = ? AND checkin = ? AND sha256 = ?`, station, id, sha256).Scan(&size)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, ErrNotFound
	}
	if err != nil {
		return 0, fmt.Errorf("look up upload: %w", err)
	}
	return size, nil
}

// Overdue lists the check-ins that were confirmed before a moment, whatever became of them.
func (s *Store) Overdue(ctx context.Context, before time.Time) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id FROM checkin WHERE confirmed_at < ?", millis(before))
	if err != nil {
		return nil, fmt.Errorf("look for overdue check-ins: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("look for overdue check-ins: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Forget removes a check-in and all that hangs on it but the audit rows. Forgetting twice is no error.
func (s *Store) Forget(ctx context.Context, id string) error {
	if _, err := s.db.ExecContext(ctx, "DELETE FROM checkin WHERE id = ?", id); err != nil {
		return fmt.Errorf("forget check-in: %w", err)
	}
	s.announce()
	return nil
}
