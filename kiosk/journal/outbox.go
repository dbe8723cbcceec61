package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// recordName is the record's name among the files; no captured file bears it.
const recordName = "record"

// CheckIn is what the visitor confirmed.
type CheckIn struct {
	ID          string    // UUIDv7
	ConfirmedAt time.Time // its day, in its own location, decides which number range is used: the back office's, see link.Now
	ServiceID   string
	Language    string
	Recipient   string   // to whom the record is sealed
	Record      []byte   // plain; the caller wipes it
	Files       []string // names of files in the spool, in the record's order; what is not named is wiped
}

// Confirmed is a check-in in the outbox. Nothing in it is personal.
type Confirmed struct {
	ID           string
	ConfirmedAt  time.Time
	ServiceID    string
	Language     string
	Ticket       string // "A-127"
	Day          string // of the number's lease, YYYY-MM-DD
	RecordSHA256 []byte // of the sealed record
	FileSHA256   [][]byte
}

// Commit confirms a check-in and gives its ticket number. ErrNoNumber, ErrFull and every other error leave nothing
// confirmed. A check-in that is confirmed already gives the number that it has.
func (j *Journal) Commit(ctx context.Context, c CheckIn) (string, error) {
	record, err := seal(c.Recipient, c.Record)
	if err != nil {
		return "", fmt.Errorf("journal: seal record: %w", err)
	}
	var ticket string
	err = j.transact(ctx, func(tx *sql.Tx) error {
		now, err := j.tick(ctx, tx, c.ConfirmedAt)
		if err != nil {
			return err
		}
		ticket, err = commit(ctx, tx, c, record, now)
		return err
	})
	return ticket, failed("commit", err)
}

func commit(ctx context.Context, tx *sql.Tx, c CheckIn, record []byte, now clock) (string, error) {
	var ticket string
	err := tx.QueryRowContext(ctx, "SELECT ticket FROM outbox WHERE check_in_id = ?", c.ID).Scan(&ticket)
	if !errors.Is(err, sql.ErrNoRows) {
		return ticket, err
	}
	day := c.ConfirmedAt.Format(time.DateOnly)
	if ticket, err = takeNumber(ctx, tx, day); err != nil {
		return "", err
	}
	if err := put(ctx, tx, c.ID, recordName, record); err != nil {
		return "", err
	}
	if _, err = tx.ExecContext(ctx, "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		c.ID, c.ConfirmedAt.UnixMilli(), c.ServiceID, c.Language, ticket, day, now.ran, now.off); err != nil {
		return "", err
	}
	for position, name := range append([]string{recordName}, c.Files...) {
		result, err := tx.ExecContext(ctx, `
			INSERT INTO outbox_files SELECT check_in_id, ?, id FROM files WHERE check_in_id = ? AND name = ?`,
			position, c.ID, name)
		if err != nil {
			return "", err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return "", errors.Join(fmt.Errorf("file %s: %w", name, ErrNotFound), err)
		}
	}
	_, err = tx.ExecContext(ctx, `
		DELETE FROM files WHERE check_in_id = ? AND id NOT IN (SELECT file FROM outbox_files)`, c.ID)
	return ticket, err
}

// Outbox gives the check-ins that are confirmed and not acknowledged, oldest first.
func (j *Journal) Outbox(ctx context.Context) ([]Confirmed, error) {
	rows, err := j.db.QueryContext(ctx, `
		SELECT o.check_in_id, o.confirmed_at, o.service_id, o.language, o.ticket, o.day, f.sha256
		FROM outbox o JOIN outbox_files p USING (check_in_id) JOIN files f ON f.id = p.file
		ORDER BY o.confirmed_at, o.check_in_id, p.position`)
	if err != nil {
		return nil, failed("read outbox", err)
	}
	defer rows.Close()
	var all []Confirmed
	for rows.Next() {
		var c Confirmed
		var at int64
		var digest []byte
		if err := rows.Scan(&c.ID, &at, &c.ServiceID, &c.Language, &c.Ticket, &c.Day, &digest); err != nil {
			return nil, failed("read outbox", err)
		}
		if n := len(all); n > 0 && all[n-1].ID == c.ID {
			all[n-1].FileSHA256 = append(all[n-1].FileSHA256, digest)
			continue
		}
		c.ConfirmedAt, c.RecordSHA256 = time.UnixMilli(at), digest
		all = append(all, c)
	}
	return all, failed("read outbox", rows.Err())
}

