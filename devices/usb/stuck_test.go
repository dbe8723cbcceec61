package usb_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
	driver "github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

// limit is far above what giving a device up takes.
const limit = 20 * time.Second

// keeper is a device on a bus that keeps every transfer.
type keeper struct {
	*driver.Device
	emulated *usb.Device
	unplug   func()
}

func newKeeper(t *testing.T, bed *usb.Bed, port string) keeper {
	t.Helper()
	k := keeper{emulated: withInterfaces(0), unplug: func() { bed.Unplug(port) }}
	out := usb.Endpoint{Address: 0x02, MaxPacket: 8, Interval: 4}
	k.emulated.Interfaces[0].Endpoints = append(k.emulated.Interfaces[0].Endpoints, out)
	k.emulated.Break(usb.Stuck)
	k.emulated.BreakControl(usb.Stuck)
	var err error
	if k.Device, err = openAt(t, bed, port, k.emulated, 0); err != nil {
		t.Fatal(err)
	}
	return k
}

// read reads until ctx ends.
func (k keeper) read(ctx context.Context) error {
	endpoint, _ := k.Endpoint(0, gousb.EndpointDirectionIn)
	_, err := k.Read(ctx, 0, endpoint, make([]byte, 8))
	return err
}

// readFor reads for a moment.
func (k keeper) readFor(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	return k.read(ctx)
}

func (k keeper) write(ctx context.Context) error {
	endpoint, _ := k.Endpoint(0, gousb.EndpointDirectionOut)
	return k.Write(ctx, 0, endpoint, make([]byte, 8))
}

func (k keeper) ask(ctx context.Context) error {
	_, err := k.GetReport(ctx, driver.Feature, 1, 0, make([]byte, 8))
	return err
}

// letGo has the host controller work again, and pulls the device out: that ends its transfers. It wants the device to be
// released then.
func (k keeper) letGo(t *testing.T) {
	k.emulated.Break(usb.Healthy)
	k.emulated.BreakControl(usb.Healthy)
	k.unplug()
	for end := time.Now().Add(limit); k.Close() != nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Error("the device is never released")
			return
		}
	}
}

// soon runs a call that must not wait for ever.
func soon(call func() error) error {
	result := make(chan error, 1)
	go func() { result <- call() }()
	select {
	case err := <-result:
		return err
	case <-time.After(limit):
		return errors.New("the call does not end")
	}
}

func TestADeviceThatKeepsATransferIsGivenUp(t *testing.T) {
	bed := usbtest.NewBed(t)
	var all sync.WaitGroup
	for port, transfer := range map[string]func(keeper, context.Context) error{
		"1": keeper.readFor,
		"2": keeper.write,
		"3": keeper.ask,
	} {
		k := newKeeper(t, bed, port)
		all.Go(func() {
			for range 2 { // the second fails at once
				if err := soon(func() error { return transfer(k, t.Context()) }); !errors.Is(err, devices.ErrTimeout) {
					t.Errorf("%s: transfer = %v, want ErrTimeout", port, err)
				}
			}
			k.letGo(t)
			if err := transfer(k, t.Context()); !errors.Is(err, devices.ErrClosed) {
				t.Errorf("%s: transfer after that = %v, want ErrClosed", port, err)
			}
		})
	}
	all.Wait()
}

func TestClosingADeviceThatKeepsATransferEnds(t *testing.T) {
	k := newKeeper(t, usbtest.NewBed(t), "1")
	reading := make(chan error, 1)
	go func() { reading <- k.read(t.Context()) }()
	time.Sleep(50 * time.Millisecond) // it has begun, or will be refused
	for range 2 {
		if err := soon(k.Close); !errors.Is(err, devices.ErrTimeout) {
			t.Errorf("Close = %v, want ErrTimeout", err)
		}
	}
	if err := soon(func() error { return <-reading }); !errors.Is(err, devices.ErrTimeout) {
		t.Errorf("Read = %v, want ErrTimeout", err)
	}
	k.letGo(t)
}

func TestADeviceThatKeepsATransferThroughItsGoingIsUnplugged(t *testing.T) {
	k := newKeeper(t, usbtest.NewBed(t), "1")
	ctx, cancel := context.WithCancel(t.Context())
	reading := make(chan error, 1)
	go func() { reading <- k.read(ctx) }()
	time.Sleep(50 * time.Millisecond) // it has begun, or will be refused
	k.unplug()
	cancel()
	if err := soon(func() error { return <-reading }); !errors.Is(err, devices.ErrUnplugged) {
		t.Errorf("Read = %v, want ErrUnplugged", err)
	}
}
