package kiosk

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/pin"
)

const (
	rightPIN = "480293"
	wrongOne = "480294"
)

var madePIN = sync.OnceValues(func() (string, error) { return pin.Make([]byte(rightPIN)) })

// withPIN gives a station a technician mode, and a count of wrong PINs as it is on the disk; empty for none.
func withPIN(t *testing.T, count string) func(*bed, *Config) {
	t.Helper()
	made, err := madePIN()
	fatal(t, err)
	path := filepath.Join(t.TempDir(), "pin.json")
	if count != "" {
		fatal(t, os.WriteFile(path, []byte(count), 0o600))
	}
	return func(b *bed, c *Config) {
		c.PIN = pin.Open(path, made, time.Now, slog.New(slog.NewTextHandler(b.log, nil)))
		c.Patience = func(s flow.State) time.Duration {
			if s.Screen == flow.Technician {
				return flow.Patience(s)
			}
			return onlyCleared(s)
		}
	}
}

// types brings a technician to the PIN, who types one, and gives the digits as they are kept after that.
func (b *bed) types(digits string) []byte {
	b.t.Helper()
	b.Send(flow.OpenTechnician{})
	b.shows(flow.PIN, flow.Waiting)
	typed := []byte(digits)
	b.Send(flow.PINTyped{PIN: typed})
	return typed
}

func TestATechnicianGetsInByTheRightPINAndLeaves(t *testing.T) {
	b := newBed(t, withPIN(t, ""))
	if !b.shows(flow.Greeting, "").HasPIN {
		t.Error("the screen does not take the gesture")
	}
	typed := b.types(wrongOne)
	b.showsThat("that it is wrong", func(s flow.State) bool { return s.Problem == flow.WrongPIN })
	if !bytes.Equal(typed, make([]byte, len(typed))) {
		t.Errorf("%q is left in memory", typed)
	}
	b.types(rightPIN)
	b.shows(flow.Technician, flow.Waiting)
	b.Send(flow.Start{})
	fatal(t, b.Answers(t.Context()))
	b.shows(flow.Technician, flow.Waiting)
	b.Send(flow.Leave{})
	b.shows(flow.Greeting, "")
	if log := b.log.String(); strings.Contains(log, rightPIN) || strings.Contains(log, wrongOne) {
		t.Errorf("the log has a PIN: %s", log)
	}
	b.begin()
	b.finish()
}

func TestWithoutAPINTheGestureDoesNothing(t *testing.T) {
	b := newBed(t, nil)
	if b.shows(flow.Greeting, "").HasPIN {
		t.Error("the screen takes the gesture")
	}
	b.Send(flow.OpenTechnician{})
	fatal(t, b.Answers(t.Context()))
	b.shows(flow.Greeting, "")
}

// TestWhoeverGuessesWaits also after a restart, and visitors do not.
func TestWhoeverGuessesWaits(t *testing.T) {
	last := time.Now().Add(-25 * time.Second).UTC()
	count := fmt.Sprintf(`{"wrong":3,"since":%q,"last":%q}`, last.Add(-time.Hour).Format(time.RFC3339Nano), last.Format(time.RFC3339Nano))
	b := newBed(t, withPIN(t, count))
	b.shows(flow.Greeting, "")
	b.wantTold("technician_pin", devices.StateDegraded, "kiosk.wrong_pins; count: 3; since: "+last.Add(-time.Hour).Local().Format("2006-01-02 15:04"))
	b.Send(flow.OpenTechnician{})
	locked := b.showsThat("that none may be tried", func(s flow.State) bool { return s.Problem == flow.PINLocked })
	if wait := locked.PINFrom.Sub(today); wait <= 0 || wait > 5*time.Second { // today is the station's clock
		t.Errorf("the screen says to wait for %s", wait)
	}
	b.Send(flow.Back{})
	b.begin()
	b.finish()
	b.Send(flow.Next{})
	b.shows(flow.Greeting, "")
	b.Send(flow.OpenTechnician{})
	b.until("a PIN that is tried once the wait is over", func() bool {
		b.Send(flow.PINTyped{PIN: []byte(rightPIN)})
		return b.screen.showed(func(s flow.State) bool { return s.Screen == flow.Technician })
	})
	for _, d := range b.Status(t.Context()).GetDevices() {
		if d.GetKind() == "technician_pin" {
			t.Errorf("after the right PIN the technician is told %v", d)
		}
	}
}

func TestATestFromTheTechniciansScreenLeavesItThere(t *testing.T) {
	b := newBed(t, withPIN(t, ""))
	b.shows(flow.Greeting, "")
	b.types(rightPIN)
	b.shows(flow.Technician, flow.Waiting)
	r := b.borrows()
	r.isTold(t, true)
	if v := b.shows(flow.Technician, flow.Working); !v.Until.IsZero() {
		t.Error("the technician runs out of time while a test runs")
	}
	r.gives(t, context.Canceled)
	if v := b.shows(flow.Technician, flow.Waiting); v.Until.IsZero() {
		t.Error("the technician has for ever")
	}
	b.Send(flow.Leave{})
	b.shows(flow.Greeting, "")
}

func TestATechnicianWhoForgetsToLeaveIsGoneAfterAWhile(t *testing.T) {
	with := withPIN(t, "")
	b := newBed(t, func(b *bed, c *Config) {
		with(b, c)
		c.Timings.Technician = 20 * time.Millisecond
	})
	b.shows(flow.Greeting, "")
	b.types(rightPIN)
	b.until("the technician's screen", func() bool {
		return b.screen.showed(func(s flow.State) bool { return s.Screen == flow.Technician })
	})
	b.shows(flow.Greeting, "")
}
