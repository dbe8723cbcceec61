package pcsc

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

var errPortTaken = errors.New("port taken")

// process is one run of pcscd.
type process struct {
	command *exec.Cmd
	drained chan struct{} // closed when it has written its last line
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
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &process{command: command, drained: make(chan struct{})}
	ready := make(chan error, 1)
	go func() {
		defer close(p.drained)
		ready <- waitReady(log)
		io.Copy(io.Discard, log) // pcscd stops when nobody reads its log
	}()
	select {
	case err = <-ready:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

func waitReady(log io.Reader) error {
	lines := bufio.NewScanner(log)
	var failed error
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.Contains(line, "failed") || strings.Contains(line, "Failed"):
			failed = errPortTaken // a channel that cannot be opened; pcscd goes on without the reader
		case strings.Contains(line, "daemon ready"):
			return failed
		}
	}
	return errors.Join(errors.New("pcscd ended before it was ready"), lines.Err())
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
