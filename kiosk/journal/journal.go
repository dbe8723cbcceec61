// Package journal keeps check-ins on the station until the back office has them: the spool of one that is under way, the
// outbox of those that are confirmed, the number ranges leased to the station, and the last known office.
//
// The contract. What comes in is sealed to the office's age recipient before it is written; the station holds no key that
// opens it. Confirmed means that [Journal.Commit] has returned: record, files, number and outbox row stand in one
// transaction that is on the disk (WAL, synchronous=FULL), and only then is there a number. Acknowledged means wiped:
// deleted pages are overwritten (secure_delete), and so is the write-ahead log before it is cut. What nobody takes within
// [Limit], by a clock that runs with the machine, is wiped too, and counted. What was not confirmed when the station
// stopped is wiped when it starts.
//
// One process has a journal open at a time. A Journal may be used from any goroutine.
package journal

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/foyer-station/foyer/disk"
	"github.com/foyer-station/foyer/scrub"
)

// Limit is how long a confirmed check-in may wait on the station: terminals in the field delete after 96 h at most, and
// this one after a day.
const Limit = 24 * time.Hour

// version is the schema's PRAGMA user_version: schema/N.sql leads from N-1 to N.
const version = 2

//go:embed schema/*.sql
var schema embed.FS

// Errors that a caller decides by.
var (
	ErrFull     = errors.New("disk full: make room on the volume of the station's state folder")
	ErrDamaged  = errors.New("database damaged: move the file away and start again; unsent check-ins in it are lost")
	ErrInUse    = errors.New("journal in use by another process")
	ErrNoNumber = errors.New("no ticket number left for this day")
	ErrNotFound = errors.New("not in the journal")
	ErrNewer    = errors.New("journal written by a newer version")
)

// Journal is an open journal.
type Journal struct {
	db      *sql.DB
	path    string
	uptime  Uptime
	ballast disk.Ballast
}

// Open opens the journal at path, creating it (mode 0600) in a folder that must exist, and wipes the spool of what was
// not confirmed. On a disk that is full it lets go of the room that it has kept there, in the file ballast beside it, and takes
// that again once there is more ([Journal.TryWrite]). Damage is looked for before anything is written. A journal of an older version is brought to this one, and
// keeps what it holds.
func Open(ctx context.Context, path string) (*Journal, error) { return OpenAt(ctx, path, SystemUptime) }

// OpenAt is [Open] on a machine with another uptime.
func OpenAt(ctx context.Context, path string, uptime Uptime) (*Journal, error) {
	kept, err := ballastFor(path)
	if err == nil {
		err = kept.Release()
	}
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+url.Values{
		"_journal_mode":  {"WAL"},
		"_synchronous":   {"FULL"},
		"_secure_delete": {"on"},
		"_locking_mode":  {"EXCLUSIVE"},
		"_foreign_keys":  {"on"},
		"_txlock":        {"immediate"},
		"_busy_timeout":  {"1000"},
	}.Encode())
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	db.SetMaxOpenConns(1) // one writer, and no reader that would keep the log from being cut
	j := &Journal{db: db, path: path, uptime: uptime, ballast: kept}
	if err := errors.Join(j.start(ctx), kept.Take()); err != nil {
		return nil, errors.Join(failed("open", err), db.Close())
	}
	return j, nil
}

// TryWrite writes something that changes nothing, and says whether the disk took it. It is ErrFull where check-ins have no
// room, although wiping has. What it needs is read from the disk: what memory still holds says nothing of that.
func (j *Journal) TryWrite(ctx context.Context) error {
	if err := j.room(0); err != nil {
		return failed("write", err)
	}
	if _, err := j.db.ExecContext(ctx, "PRAGMA shrink_memory"); err != nil {
		return failed("write", err)
	}
	err := j.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE expired SET count = count")
		return err
	})
	if err == nil {
		err = j.ballast.Take()
	}
	return failed("write", err)
}

// Close closes the database; what was committed stays. The log is overwritten before SQLite removes it.
func (j *Journal) Close() error {
	return failed("close", errors.Join(j.cutLog(context.Background()), j.db.Close()))
}

func (j *Journal) start(ctx context.Context) error {
	var verdict string
	if err := j.db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return ErrDamaged
	}
	if err := j.upgrade(ctx); err != nil {
		return err
	}
	spooled, err := j.spooled(ctx)
	if err != nil {
		return err
	}
	for _, id := range spooled {
		if err := j.Discard(ctx, id); err != nil {
			return err
		}
	}
	return j.cutLog(ctx)
}

// upgrade brings the schema to its newest version, in one transaction.
func (j *Journal) upgrade(ctx context.Context) error {
	var have int
	if err := j.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return err
	}
	if have > version {
		return ErrNewer
	}
	return j.transact(ctx, func(tx *sql.Tx) error {
		for next := have + 1; next <= version; next++ {
			step, err := schema.ReadFile(fmt.Sprintf("schema/%d.sql", next))
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, string(step)); err != nil {
				return fmt.Errorf("upgrade to version %d: %w", next, err)
			}
		}
		return nil
	})
}

// cutLog moves the write-ahead log into the database and leaves nothing of it behind, in free blocks neither.
func (j *Journal) cutLog(ctx context.Context) error {
	conn, err := j.db.Conn(ctx)
	if err != nil {
		return err
	}
	return errors.Join(scrub.Log(ctx, conn, j.path), conn.Close())
}

func (j *Journal) transact(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// failed wraps what SQLite says in the error that a caller decides by; nil stays nil.
func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	var said sqlite3.Error
	if errors.As(err, &said) {
		switch {
		case said.Code == sqlite3.ErrFull, said.SystemErrno == syscall.ENOSPC: // an I/O error, where it is no page that has no room
			err = errors.Join(ErrFull, err)
		case said.Code == sqlite3.ErrCorrupt, said.Code == sqlite3.ErrNotADB:
			err = errors.Join(ErrDamaged, err)
		case said.Code == sqlite3.ErrBusy, said.Code == sqlite3.ErrLocked:
			err = errors.Join(ErrInUse, err)
		}
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return fmt.Errorf("journal: %s: %w", op, err)
}
