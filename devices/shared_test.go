package devices_test

import (
	"context"
	"errors"
	"image"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// fullPage is a reader of a vendor's that has three roles over one handle.
type fullPage struct {
	mu      sync.Mutex
	there   bool
	health  devices.State
	err     error // of opening it
	opens   int
	closes  int
	reading error // of reading an MRZ; context.Canceled has it wait for a document
}

func (f *fullPage) set(change func(*fullPage)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *fullPage) counts() (opens, closes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.opens, f.closes
}

func (f *fullPage) open(context.Context) (*handle, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil && !f.there {
		return nil, &devices.Error{Kind: devices.KindMRZReader, Op: "open", Err: devices.ErrNoDevice}
	}
	if f.err != nil {
		return nil, &devices.Error{Kind: devices.KindMRZReader, Op: "open", Err: f.err}
	}
	f.opens++
	return &handle{f}, nil
}

// handle is the reader while it is open.
type handle struct{ reader *fullPage }

func (h *handle) Info() devices.Info {
	return devices.Info{Kind: devices.KindMRZReader, Model: "Full Page", Serial: "7", Path: "usb 1-2"}
}

func (h *handle) Health(context.Context) devices.Health {
	h.reader.mu.Lock()
	defer h.reader.mu.Unlock()
	if !h.reader.there {
		return devices.HealthOf(devices.ErrUnplugged)
	}
	return devices.Health{State: h.reader.health}
}

func (h *handle) Close() error {
	h.reader.set(func(f *fullPage) { f.closes++ })
	return nil
}

func (h *handle) ReadMRZ(ctx context.Context) ([]string, error) {
	h.reader.mu.Lock()
	err := h.reader.reading
	h.reader.mu.Unlock()
	if errors.Is(err, context.Canceled) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return []string{"P<UTO"}, err
}

func (h *handle) Page(context.Context, devices.Light) (*image.RGBA, int, error) {
	return image.NewRGBA(image.Rect(0, 0, 1, 1)), 400, nil
}

func (h *handle) Connect(context.Context) (devices.Chip, error) { return nil, devices.ErrNoChip }

// reception is a station's three places for it.
type reception struct {
	reader *devices.Slot[devices.MRZReader]
	imager *devices.Slot[devices.PageImager]
	chips  *devices.Slot[devices.ChipReader]
}

func (r reception) health(ctx context.Context) (all [3]devices.Health) {
	return [3]devices.Health{r.reader.Health(ctx), r.imager.Health(ctx), r.chips.Health(ctx)}
}

// each wants the same state of every role.
func (r reception) each(t *testing.T, want devices.State) {
	t.Helper()
	for i, h := range r.health(t.Context()) {
		if h.State != want || want != devices.StateOnline && (h.Reason.IsZero() || h.Remedy.IsZero()) {
			t.Errorf("role %d is told to be %+v, want %s with a reason and a remedy", i+1, h, want)
		}
	}
}

// receive runs the places in a world of its own.
func receive(t *testing.T, f *fullPage, play func(t *testing.T, r reception)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		shared := devices.NewShared(f.open)
		r := reception{
			devices.NewSlot(devices.KindMRZReader, devices.MRZReaderOf(shared), every, nil),
			devices.NewSlot(devices.KindPageImager, devices.PageImagerOf(shared), every, nil),
			devices.NewSlot(devices.KindChipReader, devices.ChipReaderOf(shared), every, nil),
		}
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for _, run := range []func(context.Context) error{r.reader.Run, r.imager.Run, r.chips.Run} {
			all.Go(func() { run(ctx) })
		}
		synctest.Wait()
		play(t, r)
		cancel()
		all.Wait()
		if opens, closes := f.counts(); opens != closes {
			t.Errorf("it was opened %d times and closed %d times", opens, closes)
		}
	})
}

func newFullPage() *fullPage { return &fullPage{there: true, health: devices.StateOnline} }

func TestADeviceOfSeveralRolesIsOpenedOnceAndIsOneInAll(t *testing.T) {
	f := newFullPage()
	receive(t, f, func(t *testing.T, r reception) {
		if opens, _ := f.counts(); opens != 1 {
			t.Errorf("it was opened %d times, want once", opens)
		}
		r.each(t, devices.StateOnline)
		for want, info := range map[devices.Kind]devices.Info{
			devices.KindMRZReader: r.reader.Info(), devices.KindPageImager: r.imager.Info(), devices.KindChipReader: r.chips.Info(),
		} {
			if info != (devices.Info{Kind: want, Model: "Full Page", Serial: "7", Path: "usb 1-2"}) {
				t.Errorf("%+v, want the device in the role %s", info, want)
			}
		}
		reader, _ := r.reader.Get()
		imager, _ := r.imager.Get()
		chips, _ := r.chips.Get()
		lines, err := reader.ReadMRZ(t.Context())
		picture, dpi, pageErr := imager.Page(t.Context(), devices.LightVisible)
		_, chipErr := chips.Connect(t.Context())
		if len(lines) != 1 || picture == nil || dpi != 400 || err != nil || pageErr != nil || !errors.Is(chipErr, devices.ErrNoChip) {
			t.Errorf("its roles give %v (%v), %v at %d dpi (%v), %v", lines, err, picture, dpi, pageErr, chipErr)
		}
	})
	if _, closes := f.counts(); closes != 1 {
		t.Errorf("it was closed %d times, want once, with the last role", closes)
	}
}

