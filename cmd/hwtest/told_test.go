package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/foyer-station/foyer/proto/selftest"
)

// told STATUS ANSWERS ARGS... calls hwtest as a program does, and has it end with that status. Every question is answered by the next line
// of the file ANSWERS, in which ID stands for the question's number; once there is none any more, the input ends. The events are the
// script's file "events".
func told(ts *testscript.TestScript, _ bool, args []string) {
	answers := strings.Fields(ts.ReadFile(args[1]))
	c := exec.Command(filepath.Join(ts.Getenv("BIN"), "hwtest"), append([]string{"--format", "events"}, args[2:]...)...)
	c.Env, c.Dir = environ(ts), ts.MkAbs(".")
	in, err := c.StdinPipe()
	ts.Check(err)
	out, err := c.StdoutPipe()
	ts.Check(err)
	ts.Check(c.Start())
	defer c.Process.Kill()
	events := converse(ts, out, in, answers)
	in.Close()
	c.Wait() // the status says more
	ts.Check(os.WriteFile(ts.MkAbs("events"), []byte(events), 0o600))
	if got := strconv.Itoa(c.ProcessState.ExitCode()); got != args[0] {
		ts.Fatalf("exit status %s, want %s:\n%s", got, args[0], events)
	}
}

// converse answers what is asked until no more comes, and gives all that was told.
func converse(ts *testscript.TestScript, out io.Reader, in io.WriteCloser, answers []string) string {
	var all strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		all.WriteString(lines.Text() + "\n")
		e, err := selftest.ParseEvent(lines.Bytes())
		if err != nil {
			ts.Fatalf("%v: %s", err, lines.Text())
		}
		switch {
		case e.Event != selftest.Asks:
		case len(answers) == 0:
			ts.Check(in.Close())
		default:
			_, err := io.WriteString(in, strings.ReplaceAll(answers[0], "ID", strconv.Itoa(e.ID))+"\n")
			ts.Check(err)
			answers = answers[1:]
		}
	}
	return all.String()
}
