package pcsc

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

var errPortTaken = errors.New("port taken")

// process is one run of pcscd, and what its log says.
type process struct {
	command *exec.Cmd
	ready   chan error    // gets one value
	drained chan struct{} // closed when the last line is read

	mu       sync.Mutex
	occupied map[string]bool // by reader and slot, as "Foyer Chip Reader 00 00"
	changed  chan struct{}   // closed and replaced when occupied changes
}

// startProcess starts pcscd by socket activation (sd_listen_fds(3)), so that it needs neither /run/pcscd nor root, and
// waits until it says that it is ready, which it does after starting its readers.
func startProcess(ctx context.Context, socket *os.File, configuration string) (*process, error) {
	// LISTEN_PID must be pcscd's own process id, which only the shell that becomes pcscd knows.
	command := exec.Command("sh", "-c", `LISTEN_FDS=1 LISTEN_PID=$$ exec pcscd --foreground --info --config "$0"`, configuration)
	command.ExtraFiles = []*os.File{socket} // fd 3
	log, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	command.Stderr = command.Stdout
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} // do not outlive a test that is killed
	p := &process{
		command: command, ready: make(chan error, 1), drained: make(chan struct{}),
		occupied: map[string]bool{}, changed: make(chan struct{}),
	}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // it is this thread's death that Pdeathsig means
		defer runtime.UnlockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			p.follow(log)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	select {
	case err = <-p.ready:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// follow reads the log to its end; pcscd stops when nobody does. Its sentences are those of pcsc-lite's pcscdaemon.c,
// readerfactory.c and eventhandler.c at level info.
func (p *process) follow(log io.Reader) {
	defer close(p.drained)
	var failed error
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		line := lines.Text()
		if _, slot, ok := strings.Cut(line, "Card Removed From "); ok {
			p.note(slot, false)
		} else if strings.Contains(line, "Open Port") && strings.Contains(line, "Failed") {
			failed = errPortTaken // pcscd goes on without the reader
		} else if strings.Contains(line, "daemon ready") {
			p.ready <- failed
		}
	}
	select {
	case p.ready <- errors.Join(errors.New("pcscd ended before it was ready"), lines.Err()):
	default: // it had been ready
	}
}

func (p *process) note(slot string, occupied bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.occupied[slot] = occupied
	close(p.changed)
	p.changed = make(chan struct{})
}

// awaitEmpty returns when pcscd has noticed that no card is in the slot any more.
func (p *process) awaitEmpty(ctx context.Context, slot string) error {
	for {
		p.mu.Lock()
		occupied, changed := p.occupied[slot], p.changed
		p.mu.Unlock()
		if !occupied {
			return nil
		}
		select {
		case <-changed:
		case <-p.drained:
			return errors.New("pcscd ended")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// stop ends pcscd and waits for it. Its exit status says only that the signal worked.
func (p *process) stop() {
	p.command.Process.Signal(syscall.SIGTERM)
	<-p.drained
	p.command.Wait()
}

// listen makes the socket that pcscd is to serve. One left by a daemon before is replaced.
func listen(path string) (*os.File, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // the socket lives on in the file
	defer l.Close()
	return l.File()
}
