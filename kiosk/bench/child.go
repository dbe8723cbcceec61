package bench

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/foyer-station/foyer/proto/selftest"
)

// Bounds of what a child may say and take.
const (
	maxEvents   = 20_000                 // of one test
	maxLogged   = 50                     // lines of its standard error
	maxLogLine  = 300                    // bytes of one
	writeTime   = 500 * time.Millisecond // for a line to it
	pipesLinger = time.Second            // for what else holds its pipes, once it has ended
)

// child is hwtest at work, in a process group of its own. One goroutine uses it.
type child struct {
	command  *exec.Cmd
	in       *os.File
	from     []*os.File          // its output, and what it says besides
	told     chan selftest.Event // closed once nothing more comes
	over     chan struct{}       // closed once it is not heard any more
	nonsense bool                // once told is closed: it said what is not the contract's
	reading  sync.WaitGroup
}

// start starts hwtest. The caller waits for it.
func start(log *slog.Logger, program string, args ...string) (*child, error) {
	var pipes [3]struct{ r, w *os.File }
	var err error
	for i := range pipes {
		if pipes[i].r, pipes[i].w, err = os.Pipe(); err != nil {
			break
		}
	}
	in, out, errs := pipes[0], pipes[1], pipes[2]
	c := &child{
		command: exec.Command(program, args...), in: in.w, from: []*os.File{out.r, errs.r},
		told: make(chan selftest.Event), over: make(chan struct{}),
	}
	c.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.command.Stdin, c.command.Stdout, c.command.Stderr = in.r, out.w, errs.w
	if err == nil {
		err = c.command.Start()
	}
	for _, its := range []*os.File{in.r, out.w, errs.w} {
		its.Close() // nil where there is none
	}
	if err != nil {
		for _, ours := range append(c.from, c.in) {
			ours.Close()
		}
		return nil, err
	}
	c.reading.Go(func() { c.read(out.r) })
	c.reading.Go(func() { logLines(log, errs.r) })
	return c, nil
}

// read hands on what the child tells, until it ends or says what is not the contract's.
func (c *child) read(out io.Reader) {
	defer close(c.told)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, selftest.MaxLine)
	for n := 0; lines.Scan(); n++ {
		e, err := selftest.ParseEvent(lines.Bytes())
		if err != nil || n == maxEvents {
			c.nonsense = true
			return
		}
		select {
		case c.told <- e:
		case <-c.over:
			return
		}
	}
	c.nonsense = errors.Is(lines.Err(), bufio.ErrTooLong)
}

// logLines logs what the child says besides: nothing of people, for hwtest knows nothing of them. What is beyond the bounds is read and
// forgotten, so that the child does not wait.
func logLines(log *slog.Logger, from io.Reader) {
	lines := bufio.NewReaderSize(from, maxLogLine)
	for range maxLogged {
		line, _, err := lines.ReadLine() // what is longer has several
		if err != nil {
			return
		}
		log.Info("hwtest", "said", string(line))
	}
	io.Copy(io.Discard, lines) // until it ends
}

// say tells the child something. The error is that it does not take it.
func (c *child) say(a selftest.Answer) error {
	line, _ := selftest.Line(a)
	if err := c.in.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	_, err := c.in.Write(line)
	return err
}

// kill ends the child and whatever it has started. Its devices are back with that.
func (c *child) kill() { syscall.Kill(-c.command.Process.Pid, syscall.SIGKILL) } // it may have ended by itself

// wait ends the child, and waits until it is gone. Nothing that it tells meanwhile is heard.
func (c *child) wait() {
	close(c.over)
	c.in.Close()
	c.kill() // or those that it has left behind
	for _, f := range c.from {
		f.SetReadDeadline(time.Now().Add(pipesLinger))
	}
	c.reading.Wait()
	for _, f := range c.from {
		f.Close()
	}
	c.command.Wait() // how it ended, it has told
}
