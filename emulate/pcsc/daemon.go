// Package pcsc runs a private PC/SC service with emulated readers: Debian's own pcscd and vsmartcard's vpcd driver, one
// instance per test or demonstration, without privileges, beside whatever the machine itself runs. Cards are Go values.
//
// The clients are the real ones (libpcsclite); only PCSCLITE_CSOCK_NAME, given by [Daemon.Env], tells them where to
// look. libpcsclite reads that variable once: a process that is itself the client sets it before its first call and
// starts every daemon at the same [Options.Socket].
//
// Needs the packages pcscd and vsmartcard-vpcd.
package pcsc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// DefaultReader is the name of the reader that a daemon has when Options.Readers is empty.
const DefaultReader = "Foyer Chip Reader"

// driver is where vsmartcard-vpcd installs its IFD handler.
const driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"

// slotsPerReader is how many slots, on consecutive ports, vpcd makes of one configured reader (vpcd.h, VICC_MAX_SLOTS).
const slotsPerReader = 2

// Options say how a daemon is started. The zero value is one reader at a socket of the daemon's own.
type Options struct {
	// Readers are the readers' friendly names. pcscd appends the slot: "Foyer Chip Reader 00 00" and
	// "Foyer Chip Reader 00 01", for vpcd gives each reader two.
	Readers []string
	// Socket is where clients connect, a path of at most 107 bytes; empty for one of the daemon's own.
	Socket string
}

// Daemon is a running pcscd. It is safe for concurrent use.
type Daemon struct {
	dir    string // everything of the daemon on disk; removed by Close
	socket string
	ports  map[string]int // of each reader's slot 0
	first  string         // the reader that Insert means

	process *exec.Cmd
	drained chan struct{} // closed when pcscd has written its last line
	close   sync.Once

	mu    sync.Mutex
	cards map[*Inserted]struct{}
}

// Start starts a daemon and returns when it answers and every reader listens for cards. ctx bounds the start only.
func Start(ctx context.Context, o Options) (*Daemon, error) {
	if len(o.Readers) == 0 {
		o.Readers = []string{DefaultReader}
	}
	const attempts = 5 // a port found free may be taken before vpcd gets there
	var err error
	for range attempts {
		var d *Daemon
		if d, err = start(ctx, o); err == nil {
			return d, nil
		}
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	return nil, fmt.Errorf("start pcscd: %w", err)
}

var errPortTaken = errors.New("port taken")

func start(ctx context.Context, o Options) (_ *Daemon, err error) {
	dir, err := os.MkdirTemp("", "foyer-pcsc-")
	if err != nil {
		return nil, err
	}
	d := &Daemon{dir: dir, socket: o.Socket, ports: map[string]int{}, drained: make(chan struct{}), cards: map[*Inserted]struct{}{}}
	if d.socket == "" {
		d.socket = filepath.Join(dir, "pcscd.comm")
	}
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	if err := d.configure(o.Readers); err != nil {
		return nil, err
	}
	return d, d.run(ctx)
}

func (d *Daemon) configuration() string { return filepath.Join(d.dir, "reader.conf") }

// configure finds each reader a port and writes its entry (reader.conf(5)); vpcd takes the port from CHANNELID.
func (d *Daemon) configure(readers []string) error {
	d.first = readers[0]
	var entries strings.Builder
	for _, name := range readers {
		port, err := freePorts()
		if err != nil {
			return err
		}
		d.ports[name] = port
		fmt.Fprintf(&entries, "FRIENDLYNAME %q\nDEVICENAME /dev/null:0x%04X\nLIBPATH %s\nCHANNELID 0x%04X\n\n", name, port, driver, port)
	}
	return os.WriteFile(d.configuration(), []byte(entries.String()), 0o644)
}

// run starts pcscd by socket activation (sd_listen_fds(3)), so that it needs neither /run/pcscd nor root, and waits
// until it says that it is ready, which it does after starting its readers.
func (d *Daemon) run(ctx context.Context) error {
	socket, err := listen(d.socket)
	if err != nil {
		return err
	}
	defer socket.Close()
	// LISTEN_PID must be pcscd's own process id, which only the shell that becomes pcscd knows.
	d.process = exec.Command("sh", "-c", `LISTEN_FDS=1 LISTEN_PID=$$ exec pcscd --foreground --info --config "$0"`, d.configuration())
	d.process.ExtraFiles = []*os.File{socket} // fd 3
	d.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	log, err := d.process.StdoutPipe()
	if err != nil {
		return err
	}
	d.process.Stderr = d.process.Stdout
	if err := d.process.Start(); err != nil {
		d.process = nil
		return err
	}
	ready := make(chan error, 1)
	go func() {
		defer close(d.drained)
		ready <- waitReady(log)
		io.Copy(io.Discard, log) // pcscd stops when nobody reads its log
	}()
	select {
	case err := <-ready:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func waitReady(log io.Reader) error {
	lines := bufio.NewScanner(log)
	var failed error
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.Contains(line, "Failed"): // of a reader whose channel cannot be opened; pcscd goes on without it
			failed = errPortTaken
		case strings.Contains(line, "daemon ready"):
			return failed
		}
	}
	return errors.Join(errors.New("pcscd ended before it was ready"), lines.Err())
}

// listen makes the socket that pcscd is to serve. Sockets left by a daemon before are replaced.
func listen(path string) (*os.File, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // the socket lives on in pcscd
	defer l.Close()
	return l.File()
}

// freePorts finds a run of free TCP ports, one per slot.
func freePorts() (int, error) {
	for {
		first, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		port := first.Addr().(*net.TCPAddr).Port
		second, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port+1))
		first.Close()
		if err == nil {
			second.Close()
			return port, nil
		}
	}
}

// Env is what a client process needs in its environment, as "NAME=value".
func (d *Daemon) Env() []string { return []string{"PCSCLITE_CSOCK_NAME=" + d.socket} }

// Close removes all cards, stops pcscd and waits for its end. It may be called twice.
func (d *Daemon) Close() error {
	d.close.Do(func() {
		for _, card := range d.inserted() {
			card.Remove()
		}
		if d.process != nil {
			d.process.Process.Signal(syscall.SIGTERM)
			<-d.drained
			d.process.Wait() // the status says only that the signal worked
		}
		os.Remove(d.socket)
		os.RemoveAll(d.dir)
	})
	return nil
}
