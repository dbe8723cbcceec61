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
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// DefaultReader is the name of the reader that a daemon has when Options.Readers is empty.
const DefaultReader = "Foyer Chip Reader"

// driver is where vsmartcard-vpcd installs its IFD handler.
const driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"

// slotsPerReader is how many slots, on consecutive ports, vpcd makes of one configured reader (vpcd, VICC_MAX_SLOTS).
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
	dir      string // everything of the daemon on disk; removed by Close
	path     string // of the socket
	listener *os.File

	mu      sync.Mutex
	readers []string // those plugged in
	ports   []int    // of each reader's slot 0
	process *process // nil once closed
	cards   map[*Inserted]struct{}
}

// Start starts a daemon and returns when it answers and every reader listens for cards. ctx bounds the start only.
func Start(ctx context.Context, o Options) (*Daemon, error) {
	dir, err := os.MkdirTemp("", "foyer-pcsc-")
	if err != nil {
		return nil, fmt.Errorf("start pcscd: %w", err)
	}
	d := &Daemon{dir: dir, path: o.Socket, readers: slices.Clone(o.Readers), cards: map[*Inserted]struct{}{}}
	if d.path == "" {
		d.path = filepath.Join(dir, "pcscd.comm")
	}
	if len(d.readers) == 0 {
		d.readers = []string{DefaultReader}
	}
	if d.listener, err = listen(d.path); err == nil {
		err = d.run(ctx)
	}
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("start pcscd: %w", err)
	}
	return d, nil
}

// run starts pcscd with the readers that are plugged in.
func (d *Daemon) run(ctx context.Context) error {
	const attempts = 5 // a port found free may be taken before vpcd gets there
	for attempt := 1; ; attempt++ {
		configuration, err := d.configure()
		if err != nil {
			return err
		}
		d.process, err = startProcess(ctx, d.listener, configuration)
		if err == nil || attempt == attempts || !errors.Is(err, errPortTaken) {
			return err
		}
	}
}

// configure finds each reader a port and writes its entry (reader.conf(5)); vpcd takes the port from CHANNELID.
func (d *Daemon) configure() (path string, err error) {
	d.ports = make([]int, len(d.readers))
	var entries strings.Builder
	for i, name := range d.readers {
		if d.ports[i], err = freePorts(); err != nil {
			return "", err
		}
		fmt.Fprintf(&entries, "FRIENDLYNAME %q\nDEVICENAME /dev/null:0x%04X\nLIBPATH %s\nCHANNELID 0x%04X\n\n",
			name, d.ports[i], driver, d.ports[i])
	}
	path = filepath.Join(d.dir, "reader.conf") // absolute, or pcscd does not find it
	return path, os.WriteFile(path, []byte(entries.String()), 0o644)
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
func (d *Daemon) Env() []string { return []string{"PCSCLITE_CSOCK_NAME=" + d.path} }

// Unplug takes a reader away, with the card that lies on it. pcscd 1.9.9 does not give up a configured reader while it
// runs, so it is started again without; the socket stays, and clients' connections and all other cards are lost too.
func (d *Daemon) Unplug(ctx context.Context, reader string) error {
	return d.replug(ctx, func() error {
		i := slices.Index(d.readers, reader)
		if i < 0 {
			return fmt.Errorf("unplug %q: no such reader", reader)
		}
		d.readers = slices.Delete(d.readers, i, i+1)
		return nil
	})
}

// Plug adds a reader, at the same cost as Unplug.
func (d *Daemon) Plug(ctx context.Context, reader string) error {
	return d.replug(ctx, func() error {
		d.readers = append(d.readers, reader)
		return nil
	})
}

func (d *Daemon) replug(ctx context.Context, change func() error) error {
	d.removeAll()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.process == nil {
		return errors.New("daemon is closed")
	}
	if err := change(); err != nil {
		return err
	}
	d.process.stop()
	return d.run(ctx)
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
