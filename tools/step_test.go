package tools_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"
)

// step runs tools/step without a terminal, with a moment of so many seconds.
func step(t *testing.T, moment string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, said bytes.Buffer
	c := exec.Command("./step", args...)
	c.Env, c.Stdout, c.Stderr = append(os.Environ(), "STEP_MOMENT="+moment), &out, &said
	err := c.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return out.String(), said.String(), c.ProcessState.ExitCode()
}

func TestOfAQuickStepNothingIsSaidAndNothingIsWaitedFor(t *testing.T) {
	began := time.Now()
	stdout, stderr, status := step(t, "30", "compile", "echo", "as it is")
	if stdout != "as it is\n" || stderr != "" || status != 0 {
		t.Errorf("%q, %q, status %d", stdout, stderr, status)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestAStepThatTakesLongIsNamedWhileItRunsAndTimedAfterwards(t *testing.T) {
	stdout, stderr, status := step(t, "1", "compile the programs", "sh", "-c", "sleep 3; echo done")
	want := regexp.MustCompile(`^\d\d:\d\d:\d\d compile the programs \.\.\.\n\d\d:\d\d:\d\d compile the programs: \d+ s\n$`)
	if stdout != "done\n" || !want.MatchString(stderr) || status != 0 {
		t.Errorf("%q, %q, status %d", stdout, stderr, status)
	}
}

func TestAStepThatFailsEndsWithItsOwnStatusAndWords(t *testing.T) {
	_, stderr, status := step(t, "30", "compile", "sh", "-c", "echo broken >&2; exit 7")
	if stderr != "broken\n" || status != 7 {
		t.Errorf("%q, status %d", stderr, status)
	}
	_, stderr, status = step(t, "1", "compile", "sh", "-c", "sleep 3; exit 7")
	if !regexp.MustCompile(`compile: \d+ s, and failed\n$`).MatchString(stderr) || status != 7 {
		t.Errorf("after a while: %q, status %d", stderr, status)
	}
}
