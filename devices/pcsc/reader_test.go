package pcsc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/pcsc"
	emulated "github.com/foyer-station/foyer/emulate/pcsc"
)

// socket is where every daemon of this process listens: libpcsclite reads its address once.
var socket string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "foyer-pcsc-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	socket = filepath.Join(dir, "pcscd.comm")
	os.Setenv("PCSCLITE_CSOCK_NAME", socket)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// echo is a card that answers with the command's own bytes. INS FE makes it leave, INS FF makes it silent; INS FD is
// answered by one byte.
type echo struct{ resets int }

func (*echo) ATR() []byte { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }
func (e *echo) Reset()    { e.resets++ }
func (*echo) Transmit(ctx context.Context, command []byte) []byte {
	switch command[1] {
	case 0xFD:
		return []byte{0x90}
	case 0xFE:
		return nil
	case 0xFF:
		<-ctx.Done()
		return nil
	}
	return append(bytes.Clone(command), 0x90, 0x00)
}

var (
	hello = []byte{0x00, 0x01, 0x02, 0x03}
	short = []byte{0x00, 0xFD, 0x00, 0x00}
	leave = []byte{0x00, 0xFE, 0x00, 0x00}
	hush  = []byte{0x00, 0xFF, 0x00, 0x00}
)

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func startDaemon(t testing.TB) *emulated.Daemon {
	t.Helper()
	daemon, err := emulated.Start(within(t, 10*time.Second), emulated.Options{Socket: socket})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { daemon.Close() })
	return daemon
}

func openReader(t testing.TB, filter string) *pcsc.Reader {
	t.Helper()
	reader, err := pcsc.Open(within(t, 10*time.Second), filter)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	return reader
}

func insert(t testing.TB, daemon *emulated.Daemon, card emulated.Card) *emulated.Inserted {
	t.Helper()
	inserted, err := daemon.Insert(within(t, 10*time.Second), card)
	if err != nil {
		t.Fatal(err)
	}
	return inserted
}

