package house

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// stopTime is how long a program may take to end when it is asked to, before it is killed.
const stopTime = 15 * time.Second

// A process is one of the house's real programs, running. Its owner waits for it with stop or kill.
type process struct {
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how; to be read after done
}

// start runs a program with the environment of this one and more. What it says goes to log. It is asked to end when this one does,
// however that ends.
func start(log io.Writer, env []string, command ...string) (*process, error) {
	p := &process{name: command[0], cmd: exec.Command(command[0], command[1:]...), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.WaitDelay = time.Second // grandchildren must not keep the log open
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	started := make(chan error, 1)
	go func() { // ends with the program
		runtime.LockOSThread() // it is this thread's death that Pdeathsig means
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	return p, nil
}

// stop asks the program to end and waits until it has. One that does not is killed, and that is an error, as it is to end in any
// other way than it should.
func (p *process) stop() error {
	if p == nil {
		return nil
	}
	if p.cmd.Process.Signal(syscall.SIGTERM) != nil { // it ended before
		<-p.done
		return nil
	}
	select {
	case <-p.done:
		if p.err != nil {
			return fmt.Errorf("%s was asked to end: %w", p.name, p.err)
		}
		return nil
	case <-time.After(stopTime):
		p.kill()
		return fmt.Errorf("%s did not end in %s when it was asked to", p.name, stopTime)
	}
}

// kill ends the program at once, as a power cut would, and waits for it.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.done
}

// ended is why a program that should be running is not; nil while it runs.
func (p *process) ended() error {
	select {
	case <-p.done:
		return fmt.Errorf("%s ended by itself: %v", p.name, p.err)
	default:
		return nil
	}
}

// until asks a condition again and again until it holds, a watched program ends, or ctx does.
func until(ctx context.Context, what string, watched *process, holds func() bool) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, ctx.Err())
		case <-watched.done:
			return fmt.Errorf("wait for %s: %w", what, watched.ended())
		case <-tick.C:
		}
	}
	return nil
}
