package kiosk

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/link"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
	"github.com/foyer-station/foyer/verify/trust"
)

// Status is what the technician's socket answers: every device's health, the trust store's, the link, the outbox. It may be called from any
// goroutine while the station runs.
func (s *Station) Status(ctx context.Context) *technicianv1.GetStatusResponse {
	d := s.config.Devices
	state := s.config.Link.State()
	r := &technicianv1.GetStatusResponse{Linked: state == link.Linked, Link: string(state), InService: s.open.Load()}
	places := d.places()
	var hung *technicianv1.DeviceStatus
	var asking sync.WaitGroup
	asking.Go(func() { hung = s.hangs(ctx) })
	r.Devices = ofDevices(ctx, places)
	asking.Wait()
	s.remember(r.Devices)
	if s.config.TrustAge != nil {
		age, known := s.config.TrustAge(s.config.Link.Now())
		r.Devices = append(r.Devices, TrustStatus(age, known))
	}
	r.Devices = append(r.Devices, CertificateStatus(s.certificates(), s.config.Now())...)
	wait, disk := s.count(ctx, r)
	room, err := s.config.Journal.Room()
	if disk == nil {
		disk = err
	}
	out := s.outOfService(int(r.NumbersLeft), disk)
	if hung != nil {
		out = hung
	}
	for _, d := range []*technicianv1.DeviceStatus{out, s.losses.health(disk, room), s.decoderStatus(), s.left.status(s.config.Now(), s.config.Timings.Doubt), s.pinStatus()} {
		if d != nil {
			r.Devices = append(r.Devices, d)
		}
	}
	ahead, known := s.config.Link.Ahead()
	r.ClockAhead, r.ClockKnown = ahead.Milliseconds(), known
	if d := s.withReason(officeStatus(state, wait, ahead)); d.State != string(devices.StateOnline) {
		r.Devices = append(r.Devices, d)
	}
	return r
}

// remember says of each device that is not there, or cannot be opened, what it was and where.
func (s *Station) remember(all []*technicianv1.DeviceStatus) {
	if s.config.Seen == nil {
		return
	}
	last := s.config.Seen.All()
	for _, d := range all {
		if l, known := last[devices.Kind(d.GetKind())]; known && d.GetModel() == "" && d.GetState() != string(devices.StateOnline) {
			d.Last = &technicianv1.Last{Model: l.Model, Path: l.Path, Until: l.Until.Unix()}
		}
	}
}

// count fills in what the journal holds, and says whether it can be read and written.
func (s *Station) count(ctx context.Context, r *technicianv1.GetStatusResponse) (journal.Wait, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	now := s.config.Link.Now()
	counts, err := s.config.Journal.Count(ctx, now.Format(time.DateOnly))
	if err != nil {
		s.config.Log.Error("the journal cannot be read", "err", err)
		return journal.Wait{}, err
	}
	r.Outbox, r.NumbersLeft = int32(counts.Outbox), int32(counts.Numbers)
	wait, err := s.config.Journal.Wait(ctx, now)
	if err != nil {
		s.config.Log.Error("the journal cannot be read", "err", err)
		return wait, err
	}
	r.OutboxAge, r.OutboxLeft = int64(wait.Oldest/time.Second), int64(wait.Left/time.Second)
	return wait, s.config.Journal.TryWrite(ctx)
}

// TrustStatus is the trust store's health. An old one still works, as a printer does whose paper is low.
func TrustStatus(age time.Duration, known bool) *technicianv1.DeviceStatus {
	d := &technicianv1.DeviceStatus{Kind: trustStore, State: string(devices.StateOnline)}
	days := int(age / (24 * time.Hour))
	if known {
		d.Measure = &technicianv1.Measure{Value: float64(days), Unit: "days", Max: new(float64(trust.MaxAge / (24 * time.Hour)))}
	}
	switch {
	case !known:
		d.Reason, d.Remedy = wireOf(devices.Say(saysTrustEmpty)), wireOf(devices.Say(importLists))
	case age >= trust.MaxAge:
		d.Reason, d.Remedy = wireOf(devices.Say(saysTrustOld).With("days", strconv.Itoa(days))), wireOf(devices.Say(importLists))
	}
	if d.Reason != nil {
		d.State = string(devices.StateDegraded)
	}
	return d
}

// clockAhead is how much the station's clock may differ from the back office's before somebody is told. Numbers and the
// order of visitors do not depend on it; certificates and the expiry of documents do.
const clockAhead = 2 * time.Minute

// officeStatus is how the back office is, seen from here. Being cut off for a while is nothing that a station cannot bear.
func officeStatus(state link.State, wait journal.Wait, ahead time.Duration) *technicianv1.DeviceStatus {
	var h devices.Health
	switch {
	case link.Late(wait):
		h.Reason = devices.Say(saysOfficeLate).With("count", strconv.Itoa(wait.CheckIns)).
			With("oldest", wait.Oldest.Round(time.Minute).String()).With("left", wait.Left.Round(time.Minute).String())
		h.Remedy = devices.Say(visitorsAnew)
	case state == link.Ill:
		h.Reason, h.Remedy = devices.Say(saysOfficeIll), devices.Say(seeBothLogs)
	case state == link.Full:
		h.Reason, h.Remedy = devices.Say(saysOfficeFull), devices.Say(seeOfficeRoom)
	case state == link.Denied:
		h.Reason, h.Remedy = devices.Say(saysOfficeDenies), devices.Say(seeDenied)
	case ahead.Abs() >= clockAhead:
		h.Reason = devices.Say(saysClockDiffers).With("value", ahead.Abs().Round(time.Second).String())
		h.Remedy = devices.Say(timeServers)
	}
	h.State = devices.StateOnline
	if !h.Reason.IsZero() {
		h.State = devices.StateDegraded
	}
	return statusOf(backOffice, h)
}

// withReason adds why the back office cannot be reached, where that is known: such a reason does not pass by itself.
func (s *Station) withReason(office *technicianv1.DeviceStatus) *technicianv1.DeviceStatus {
	by := s.config.Link.CutOffBy()
	switch {
	case by.IsZero():
		return office
	case office.Reason == nil:
		cut := devices.Health{State: devices.StateDegraded, Reason: devices.Say(saysCutOff), Remedy: devices.Say(seeLink)}
		return also(statusOf(backOffice, cut), relayed(by))
	}
	return also(office, devices.Say(saysCutOff), relayed(by))
}

// places are the slots that a station has.
func (d Devices) places() []place {
	places := []place{d.ChipReader, d.PageImager, d.Camera}
	if d.SignaturePad != nil {
		places = append(places, d.SignaturePad)
	}
	places = append(places, d.TicketPrinter)
	if d.MRZReader != nil {
		places = slices.Insert(places, 0, place(d.MRZReader))
	}
	return places
}

// There are the devices that are there now. It may be called from any goroutine.
func (d Devices) There() (all []devices.Info) {
	for _, p := range d.places() {
		if info := p.Info(); info.Model != "" || info.Path != "" { // only its kind is known of an empty slot
			all = append(all, info)
		}
	}
	return all
}

// place is a slot, whatever its device.
type place interface {
	Kind() devices.Kind
	Health(context.Context) devices.Health
	Info() devices.Info
	Lend(context.Context) (giveBack func())
	Back(context.Context)
}
