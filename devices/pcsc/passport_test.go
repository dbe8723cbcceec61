package pcsc_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
	emulated "github.com/foyer-station/foyer/emulate/pcsc"
)

// A passport of Utopia. Only the outermost data objects of its files matter here.
var (
	chipKey = chip.AccessKey{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
	pageKey = emrtd.Key{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
)

func passportFiles() map[string][]byte {
	file := func(tag byte, size int) []byte {
		head := []byte{tag, 0x82, byte(size >> 8), byte(size)}
		return append(head, bytes.Repeat([]byte{0x5A}, size)...)
	}
	zone := "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"
	return map[string][]byte{
		"EF.COM": []byte("\x60\x14\x5F\x01\x040107\x5F\x36\x06040000\x5C\x02\x61\x75"),
		"EF.SOD": file(0x77, 1800),
		"DG1":    []byte("\x61\x5B\x5F\x1F\x58" + zone),
		"DG2":    file(0x75, 14000),
	}
}

// lay lays a card on the reader and connects to it as the station does.
func lay(t *testing.T, card emulated.Card) devices.Chip {
	t.Helper()
	insert(t, startDaemon(t), card)
	return connect(t, openReader(t, ""))
}

func passport(t *testing.T, o chip.Options) *chip.Chip {
	t.Helper()
	c, err := chip.New(passportFiles(), chipKey, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAWholePassportIsReadThroughTheService(t *testing.T) {
	for name, o := range map[string]chip.Options{
		"good chip":      {},
		"short only":     {ShortOnly: true},
		"short answers":  {MaxResponse: 100},
		"fast RF link":   {ByteRate: 106_000, Latency: time.Millisecond},
		"slow to answer": {Faults: map[int]chip.Fault{2: chip.Delay(700 * time.Millisecond)}},
	} {
		t.Run(name, func(t *testing.T) {
			reading, err := emrtd.Read(within(t, 30*time.Second), lay(t, passport(t, o)), pageKey, emrtd.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for file, want := range passportFiles() {
				if !bytes.Equal(reading.Files[file], want) {
					t.Errorf("%s has %d bytes, want %d, or others", file, len(reading.Files[file]), len(want))
				}
			}
			t.Logf("%d commands, %d bytes sent, %d received", reading.Commands, reading.BytesSent, reading.BytesReceived)
		})
	}
}

func TestAPassportThatIsTornAwayAtAnyCommandIsGone(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 7, 10, 20} {
		reading, err := emrtd.Read(within(t, 20*time.Second), lay(t, passport(t, chip.Options{ShortOnly: true, Faults: map[int]chip.Fault{n: chip.Tear()}})), pageKey, emrtd.Options{})
		if !errors.Is(err, devices.ErrChipGone) {
			t.Errorf("torn at command %d: %v", n, err)
		}
		if reading == nil || len(reading.Files) == len(passportFiles()) {
			t.Errorf("torn at command %d: read all the same", n)
		}
	}
}

func TestAPassportLostOverExtendedLengthIsReadByShortLengthOnceItIsBack(t *testing.T) {
	daemon := startDaemon(t)
	card := passport(t, chip.Options{Quirks: []chip.Quirk{chip.ExtendedTears}})
	inserted := insert(t, daemon, card)
	reader := openReader(t, "")
	lost := connect(t, reader)
	if _, err := emrtd.Read(within(t, 20*time.Second), lost, pageKey, emrtd.Options{}); !errors.Is(err, devices.ErrChipGone) {
		t.Fatalf("by extended length: %v", err)
	}
	if err := lost.Close(); err != nil {
		t.Fatal(err)
	}
	<-inserted.Gone()
	insert(t, daemon, card)
	reading, err := emrtd.Read(within(t, 20*time.Second), connect(t, reader), pageKey, emrtd.Options{MaxResponse: 258})
	if err != nil || !bytes.Equal(reading.Files["DG2"], passportFiles()["DG2"]) {
		t.Errorf("by short length: %d files, %v", len(reading.Files), err)
	}
}

func TestAWrongKeyIsRefusedByTheChip(t *testing.T) {
	wrong := pageKey
	wrong.BirthDate = "740813"
	_, err := emrtd.Read(within(t, 20*time.Second), lay(t, passport(t, chip.Options{})), wrong, emrtd.Options{})
	if !errors.Is(err, emrtd.ErrAccessDenied) {
		t.Errorf("error %v", err)
	}
}

func TestDeadAndForeignChipsAreNoPassports(t *testing.T) {
	for name, card := range map[string]emulated.Card{"dead": chip.Dead(), "foreign": chip.Foreign()} {
		_, err := emrtd.Read(within(t, 20*time.Second), lay(t, card), pageKey, emrtd.Options{})
		if !errors.Is(err, emrtd.ErrNotEPassport) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASilentChipEndsWithTheDeadline(t *testing.T) {
	daemon := startDaemon(t)
	inserted := insert(t, daemon, chip.Silent())
	defer inserted.Remove()
	_, err := emrtd.Read(within(t, 200*time.Millisecond+time.Second), connect(t, openReader(t, "")), pageKey, emrtd.Options{})
	if !errors.Is(err, devices.ErrTimeout) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

// A chip that does not open is not read; one that has been opened is opened anew over such an answer, which is noted.
func TestAnAnswerThatIsChangedOnTheWayIsNotBelieved(t *testing.T) {
	whole, err := emrtd.Read(within(t, 20*time.Second), lay(t, passport(t, chip.Options{})), pageKey, emrtd.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const mutualAuthentication = 7
	for n := mutualAuthentication; n <= 11; n++ {
		card := passport(t, chip.Options{Faults: map[int]chip.Fault{n: chip.Corrupt(2)}})
		reading, err := emrtd.Read(within(t, 20*time.Second), lay(t, card), pageKey, emrtd.Options{})
		switch {
		case n == mutualAuthentication && !errors.Is(err, emrtd.ErrSecureMessaging):
			t.Errorf("command %d: %v", n, err)
		case n > mutualAuthentication && (err != nil || len(reading.Notes) == 0 || !maps.EqualFunc(reading.Files, whole.Files, bytes.Equal)):
			t.Errorf("command %d: %v, %q", n, err, reading.Notes)
		}
	}
}
