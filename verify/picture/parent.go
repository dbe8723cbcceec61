package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// itself is the program that runs, also where its file has been replaced by a newer one since.
const itself = "/proc/self/exe"

// run lets a child of the given name do the task, and waits until the child is gone.
func (t task) run(ctx context.Context, name string, file []byte) (image.Image, error) {
	switch {
	case len(file) > t.maxFile:
		return nil, fmt.Errorf("%w: more than %d bytes", scan.ErrSize, t.maxFile)
	case os.Args[0] == name:
		return nil, fmt.Errorf("%w: by one of its own children", ErrDecoder)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	bounded, cancel := context.WithTimeout(ctx, t.wall)
	defer cancel()
	// The kernel kills the child when the thread that started it ends, so that this one must not before.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	picture, err := t.ask(t.child(bounded, name, file))
	switch {
	case err == nil:
		return picture, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case bounded.Err() != nil:
		return nil, fmt.Errorf("%w: no answer within %v", ErrBroken, t.wall)
	}
	return nil, err
}

// child is this program, to do the task in a process group of its own with nothing of this one's environment.
func (t task) child(ctx context.Context, name string, file []byte) *exec.Cmd {
	c := exec.CommandContext(ctx, itself)
	c.Args = []string{name, t.name}
	c.Env = []string{"LC_ALL=C.UTF-8", "GOTRACEBACK=none", "OPENCV_LOG_LEVEL=SILENT"}
	c.Dir = "/"
	c.Stdin = bytes.NewReader(file)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	c.Cancel = func() error { return kill(c) }
	return c
}

// kill ends a child that was started and not waited for, with whatever it may have started.
func kill(c *exec.Cmd) error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }

// ask starts a child, takes its answer and ends it.
func (t task) ask(c *exec.Cmd) (image.Image, error) {
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDecoder, err)
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDecoder, err)
	}
	picture, err := readAnswer(out, t)
	kill(c) // it may be gone already
	c.Wait()
	switch status := c.ProcessState; {
	case !errors.Is(err, errAnswer):
		return picture, err
	case status.ExitCode() == statusNotConfined:
		return nil, fmt.Errorf("%w: this system does not let it be confined", ErrDecoder)
	case status.ExitCode() != 0:
		return nil, fmt.Errorf("%w: %v", ErrBroken, status)
	}
	return nil, err
}
