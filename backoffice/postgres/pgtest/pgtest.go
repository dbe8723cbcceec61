// Package pgtest is a PostgreSQL server of a test binary's own: a private cluster in a folder that goes with it, on a Unix socket
// alone, as durable as in an office, which ends when the test does, however that ends. It is made from Debian's package, whose own
// cluster it never touches.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNotInstalled says that this machine has no PostgreSQL, or nobody it could run as.
var ErrNotInstalled = errors.New("PostgreSQL cannot run here")

const (
	// programs is where Debian puts those of all versions; https://packages.debian.org/bookworm/amd64/postgresql-15/filelist.
	programs = "/usr/lib/postgresql/*/bin/initdb"
	oldest   = 15
	patience = 30 * time.Second
	template = "template_of_tests"
)

// Server is a cluster that runs. Its databases trust whoever reaches its socket, which is in a folder of its owner's alone.
type Server struct {
	dir     string // data, socket and what it says
	bin     string
	owner   *syscall.Credential // whom it runs as; nil for the tests' own user
	process *os.Process
	ended   chan struct{} // closed once process has
	made    atomic.Int64  // databases
}

// Start makes a cluster and starts it. It is ErrNotInstalled, with the reason, where that cannot be. Stop ends it.
func Start(ctx context.Context) (*Server, error) {
	bin, err := newest()
	if err != nil {
		return nil, err
	}
	owner, err := whom()
	if err != nil {
		return nil, err
	}
	// Not in TMPDIR: a socket's path has at most 107 bytes, and the owner may be another user than the one whose folder that is.
	dir, err := os.MkdirTemp("/tmp", "pgtest")
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	s := &Server{dir: dir, bin: bin, owner: owner}
	if owner != nil {
		err = os.Chown(dir, int(owner.Uid), int(owner.Gid))
	}
	if err == nil {
		err = s.run(ctx, "initdb", "--pgdata", s.data(), "--username", "foyer", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	}
	if err == nil {
		err = s.Up(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// newest is the folder of the programs of the newest version that is installed.
func newest() (string, error) {
	found, err := filepath.Glob(programs)
	if err != nil {
		return "", fmt.Errorf("pgtest: %w", err)
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // what is no number is no version
		return n
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) == 0 || version(found[0]) < oldest {
		return "", fmt.Errorf("%w: make setup installs postgresql-15", ErrNotInstalled)
	}
	return filepath.Dir(found[0]), nil
}

// whom is the user of Debian's package, for initdb refuses root; nil for a user who is not root.
func whom() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("%w: it refuses root, and there is no other user to run it as", ErrNotInstalled)
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "TZ=UTC"} // and no LD_PRELOAD of an emulated bus
	// Immediately, and with all of its children: what a test that was killed had in it is of no use to anybody.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner, Pdeathsig: syscall.SIGQUIT}
	return cmd
}

func (s *Server) run(ctx context.Context, name string, args ...string) error {
	out, err := s.command(ctx, name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("pgtest: %s: %w\n%s", name, err, out)
	}
	return nil
}

// Up starts a cluster that is down, and returns once it answers.
func (s *Server) Up(ctx context.Context) error {
	said, err := os.Create(filepath.Join(s.dir, "said"))
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer said.Close()
	cmd := s.command(context.WithoutCancel(ctx), "postgres", "-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "max_connections=200",
		"-c", "log_min_messages=warning", "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on")
	cmd.Stdout, cmd.Stderr = said, said
	started := make(chan error, 1)
	s.ended = make(chan struct{})
	go func(ended chan<- struct{}) {
		defer close(ended)
		runtime.LockOSThread() // it is this thread's death that Pdeathsig means
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // killed or not, it has ended
		}
	}(s.ended)
	if err := <-started; err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	s.process = cmd.Process
	return s.answers(ctx)
}

func (s *Server) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		c, err := pgx.Connect(ctx, s.DSN("postgres"))
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-s.ended:
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond): // it tells nobody when it is ready
			continue
		}
		text, _ := os.ReadFile(filepath.Join(s.dir, "said")) // none is shown then
		return fmt.Errorf("pgtest: the server does not answer: %w\n%s", err, bytes.TrimSpace(text))
	}
}

// DSN names a database of the cluster, in the way of libpq, "Connection URIs".
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("host=%s user=foyer dbname=%s sslmode=disable", s.dir, database)
}

// Kill ends the server as a power cut would, or the kernel that is out of memory: with SIGKILL, and all that serve connections with it.
// What they have written is there, as the operating system goes on. It returns once they are gone; Up brings the server back.
func (s *Server) Kill() error {
	children := s.children()
	if err := s.process.Kill(); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	<-s.ended
	for _, pid := range children {
		// Whoever serves a connection ends by itself then, but only once it is done with what it is doing.
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("pgtest: %w", err)
		}
	}
	for _, pid := range children {
		for syscall.Kill(pid, 0) == nil {
			time.Sleep(time.Millisecond)
		}
	}
	return nil
}

// children are the processes that the server has started.
func (s *Server) children() (pids []int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", s.process.Pid))
	if err != nil {
		return nil
	}
	for _, word := range bytes.Fields(text) {
		if pid, err := strconv.Atoi(string(word)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Stop ends the server, if it runs, and removes its folder.
func (s *Server) Stop() error {
	if s.process != nil {
		if err := s.process.Signal(syscall.SIGQUIT); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return errors.Join(fmt.Errorf("pgtest: %w", err), os.RemoveAll(s.dir))
		}
		<-s.ended
	}
	return os.RemoveAll(s.dir)
}

// Prepare makes what each Database begins with: fill is given the DSN of an empty database, and closes what it opened there.
func (s *Server) Prepare(ctx context.Context, fill func(ctx context.Context, dsn string) error) error {
	if err := s.Exec(ctx, "CREATE DATABASE "+template); err != nil {
		return err
	}
	return fill(ctx, s.DSN(template))
}

// Database makes a database for a test, as Prepare has prepared it, and gives its DSN.
func (s *Server) Database(t testing.TB) (dsn string) {
	t.Helper()
	name := fmt.Sprint("test", s.made.Add(1))
	// By way of the log: the other way waits for two checkpoints.
	if err := s.Exec(context.Background(), "CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY wal_log"); err != nil {
		t.Fatal(err)
	}
	return s.DSN(name)
}

// Exec runs a statement as the cluster's superuser, beside every test's database.
func (s *Server) Exec(ctx context.Context, statement string) error {
	c, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	_, err = c.Exec(ctx, statement)
	if err := errors.Join(err, c.Close(ctx)); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	return nil
}
