package picture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// itself is the program that runs, also where its file has been replaced by a newer one since.
const itself = "/proc/self/exe"

// run lets a child of the given name do the task for a file that is here.
func (t task) run(ctx context.Context, name string, file []byte) (image.Image, error) {
	coming := make(chan []byte, 1)
	coming <- file
	return t.await(ctx, name, coming)
}

// await starts a child of the given name, gives it the file that comes, and waits until the child is gone. No picture and no error says
// that no file came.
func (t task) await(ctx context.Context, name string, coming <-chan []byte) (image.Image, error) {
	switch {
	case os.Args[0] == name:
		return nil, fmt.Errorf("%w: by one of its own children", ErrDecoder)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	// The kernel kills the child when the thread that started it ends, so that this one must not before.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c, err := t.start(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDecoder, err)
	}
	defer c.end()
	var file []byte
	there := false
	select {
	case file, there = <-coming:
	case <-ctx.Done():
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !there:
		return nil, nil
	case len(file) > t.maxFile:
		return nil, fmt.Errorf("%w: more than %d bytes", scan.ErrSize, t.maxFile)
	}
	picture, err := c.ask(t, file)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return picture, err
}

// child is a process that decodes one picture.
type child struct {
	*exec.Cmd
	in  io.WriteCloser
	out io.Reader
}

// start starts this program again, to do the task in a process group of its own with nothing of this one's environment.
func (t task) start(ctx context.Context, name string) (*child, error) {
	c := &child{Cmd: exec.CommandContext(ctx, itself)}
	c.Args = []string{name, t.name}
	c.Env = []string{"LC_ALL=C.UTF-8", "GOTRACEBACK=none", "OPENCV_LOG_LEVEL=SILENT"}
	c.Dir = "/"
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	c.Cancel = func() error { c.kill(); return nil }
	var errIn, errOut error
	c.in, errIn = c.StdinPipe()
	c.out, errOut = c.StdoutPipe()
	if err := errors.Join(errIn, errOut); err != nil {
		return nil, err
	}
	return c, c.Start()
}

// kill ends a child that was started and not waited for, with whatever it may have started.
func (c *child) kill() { syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }

// end kills the child if it is not gone already, and waits for it. It may be called twice.
func (c *child) end() {
	if c.ProcessState == nil {
		c.kill()
		c.Wait()
	}
}

// ask gives the child the file, takes its answer within the task's time, and ends it.
func (c *child) ask(t task, file []byte) (image.Image, error) {
	var giving sync.WaitGroup
	giving.Go(func() {
		c.in.Write(file) // if it does not read on, its answer or its end says why
		c.in.Close()
	})
	late := time.AfterFunc(t.wall, c.kill)
	picture, err := readAnswer(c.out, t)
	inTime := late.Stop()
	c.end()
	giving.Wait()
	switch status := c.ProcessState; {
	case err != nil && !inTime:
		return nil, fmt.Errorf("%w: no answer within %v", ErrBroken, t.wall)
	case !errors.Is(err, errAnswer):
		return picture, err
	case status.ExitCode() == statusNotConfined:
		return nil, fmt.Errorf("%w: this system does not let it be confined", ErrDecoder)
	case status.ExitCode() != 0:
		return nil, fmt.Errorf("%w: %v", ErrBroken, status)
	}
	return nil, err
}
