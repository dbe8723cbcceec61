package pcsc_test

import (
	"bytes"
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/pcsc"
	emulated "github.com/foyer-station/foyer/emulate/pcsc"
)

// watching hands over what a reader's sensor tells until the test ends.
func watching(t *testing.T, reader *pcsc.Reader) <-chan devices.Presence {
	t.Helper()
	told := make(chan devices.Presence, 16)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- reader.Watch(ctx, func(p devices.Presence) { told <- p }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the watch ended with %v", err)
		}
	})
	return told
}

func tells(t *testing.T, told <-chan devices.Presence, want devices.Presence) {
	t.Helper()
	select {
	case got := <-told:
		if got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("nobody tells that it is %s", want)
	}
}

func insertAt(t *testing.T, daemon *emulated.Daemon, slot int, card emulated.Card) *emulated.Inserted {
	t.Helper()
	inserted, err := daemon.InsertAt(within(t, 10*time.Second), slot, card)
	if err != nil {
		t.Fatal(err)
	}
	return inserted
}

func TestADocumentIsNoticedWhileItLiesInTheField(t *testing.T) {
	daemon := startDaemon(t)
	reader := openReader(t, "00 00")
	told := watching(t, reader)
	tells(t, told, devices.Absent)
	for range 2 {
		inserted := insert(t, daemon, new(echo))
		tells(t, told, devices.Resting)
		if p, err := reader.Presence(within(t, 10*time.Second)); p != devices.Resting || err != nil {
			t.Errorf("%s, %v", p, err)
		}
		inserted.Remove()
		tells(t, told, devices.Absent)
	}
}

func TestADocumentInAnotherSlotOfTheFieldIsNoticed(t *testing.T) {
	daemon := startDaemon(t)
	told := watching(t, openReader(t, "00 00"))
	tells(t, told, devices.Absent)
	insertAt(t, daemon, 1, new(echo))
	tells(t, told, devices.Resting)
}

// A contact card that stays in the slot beside is nobody's document.
func TestACardThatIsNotContactlessIsNoDocument(t *testing.T) {
	daemon := startDaemon(t)
	insertAt(t, daemon, 1, new(contactCard))
	reader := openReader(t, "00 00")
	if p, err := reader.Presence(within(t, 10*time.Second)); p != devices.Absent || err != nil {
		t.Errorf("%s, %v", p, err)
	}
	insert(t, daemon, new(echo))
	connect(t, reader) // it is no second document either
}

type contactCard struct{ echo }

func (contactCard) ATR() []byte { return []byte{0x3B, 0x9F, 0x95, 0x80, 0x1F} }

// ghost is a chip that has left a field whose reader does not notice: it is said to be there, and nothing answers.
type ghost struct {
	echo
	gone  atomic.Bool
	asked atomic.Int32
}

func (g *ghost) Transmit(ctx context.Context, command []byte) []byte {
	g.asked.Add(1)
	if g.gone.Load() {
		return []byte{0x90} // no status word; vpcd waits for ever on an answer of no bytes
	}
	return g.echo.Transmit(ctx, command)
}

// TestAChipThatAReaderStillSaysIsThereIsAskedWhetherItIs: some readers notice late that a chip has gone, and some not at all.
func TestAChipThatAReaderStillSaysIsThereIsAskedWhetherItIs(t *testing.T) {
	daemon := startDaemon(t)
	card := new(ghost)
	insert(t, daemon, card)
	told := watching(t, openReader(t, ""))
	tells(t, told, devices.Resting)
	for ctx := within(t, 20*time.Second); card.asked.Load() < 2; runtime.Gosched() {
		if ctx.Err() != nil {
			t.Fatal("nobody asks")
		}
	}
	begin := time.Now()
	card.gone.Store(true)
	tells(t, told, devices.Absent)
	t.Logf("a chip that went unnoticed is missed after %v", time.Since(begin).Round(time.Millisecond))
}

// TestWatchingGivesWay to whoever reads the chip, and asks nothing of one that is being read.
func TestWatchingGivesWay(t *testing.T) {
	daemon := startDaemon(t)
	card := new(ghost)
	insert(t, daemon, card)
	reader := openReader(t, "")
	told := watching(t, reader)
	tells(t, told, devices.Resting)
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); {
		chip := connect(t, reader)
		if _, err := chip.Transmit(within(t, 10*time.Second), hello); err != nil {
			t.Fatal(err)
		}
		if err := chip.Close(); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case p := <-told:
		t.Errorf("it became %s", p)
	default:
	}
}

