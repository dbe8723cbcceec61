package main

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
)

// watcher is an hwtest watch that runs beside the script.
type watcher struct {
	command *exec.Cmd
	lines   chan string
	said    strings.Builder
}

// watching ARGS... begins hwtest watch; line takes what it writes, and end ends it.
func watching(ts *testscript.TestScript, _ bool, args []string) {
	c := exec.Command(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "hwtest"), append([]string{"watch"}, args...)...)
	c.Env, c.Dir = environ(ts), ts.MkAbs(".")
	w := &watcher{command: c, lines: make(chan string, 100)}
	c.Stderr = &w.said
	out, err := c.StdoutPipe()
	ts.Check(err)
	ts.Check(c.Start())
	go func() {
		defer close(w.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			w.lines <- s.Text()
		}
	}()
	ts.Defer(func() { c.Process.Kill() })
	sceneOf(ts).watcher = w
}

// line TEXT... is the next line that has all of these, which comes within a minute.
func nextLine(ts *testscript.TestScript, _ bool, args []string) {
	var seen []string
	for deadline := time.After(time.Minute); ; {
		select {
		case line, more := <-sceneOf(ts).watcher.lines:
			if !more {
				ts.Fatalf("it has ended: %s", sceneOf(ts).watcher.said.String())
			}
			seen = append(seen, line)
			all := true
			for _, want := range args {
				all = all && strings.Contains(line, want)
			}
			if all {
				return
			}
		case <-deadline:
			ts.Fatalf("no line has %q:\n%s\n%s", args, strings.Join(seen, "\n"), sceneOf(ts).watcher.said.String())
		}
	}
}

// end is SIGTERM, upon which it ends with status 0, having complained of nothing but of TEXT... .
func end(ts *testscript.TestScript, _ bool, args []string) {
	w := sceneOf(ts).watcher
	ts.Check(w.command.Process.Signal(syscall.SIGTERM))
	for range w.lines {
	}
	err := w.command.Wait()
	if said := w.said.String(); err != nil || (said != "") != (len(args) > 0) {
		ts.Fatalf("it ended with %v and said %q", err, said)
	}
	for _, want := range args {
		if strings.Count(w.said.String(), want) != 1 {
			ts.Fatalf("it does not say %q once:\n%s", want, w.said.String())
		}
	}
}

func TestAStationThatServesAVisitorIsWatchedWithoutALine(t *testing.T) {
	as := func(state devices.State, reason devices.Message) string {
		c := hwtest.Done(devices.KindTicketPrinter, "state")
		c.State, c.Reason = state, reason
		return outcome(hwtest.Report{Checks: []hwtest.Check{c}})
	}
	idle := as(devices.StateOnline, devices.Message{})
	if as(devices.StateBusy, devices.Say("printer.printing")) != idle {
		t.Error("that a ticket is printed counts as a change")
	}
	if as(devices.StateDegraded, devices.Say("printer.paper_low")) == idle {
		t.Error("that the paper runs low counts as none")
	}
}
