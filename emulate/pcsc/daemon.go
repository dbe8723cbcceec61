// Package pcsc runs a private PC/SC service with emulated readers: Debian's own pcscd and vsmartcard's vpcd driver, one
// instance per test or demonstration, without privileges, beside whatever the machine itself runs. Cards are Go values.
//
// The clients are the real ones (libpcsclite); only PCSCLITE_CSOCK_NAME, given by [Daemon.Env], tells them where to
// look. libpcsclite reads that variable once: a process that is itself the client sets it before its first call and
// starts every daemon at the same [Options.Socket].
//
// What vsmartcard's reader (vpcd 3.3) does not have: attributes and features, of which it knows none; a name of its own for each slot, so
// that Options.Reader decides what both are taken for; more than one reader; a plug that can be pulled while pcscd runs. It waits for ever
// on an answer of no bytes, whether to a command or to a reset; a card that is to be mute answers a reset by more than 33 bytes.
//
// Needs the packages pcscd and vsmartcard-vpcd.
package pcsc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// DefaultReader is the name of the reader when Options.Reader is empty.
const DefaultReader = "Foyer Chip Reader"

// driver is where vsmartcard-vpcd installs its IFD handler.
const driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"

// slots is how many slots vpcd gives its reader, on consecutive ports (vpcd, VICC_MAX_SLOTS). To PC/SC clients each is
// a reader. A second configured reader does not help: vpcd 3.3 tells slots apart, but not readers.
const slots = 2

// Options say how a daemon is started. The zero value is a reader of the default name at a socket of the daemon's own.
type Options struct {
	// Reader is the reader's friendly name, to which pcscd appends the slot: clients see two readers,
	// "Foyer Chip Reader 00 00" and "Foyer Chip Reader 00 01".
	Reader string
	// Socket is where clients connect, a path of at most 107 bytes; empty for one of the daemon's own.
	Socket string
}

// Daemon is a running pcscd. It is safe for concurrent use.
type Daemon struct {
	dir      string // everything of the daemon on disk; removed by Close
	path     string // of the socket
	reader   string
	listener *os.File

	mu      sync.Mutex
	port    int      // of slot 0; 0 while the reader is unplugged
	process *process // nil once closed
	cards   map[*Inserted]struct{}
}

// Start starts a daemon and returns when it answers and its reader listens for cards. ctx bounds the start only.
func Start(ctx context.Context, o Options) (*Daemon, error) {
	dir, err := os.MkdirTemp("", "foyer-pcsc-")
	if err != nil {
		return nil, fmt.Errorf("start pcscd: %w", err)
	}
	d := &Daemon{dir: dir, path: o.Socket, reader: o.Reader, cards: map[*Inserted]struct{}{}}
	if d.path == "" {
		d.path = filepath.Join(dir, "pcscd.comm")
	}
	if d.reader == "" {
		d.reader = DefaultReader
	}
	if d.listener, err = listen(d.path); err == nil {
		err = d.run(ctx, true)
	}
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("start pcscd: %w", err)
	}
	return d, nil
}

// run starts pcscd, with the reader plugged in or not.
func (d *Daemon) run(ctx context.Context, plugged bool) error {
	const attempts = 5 // a port found free may be taken before vpcd gets there
	for attempt := 1; ; attempt++ {
		configuration, err := d.configure(plugged)
		if err != nil {
			return err
		}
		d.process, err = startProcess(ctx, d.listener, configuration)
		if err == nil || attempt == attempts || !errors.Is(err, errPortTaken) {
			return err
		}
	}
}

// configure finds the reader ports and writes its entry (reader.conf(5)); vpcd takes the first port from CHANNELID.
func (d *Daemon) configure(plugged bool) (path string, err error) {
	path = filepath.Join(d.dir, "reader.conf") // absolute, or pcscd does not find it
	d.port = 0
	if !plugged {
		return path, os.WriteFile(path, nil, 0o644)
	}
	if d.port, err = freePorts(); err != nil {
		return "", err
	}
	entry := fmt.Sprintf("FRIENDLYNAME %q\nDEVICENAME /dev/null:0x%04X\nLIBPATH %s\nCHANNELID 0x%04X\n",
		d.reader, d.port, driver, d.port)
	return path, os.WriteFile(path, []byte(entry), 0o644)
}

// freePorts finds a run of free TCP ports, one per slot, and returns the first.
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
func (d *Daemon) Env() []string { return []string{"PCSCLITE_CSOCK_NAME=" + d.path} }

// Unplug takes the reader away, with the cards that lie on it. pcscd 1.9.9 does not give up a configured reader while
// it runs, so it is started again without; the socket stays, and clients' connections are lost.
func (d *Daemon) Unplug(ctx context.Context) error { return d.restart(ctx, false) }

// Plug brings the reader back, in the same way.
func (d *Daemon) Plug(ctx context.Context) error { return d.restart(ctx, true) }

func (d *Daemon) restart(ctx context.Context, plugged bool) error {
	d.removeAll()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.process == nil {
		return errors.New("restart pcscd: daemon is closed")
	}
	d.process.stop()
	if err := d.run(ctx, plugged); err != nil {
		return fmt.Errorf("restart pcscd: %w", err)
	}
	return nil
}

func (d *Daemon) removeAll() {
	d.mu.Lock()
	cards := d.cards
	d.cards = map[*Inserted]struct{}{}
	d.mu.Unlock()
	for card := range cards {
		card.Remove()
	}
}

// Close removes all cards, stops pcscd and waits for its end; clients find no service then. It may be called twice.
func (d *Daemon) Close() error {
	d.removeAll()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.process != nil {
		d.process.stop()
		d.process = nil
	}
	if d.listener != nil {
		d.listener.Close()
		d.listener = nil
		os.Remove(d.path)
	}
	return os.RemoveAll(d.dir)
}
