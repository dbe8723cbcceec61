package hil_test

import (
	"context"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/imager/lampboard"
	emulated "github.com/foyer-station/foyer/emulate/lampboard"
	"github.com/foyer-station/foyer/emulate/usb"
)

// board is a lamp board in a port, on USB itself or behind a line.
type board struct {
	*emulated.Board
	socket interface{ Unplug() }
	heal   func()
}

// Ready takes the document away, and waits until the driver has seen that it is gone.
func (b board) Ready(ctx context.Context) error {
	b.Lay(false)
	for before := b.Asked(); b.Asked() < before+3; { // that the last one is gone, and that no other has come
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

func (b board) Act(context.Context) error {
	b.Lay(true)
	return nil
}

func (b board) Heal()   { b.heal() }
func (b board) Unplug() { b.socket.Unplug() }

// awaitDocument waits for a document, after the one that lay there before is gone.
func awaitDocument(ctx context.Context, device devices.Device) error {
	b := device.(*lampboard.Board)
	for {
		if lies, _, err := b.DocumentLies(ctx); err != nil {
			return err
		} else if !lies {
			return b.AwaitDocument(ctx)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestALampBoardPassesItsSuiteOnARealKernel(t *testing.T) {
	inMachine(t)
	all := &ports{}
	make := func(serial string) *usb.LampBoard { return usb.NewLampBoard(serial, emulated.New(serial, time.Now)) }
	devicestest.Driver[board]{
		Open: func(ctx context.Context) (devices.Device, error) {
			b, err := lampboard.OpenHID(ctx, usb.LampVendor, usb.LampProduct)
			if err != nil {
				return nil, err
			}
			return b, nil
		},
		Plug: func(t *testing.T) board {
			t.Helper()
			b, s := plug(t, all, make, func(b *usb.LampBoard) *usb.Device { return b.Device })
			return board{b.Board, s, func() {
				b.Break(usb.Healthy)
				b.BreakControl(usb.Healthy)
			}}
		},
		Use: awaitDocument, Cycles: 5,
	}.Run(t)
}

func TestALampBoardOnALinePassesItsSuiteBehindTheKernelsDriver(t *testing.T) {
	inMachine(t)
	all := &ports{}
	devicestest.Driver[board]{
		Open: func(ctx context.Context) (devices.Device, error) {
			return firstFree(t, "*_Lamp_board_*", func(path string) (*lampboard.Board, error) { return lampboard.OpenSerial(ctx, path) })
		},
		Plug: func(t *testing.T) board {
			t.Helper()
			b, err := emulated.NewSerial(emulated.New("LAMP-S", time.Now))
			if err != nil {
				t.Fatal(err)
			}
			return board{b.Board, plugLine(t, all, usb.LampVendor, usb.LampProduct, "Lamp board", b.Path(), b), func() { b.Misbehave(emulated.Healthy) }}
		},
		Use: awaitDocument, Cycles: 3,
	}.Run(t)
}
