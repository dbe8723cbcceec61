package kiosk

import (
	"context"
	"slices"
	"time"

	"github.com/foyer-station/foyer/devices"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// Status is what the technician's socket answers: every device's health, the link, the outbox. It may be called from any
// goroutine while the station runs.
func (s *Station) Status(ctx context.Context) *technicianv1.GetStatusResponse {
	d := s.config.Devices
	r := &technicianv1.GetStatusResponse{Linked: s.config.Link.Linked(), InService: s.open.Load()}
	places := []place{d.ChipReader, d.PageImager, d.Camera, d.SignaturePad, d.TicketPrinter}
	if d.DocumentReader != nil {
		places = slices.Insert(places, 0, place(d.DocumentReader))
	}
	for _, place := range places {
		health, info := place.Health(ctx), place.Info()
		r.Devices = append(r.Devices, &technicianv1.DeviceStatus{
			Kind:     string(place.Kind()),
			State:    string(health.State),
			Reason:   health.Reason,
			Remedy:   health.Remedy,
			Model:    info.Model,
			Serial:   info.Serial,
			Firmware: info.Firmware,
			Path:     info.Path,
		})
	}
	counts, err := s.config.Journal.Count(ctx, s.config.Now().Format(time.DateOnly))
	if err != nil {
		s.config.Log.Error("the journal cannot be read", "err", err)
		return r
	}
	r.Outbox, r.NumbersLeft = int32(counts.Outbox), int32(counts.Numbers)
	return r
}

// place is a slot, whatever its device.
type place interface {
	Kind() devices.Kind
	Health(context.Context) devices.Health
	Info() devices.Info
}
