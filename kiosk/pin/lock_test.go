package pin_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/kiosk/pin"
)

// door is a lock at a station that can be restarted, and whose clock can be set.
type door struct {
	t *testing.T
	*pin.Lock
	path, made string
	clock      time.Time
	log        bytes.Buffer
	watch      func() // called whenever the lock looks at the clock; may be nil
}

func newDoor(t *testing.T) *door {
	t.Helper()
	d := &door{t: t, path: filepath.Join(t.TempDir(), "pin.json"), made: ours(t), clock: time.Date(2026, 11, 30, 7, 0, 0, 0, time.UTC)}
	d.restarts()
	return d
}

// ours is the string of digits.
func ours(t *testing.T) string {
	t.Helper()
	s, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var once = sync.OnceValues(func() (string, error) { return pin.Make([]byte(digits)) })

// nobodys leaves the lock without a string, so that every PIN is wrong, and that is known at once.
func (d *door) nobodys() {
	d.made = ""
	d.restarts()
}

// ours gives it back the string of digits.
func (d *door) ours() {
	d.made = ours(d.t)
	d.restarts()
}

func (d *door) restarts() {
	d.Lock = pin.Open(d.path, d.made, func() time.Time {
		if d.watch != nil {
			d.watch()
		}
		return d.clock
	}, slog.New(slog.NewTextHandler(&d.log, nil)))
}

// tries types PINs, and tells what the last came to.
func (d *door) tries(want pin.Result, typed ...string) {
	d.t.Helper()
	var got pin.Result
	for _, digits := range typed {
		got = d.Try([]byte(digits))
	}
	if got != want {
		d.t.Errorf("%d PINs come to %s, want %s", len(typed), got, want)
	}
}

// waits says how long none may be tried.
func (d *door) waits(want time.Duration) {
	d.t.Helper()
	if got := d.Wait(); got != want {
		d.t.Errorf("after %d wrong ones none may be tried for %s, want %s", d.Tally().Wrong, got, want)
	}
}

func (d *door) passes(time time.Duration) { d.clock = d.clock.Add(time) }

const wrong = "480294"

func TestTheRightPINLetsInAndNoOther(t *testing.T) {
	d := newDoor(t)
	d.tries(pin.Wrong, wrong, "")
	d.tries(pin.Right, digits)
	d.waits(0)
	if got := d.Tally(); got != (pin.Tally{}) {
		t.Errorf("after the right one %+v is counted", got)
	}
	d.restarts()
	if got := d.Tally(); got != (pin.Tally{}) {
		t.Errorf("after a restart %+v is counted", got)
	}
}

func TestGuessingTakesLongerAndLongerAndNeverForEver(t *testing.T) {
	d := newDoor(t)
	d.nobodys()
	for _, wait := range []time.Duration{0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600} {
		d.tries(pin.Wrong, wrong)
		d.waits(wait * time.Second)
		if wait > 0 {
			d.passes(wait*time.Second - time.Millisecond)
			d.tries(pin.Refused, digits)
			d.passes(time.Millisecond)
		}
	}
	if got := d.Tally(); got.Wrong != 11 || !got.Since.Equal(time.Date(2026, 11, 30, 7, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v is counted", got)
	}
	d.ours()
	d.tries(pin.Right, digits)
	d.tries(pin.Wrong, wrong, wrong)
	d.waits(0)
}

func TestARestartGivesNothingForFree(t *testing.T) {
	d := newDoor(t)
	d.nobodys()
	for range 3 {
		d.tries(pin.Wrong, wrong)
		d.restarts()
	}
	d.waits(30 * time.Second)
	d.tries(pin.Refused, digits)
	d.passes(29 * time.Second)
	d.restarts()
	d.waits(time.Second)
	d.passes(time.Second)
	d.tries(pin.Wrong, wrong)
	d.restarts()
	d.waits(time.Minute)
}

// TestATryIsCountedBeforeItIsLookedAt so that the right one is counted too, until it is known to be right.
func TestATryIsCountedBeforeItIsLookedAt(t *testing.T) {
	d := newDoor(t)
	counted := 0
	d.watch = func() {
		if text, err := os.ReadFile(d.path); err == nil && bytes.Contains(text, []byte(`"wrong":1`)) {
			counted++
		}
	}
	d.tries(pin.Right, digits)
	if counted == 0 {
		t.Error("a power cut while it is looked at gives a try for free")
	}
}

func TestAClockThatIsSetNeitherLocksOutNorLetsIn(t *testing.T) {
	t.Run("back", func(t *testing.T) {
		d := newDoor(t)
		d.nobodys()
		d.tries(pin.Wrong, wrong, wrong, wrong)
		d.passes(-365 * 24 * time.Hour)
		d.ours()
		d.waits(30 * time.Second) // all of it, and no more
		d.passes(30 * time.Second)
		d.tries(pin.Right, digits)
	})
	t.Run("forward", func(t *testing.T) {
		d := newDoor(t)
		d.nobodys()
		d.tries(pin.Wrong, wrong, wrong, wrong)
		d.passes(365 * 24 * time.Hour)
		d.restarts()
		d.tries(pin.Wrong, wrong)
		d.waits(time.Minute) // the wait goes on doubling
	})
	t.Run("while it runs", func(t *testing.T) {
		l := pin.Open(filepath.Join(t.TempDir(), "pin.json"), "", time.Now, slog.New(slog.DiscardHandler))
		for range 3 {
			l.Try([]byte(wrong))
		}
		if wait := l.Wait(); wait <= 20*time.Second || wait > 30*time.Second {
			t.Errorf("by the machine's own clock it is %s", wait)
		}
	})
}

func TestADamagedCountCostsOneWait(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "zeros": strings.Repeat("\x00", 100), "cut off": `{"wrong":2,"since":"2026-11`, "another's": `{"right":2}`,
		"negative": `{"wrong":-9,"last":"2026-11-30T07:00:00Z"}`, "absurd": `{"wrong":99999999999,"last":"2026-11-30T07:00:00Z"}`,
		"without a time": `{"wrong":2}`, "two of them": `{"wrong":0}{"wrong":0}`, "endless": strings.Repeat(" ", 1<<20) + `{"wrong":0}`,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t)
			if err := os.WriteFile(d.path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			d.restarts()
			d.waits(30 * time.Second)
			d.tries(pin.Refused, digits)
			d.passes(30 * time.Second)
			d.tries(pin.Right, digits)
			d.restarts()
			d.waits(0)
		})
	}
}

