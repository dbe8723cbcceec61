package accessis_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/accessis"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

func TestMain(m *testing.M) { devicestest.RunPreloaded(m) }

// specimen is the machine-readable zone of ICAO Doc 9303-4, appendix B.
var specimen = []string{
	"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
	"L898902C36UTO7408122F1204159ZE184226B<<<<<10",
}

// unit is a reader at a port.
type unit struct {
	*usb.Reader
	usbtest.Place
}

func (u unit) Act(context.Context) error {
	if !u.Swipe(specimen...) {
		return errors.New("reading is not enabled")
	}
	return nil
}

// plugger plugs readers into the ports of a bed that are free.
func plugger(bed *usb.Bed, newReader func(string) *usb.Reader) func(*testing.T) unit {
	return func(t *testing.T) unit {
		t.Helper()
		return plug(t, bed, newReader, func(*usb.Device) {})
	}
}

// plug plugs in a reader that wears something.
func plug(t testing.TB, bed *usb.Bed, newReader func(string) *usb.Reader, wear func(*usb.Device)) unit {
	t.Helper()
	reader, place := usbtest.Plug(t, bed, newReader, func(of *usb.Reader) *usb.Device {
		wear(of.Device)
		return of.Device
	})
	return unit{reader, place}
}

// impostors are readers in every disguise that an emulated device has.
func impostors(bed *usb.Bed, newReader func(string) *usb.Reader) []devicestest.Impostor[unit] {
	return usbtest.Impostors(func(t testing.TB, wear func(*usb.Device)) unit { return plug(t, bed, newReader, wear) })
}

// opened keeps a nil reader from becoming a device that is not nil.
func opened(reader *accessis.Reader, err error) (devices.Device, error) {
	if err != nil {
		return nil, err
	}
	return reader, nil
}

// use reads a document and wants it to be the specimen.
func use(ctx context.Context, device devices.Device) error {
	lines, err := device.(*accessis.Reader).ReadMRZ(ctx)
	if err == nil && !cmp.Equal(lines, specimen) {
		err = fmt.Errorf("read %q", lines)
	}
	return err
}

func TestTheReaderPassesTheDriverSuite(t *testing.T) {
	data := func(f usb.Fault) func(unit) { return func(u unit) { u.Break(f) } }
	control := func(f usb.Fault) func(unit) { return func(u unit) { u.BreakControl(f) } }
	everywhere := []devicestest.Fault[unit]{
		{Name: "stall", Break: data(usb.Stall), Want: devices.ErrProtocol, Seen: true},
		{Name: "loose plug", Break: data(usb.Loose), Want: devices.ErrProtocol, Seen: true},
		{Name: "endless nonsense", Break: data(usb.Endless), Want: devices.ErrProtocol, Seen: true},
		{Name: "garbage before a document", Break: data(usb.Garbage)},
		{Name: "short packet", Break: data(usb.Short), Want: devices.ErrProtocol},
		{Name: "split packet", Break: data(usb.Split), Want: devices.ErrProtocol},
		{Name: "two packets in one", Break: data(usb.Merge), Want: devices.ErrProtocol},
		{Name: "slow", Break: data(usb.Slow)},
	}
	silent := devicestest.Fault[unit]{Name: "unanswered command", Break: data(usb.Silence), Want: devices.ErrTimeout, Seen: true}
	commands := []devicestest.Fault[unit]{
		{Name: "refused request", Break: control(usb.Stall), Want: devices.ErrProtocol, Seen: true},
		{Name: "unanswered request", Break: control(usb.Silence), Want: devices.ErrTimeout, Seen: true},
		{Name: "slow requests", Break: control(usb.Slow)},
	}
	for name, kind := range map[string]struct {
		newReader func(string) *usb.Reader
		faults    []devicestest.Fault[unit]
		cycles    int
	}{
		"one endpoint":              {usb.NewReader, append(commands, everywhere...), 60},
		"two interfaces":            {usb.NewOldReader, append([]devicestest.Fault[unit]{silent}, everywhere...), 10},
		"a flag alone":              {usb.NewFlagReader, nil, 5},
		"beside keyboard and mouse": {usb.NewCompositeReader, nil, 5},
	} {
		t.Run(name, func(t *testing.T) {
			bed := usbtest.NewBed(t)
			devicestest.Driver[unit]{
				Open:      func(ctx context.Context) (devices.Device, error) { return opened(accessis.Open(ctx)) },
				Plug:      plugger(bed, kind.newReader),
				Use:       use,
				Faults:    kind.faults,
				Impostors: impostors(bed, kind.newReader),
				Hold:      func(_ *testing.T, u unit) func() { return u.Hold() },
				Forbid:    func(_ *testing.T, u unit) func() { return u.Forbid() },
				Stick:     func(u unit) { u.Break(usb.Stuck) },
				Cycles:    kind.cycles,
			}.Run(t)
		})
	}
}

