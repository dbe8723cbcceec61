package main

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/foyer-station/foyer/emulate/world"
	"github.com/foyer-station/foyer/kiosk/technician"
)

// lender is a station that lends as serve says.
func (s *scene) lender(how string) technician.Lend {
	if how == "" {
		return nil
	}
	return func(ctx context.Context, tell func(bool) error) error {
		switch how {
		case "busy":
			return technician.ErrLent
		case "short":
			limited, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			ctx = limited
		case "ended":
			if err := tell(true); err != nil {
				return err
			}
			return io.ErrUnexpectedEOF
		case "later":
			if err := tell(false); err != nil {
				return err
			}
		}
		if err := tell(true); err != nil {
			return err
		}
		s.lent <- true
		<-ctx.Done()
		s.lent <- false
		return ctx.Err()
	}
}

// was-lent: the devices were lent once, and are back.
func wasLent(ts *testscript.TestScript, _ bool, _ []string) {
	for _, want := range []bool{true, false} {
		select {
		case got := <-sceneOf(ts).lent:
			if got != want {
				ts.Fatalf("lent is %v, want %v", got, want)
			}
		case <-time.After(time.Minute):
			ts.Fatalf("it is not told that lent is %v", want)
		}
	}
}

// socket-is FILE SOCKET has the station's configuration name another socket.
func socketIs(ts *testscript.TestScript, _ bool, args []string) {
	text := regexp.MustCompile(`socket = ".*"`).ReplaceAllString(ts.ReadFile(args[0]), `socket = "`+args[1]+`"`)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// killed ARGS... calls hwtest, and kills it once the pad is being tested.
func killed(ts *testscript.TestScript, _ bool, args []string) {
	c := exec.Command(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "hwtest"), args...)
	c.Env, c.Dir = environ(ts), ts.MkAbs(".")
	ts.Check(c.Start())
	defer c.Wait()
	defer c.Process.Kill()
	for deadline := time.Now().Add(time.Minute); !sceneOf(ts).world.Bus.Held(world.PadPort); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("nobody opens the pad")
		}
	}
}

// cut FRONT BEHIND is a socket whose calls are answered at the socket BEHIND. It hangs up on a call once the pad is being tested, as a
// kiosk does on a test that is silent, and goes on to take calls.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	front, err := net.Listen("unix", ts.MkAbs(args[0]))
	ts.Check(err)
	ctx, stop := context.WithCancel(context.Background())
	var calls sync.WaitGroup
	ts.Defer(func() { stop(); front.Close(); calls.Wait() })
	tested := func() bool { return sceneOf(ts).world.Bus.Held(world.PadPort) }
	calls.Go(func() {
		for {
			conn, err := front.Accept()
			if err != nil {
				return
			}
			calls.Go(func() { relay(ctx, conn, ts.MkAbs(args[1]), tested) })
		}
	})
}

// relay has a call answered at a socket until over says so, the call ends, or ctx does.
func relay(ctx context.Context, call net.Conn, socket string, over func() bool) {
	defer call.Close()
	behind, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	ctx, ended := context.WithCancel(ctx)
	var copying sync.WaitGroup
	copying.Go(func() { defer ended(); io.Copy(behind, call) })
	copying.Go(func() { defer ended(); io.Copy(call, behind) })
	for !over() && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	call.Close()
	behind.Close()
	copying.Wait()
}
