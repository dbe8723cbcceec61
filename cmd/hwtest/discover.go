package main

import (
	"context"
	"fmt"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/accessis"
	"github.com/foyer-station/foyer/devices/elyctis"
	"github.com/foyer-station/foyer/devices/hidpos"
	"github.com/foyer-station/foyer/devices/stu"
	"github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/discover"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/hardware"
)

// drivers are those of USB devices that a station can have.
func drivers() []discover.Driver {
	h := hardware.New(config.Default().Devices)
	return []discover.Driver{
		{Kind: devices.KindMRZReader, IDs: accessis.IDs(), Open: opener(h, devices.KindMRZReader)},
		reader("hid-pos", hidpos.IDs()),
		reader("elyctis", elyctis.IDs()),
		{Kind: devices.KindSignaturePad, IDs: stu.IDs(), Open: opener(h, devices.KindSignaturePad)},
	}
}

// reader is a driver of document readers that the configuration has to name.
func reader(driver string, ids []usb.ID) discover.Driver {
	settings := config.Default().Devices
	settings.MRZReader.Driver = driver
	return discover.Driver{
		Kind: devices.KindMRZReader, IDs: ids, Config: []string{"[devices.document_reader]", fmt.Sprintf("driver = %q", driver)},
		Open: opener(hardware.New(settings), devices.KindMRZReader),
	}
}

// discover tests whatever is there, and the computer.
func (c *cli) discover(ctx context.Context, follows follower) (hwtest.Report, error) {
	report := hwtest.Report{At: c.now(), Level: hwtest.Internal, Source: hwtest.FromDiscovery}
	looking, cancel := context.WithTimeout(ctx, c.Limit)
	found, missing := discover.Devices(looking, drivers(), c.places)
	cancel()
	var subjects []hwtest.Subject
	count := map[devices.Kind]int{}
	for _, f := range found {
		kind := f.Kind
		if count[f.Kind]++; count[f.Kind] > 1 {
			kind = devices.Kind(fmt.Sprintf("%s.%d", f.Kind, count[f.Kind]))
		}
		if c.wants(f.Kind) {
			subjects = append(subjects, hwtest.Found(kind, f.Info, f.Config, f.Open))
		}
	}
	for _, m := range missing {
		if c.wants(m.Kind) {
			subjects = append(subjects, hwtest.Missing(m.Kind, m.Err))
		}
	}
	computer := hwtest.Computer{Machine: c.machine, Unit: unit, Packages: packages, Now: c.now}
	for _, s := range computer.Subjects() {
		if c.wants(s.Kind) && s.Kind != hwtest.KindRestart {
			subjects = append(subjects, s)
		}
	}
	report.Checks = hwtest.Run(ctx, followed(subjects, follows), c.Limit, follows.done)
	report.Only(c.Device...)
	return report, ctx.Err()
}