func TestAWatchEndsWithItsReader(t *testing.T) {
	daemon := startDaemon(t)
	reader := openReader(t, "")
	ended := make(chan error, 1)
	told := make(chan devices.Presence, 4)
	go func() { ended <- reader.Watch(t.Context(), func(p devices.Presence) { told <- p }) }()
	tells(t, told, devices.Absent)
	daemon.Close()
	wantError(t, <-ended, devices.ErrStopped)
}

// TestADualReadersContactlessSlotIsTaken wherever it stands, and whatever lies in the others.
func TestADualReadersContactlessSlotIsTaken(t *testing.T) {
	daemon, err := emulated.Start(within(t, 10*time.Second), emulated.Options{Socket: socket, Reader: "ACS ACR1281 1S Dual Reader"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { daemon.Close() })
	insertAt(t, daemon, 0, new(contactCard))
	reader := openReader(t, "")
	if path := reader.Info().Path; path != "pcsc ACS ACR1281 1S Dual Reader 00 01" {
		t.Errorf("%s is taken", path)
	}
	told := watching(t, reader)
	tells(t, told, devices.Absent)
	insertAt(t, daemon, 1, new(echo))
	tells(t, told, devices.Resting)
	if _, err := connect(t, reader).Transmit(within(t, 10*time.Second), hello); err != nil {
		t.Error(err)
	}
}

// TestAReaderForContactCardsAloneIsNone unless somebody asks for it.
func TestAReaderForContactCardsAloneIsNone(t *testing.T) {
	daemon, err := emulated.Start(within(t, 10*time.Second), emulated.Options{Socket: socket, Reader: "Gemalto Prox-DU [Prox-DU Contact_09A00795]"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { daemon.Close() })
	_, err = pcsc.Open(within(t, 10*time.Second), "")
	wantError(t, err, devices.ErrNoDevice)
	openReader(t, "prox-du")
}

func TestOfTwoDocumentsNoneIsRead(t *testing.T) {
	daemon := startDaemon(t)
	insertAt(t, daemon, 1, new(echo))
	second := insert(t, daemon, new(echo))
	reader := openReader(t, "00 01")
	_, err := reader.Connect(within(t, 10*time.Second))
	wantError(t, err, devices.ErrTwoDocuments)
	if devices.Faulty(err) {
		t.Error("the reader is blamed for it")
	}
	second.Remove()
	for ctx := within(t, 10*time.Second); ; { // pcscd notices after a while
		chip, err := reader.Connect(ctx)
		if err == nil {
			chip.Close()
			return
		}
		wantError(t, err, devices.ErrTwoDocuments)
	}
}

// muted is in the field, and gives no answer to reset that its reader understands, as do two chips that speak at once.
type muted struct{ echo }

func (*muted) ATR() []byte { return bytes.Repeat([]byte{0x3B}, 40) }

func TestAFieldInWhichNoChipAnswersToResetMayHoldTwo(t *testing.T) {
	daemon := startDaemon(t)
	insert(t, daemon, new(muted))
	begin := time.Now()
	_, err := openReader(t, "").Connect(within(t, 10*time.Second))
	wantError(t, err, devices.ErrTwoDocuments)
	if took := time.Since(begin); took < time.Second || took > 5*time.Second {
		t.Errorf("that is known after %v", took)
	}
}

func TestReadersThatComeAndGoAreToldOf(t *testing.T) {
	daemon := startDaemon(t)
	ctx, cancel := context.WithCancel(context.Background())
	changes := pcsc.Changes(ctx)
	nothing := func(context.Context) error { return nil }
	for _, change := range []func(context.Context) error{nothing, daemon.Unplug, daemon.Plug} {
		if err := change(within(t, 10*time.Second)); err != nil {
			t.Fatal(err)
		}
		select {
		case <-changes:
		case <-time.After(10 * time.Second):
			t.Fatal("nobody tells")
		}
	}
	cancel()
	for range changes { // until it is closed
	}
}
