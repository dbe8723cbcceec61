package stu_test

import (
	"context"
	"errors"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu"
	emulated "github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

// openWith opens a pad of a model that may misbehave.
func openWith(t *testing.T, model emulated.Model, mischief emulated.Mischief, wanted stu.Encryption) (*stu.Pad, unit, error) {
	t.Helper()
	u := plugger(usbtest.NewBed(t), model)(t)
	u.Misbehave(mischief)
	pad, err := stu.New(stu.Config{Encryption: wanted}).Open(t.Context())
	if err == nil {
		t.Cleanup(func() { pad.Close() })
	}
	return pad, u, err
}

// signed are the samples of one line, or what ended the capture before it was seen.
func signed(t *testing.T, pad *stu.Pad, u unit) ([]devices.Sample, error) {
	t.Helper()
	ctx, done := context.WithCancel(t.Context())
	defer done()
	var all []devices.Sample
	var failed error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer done() // nobody waits for ink any more
		down := false
		failed = pad.Capture(ctx, func(s devices.Sample) {
			all = append(all, s)
			if down && !s.Down {
				done()
			}
			down = s.Down
		})
	}()
	for ctx.Err() == nil { // a pad may want more than one line to make up its mind
		if u.Ready(ctx) == nil {
			u.Write(ctx, own)
		}
	}
	<-ended
	return all, failed
}

const own = 0.75

func TestWhatIsWrittenIsEncryptedWhereverThePadCan(t *testing.T) {
	for _, model := range models() {
		t.Run(model.Name, func(t *testing.T) {
			pad, u, err := openWith(t, model, emulated.Honest, stu.Required)
			if err != nil {
				t.Fatal(err)
			}
			if !pad.Traits().Encrypted {
				t.Error("Traits says that it is not")
			}
			if samples, err := signed(t, pad, u); err != nil || len(samples) < 20 {
				t.Errorf("%d samples, %v", len(samples), err)
			}
			if u.SentInClear() != 0 {
				t.Errorf("%d samples of the signature went in clear", u.SentInClear())
			}
		})
	}
}

func TestEveryCaptureHasAKeyAndASessionOfItsOwn(t *testing.T) {
	for _, model := range models()[:3] {
		pad, u, err := openWith(t, model, emulated.Honest, stu.Required)
		if err != nil {
			t.Fatal(err)
		}
		keys, sessions := map[string]bool{}, map[uint32]bool{}
		for range 3 {
			if _, err := signed(t, pad, u); err != nil {
				t.Fatal(err)
			}
			key, session := u.LastSession()
			keys[string(key)], sessions[session] = true, true
		}
		if len(keys) != 3 || len(sessions) != 3 {
			t.Errorf("%s: %d keys and %d sessions for three captures", model.Name, len(keys), len(sessions))
		}
	}
}

func TestAPadThatTakesNoKeyWritesInClearOnlyWhereThatIsAllowed(t *testing.T) {
	for _, mischief := range []emulated.Mischief{emulated.RefusesKeys, emulated.NoPrime} {
		pad, u, err := openWith(t, emulated.STU520A(), mischief, stu.Preferred)
		if err != nil {
			t.Fatal(err)
		}
		if pad.Traits().Encrypted {
			t.Error("Traits says that it is encrypted")
		}
		if samples, err := signed(t, pad, u); err != nil || len(samples) < 20 {
			t.Errorf("%d samples, %v", len(samples), err)
		}
		if h := pad.Health(t.Context()); h.State != devices.StateDegraded || !h.Reason.Is("pad.in_clear") {
			t.Errorf("Health = %+v, want degraded, since it writes in clear", h)
		}
		if _, _, err := openWith(t, emulated.STU530(), emulated.RefusesKeys, stu.Required); !errors.Is(err, stu.ErrInClear) {
			t.Errorf("Open = %v, want ErrInClear where encryption is required", err)
		}
	}
}

func TestAPadIsNotAskedForAKeyWhereNoneIsWanted(t *testing.T) {
	pad, u, err := openWith(t, emulated.STU530(), emulated.Honest, stu.Off)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signed(t, pad, u); err != nil || u.SentInClear() == 0 || pad.Traits().Encrypted {
		t.Errorf("Capture = %v, %d samples in clear", err, u.SentInClear())
	}
	if h := pad.Health(t.Context()); h.State != devices.StateOnline {
		t.Errorf("Health = %+v, want online: nothing else is wanted", h)
	}
}

func TestSamplesOfAnotherSessionOrInClearAreNeverASignature(t *testing.T) {
	for name, mischief := range map[string]emulated.Mischief{"another session": emulated.OtherSession, "in clear": emulated.SendsInClear} {
		t.Run(name, func(t *testing.T) {
			pad, u, err := openWith(t, emulated.STU530(), mischief, stu.Preferred)
			if err != nil {
				t.Fatal(err)
			}
			if samples, err := signed(t, pad, u); !errors.Is(err, devices.ErrProtocol) || len(samples) != 0 {
				t.Errorf("%d samples, %v, want none and ErrProtocol", len(samples), err)
			}
		})
	}
}

func TestAPadThatTookAKeyAndRefusesOneLaterIsBroken(t *testing.T) {
	pad, u, err := openWith(t, emulated.STU530(), emulated.Honest, stu.Preferred)
	if err != nil {
		t.Fatal(err)
	}
	u.Misbehave(emulated.RefusesKeys)
	if err := pad.Capture(t.Context(), func(devices.Sample) {}); !errors.Is(err, devices.ErrProtocol) {
		t.Errorf("Capture = %v, want ErrProtocol and no signature in clear", err)
	}
}

func TestSamplesThatAreLostAreTold(t *testing.T) {
	for _, model := range []emulated.Model{emulated.STU530(), emulated.STU520A()} {
		for _, wanted := range []stu.Encryption{stu.Required, stu.Off} {
			pad, u, err := openWith(t, model, emulated.Honest, wanted)
			if err != nil {
				t.Fatal(err)
			}
			if !pad.Traits().Counts {
				t.Errorf("%s does not count", model.Name)
			}
			missed := func() int {
				samples, err := signed(t, pad, u)
				if err != nil {
					t.Fatal(err)
				}
				n := 0
				for _, s := range samples {
					n += s.Missed
				}
				return n
			}
			if n := missed(); n != 0 {
				t.Errorf("%s, %s: a whole signature misses %d samples", model.Name, wanted, n)
			}
			u.LoseAfter(10, 4) // two pairs, where samples go in pairs
			if n := missed(); n != 4 {
				t.Errorf("%s, %s: %d samples are told lost, want 4", model.Name, wanted, n)
			}
		}
	}
}

func TestAPadWithTLSAloneIsNamed(t *testing.T) {
	_, _, err := openWith(t, emulated.STU541(), emulated.Honest, stu.Preferred)
	if !errors.Is(err, stu.ErrTLS) || !errors.Is(err, devices.ErrUnsupported) {
		t.Errorf("Open = %v, want ErrTLS", err)
	}
	if h := devices.HealthOf(err); !h.Remedy.Is(devices.UseAnother) {
		t.Errorf("Health = %+v, want that another model is needed", h)
	}
}
