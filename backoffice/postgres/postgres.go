// Package postgres is the store of an office whose back office runs on several machines: PostgreSQL 15 or newer, which any number of
// instances share. It promises what [store.Store] does, at whose methods it says what each does, and package storetest plays it; types
// and errors are that package's.
//
// What excludes each other does so by locks of rows, and for an admission and the log by advisory locks; every transaction reads what was
// committed before each of its statements. The order of arrival is a counter in a row, held by whatever changes the queue until that is
// kept. An
// announcement follows its change: at once to those of this instance, by NOTIFY, without content, to others, and by a look every few
// seconds to whoever was cut off, or would be told by an instance that died first.
//
// It needs connections of its own, and so no pooler that shares one among transactions.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/backoffice/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrUnsafe says that a server may lose what it has acknowledged, or cannot keep what an office writes.
var ErrUnsafe = errors.New("this PostgreSQL server cannot keep an office")

const (
	oldest      = 150000 // server_version_num
	connections = 16     // of a pool, where the DSN names no pool_max_conns: these commit together
	settle      = 10 * time.Second
	silence     = 20 * time.Second // of a server, after which its connection is taken for lost
)

// limits are settings of each connection, where the DSN or the server's owner say nothing else by it. Times are in milliseconds, where it does not say so.
var limits = map[string]string{
	"application_name":                    "foyer",
	"default_transaction_isolation":       "read committed",
	"statement_timeout":                   "10000",
	"lock_timeout":                        "8000",
	"idle_in_transaction_session_timeout": "30000",
	"tcp_keepalives_idle":                 "30", // seconds: of an instance whose machine is gone, the locks are
	"tcp_keepalives_interval":             "10",
	"tcp_keepalives_count":                "3",
}

// Store is an office in PostgreSQL. Its methods may be called from several goroutines, and from several instances.
type Store struct {
	pool      *pgxpool.Pool
	admission *admission
	news      chan struct{} // holds one while others are to be told of a change

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever the queue changes

	stop    context.CancelFunc
	running sync.WaitGroup
}

// Open opens the database that a DSN names (libpq's "Connection Strings", with several hosts if need be: the one that may be
// written is taken), brings it to the newest schema, one instance after the other, and begins to hear of changes. ErrUnsafe where the
// server may lose what it acknowledged, sqlite.ErrNewer where a newer program has written it. The caller closes the store.
func Open(ctx context.Context, dsn string) (*Store, error) {
	config, err := configure(dsn)
	if err != nil {
		return nil, err
	}
	if err := prepare(ctx, config.ConnConfig); err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Store{
		pool: pool, stop: stop, changed: make(chan struct{}),
		admission: newAdmission(config.ConnConfig), news: make(chan struct{}, 1),
	}
	if err := s.addTokens(ctx); err != nil {
		s.pool.Close()
		stop()
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	talk := newTalk(config.ConnConfig, s.announceHere)
	s.running.Go(func() { talk.hear(running) })
	s.running.Go(func() { talk.tell(running, s.news) })
	return s, nil
}

func configure(dsn string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		// What the driver says of it may hold the password, in whatever way it was quoted.
		return nil, errors.New("PostgreSQL's DSN cannot be read: keywords and values are as in libpq, with quotes around values that have blanks")
	}
	bare, err := pgxpool.ParseConfig("")
	if err == nil && config.MaxConns == bare.MaxConns {
		config.MaxConns = connections
	}
	c := config.ConnConfig
	for name, value := range limits {
		if _, set := c.RuntimeParams[name]; !set {
			c.RuntimeParams[name] = value
		}
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = settle
	}
	c.DialFunc = (&net.Dialer{Timeout: c.ConnectTimeout, Control: impatient}).DialContext
	if c.ValidateConnect == nil {
		c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	return config, nil
}

// impatient ends a connection whose other end acknowledges nothing: of a machine that has died nobody would hear for a quarter of an hour
// (tcp(7), TCP_USER_TIMEOUT and tcp_retries2).
func impatient(network, _ string, c syscall.RawConn) (err error) {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	controlled := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silence.Milliseconds()))
	})
	return errors.Join(controlled, err)
}

// prepare looks whether the server can keep an office, and migrates the database.
func prepare(ctx context.Context, config *pgx.ConnConfig) (err error) {
	config = config.Copy()
	config.RuntimeParams["statement_timeout"], config.RuntimeParams["lock_timeout"] = "0", "0" // a migration takes as long as it takes
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := examine(ctx, db); err != nil {
		return err
	}
	return migrate(ctx, db)
}

func examine(ctx context.Context, db *sql.DB) error {
	var version int
	var encoding, fsync, pages, commit string
	err := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), current_setting('fsync'),
		current_setting('full_page_writes'), current_setting('synchronous_commit')`).Scan(&version, &encoding, &fsync, &pages, &commit)
	switch {
	case err != nil:
		return err
	case version < oldest:
		return fmt.Errorf("%w: it is older than version %d", ErrUnsafe, oldest/10000)
	case encoding != "UTF8":
		return fmt.Errorf("%w: the database's encoding is %s, not UTF8", ErrUnsafe, encoding)
	case fsync == "off" || pages == "off" || commit == "off":
		return fmt.Errorf("%w: fsync is %s, full_page_writes %s, synchronous_commit %s; all must be on", ErrUnsafe, fsync, pages, commit)
	}
	return nil
}

func migrate(ctx context.Context, db *sql.DB) error {
	schema, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(int64(lockMigration)), lock.WithLockTimeout(1, 300))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, schema, goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	have, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > newest {
		return fmt.Errorf("%w: it has schema %d, this program knows %d", sqlite.ErrNewer, have, newest)
	}
	_, err = provider.Up(ctx)
	return err
}

// Close stops listening and closes every connection, once whoever has one has given it back.
func (s *Store) Close() error {
	s.stop()
	s.running.Wait()
	s.admission.close()
	s.pool.Close()
	return nil
}

// Answers returns nil once a transaction that may write has had its turn, and an error when ctx ends before.
func (s *Store) Answers(ctx context.Context) error {
	return s.transact(ctx, func(ctx context.Context, tx transaction) error {
		_, err := tx.Exec(ctx, "UPDATE arrival SET last = last WHERE false")
		return err
	})
}

// Revision is the revision of the office snapshot with this hash: one more than the last when the hash is new.
func (s *Store) Revision(ctx context.Context, sha256 []byte) (revision int64, err error) {
	err = s.transact(ctx, func(ctx context.Context, tx transaction) error {
		return tx.QueryRow(ctx, `INSERT INTO snapshot AS s (id, revision, sha256) VALUES (1, 1, $1)
			ON CONFLICT (id) DO UPDATE SET revision = s.revision + (s.sha256 <> $1)::int, sha256 = $1 RETURNING revision`, sha256).Scan(&revision)
	})
	if err != nil {
		return 0, fmt.Errorf("office revision: %w", err)
	}
	return revision, nil
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
