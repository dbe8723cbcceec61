package hil_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/hidpos"
	"github.com/foyer-station/foyer/emulate/usb"
)

// scanner is an imaging scanner in a port, with a document before it.
type scanner struct {
	*usb.Scanner
	*socket
}

func (s scanner) Act(context.Context) error {
	if !s.Show(lines...) {
		return errors.New("the scanner is not triggered")
	}
	return nil
}

func (s scanner) Heal() {
	s.Break(usb.Healthy)
	s.BreakControl(usb.Healthy)
}

func openScanner(ctx context.Context) (devices.Device, error) {
	s, err := hidpos.Open(ctx, hidpos.Config{})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// scan reads a document and wants it to be the specimen.
func scan(ctx context.Context, device devices.Device) error {
	got, err := device.(*hidpos.Scanner).ReadMRZ(ctx)
	if err == nil && !slices.Equal(got, lines) {
		err = fmt.Errorf("read %q", got)
	}
	return err
}

func TestScannersPassTheirSuiteOnARealKernel(t *testing.T) {
	inMachine(t)
	all := &ports{}
	for name, make := range map[string]func(string) *usb.Scanner{
		"commands to an endpoint": usb.NewScanner, "a trigger as the standard has": usb.NewTriggerScanner,
	} {
		t.Run(name, devicestest.Driver[scanner]{
			Open: openScanner, Use: scan, Cycles: 5,
			Plug: func(t *testing.T) scanner {
				t.Helper()
				s, at := plug(t, all, make, func(s *usb.Scanner) *usb.Device { return s.Device })
				return scanner{s, at}
			},
			Faults: []devicestest.Fault[scanner]{
				{Name: "stall", Break: func(s scanner) { s.Break(usb.Stall) }, Want: devices.ErrProtocol, Seen: true},
			},
		}.Run)
	}
}
