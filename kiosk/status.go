package kiosk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/foyer-station/foyer/devices"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
	"github.com/foyer-station/foyer/verify/chip"
)

// Status is what the technician's socket answers: every device's health, the trust store's, the link, the outbox. It may be called from any
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
	if s.config.TrustAge != nil {
		age, known := s.config.TrustAge(s.config.Now())
		r.Devices = append(r.Devices, trustStatus(age, known))
	}
	counts, err := s.config.Journal.Count(ctx, s.config.Now().Format(time.DateOnly))
	if err != nil {
		s.config.Log.Error("the journal cannot be read", "err", err)
		return r
	}
	r.Outbox, r.NumbersLeft = int32(counts.Outbox), int32(counts.Numbers)
	return r
}

// trustStore is the kind by which the trust store stands among the devices: it wants a technician like them.
const trustStore = "trust_store"

// trustStatus is the trust store's health. An old one still works, as a printer does whose paper is low.
func trustStatus(age time.Duration, known bool) *technicianv1.DeviceStatus {
	d := &technicianv1.DeviceStatus{Kind: trustStore, State: string(devices.StateOnline)}
	days := int(age / (24 * time.Hour))
	switch {
	case !known:
		d.Reason, d.Remedy = "the trust store is empty", "import master lists: doccheck trust import"
	case age >= chip.MaxTrustAge:
		d.Reason, d.Remedy = fmt.Sprintf("the trust store is %d days old", days), "import newer lists: doccheck trust import"
	}
	if d.Reason != "" {
		d.State = string(devices.StateDegraded)
	}
	return d
}

// place is a slot, whatever its device.
type place interface {
	Kind() devices.Kind
	Health(context.Context) devices.Health
	Info() devices.Info
}
