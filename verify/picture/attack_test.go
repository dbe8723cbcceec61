package picture

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/mrz/ocr/scan"
	"github.com/foyer-station/foyer/verify/picture/picturetest"
)

// TestNoPictureCostsMoreThanItsTaskAllows, and each is answered with an error of this package's, or decoded.
func TestNoPictureCostsMoreThanItsTaskAllows(t *testing.T) {
	devicestest.NothingLeftBehind(t, func() {
		for _, w := range weapons(t) {
			c, err := w.fire(t.Context())
			t.Logf("%s: %d bytes took %v, %v of the processor, %d MB: %v", w.name, len(w.file), c.wall, c.cpu, c.memory>>20, err)
			const program = 300 << 20 // what it has before it decodes
			if c.cpu > w.task.cpu+4*time.Second || c.memory > int64(w.task.memory)+program {
				t.Errorf("%s: took %v and %d MB", w.name, c.cpu, c.memory>>20)
			}
			if err != nil && !errors.Is(err, scan.ErrFile) && !errors.Is(err, scan.ErrDamaged) && !errors.Is(err, scan.ErrSize) && !errors.Is(err, ErrBroken) {
				t.Errorf("%s: %v", w.name, err)
			}
		}
	})
	noChildren(t)
}

// TestWeaponsAtOnceDoNotKeepAnHonestPictureFromBeingDecoded, whose child has bounds of its own.
func TestWeaponsAtOnceDoNotKeepAnHonestPictureFromBeingDecoded(t *testing.T) {
	jpg, _ := encoded(t)
	slow := picturetest.ManyScans(4096, 2048, 17_900)
	ctx, cancel := context.WithCancel(t.Context())
	var weapons sync.WaitGroup
	for range 4 {
		weapons.Go(func() { Portrait(ctx, slow) })
	}
	if _, err := Portrait(t.Context(), jpg); err != nil {
		t.Error(err)
	}
	cancel()
	weapons.Wait()
	noChildren(t)
}

// TestPicturesOneAfterTheOtherLeaveNothingBehind: FOYER_PICTURES says how many; twenty where it does not.
func TestPicturesOneAfterTheOtherLeaveNothingBehind(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("FOYER_PICTURES"))
	if err != nil {
		n = 20
	}
	jpg, jp2 := encoded(t)
	devicestest.NothingLeftBehind(t, func() {
		for i := range n {
			if _, err := Portrait(t.Context(), [][]byte{jpg, jp2}[i%2]); err != nil {
				t.Fatal(err)
			}
			noChildren(t)
		}
	})
}

func TestWithoutDescriptorsNoPictureIsDecodedAndThatIsSaid(t *testing.T) {
	jpg, _ := encoded(t)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 3, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	_, err := Portrait(t.Context(), jpg)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, ErrDecoder) {
		t.Error(err)
	}
	if _, err := Portrait(t.Context(), jpg); err != nil {
		t.Errorf("and then: %v", err)
	}
}

// TestWithoutProcNoPictureIsDecodedAndThatIsSaid runs itself where there is none.
func TestWithoutProcNoPictureIsDecodedAndThatIsSaid(t *testing.T) {
	const variable = "FOYER_WITHOUT_PROC"
	if os.Getenv(variable) != "" {
		jpg, _ := encoded(t)
		_, err := Portrait(t.Context(), jpg)
		fmt.Println("said:", errors.Is(err, ErrDecoder), err)
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can hide /proc: not tested")
	}
	hidden := exec.CommandContext(t.Context(), "unshare", "--mount", "sh", "-c",
		`mount -t tmpfs none /proc && exec "$0" -test.run '^`+t.Name()+`$'`, testProgram(t))
	hidden.Env = append(os.Environ(), variable+"=1")
	out, err := hidden.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "said: true") {
		t.Errorf("%v: %s", err, out)
	}
}

func testProgram(t testing.TB) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return program
}
