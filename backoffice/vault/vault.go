// Package vault keeps what visitors hand in. A station seals to the office's age recipient; the vault opens that once, on
// arrival, and seals it again under a key that belongs to this check-in alone: a file by its age header, which is written anew in its
// place. The keys are in a database of their own, which no backup should hold, so that erasing one row erases the check-in everywhere
// its files may have been copied to.
// An erased key is overwritten wherever SQLite had written it: in its row, in the write-ahead log, in pages given back.
//
// Format of all sealed bytes: age v1 (age-encryption.org/v1) with one X25519 recipient.
package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"filippo.io/age"

	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/backoffice/sqlite"
	"github.com/foyer-station/foyer/scrub"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Errors that a caller can decide by.
var (
	// ErrErased says that the check-in has no key: it was erased, or never came.
	ErrErased = errors.New("check-in is erased")
	// ErrNotSealed says that bytes from a station do not open with the office's identity.
	ErrNotSealed = errors.New("not sealed to this office")
	// ErrMismatch says that opened bytes are not those that the record announces.
	ErrMismatch = errors.New("size or hash differs from the record")
)

// Vault holds the sealed files of all check-ins. Its methods may be called from several goroutines at once.
type Vault struct {
	office  []age.Identity
	keys    *sql.DB
	writer  *sqlite.Writer // of keys
	keyPath string
	dir     string
}

// Open opens the vault whose files lie under dir and whose keys in the database at keyPath; both are made if missing.
// Office are the identities that stations seal to: the present one, and those that it replaced while their check-ins
// may still arrive. The caller closes the vault.
func Open(ctx context.Context, dir, keyPath string, office []age.Identity) (*Vault, error) {
	if err := durable.MkdirAll(dir); err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	schema, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	keys, err := sqlite.Open(ctx, keyPath, schema)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	keys.SetMaxOpenConns(1) // a reader on a second one would keep the log from being overwritten
	v := &Vault{office: office, keys: keys, keyPath: keyPath, dir: dir}
	// What a kill has left in the log, and what a migration wrote there.
	if err := v.change(ctx, func(conn *sql.Conn) error { return scrub.Log(ctx, conn, keyPath) }); err != nil {
		return nil, errors.Join(fmt.Errorf("vault: %w", err), keys.Close())
	}
	v.writer = sqlite.NewWriter(v.change)
	return v, nil
}

// Close lets what is being written end and closes the key database, whose log it overwrites before SQLite removes it.
func (v *Vault) Close() error {
	v.writer.Close()
	ctx := context.Background()
	err := v.change(ctx, func(conn *sql.Conn) error { return scrub.Log(ctx, conn, v.keyPath) })
	return errors.Join(err, v.keys.Close())
}

// Unseal opens what a station sealed. It reads no more than limit bytes; more is ErrMismatch.
func (v *Vault) Unseal(sealed io.Reader, limit int64) ([]byte, error) {
	r, err := v.decrypt(sealed)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(b)) > limit:
		return nil, ErrMismatch
	}
	return b, nil
}

// decrypt opens what a station sealed. What does not open is ErrNotSealed, at once or from a Read; a disk that fails is
// another error, since the same bytes may open later.
func (v *Vault) decrypt(sealed io.Reader) (io.Reader, error) {
	r, err := age.Decrypt(sealed, v.office...)
	if err != nil {
		return nil, refusal(err)
	}
	return clearReader{r}, nil
}

// clearReader reads what decrypt opened.
type clearReader struct{ from io.Reader }

// Read is io.Reader's.
func (r clearReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = refusal(err)
	}
	return n, err
}

func refusal(err error) error {
	if disk, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("read sealed file: %w", disk)
	}
	return ErrNotSealed
}

