package picture

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// soon is far above what anything here takes, for the sake of a busy machine.
const soon = 20 * time.Second

// quick is a task that nobody should wait for long.
func quick() task {
	t := portraitTask
	t.wall = 2 * time.Second
	return t
}

func TestAChildThatHangsFloodsCrashesLeavesOrLiesIsGivenUp(t *testing.T) {
	devicestest.NothingLeftBehind(t, func() {
		for _, name := range []string{hangs, floods, trickles, crashes, leaves, lies} {
			begin := time.Now()
			picture, err := quick().run(t.Context(), name, make([]byte, 1<<20))
			if picture != nil || !errors.Is(err, ErrBroken) || time.Since(begin) > soon {
				t.Errorf("%s: %v, %v after %v", name, picture, err, time.Since(begin))
			}
		}
	})
	noChildren(t)
}

func TestAChildThatStaysAfterItsAnswerIsEnded(t *testing.T) {
	begin := time.Now()
	picture, err := portraitTask.run(t.Context(), lingers, nil)
	if err != nil || picture.Bounds().Dx() != 1 || time.Since(begin) > portraitTask.wall {
		t.Errorf("%v, %v after %v", picture, err, time.Since(begin))
	}
	noChildren(t)
}

// TestNobodyWaitsForADecoderWhoseAnswerIsNotWantedAnyMore: a visitor who leaves does.
func TestNobodyWaitsForADecoderWhoseAnswerIsNotWantedAnyMore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := portraitTask.run(ctx, hangs, nil)
		ended <- err
	}()
	for len(children(t)) == 0 {
		time.Sleep(time.Millisecond)
	}
	begin := time.Now()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) || time.Since(begin) > portraitTask.wall/3 {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
	noChildren(t)
}

// TestAChildIsReadyBeforeItsPictureComes, and goes when none comes, or when nobody wants it any more.
func TestAChildIsReadyBeforeItsPictureComes(t *testing.T) {
	jpg, _ := encoded(t)
	var coming chan []byte
	ended := make(chan error)
	for name, c := range map[string]struct {
		then  func(context.CancelFunc)
		drawn bool
		err   error
	}{
		"it comes":     {func(context.CancelFunc) { coming <- jpg }, true, nil},
		"none comes":   {func(context.CancelFunc) { close(coming) }, false, nil},
		"too large":    {func(context.CancelFunc) { coming <- make([]byte, MaxPortraitFile+1) }, false, scan.ErrSize},
		"nobody waits": {func(cancel context.CancelFunc) { cancel() }, false, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			coming = make(chan []byte, 1)
			go func() {
				picture, err := ComingPortrait(ctx, coming)
				if (picture != nil) != c.drawn {
					t.Errorf("the picture is %v", picture)
				}
				ended <- err
			}()
			for len(children(t)) == 0 {
				time.Sleep(time.Millisecond)
			}
			c.then(cancel)
			if err := <-ended; !errors.Is(err, c.err) {
				t.Errorf("%v, want %v", err, c.err)
			}
			noChildren(t)
		})
	}
}

// TestAChildCanOnlyComputeAndAnswer although this process has files, a socket and secrets.
func TestAChildCanOnlyComputeAndAnswer(t *testing.T) {
	t.Setenv("FOYER_SECRET", "the environment")
	_, err := portraitTask.run(t.Context(), escapes, nil)
	if err == nil || !strings.HasSuffix(err.Error(), ": []") {
		t.Errorf("a child could: %v", err)
	}
}

func TestAChildHasItsBoundsAndNothingOpen(t *testing.T) {
	left, err := syscall.Open("/etc/passwd", syscall.O_RDONLY, 0) // as a library in C opens it: for children too
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(left)
	child, err := portraitTask.start(t.Context(), hangs)
	if err != nil {
		t.Fatal(err)
	}
	defer child.end()
	if line, err := bufio.NewReader(child.out).ReadString('\n'); err != nil {
		t.Fatalf("%q, %v", line, err)
	}
	about := ""
	for _, file := range []string{"status", "limits", "oom_score_adj"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", child.Process.Pid, file))
		if err != nil {
			t.Fatal(err)
		}
		about += string(text)
	}
	for _, want := range []string{
		`NoNewPrivs:\s+1`, `Seccomp:\s+2`, `Max core file size\s+0\s+0`, `Max file size\s+0\s+0`, `Max open files\s+3\s+3`,
		`Max cpu time\s+\d\s+\d\s`, `Max address space\s+\d+\s+\d+`, `(?m)^1000$`,
	} {
		if !regexp.MustCompile(want).MatchString(about) {
			t.Errorf("%s is not in %s", want, about)
		}
	}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", child.Process.Pid))
	if err != nil {
		t.Skipf("what a child has open is not looked at: %v; only root may", err)
	}
	for _, fd := range open {
		what, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", child.Process.Pid, fd.Name()))
		if fd.Name() > "2" && !strings.HasPrefix(what, "anon_inode:[event") {
			t.Errorf("%s is open", what)
		}
	}
}

// TestTheServiceLetsItsChildrenBeConfined, which systemd's usual set of calls does not.
func TestTheServiceLetsItsChildrenBeConfined(t *testing.T) {
	unit, err := os.ReadFile("../../packaging/systemd/foyer-kiosk.service")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^SystemCallFilter=.*\bseccomp\b`).Match(unit) || !regexp.MustCompile(`(?m)^OOMPolicy=continue$`).Match(unit) {
		t.Error("foyer-kiosk.service must allow seccomp, and go on where a decoder has taken all memory")
	}
}

func TestAChildEndsWithItsParent(t *testing.T) {
	parent := exec.CommandContext(t.Context(), itself)
	parent.Args = []string{dies}
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var child int
	_, err = fmt.Fscan(out, &child)
	parent.Process.Kill()
	parent.Wait()
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(soon); running(child); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("process %d has outlived its parent", child)
		}
	}
}

// running tells of a process that has not ended, though nobody may have asked how.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, after, _ := strings.Cut(string(stat), ") ")
	return err == nil && !strings.HasPrefix(after, "Z")
}

// children are the processes that this one has started and not waited for.
func children(t testing.TB) (pids []string) {
	t.Helper()
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		text, _ := os.ReadFile("/proc/self/task/" + thread.Name() + "/children")
		pids = append(pids, strings.Fields(string(text))...)
	}
	return pids
}

func noChildren(t testing.TB) {
	t.Helper()
	if left := children(t); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
}