// Sealed gives a sealed file of a confirmed check-in by its hash.
func (j *Journal) Sealed(ctx context.Context, checkInID string, sha256 []byte) ([]byte, error) {
	var sealed []byte
	err := j.db.QueryRowContext(ctx, "SELECT sealed FROM files WHERE check_in_id = ? AND sha256 = ?", checkInID, sha256).Scan(&sealed)
	return sealed, failed("read file", err)
}

// Acknowledge wipes a check-in that the back office has. One that is gone already is no error.
func (j *Journal) Acknowledge(ctx context.Context, checkInID string) error {
	err := j.transact(ctx, func(tx *sql.Tx) error { return wipe(ctx, tx, checkInID) })
	if err == nil {
		err = j.cutLog(ctx)
	}
	return failed("acknowledge", err)
}

// Expire wipes what has waited for [Limit], and gives the tickets that were lost so that somebody is told. How long
// something has waited is measured by a clock that runs with the machine; now, the time of day as good as it is known,
// counts for the time in which the machine was off. Call it after what waits was tried to be sent.
func (j *Journal) Expire(ctx context.Context, now time.Time) ([]string, error) {
	var tickets []string
	err := j.transact(ctx, func(tx *sql.Tx) error {
		waiting, err := waiting(ctx, tx)
		if err != nil || len(waiting) == 0 {
			return err
		}
		c, err := j.tick(ctx, tx, now)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			if c.left(w.stamp) > 0 {
				continue
			}
			tickets = append(tickets, w.ticket)
			if err := wipe(ctx, tx, w.id); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, "UPDATE expired SET count = count + ?", len(tickets))
		return err
	})
	if err != nil {
		return nil, failed("expire", err)
	}
	if len(tickets) > 0 {
		err = j.cutLog(ctx)
	}
	return tickets, failed("expire", err)
}

// waits is a check-in in the outbox and since when it is there.
type waits struct {
	id, ticket string
	stamp      stamp
}

func waiting(ctx context.Context, from interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}) ([]waits, error) {
	rows, err := from.QueryContext(ctx, "SELECT check_in_id, ticket, ran, off FROM outbox")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []waits
	for rows.Next() {
		var w waits
		if err := rows.Scan(&w.id, &w.ticket, &w.stamp.ran, &w.stamp.off); err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, rows.Err()
}

// Wait is how the outbox waits; the zero Wait is an empty one.
type Wait struct {
	CheckIns int
	Oldest   time.Duration // that one has waited
	Left     time.Duration // until the next one is wiped
}

// Wait tells how long what is confirmed has waited, at a time of day.
func (j *Journal) Wait(ctx context.Context, now time.Time) (Wait, error) {
	all, err := waiting(ctx, j.db)
	if err != nil || len(all) == 0 {
		return Wait{}, failed("read outbox", err)
	}
	c, err := j.clock(ctx, j.db, now)
	if err != nil {
		return Wait{}, failed("read outbox", err)
	}
	w := Wait{CheckIns: len(all), Left: Limit}
	for _, one := range all {
		w.Oldest, w.Left = max(w.Oldest, c.age(one.stamp)), max(0, min(w.Left, c.left(one.stamp)))
	}
	return w, nil
}

func wipe(ctx context.Context, tx *sql.Tx, checkInID string) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM outbox WHERE check_in_id = ?", checkInID); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM files WHERE check_in_id = ?", checkInID)
	return err
}

// Counts is what a technician is told of the journal.
type Counts struct {
	Outbox  int // confirmed, not acknowledged
	Spool   int // files of check-ins that nobody has confirmed
	Numbers int // left for the day
	Expired int // wiped unacknowledged, since the journal was made
}

// Count counts; day is YYYY-MM-DD.
func (j *Journal) Count(ctx context.Context, day string) (Counts, error) {
	var c Counts
	err := j.db.QueryRowContext(ctx, `
		SELECT (SELECT count(*) FROM outbox),
		       (SELECT count(*) FROM files WHERE id NOT IN (SELECT file FROM outbox_files)),
		       (SELECT coalesce(sum(past - next), 0) FROM leases WHERE day = ?),
		       (SELECT count FROM expired)`, day).Scan(&c.Outbox, &c.Spool, &c.Numbers, &c.Expired)
	return c, failed("count", err)
}