// Seal seals a few bytes under the check-in's own key, for the caller to keep.
func (v *Vault) Seal(ctx context.Context, checkIn string, clear []byte) ([]byte, error) {
	key, err := v.makeKey(ctx, checkIn)
	if err != nil {
		return nil, err
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, key.Recipient())
	if err != nil {
		return nil, fmt.Errorf("seal record: %w", err)
	}
	if _, err := w.Write(clear); err != nil {
		return nil, fmt.Errorf("seal record: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal record: %w", err)
	}
	return sealed.Bytes(), nil
}

// Open opens what Seal sealed. It is ErrErased when the check-in's key is gone.
func (v *Vault) Open(ctx context.Context, checkIn string, sealed []byte) ([]byte, error) {
	key, err := v.key(ctx, checkIn)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), key)
	if err != nil {
		return nil, fmt.Errorf("open record: %w", err)
	}
	return io.ReadAll(r)
}

// ReadFile opens file number n of a check-in, size bytes with this SHA-256. It is ErrErased when the key is gone and
// ErrMismatch when the file on disk is another one.
func (v *Vault) ReadFile(ctx context.Context, checkIn string, n int, size int64, sum [sha256.Size]byte) ([]byte, error) {
	key, err := v.key(ctx, checkIn)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(v.path(checkIn, n))
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	defer f.Close()
	r, err := age.Decrypt(f, key)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	b, err := io.ReadAll(io.LimitReader(r, size+1))
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	if int64(len(b)) != size || sha256.Sum256(b) != sum {
		return nil, ErrMismatch
	}
	return b, nil
}

// Erase forgets the keys of check-ins for good and then removes their files. Erasing twice is no error. The keys go first,
// so that what is left after a power cut, or of a file that will not go, cannot be read. All keys go, or none; a file that will not
// go keeps no other. Whoever erases many gives them a few at a time: nobody else has the keys meanwhile, and the log of those few is
// overwritten once.
func (v *Vault) Erase(ctx context.Context, checkIns ...string) error {
	names, err := json.Marshal(append([]string{}, checkIns...))
	if err != nil {
		return fmt.Errorf("erase keys: %w", err)
	}
	err = v.change(ctx, func(conn *sql.Conn) error {
		_, err := conn.ExecContext(ctx, "DELETE FROM checkin_key WHERE checkin IN (SELECT value FROM json_each(?))", string(names))
		if err != nil {
			return err
		}
		return scrub.Log(ctx, conn, v.keyPath)
	})
	if err != nil {
		return fmt.Errorf("erase keys: %w", err)
	}
	var failed []error
	for _, id := range checkIns {
		failed = append(failed, os.RemoveAll(filepath.Join(v.dir, id)))
	}
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("erase files: %w", err)
	}
	return nil
}

// CheckIns lists the ids of the check-ins that have a key.
func (v *Vault) CheckIns(ctx context.Context) ([]string, error) {
	rows, err := v.keys.QueryContext(ctx, "SELECT checkin FROM checkin_key")
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list keys: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func (v *Vault) path(checkIn string, n int) string {
	return filepath.Join(v.dir, checkIn, strconv.Itoa(n))
}

func (v *Vault) key(ctx context.Context, checkIn string) (*age.X25519Identity, error) {
	return readKey(ctx, v.keys, checkIn)
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readKey(ctx context.Context, from querier, checkIn string) (*age.X25519Identity, error) {
	var text string
	err := from.QueryRowContext(ctx, "SELECT identity FROM checkin_key WHERE checkin = ?", checkIn).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrErased
	}
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	return age.ParseX25519Identity(text)
}

// makeKey gives the check-in's key, a new one when it has none yet.
func (v *Vault) makeKey(ctx context.Context, checkIn string) (key *age.X25519Identity, err error) {
	if key, err := v.key(ctx, checkIn); !errors.Is(err, ErrErased) {
		return key, err
	}
	fresh, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	err = v.writer.Do(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO checkin_key (checkin, identity) VALUES (?, ?) ON CONFLICT DO NOTHING",
			checkIn, fresh.String())
		if err != nil {
			return err
		}
		key, err = readKey(ctx, tx, checkIn)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keep key: %w", err)
	}
	return key, nil
}
