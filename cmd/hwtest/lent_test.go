package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