func connect(t testing.TB, reader *pcsc.Reader) devices.Chip {
	t.Helper()
	chip, err := reader.Connect(within(t, 10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { chip.Close() })
	return chip
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	var typed *devices.Error
	if !errors.Is(err, want) || !errors.As(err, &typed) || typed.Kind != devices.KindChipReader {
		t.Fatalf("error %v, want a chip reader's %v", err, want)
	}
}

func TestAChipAnswersCommandsOfEveryLength(t *testing.T) {
	daemon := startDaemon(t)
	insert(t, daemon, new(echo))
	chip := connect(t, openReader(t, ""))
	for _, size := range []int{4, 5, 261, 300, 4000, 65000, 65533} {
		command := bytes.Repeat([]byte{0x11}, size)
		response, err := chip.Transmit(within(t, 10*time.Second), command)
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if !bytes.Equal(response[:len(response)-2], command) {
			t.Errorf("%d bytes came back as %d", size, len(response)-2)
		}
	}
}

func TestAReaderWithoutPropertiesLeavesOpenWhatItCarries(t *testing.T) {
	daemon := startDaemon(t) // vpcd answers no control code
	insert(t, daemon, new(echo))
	if n := connect(t, openReader(t, "")).MaxResponse(); n != 0 {
		t.Errorf("it carries %d bytes", n)
	}
}

func TestACommandThatIsNoneIsNotSent(t *testing.T) {
	daemon := startDaemon(t)
	insert(t, daemon, new(echo))
	chip := connect(t, openReader(t, ""))
	for _, size := range []int{0, 3, 65545} {
		_, err := chip.Transmit(within(t, time.Second), make([]byte, size))
		wantError(t, err, devices.ErrProtocol)
	}
	if _, err := chip.Transmit(within(t, 10*time.Second), hello); err != nil {
		t.Errorf("the chip is spent: %v", err)
	}
}

func TestConnectWaitsForAChip(t *testing.T) {
	daemon := startDaemon(t)
	reader := openReader(t, "")
	type result struct {
		chip devices.Chip
		err  error
	}
	connected := make(chan result)
	go func() {
		chip, err := reader.Connect(within(t, 10*time.Second))
		connected <- result{chip, err}
	}()
	insert(t, daemon, new(echo))
	r := <-connected
	if r.err != nil {
		t.Fatal(r.err)
	}
	defer r.chip.Close()
	if _, err := r.chip.Transmit(within(t, 10*time.Second), hello); err != nil {
		t.Error(err)
	}
}

func TestNoChipUntilTheContextEnds(t *testing.T) {
	startDaemon(t)
	reader := openReader(t, "")
	begin := time.Now()
	_, err := reader.Connect(within(t, 150*time.Millisecond))
	wantError(t, err, devices.ErrNoChip)
	wantError(t, err, context.DeadlineExceeded)
	if took := time.Since(begin); took > time.Second {
		t.Errorf("returned after %v", took)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = reader.Connect(ctx)
	wantError(t, err, devices.ErrNoChip)
}

func TestClosingTheReaderEndsTheWaitForAChip(t *testing.T) {
	startDaemon(t)
	reader := openReader(t, "")
	waited := make(chan error)
	go func() {
		_, err := reader.Connect(within(t, 10*time.Second))
		waited <- err
	}()
	waitForGoroutines(t, 1) // the wait has begun
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
	wantError(t, <-waited, devices.ErrClosed)
	if err := reader.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	_, err := reader.Connect(within(t, time.Second))
	wantError(t, err, devices.ErrClosed)
}

// waitForGoroutines waits until so many goroutines wait in the service for a chip.
func waitForGoroutines(t testing.TB, n int) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	for ctx := within(t, 10*time.Second); ctx.Err() == nil; runtime.Gosched() {
		if bytes.Count(stacks[:runtime.Stack(stacks, true)], []byte("pcsc.(*line).look(")) >= n {
			return
		}
	}
	t.Fatal("nobody waits for a chip")
}

func TestAChipThatLeavesDuringACommandIsGone(t *testing.T) {
	daemon := startDaemon(t)
	insert(t, daemon, new(echo))
	chip := connect(t, openReader(t, ""))
	_, err := chip.Transmit(within(t, 10*time.Second), leave)
	wantError(t, err, devices.ErrChipGone)
	_, err = chip.Transmit(within(t, 10*time.Second), hello)
	wantError(t, err, devices.ErrChipGone)
}

func TestAChipThatIsTakenAwayBetweenCommandsIsGone(t *testing.T) {
	daemon := startDaemon(t)
	inserted := insert(t, daemon, new(echo))
	chip := connect(t, openReader(t, ""))
	inserted.Remove()
	_, err := chip.Transmit(within(t, 10*time.Second), hello)
	wantError(t, err, devices.ErrChipGone)
}

func TestTheNextChipIsReadAfterOneThatWasTornAway(t *testing.T) {
	daemon := startDaemon(t)
	reader := openReader(t, "")
	for range 3 {
		inserted := insert(t, daemon, new(echo))
		chip := connect(t, reader)
		if _, err := chip.Transmit(within(t, 10*time.Second), hello); err != nil {
			t.Fatal(err)
		}
		inserted.Remove()
		_, err := chip.Transmit(within(t, 10*time.Second), hello)
		wantError(t, err, devices.ErrChipGone)
		if err := chip.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTheSameChipCanBeConnectedAgainAndWasReset(t *testing.T) {
	daemon := startDaemon(t)
	card := new(echo)
	inserted := insert(t, daemon, card)
	reader := openReader(t, "")
	for range 5 {
		if err := connect(t, reader).Close(); err != nil {
			t.Fatal(err)
		}
	}
	inserted.Remove() // the card is ours again
	if card.resets < 5 {
		t.Errorf("the chip was reset %d times in 5 connections", card.resets)
	}
}

func TestASilentChipTimesOutAndFreesTheReader(t *testing.T) {
	daemon := startDaemon(t)
	inserted := insert(t, daemon, new(echo))
	reader := openReader(t, "")
	chip := connect(t, reader)
	begin := time.Now()
	_, err := chip.Transmit(within(t, 100*time.Millisecond), hush)
	wantError(t, err, devices.ErrTimeout)
	if took := time.Since(begin); took > time.Second {
		t.Errorf("returned after %v", took)
	}
	_, err = chip.Transmit(within(t, 10*time.Second), hello)
	wantError(t, err, devices.ErrTimeout) // spent: the two are out of step
	inserted.Remove()
	if err := chip.Close(); err != nil {
		t.Fatal(err)
	}
	insert(t, daemon, new(echo))
	if _, err := connect(t, reader).Transmit(within(t, 10*time.Second), hello); err != nil {
		t.Error(err)
	}
}

func TestACancelledCommandReturnsAtOnce(t *testing.T) {
	daemon := startDaemon(t)
	inserted := insert(t, daemon, new(echo))
	chip := connect(t, openReader(t, ""))
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := chip.Transmit(ctx, hush)
	wantError(t, err, context.Canceled)
	inserted.Remove()
}

func TestClosingTheChipEndsACommand(t *testing.T) {
	daemon := startDaemon(t)
	inserted := insert(t, daemon, new(echo))
	chip := connect(t, openReader(t, ""))
	transmitted := make(chan error)
	go func() {
		_, err := chip.Transmit(within(t, 10*time.Second), hush)
		transmitted <- err
	}()
	time.AfterFunc(50*time.Millisecond, inserted.Remove) // or Close would wait its full grace
	chip.Close()
	if err := <-transmitted; !errors.Is(err, devices.ErrClosed) && !errors.Is(err, devices.ErrChipGone) {
		t.Errorf("error %v", err)
	}
}

func TestAnAnswerWithoutStatusWordIsAProtocolError(t *testing.T) {
	daemon := startDaemon(t)
	insert(t, daemon, new(echo))
	chip := connect(t, openReader(t, ""))
	_, err := chip.Transmit(within(t, 10*time.Second), short)
	wantError(t, err, devices.ErrProtocol)
}

func TestAChipThatAnotherProcessHoldsIsBusy(t *testing.T) {
	daemon := startDaemon(t)
	insert(t, daemon, new(echo))
	connect(t, openReader(t, ""))
	_, err := openReader(t, "").Connect(within(t, 10*time.Second))
	wantError(t, err, devices.ErrBusy)
}

func TestTwoReadersAreToldApart(t *testing.T) {
	daemon := startDaemon(t)
	card, err := daemon.InsertAt(within(t, 10*time.Second), 1, new(echo))
	if err != nil {
		t.Fatal(err)
	}
	defer card.Remove()
	first, second := openReader(t, "CHIP reader 00 00"), openReader(t, "00 01")
	if info := second.Info(); info.Model != "Foyer Chip Reader" || info.Path != "pcsc Foyer Chip Reader 00 01" {
		t.Errorf("info %+v", info)
	}
	if _, err := connect(t, second).Transmit(within(t, 10*time.Second), hello); err != nil {
		t.Error(err)
	}
	_, err = first.Connect(within(t, 150*time.Millisecond))
	wantError(t, err, devices.ErrNoChip)
	_, err = pcsc.Open(within(t, time.Second), "another")
	wantError(t, err, devices.ErrNoDevice)
}

func TestWithoutServiceOpenSaysSo(t *testing.T) {
	_, err := pcsc.Open(within(t, time.Second), "")
	wantError(t, err, devices.ErrStopped)
}

func TestWithoutReadersOpenSaysSo(t *testing.T) {
	daemon := startDaemon(t)
	if err := daemon.Unplug(within(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := pcsc.Open(within(t, 10*time.Second), "")
	wantError(t, err, devices.ErrNoDevice)
}

func TestAReaderThatIsUnpluggedEndsWhatItDid(t *testing.T) {
	for name, do := range map[string]func(*testing.T, *emulated.Daemon, *pcsc.Reader) func() error{
		"waiting for a chip": func(t *testing.T, _ *emulated.Daemon, reader *pcsc.Reader) func() error {
			return func() error {
				_, err := reader.Connect(within(t, 10*time.Second))
				return err
			}
		},
		"sending a command": func(t *testing.T, daemon *emulated.Daemon, reader *pcsc.Reader) func() error {
			insert(t, daemon, new(echo))
			chip := connect(t, reader)
			return func() error {
				_, err := chip.Transmit(within(t, 10*time.Second), hush)
				return err
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			daemon := startDaemon(t)
			reader := openReader(t, "")
			call := do(t, daemon, reader)
			ended := make(chan error)
			go func() { ended <- call() }()
			if err := daemon.Unplug(within(t, 10*time.Second)); err != nil {
				t.Fatal(err)
			}
			// The emulation tears the chip off first and restarts the service: either may be what is seen.
			err := <-ended
			torn := name == "sending a command" && errors.Is(err, devices.ErrChipGone)
			if !errors.Is(err, devices.ErrUnplugged) && !errors.Is(err, devices.ErrStopped) && !torn {
				t.Errorf("error %v", err)
			}
			if state := reader.Health(within(t, time.Second)).State; state != devices.StateNoDevice {
				t.Errorf("health %v", state)
			}
		})
	}
}

func TestAServiceThatStopsIsNamedAndItsReturnIsUsed(t *testing.T) {
	daemon := startDaemon(t)
	insert(t, daemon, new(echo))
	reader := openReader(t, "")
	chip := connect(t, reader)
	if err := daemon.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := chip.Transmit(within(t, 10*time.Second), hello)
	wantError(t, err, devices.ErrStopped)
	_, err = reader.Connect(within(t, 10*time.Second))
	wantError(t, err, devices.ErrStopped)
	if health := reader.Health(within(t, time.Second)); health.State != devices.StateHWError || health.Remedy.IsZero() {
		t.Errorf("health %+v", health)
	}
	daemon = startDaemon(t)
	if health := reader.Health(within(t, time.Second)); health.State != devices.StateOnline {
		t.Errorf("health %+v", health)
	}
	insert(t, daemon, new(echo))
	if _, err := connect(t, reader).Transmit(within(t, 10*time.Second), hello); err != nil {
		t.Error(err)
	}
}

func TestASlotFindsAReaderThatIsPluggedInLater(t *testing.T) {
	daemon := startDaemon(t)
	if err := daemon.Unplug(within(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	open := func(ctx context.Context) (*pcsc.Reader, error) { return pcsc.Open(ctx, "") }
	events := make(chan devices.Event)
	slot := devices.NewSlot(devices.KindChipReader, open, 5*time.Millisecond, events)
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		slot.Run(ctx)
	}()
	for _, present := range []bool{true, false, true} {
		change := daemon.Unplug
		if present {
			change = daemon.Plug
		}
		if err := change(within(t, 10*time.Second)); err != nil {
			t.Fatal(err)
		}
		if event := <-events; event.Present != present {
			t.Fatalf("event %+v, want present %v", event, present)
		}
	}
	cancel()
	<-ran
}

func TestNothingIsLeakedOverManyVisitors(t *testing.T) {
	daemon := startDaemon(t)
	reader := openReader(t, "")
	insert(t, daemon, new(echo))
	visit := func() {
		chip := connect(t, reader)
		chip.Transmit(within(t, 10*time.Second), hello)
		reader.Health(within(t, 10*time.Second))
		chip.Close()
	}
	visit()
	files, goroutines := openFiles(t), runtime.NumGoroutine()
	for range 50 {
		visit()
	}
	for ctx := within(t, 10*time.Second); openFiles(t) > files || runtime.NumGoroutine() > goroutines; runtime.Gosched() {
		if ctx.Err() != nil {
			t.Fatalf("%d files and %d goroutines, before %d and %d", openFiles(t), runtime.NumGoroutine(), files, goroutines)
		}
	}
}

func openFiles(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// A service that hangs takes connections and answers none.
func TestOpeningByAServiceThatHangsSaysToRestartIt(t *testing.T) {
	held, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = pcsc.Open(ctx, "")
	if h := devices.HealthOf(err); !errors.Is(err, devices.ErrTimeout) || h.State != devices.StateHWError || !h.Remedy.Is(pcsc.RestartService) {
		t.Errorf("%v: %+v", err, h)
	}
	if err := held.Close(); err != nil { // which ends the call
		t.Error(err)
	}
}
