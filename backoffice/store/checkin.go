package store

import (
	"cmp"
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

// Discrepancy is how a ticket differs from what was leased to its station.
type Discrepancy string

// The discrepancies of a ticket; empty for none. No visitor is refused for one.
const (
	LeasedToNobody  Discrepancy = "leased_to_nobody" // that the office knows of: after a restore, or from a station that lies
	LeasedElsewhere Discrepancy = "leased_elsewhere" // to another station
	Respelt         Discrepancy = "respelt"          // written otherwise than it was leased
	NoNumber        Discrepancy = "no_number"        // what the station sent is no ticket's number
)

// Unreadable stands in the place of a verdict where what a station sent could not be read in whole, or contradicts itself. It
// is no verdict on a document: it says that nobody has one, and that a person must look.
const Unreadable verify.Verdict = "unreadable"

// CheckIn is what is known of a check-in without opening its record.
type CheckIn struct {
	ID, Station string
	ConfirmedAt time.Time
	Service     string         // id; empty when the visitor asked for a member of staff
	Language    string         // BCP 47
	Ticket, Day string         // the day is the ticket's
	VisitDay    string         // the office's day on which the visitor came, YYYY-MM-DD; on arrival empty for the ticket's
	Discrepancy Discrepancy    // of the ticket
	Twin        bool           // another visitor of the day, or one who waits, has the same ticket; not looked at on arrival
	Verdict     verify.Verdict // of the worst document; empty without one; or Unreadable
	Validity    verify.Validity
	Persons     int              // that the record has
	Documents   int              // that the record has
	Newer       bool             // the record is of a newer contract: not all of it can be shown
	Decision    routing.Decision // without its explanation but where a method says so
	Wait        time.Duration    // until called, as it was estimated on arrival
	Room        string
	State       State
	CalledBy    string    // a caseworker; empty while waiting
	CalledAt    time.Time // zero while waiting
	Closed      bool      // the day of the visit is over: nobody calls this visitor any more
	Recorded    bool      // there is a sealed record
	DeniedSince time.Time // when the station, or the certificate that it showed, came on the deny list; zero where it is not
	AwayUntil   time.Time // until when the visitor has asked not to be called, which may have passed; zero where it was never asked
	Standing
}

// Upload is one sealed file as the station sent it.
type Upload struct {
	SHA256 []byte
	Size   int64
}

// Admission is a check-in on arrival. Its Decision, Wait, Room, State and calls are not looked at.
type Admission struct {
	CheckIn
	Today string // the office's day, YYYY-MM-DD; who came on an earlier one is not queued but told by LeftOver
	At    time.Time
	// Certificate is the one that the station showed, as the deny list writes it.
	Certificate string
	Request     []byte // the request, to be recognised when it is sent again
	Record      []byte // sealed; nil when the visitor gave no data
	Uploads     []Upload
	// Facts are what the record tells the rules. They are kept in the explanation of the decision alone.
	Facts routing.Facts
}

// Queued is one visitor who waits for a turn; who is parked waits for something else, and comes before nobody.
type Queued struct {
	Caseworker, Service string
}

// Placement is where a new check-in goes, for staff, and how many come before, which is what its station is told.
type Placement struct {
	Decision routing.Decision
	Room     string
	Ahead    int
	Wait     time.Duration
	Told
}

// Told is the range of waiting that a visitor is told on arrival, in whole milliseconds. None is told where WaitUntil is 0.
type Told struct{ WaitFrom, WaitUntil time.Duration }

// Submission is a check-in that arrived earlier: who sent what, and what was told of it.
type Submission struct {
	Station string
	Request []byte
	Ahead   int
	Wait    time.Duration
	Told
}

// Admit puts a check-in into the queue. Place is called with everyone who waits and is not parked, and decides where it goes; nothing else changes the
// queue meanwhile. Where the transaction has to be tried again place is called again, and what it said last counts. The explanation of
// the decision, if it has one, is kept with the check-in. A ticket that another check-in has too is no reason to refuse this one.
func (s *Store) Admit(ctx context.Context, a Admission, place func([]Queued) Placement) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		queue, err := queued(ctx, tx)
		if err != nil {
			return err
		}
		p := place(queue)
		if err := insert(ctx, tx, a, p); err != nil {
			return err
		}
		if err := explain(ctx, tx, a.ID, p.Decision.Explanation); err != nil {
			return err
		}
		if err := addToken(ctx, tx, a.ID); err != nil {
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
		if err := recordArrival(ctx, tx, a); err != nil {
			return err
		}
		if a.Late() {
			_, err = tx.ExecContext(ctx, leave+"id = ? ON CONFLICT DO NOTHING", a.ID)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("admit check-in: %w", err)
	}
	s.announce()
	return nil
}

// Bytes is how many the sealed files have, as they came.
func (a Admission) Bytes() (n int64) {
	for _, u := range a.Uploads {
		n += u.Size
	}
	return n
}

// Late says whether the day on which the visitor came is over.
func (a Admission) Late() bool { return cmp.Or(a.VisitDay, a.Day) < a.Today }

func insert(ctx context.Context, tx *sql.Tx, a Admission, p Placement) error {
	decision, err := json.Marshal(p.Decision)
	if err != nil {
		return err
	}
	var closed sql.NullInt64
	if a.Late() {
		closed = sql.NullInt64{Int64: millis(a.At), Valid: true}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO checkin (id, station, request, confirmed_at, service, language, ticket, day,
		visit_day, closed_at, doubt, verdict, validity, persons, documents, newer, decision, caseworker, room, ahead, wait, arrived_at, certificate, bytes, wait_from, wait_until, state, seq)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', (SELECT coalesce(max(seq), 0) + 1 FROM checkin))`,
		a.ID, a.Station, a.Request, millis(a.ConfirmedAt), a.Service, a.Language, a.Ticket, a.Day, cmp.Or(a.VisitDay, a.Day), closed,
		a.Discrepancy, a.Verdict, a.Validity, a.Persons, a.Documents, a.Newer, string(decision), p.Decision.Caseworker, p.Room, p.Ahead, p.Wait.Milliseconds(),
		millis(a.At), a.Certificate, a.Bytes(), p.WaitFrom.Milliseconds(), p.WaitUntil.Milliseconds())
	return err
}

func queued(ctx context.Context, tx *sql.Tx) ([]Queued, error) {
	rows, err := tx.QueryContext(ctx, "SELECT caseworker, service FROM checkin WHERE state = 'waiting' AND closed_at IS NULL AND parked_by = ''")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var queue []Queued
	for rows.Next() {
		var v Queued
		if err := rows.Scan(&v.Caseworker, &v.Service); err != nil {
			return nil, err
		}
		queue = append(queue, v)
	}
	return queue, rows.Err()
}

// Submitted finds what arrived under a check-in's id; ErrNotFound when nothing did.
func (s *Store) Submitted(ctx context.Context, id string) (Submission, error) {
	var b Submission
	var wait, from, until int64
	err := s.db.QueryRowContext(ctx, "SELECT station, request, ahead, wait, wait_from, wait_until FROM checkin WHERE id = ?", id).
		Scan(&b.Station, &b.Request, &b.Ahead, &wait, &from, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return Submission{}, ErrNotFound
	}
	if err != nil {
		return Submission{}, fmt.Errorf("look up check-in: %w", err)
	}
	b.Wait, b.Told = time.Duration(wait)*time.Millisecond, told(from, until)
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

// Stored is how many bytes of sealed files came in with check-ins of a station that arrived within a time, and are kept.
func (s *Store) Stored(ctx context.Context, station string, after, until time.Time) (n int64, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT coalesce(sum(bytes), 0) FROM checkin WHERE station = ? AND arrived_at > ? AND arrived_at <= ?`, station, millis(after), millis(until)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("look up uploads: %w", err)
	}
	return n, nil
}