func TestClosingOneRoleEndsItsCallsAndNoOthers(t *testing.T) {
	f := newFullPage()
	f.reading = context.Canceled
	shared := devices.NewShared(f.open)
	reader, err := devices.MRZReaderOf(shared)(t.Context())
	other, errOther := devices.MRZReaderOf(shared)(t.Context())
	if err != nil || errOther != nil {
		t.Fatal(err, errOther)
	}
	results, others := make(chan error, 1), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { _, err := reader.ReadMRZ(t.Context()); results <- err }()
	go func() { _, err := other.ReadMRZ(ctx); others <- err }()
	if err := reader.Close(); err != nil || reader.Close() != nil {
		t.Errorf("Close = %v, and again %v", err, reader.Close())
	}
	if err := <-results; !errors.Is(err, devices.ErrClosed) {
		t.Errorf("a call of a closed role = %v, want ErrClosed", err)
	}
	if _, err := reader.ReadMRZ(t.Context()); !errors.Is(err, devices.ErrClosed) || reader.Health(t.Context()).State != devices.StateNoDevice {
		t.Errorf("a closed role: %v, %+v", err, reader.Health(t.Context()))
	}
	cancel()
	if err := <-others; !errors.Is(err, context.Canceled) {
		t.Errorf("the other role's call = %v, want that it went on until it was cancelled", err)
	}
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	if opens, closes := f.counts(); opens != 1 || closes != 1 {
		t.Errorf("opened %d times, closed %d times", opens, closes)
	}
}

func TestAnIllnessOfOneRoleIsTheDevicesInAllUntilAUseGoesWell(t *testing.T) {
	f := newFullPage()
	receive(t, f, func(t *testing.T, r reception) {
		reader, _ := r.reader.Get()
		r.reader.Used(reader, &devices.Error{Kind: devices.KindMRZReader, Op: "read mrz", Err: devices.ErrProtocol})
		r.each(t, devices.StateHWError)
		if h := r.imager.Health(t.Context()); h.Reason.String() == r.reader.Health(t.Context()).Reason.String() {
			t.Errorf("the imager does not say that another role failed: %s", h.Reason)
		}
		time.Sleep(time.Hour)
		r.each(t, devices.StateHWError)
		if opens, _ := f.counts(); opens != 1 {
			t.Errorf("it was opened %d times: what only its uses show is no reason to restart it", opens)
		}
		r.reader.Used(reader, nil)
		r.each(t, devices.StateOnline)
	})
}

func TestADeviceThatIsTakenAwayIsGoneInEveryRoleAndComesBackInEach(t *testing.T) {
	f := newFullPage()
	receive(t, f, func(t *testing.T, r reception) {
		f.set(func(f *fullPage) { f.there = false })
		r.imager.Wake()
		time.Sleep(time.Minute)
		r.each(t, devices.StateNoDevice)
		f.set(func(f *fullPage) { f.there = true })
		time.Sleep(time.Minute)
		r.each(t, devices.StateOnline)
		if opens, _ := f.counts(); opens != 2 {
			t.Errorf("it was opened %d times, want once more", opens)
		}
	})
}

func TestAnIllDeviceOfSeveralRolesIsRestartedForAll(t *testing.T) {
	f := newFullPage()
	receive(t, f, func(t *testing.T, r reception) {
		reader, _ := r.reader.Get()
		r.reader.Used(reader, devices.ErrProtocol)
		f.set(func(f *fullPage) { f.health = devices.StateHWError })
		time.Sleep(2 * time.Minute)
		opens, _ := f.counts()
		if opens < 3 || opens > 5 {
			t.Errorf("it was opened %d times in two minutes, want as many restarts as a device of one role has", opens)
		}
		if !r.reader.Suspect() {
			t.Error("its failed use was forgotten by the restarts")
		}
		f.set(func(f *fullPage) { f.health = devices.StateOnline })
		time.Sleep(2 * time.Minute)
		r.each(t, devices.StateOnline)
	})
}

func TestARoleThatCannotBeOpenedSaysWhyAsEveryOther(t *testing.T) {
	f := newFullPage()
	f.err = devices.ErrBusy
	receive(t, f, func(t *testing.T, r reception) { r.each(t, devices.StateBusy) })
}