// reader is an open reader and the emulated one below it.
func reader(t *testing.T) (*accessis.Reader, unit) {
	t.Helper()
	u := plugger(usbtest.NewBed(t), usb.NewReader)(t)
	r, err := accessis.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r, u
}

// readWhile reads a document while somebody does something with the reader once it waits.
func readWhile(t *testing.T, r *accessis.Reader, u unit, act func()) ([]string, error) {
	t.Helper()
	ctx, done := context.WithCancel(t.Context())
	acted := make(chan struct{})
	go func() {
		defer close(acted)
		if err := u.Ready(ctx); err == nil {
			act()
		}
	}()
	lines, err := r.ReadMRZ(t.Context())
	done()
	<-acted
	return lines, err
}

func TestAReaderThatHoldsAnOldDocumentThrowsItAway(t *testing.T) {
	r, u := reader(t)
	u.Send(usb.OCRMessage("P<UTOSTRANGER<<A<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "0000000000UTO0000000<0000000<<<<<<<<<<<<<<00"))
	lines, err := readWhile(t, r, u, func() { u.Swipe(specimen...) })
	if err != nil || !cmp.Equal(lines, specimen) {
		t.Errorf("ReadMRZ = %q, %v, want the document that was drawn when asked for", lines, err)
	}
}

func TestOfTwoDocumentsInOneBurstTheFirstCountsAndTheOtherIsForgotten(t *testing.T) {
	r, u := reader(t)
	short := []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"}
	lines, err := readWhile(t, r, u, func() { u.Send(append(usb.OCRMessage(specimen...), usb.OCRMessage(short...)...)) })
	if err != nil || !cmp.Equal(lines, specimen) {
		t.Errorf("ReadMRZ = %q, %v, want the first document", lines, err)
	}
	lines, err = readWhile(t, r, u, func() { u.Swipe(short...) })
	if err != nil || !cmp.Equal(lines, short) {
		t.Errorf("ReadMRZ = %q, %v, want what was swiped", lines, err)
	}
}

func TestADocumentThatStopsHalfWayIsATimeout(t *testing.T) {
	r, u := reader(t)
	message := usb.OCRMessage(specimen...)
	_, err := readWhile(t, r, u, func() { u.Send(message[:len(message)-2]) })
	if !errors.Is(err, devices.ErrTimeout) {
		t.Errorf("ReadMRZ = %v, want ErrTimeout", err)
	}
}

func TestNothingIsReadBetweenTwoVisitors(t *testing.T) {
	r, u := reader(t)
	if _, err := readWhile(t, r, u, func() { u.Swipe(specimen...) }); err != nil {
		t.Fatal(err)
	}
	if u.Swipe(specimen...) {
		t.Error("the reader took a document that nobody asked for")
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	r, _ := reader(t)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if lines, err := r.ReadMRZ(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ReadMRZ = %q, %v, want the context's error", lines, err)
	}
}