// TestADiskThatKeepsNothingCostsAWaitAtEachStart and never more: a folder stands where the file would be written.
func TestADiskThatKeepsNothingCostsAWaitAtEachStart(t *testing.T) {
	d := newDoor(t)
	d.nobodys()
	d.tries(pin.Wrong, wrong)
	if err := os.Mkdir(d.path+".new", 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		d.restarts()
		d.waits(0)
		d.tries(pin.Refused, digits) // it was not looked at
		d.waits(30 * time.Second)
		d.passes(30 * time.Second)
		d.tries(pin.Wrong, wrong)
		d.waits(time.Minute)
		d.passes(time.Minute)
	}
	d.ours()
	d.tries(pin.Refused, digits)
	d.passes(30 * time.Second)
	d.tries(pin.Right, digits)
	d.tries(pin.Refused, digits) // the next one costs a wait again
}

func TestTheLogHasNoDigits(t *testing.T) {
	d := newDoor(t)
	d.tries(pin.Right, wrong, wrong, digits)
	said := d.log.String()
	if !strings.Contains(said, "times=2") || !strings.Contains(said, "wrong_before=2") {
		t.Errorf("the log does not say what happened: %s", said)
	}
	for _, secret := range []string{digits, wrong, d.made} {
		if strings.Contains(said, secret) {
			t.Errorf("the log has %s", said)
		}
	}
	text, err := os.ReadFile(d.path)
	if err != nil || bytes.Contains(text, []byte(digits)) || bytes.Contains(text, []byte(wrong)) {
		t.Errorf("the file has %s, %v", text, err)
	}
}

func FuzzAnyFileIsACountOrCostsAWait(f *testing.F) {
	for _, seed := range []string{"", `{"wrong":0}`, `{"wrong":2,"since":"2026-11-30T07:00:00Z","last":"2026-11-30T07:00:00Z"}`, `{"wrong":7,"last":"9999-11-30T07:00:00Z"}`} {
		f.Add([]byte(seed))
	}
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(folder, "pin.json")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 30, 7, 0, 0, 0, time.UTC)
		l := pin.Open(path, "", func() time.Time { return at }, slog.New(slog.DiscardHandler))
		if wait := l.Wait(); wait < 0 || wait > time.Hour {
			t.Errorf("it locks for %s", wait)
		}
		if tally := l.Tally(); tally.Wrong < 0 {
			t.Errorf("it counts %+v", tally)
		}
	})
}
