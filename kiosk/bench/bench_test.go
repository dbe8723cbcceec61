package bench_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/foyer-station/foyer/kiosk/bench"
	"github.com/foyer-station/foyer/proto/selftest"
)

// TestMain is hwtest, too, where a test wants it to be: $ACTS says how it behaves, and $NOTES is where it notes what it was called with.
func TestMain(m *testing.M) {
	if acts := os.Getenv("ACTS"); acts != "" {
		hwtest(acts)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const (
	begins    = `{"event":"begins","version":1,"level":"interactive"}`
	isTesting = `{"event":"testing","device":"camera","name":{"de":"Kamera","en":"camera"}}`
	asks      = `{"event":"asks","device":"camera","name":{"en":"camera"},"id":1,"do":{"key":"ask.face","text":{"en":"look"}}}`
	checked   = `{"event":"checked","check":{"id":"camera.face","device":"camera","name":{"en":"camera"},"result":"passed","mark":"well","state":"online","condition":{"en":"well"}}}`
	found     = `{"event":"found","check":{"id":"camera.face","device":"camera","name":{"en":"camera"},"result":"passed","mark":"well","state":"online","condition":{"en":"well"}}}`
	illness   = `{"event":"found","check":{"id":"signature_pad.present","device":"signature_pad","name":{"en":"pad"},"result":"failed","mark":"ill","state":"no_device","condition":{"en":"gone"}}}`
	ends      = `{"event":"ends","totals":{"checks":2,"ill":1,"soon":0,"well":1,"untested":0,"healthy":false}}`
	stopped   = `{"event":"fails","reason":{"key":"test.interrupted","text":{"en":"the test was interrupted"}}}`
)

// hwtest behaves.
func hwtest(acts string) {
	note(strings.Join(os.Args[1:], " "))
	say := func(lines ...string) { fmt.Println(strings.Join(lines, "\n")) }
	answers := bufio.NewScanner(os.Stdin)
	switch acts {
	case "well":
		say(begins, isTesting, asks)
		answers.Scan()
		note(answers.Text())
		if strings.Contains(answers.Text(), "stop") {
			say(found, stopped)
			return
		}
		say(checked, found, illness, ends)
	case "quick":
		say(begins, found, illness, ends)
	case "dies":
		say(begins, checked)
	case "newer":
		say(strings.Replace(begins, `"version":1`, `"version":2`, 1))
	case "babbles":
		say(begins, "Segmentation fault (core dumped)")
	case "floods":
		say(begins)
		for {
			say(checked)
		}
	case "endless":
		for {
			fmt.Print("x")
		}
	case "hangs", "deaf":
		child := exec.Command("sleep", "600") // it holds the pipes, too
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		child.Start()
		note(strconv.Itoa(child.Process.Pid))
		say(begins, isTesting)
		for acts == "deaf" {
			say(`{"event":"alive"}`)
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(10 * time.Minute)
	case "noisy":
		for range 1000 {
			fmt.Fprintln(os.Stderr, strings.Repeat("n", 1000))
		}
		say(begins, found, ends)
	}
}

func note(text string) {
	f, _ := os.OpenFile(os.Getenv("NOTES"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	fmt.Fprintln(f, text)
	f.Close()
}

// stand is a bench with a technician before it.
type stand struct {
	*bench.Bench
	t     *testing.T
	views chan bench.View
	notes string
	log   *strings.Builder
	leave func()
}

func standing(t *testing.T, acts string) *stand {
	t.Helper()
	s := &stand{t: t, views: make(chan bench.View, 100_000), notes: filepath.Join(t.TempDir(), "notes"), log: &strings.Builder{}}
	t.Setenv("ACTS", acts)
	t.Setenv("NOTES", s.notes)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.Bench = bench.New(bench.Options{
		Program: program, Args: []string{"--config", "F"}, Show: func(v bench.View) { s.views <- v },
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Silence: 3 * time.Second, Grace: time.Second, // the race detector ends a program a second late
	})
	s.run()
	return s
}

func (s *stand) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	s.leave = func() {
		cancel()
		if err := <-ended; err != context.Canceled {
			s.t.Errorf("it ended with %v", err)
		}
		ended <- context.Canceled
	}
	s.t.Cleanup(s.leave)
}

// until waits for a view that is as wanted.
func (s *stand) until(what string, is func(bench.View) bool) bench.View {
	s.t.Helper()
	late := time.After(20 * time.Second)
	var last bench.View
	for {
		select {
		case last = <-s.views:
			if is(last) {
				return last
			}
		case <-late:
			s.t.Fatalf("%s is not shown; at last %+v\n%s", what, last, s.log)
		}
	}
}

func in(p bench.Phase) func(bench.View) bool { return func(v bench.View) bool { return v.Phase == p } }

func TestATechnicianWhoComesInSeesHowEverythingIsTheIllFirst(t *testing.T) {
	s := standing(t, "quick")
	s.Do(bench.Enter{})
	v := s.until("the overview", in(bench.Overview))
	if len(v.Lines) != 2 || v.Lines[0].Device != "signature_pad" || v.Lines[0].Mark() != selftest.Ill || v.Lines[1].Mark() != selftest.Well {
		t.Errorf("%+v", v.Lines)
	}
	if v.Totals.Ill != 1 || v.Fault != bench.NoFault {
		t.Errorf("%+v", v)
	}
	if got, want := s.noted(), "--config F --format events --level internal\n"; got != want {
		t.Errorf("called with %q, want %q", got, want)
	}
}

func (s *stand) noted() string {
	text, _ := os.ReadFile(s.notes)
	return string(text)
}

func TestATestAsksTheTechnicianAndTakesTheAnswer(t *testing.T) {
	s := standing(t, "quick")
	s.Do(bench.Enter{})
	s.until("the overview", in(bench.Overview))
	t.Setenv("ACTS", "well")
	s.Do(bench.Test{Level: bench.Interactive, Device: "camera", Language: "de"})
	v := s.until("the question", in(bench.Asking))
	if v.Question.Do.In("en") != "look" || len(v.Lines) != 1 || !v.Lines[0].Busy {
		t.Errorf("%+v", v)
	}
	s.Do(bench.Answer{To: 7, Reply: selftest.GoOn}) // of before
	s.Do(bench.Answer{To: 1, Reply: selftest.Choose, Choice: "2"})
	v = s.until("the result", in(bench.Result))
	if v.Level != bench.Interactive || v.Lines[0].Device != "signature_pad" || v.Lines[1].Busy {
		t.Errorf("%+v", v)
	}
	notes := s.noted()
	for _, want := range []string{"--level interactive --device camera --language de\n", `{"answer":"choose","to":1,"choice":"2"}`} {
		if !strings.Contains(notes, want) {
			t.Errorf("%q is missing in %q", want, notes)
		}
	}
}

func TestATestThatIsStoppedSaysWhatItHasFoundSoFar(t *testing.T) {
	s := standing(t, "well")
	s.Do(bench.Enter{})
	s.until("the question", in(bench.Asking))
	s.Do(bench.Stop{})
	v := s.until("the result", in(bench.Result))
	if v.Reason.In("en") != "the test was interrupted" || v.Fault != bench.NoFault || len(v.Lines) != 1 {
		t.Errorf("%+v", v)
	}
}

func TestATestThatNobodyAnswersIsStopped(t *testing.T) {
	s := &stand{t: t, views: make(chan bench.View, 100), notes: filepath.Join(t.TempDir(), "notes"), log: &strings.Builder{}}
	t.Setenv("ACTS", "well")
	t.Setenv("NOTES", s.notes)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.Bench = bench.New(bench.Options{Program: program, Show: func(v bench.View) { s.views <- v }, Log: slog.New(slog.DiscardHandler), Patience: time.Second})
	s.run()
	s.Do(bench.Enter{})
	s.until("the question", in(bench.Asking))
	v := s.until("the result", in(bench.Result))
	if v.Reason.In("en") != "the test was interrupted" || !strings.Contains(s.noted(), `{"answer":"stop"}`) {
		t.Errorf("%+v, told %q", v, s.noted())
	}
}

func TestWhateverIsTheMatterWithTheChildIsToldAndNothingHangs(t *testing.T) {
	for acts, want := range map[string]bench.Fault{
		"dies": bench.Died, "newer": bench.Nonsense, "babbles": bench.Nonsense, "floods": bench.Nonsense, "endless": bench.Nonsense, "hangs": bench.Hung,
	} {
		s := standing(t, acts)
		s.Do(bench.Enter{})
		if v := s.until(acts, in(bench.Result)); v.Fault != want {
			t.Errorf("%s: %+v", acts, v)
		}
		t.Setenv("ACTS", "quick")
		s.Do(bench.Test{Level: bench.Internal})
		s.until("the next test", in(bench.Overview))
		s.leave()
	}
}

func TestAProgramThatIsNotThereIsTold(t *testing.T) {
	views := make(chan bench.View, 100)
	b := bench.New(bench.Options{Program: "/nowhere/hwtest", Show: func(v bench.View) { views <- v }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	s := &stand{Bench: b, t: t, views: views, log: &strings.Builder{}}
	s.run()
	s.Do(bench.Enter{})
	if v := s.until("the fault", in(bench.Result)); v.Fault != bench.Missing {
		t.Errorf("%+v", v)
	}
}

// gone waits until a process that the child has started is gone, too.
func (s *stand) gone() {
	s.t.Helper()
	notes := strings.Fields(s.noted())
	pid, err := strconv.Atoi(notes[len(notes)-1])
	if err != nil {
		s.t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
	}
	syscall.Kill(pid, syscall.SIGKILL)
	s.t.Errorf("process %d is still there", pid)
}

func TestOneThatDoesNotStopIsEndedWithAllThatItHasStarted(t *testing.T) {
	for name, stop := range map[string]func(*stand){
		"stopped":          func(s *stand) { s.Do(bench.Stop{}); s.until("the result", in(bench.Result)) },
		"the mode is left": func(s *stand) { s.Do(bench.Quit{}) },
		"the kiosk ends":   func(s *stand) { s.leave() },
	} {
		s := standing(t, "deaf")
		s.Do(bench.Enter{})
		s.until("a device", func(v bench.View) bool { return len(v.Lines) == 1 })
		stop(s)
		s.gone()
		if t.Failed() {
			t.Fatal(name)
		}
		s.leave()
	}
}

func TestWhoComesInWhileTheTestOfSomebodyElseEndsSeesAnOverviewOfTheirOwn(t *testing.T) {
	s := standing(t, "deaf")
	s.Do(bench.Enter{})
	s.until("a device", func(v bench.View) bool { return len(v.Lines) == 1 })
	t.Setenv("ACTS", "quick")
	s.Do(bench.Quit{})
	s.Do(bench.Enter{})
	v := s.until("the overview", in(bench.Overview))
	if v.Fault != bench.NoFault || len(v.Lines) != 2 {
		t.Errorf("%+v", v)
	}
}

func TestNothingIsTestedOutsideOfTheMode(t *testing.T) {
	s := standing(t, "quick")
	s.Do(bench.Test{Level: bench.External})
	s.Do(bench.Enter{})
	s.until("the overview", in(bench.Overview))
	if n := strings.Count(s.noted(), "\n"); n != 1 {
		t.Errorf("%d tests: %s", n, s.noted())
	}
}

func TestWhatTheChildSaysBesidesIsLoggedWithinBounds(t *testing.T) {
	s := standing(t, "noisy")
	s.Do(bench.Enter{})
	s.until("the overview", in(bench.Overview))
	s.leave()
	if n := strings.Count(s.log.String(), "said="); n == 0 || n > 50 || s.log.Len() > 50*400 {
		t.Errorf("%d lines, %d bytes", n, s.log.Len())
	}
}

func TestAViewThatWasShownDoesNotChange(t *testing.T) {
	s := standing(t, "well")
	s.Do(bench.Enter{})
	v := s.until("the question", in(bench.Asking))
	lines := slices.Clone(v.Lines)
	s.Do(bench.Answer{To: 1, Reply: selftest.GoOn})
	s.until("the end", func(v bench.View) bool { return v.Phase == bench.Overview || v.Phase == bench.Result })
	if len(v.Lines) != len(lines) || len(v.Lines[0].Checks) != 0 || !v.Lines[0].Busy {
		t.Errorf("%+v", v.Lines)
	}
}
