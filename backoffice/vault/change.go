package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// ErrInUse says that another process holds the key database.
var ErrInUse = errors.New("key database in use by another process")

const (
	patience = 10 * time.Second // for another process that changes keys
	lookEach = 10 * time.Millisecond
)

// change lets do change the key database while no other vault does, in this process or another: the log must not be
// written to while it is overwritten. Do has the only connection, and must not use another.
func (v *Vault) change(ctx context.Context, do func(*sql.Conn) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := v.keys.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// A file of its own: closing another descriptor of a database would drop SQLite's locks on it.
	lock, err := os.OpenFile(v.keyPath+"-lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("lock keys: %w", err)
	}
	defer lock.Close()
	for {
		err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return do(conn)
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("lock keys: %w", err)
		}
		select {
		case <-time.After(lookEach):
		case <-ctx.Done():
			return ErrInUse
		}
	}
}
