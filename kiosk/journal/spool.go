package journal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"

	"filippo.io/age"
)

// Keep seals a file of a check-in under way to the recipient ("age1...") and puts it in the spool, in place of one of the
// same name. A confirmed check-in is not changed any more. The caller wipes plain.
func (j *Journal) Keep(ctx context.Context, checkInID, recipient, name string, plain []byte) error {
	sealed, err := seal(recipient, plain)
	if err != nil {
		return fmt.Errorf("journal: seal %s: %w", name, err)
	}
	if err := j.room(len(sealed)); err != nil {
		return failed("keep "+name, err)
	}
	return failed("keep "+name, put(ctx, j.db, checkInID, name, sealed))
}

type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func put(ctx context.Context, to execer, checkInID, name string, sealed []byte) error {
	digest := sha256.Sum256(sealed)
	_, err := to.ExecContext(ctx, `
		INSERT INTO files (check_in_id, name, sha256, sealed) VALUES (?, ?, ?, ?)
		ON CONFLICT (check_in_id, name) DO UPDATE SET sha256 = excluded.sha256, sealed = excluded.sealed
		WHERE id NOT IN (SELECT file FROM outbox_files)`,
		checkInID, name, digest[:], sealed)
	return err
}

// Discard wipes what the spool has of a check-in; a confirmed one is left alone.
func (j *Journal) Discard(ctx context.Context, checkInID string) error {
	_, err := j.db.ExecContext(ctx, `
		DELETE FROM files WHERE check_in_id = ? AND id NOT IN (SELECT file FROM outbox_files)`, checkInID)
	if err == nil {
		err = j.cutLog(ctx)
	}
	return failed("discard", err)
}

// spooled lists the check-ins of which the spool has something.
func (j *Journal) spooled(ctx context.Context) (ids []string, err error) {
	rows, err := j.db.QueryContext(ctx, "SELECT DISTINCT check_in_id FROM files WHERE id NOT IN (SELECT file FROM outbox_files)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func seal(recipient string, plain []byte) ([]byte, error) {
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return nil, err
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}
