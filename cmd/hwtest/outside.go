package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/external"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/hardware"
)

// outside tests at the levels beyond the internal one, for which the devices have to be free: a running kiosk lends them. Without a configuration the devices are
// those that need none.
func (c *cli) outside(ctx context.Context, settings config.Config, configured bool, f follower) (hwtest.Report, error) {
	report := hwtest.Report{At: c.now(), Level: hwtest.Level(c.Level), Source: hwtest.FromDevices}
	if !configured {
		settings, report.Source = config.Default(), hwtest.FromDiscovery
	}
	var who person
	if report.Level == hwtest.Interactive { // before anything is borrowed for it
		var err error
		if who, err = f.person(); err != nil {
			return report, err
		}
		defer who.close()
	}
	borrowed, err := borrow(ctx, settings.Socket, f.borrowing)
	if err != nil {
		return report, err
	}
	if borrowed != nil {
		defer borrowed.giveBack()
		ctx, report.Source = borrowed, hwtest.FromLoan
	}
	if who != nil {
		report.Checks, err = c.interactive(ctx, settings, who, f)
	} else {
		report.Checks = hwtest.Run(ctx, followed(c.chosen(acting(settings.Devices, c.now)), f), c.Limit, f.done)
	}
	report.Only(c.Device...)
	if err == nil && ctx.Err() == nil && len(report.Checks) == 0 {
		return report, command.WrongCall(fmt.Errorf("level %s has no such check", report.Level), "hwtest --level internal")
	}
	if configured {
		report.Configured(settingsOf(settings.Devices))
	}
	switch context.Cause(ctx) {
	case errTakenBack:
		return report, command.CannotRun(errTakenBack, "hwtest --level "+c.Level+" --device ID, for fewer at once")
	case errSilent:
		return report, command.CannotRun(errSilent, "call it again, and do not stop it meanwhile (Ctrl-Z)")
	case errEnded:
		return report, command.CannotRun(errEnded, "hwtest, and journalctl -u foyer-kiosk -n 50, which says why it ended")
	}
	return report, errors.Join(err, ctx.Err())
}

func (c *cli) chosen(all []hwtest.Subject) []hwtest.Subject {
	return slices.DeleteFunc(all, func(s hwtest.Subject) bool { return !c.wants(s.Kind) })
}

// acting are the devices that act without a person.
func acting(d config.Devices, now func() time.Time) (all []hwtest.Subject) {
	h := hardware.New(d)
	if !d.MRZReader.None() { // it does nothing by itself
		all = append(all, hwtest.Device(devices.KindMRZReader, opener(h, devices.KindMRZReader)))
	}
	return append(all,
		external.ChipReader(h.ChipReader),
		external.PageImager(h.PageImager),
		external.Camera(h.Camera),
		external.SignaturePad(h.SignaturePad, signingSheet),
		external.TicketPrinter(h.TicketPrinter, func(width int) (*image.Gray, error) { return testTicket(width, now()) }),
		external.Sound(),
	)
}
