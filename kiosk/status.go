package kiosk

import (
	"context"
	"fmt"
	"slices"
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
	places := []place{d.ChipReader, d.PageImager, d.Camera, d.SignaturePad, d.TicketPrinter}
	if d.MRZReader != nil {
		places = slices.Insert(places, 0, place(d.MRZReader))
	}
	var hung *technicianv1.DeviceStatus
	var asking sync.WaitGroup
	asking.Go(func() { hung = s.hangs(ctx) })
	r.Devices = ofDevices(ctx, places)
	asking.Wait()
	if s.config.TrustAge != nil {
		age, known := s.config.TrustAge(s.config.Link.Now())
		r.Devices = append(r.Devices, trustStatus(age, known))
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
	for _, d := range []*technicianv1.DeviceStatus{out, s.losses.health(disk, room), s.decoderStatus(), s.left.status(s.config.Now())} {
		if d != nil {
			r.Devices = append(r.Devices, d)
		}
	}
	ahead, _ := s.config.Link.Ahead()
	if d := s.withReason(officeStatus(state, wait, ahead)); d.State != string(devices.StateOnline) {
		r.Devices = append(r.Devices, d)
	}
	return r
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

// trustStatus is the trust store's health. An old one still works, as a printer does whose paper is low.
func trustStatus(age time.Duration, known bool) *technicianv1.DeviceStatus {
	d := &technicianv1.DeviceStatus{Kind: trustStore, State: string(devices.StateOnline)}
	days := int(age / (24 * time.Hour))
	switch {
	case !known:
		d.Reason, d.Remedy = technicianv1.Plain("the trust store is empty"), technicianv1.Plain("import master lists: doccheck trust import")
	case age >= trust.MaxAge:
		d.Reason, d.Remedy = technicianv1.Plain(fmt.Sprintf("the trust store is %d days old", days)), technicianv1.Plain("import newer lists: doccheck trust import")
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
	d := &technicianv1.DeviceStatus{Kind: backOffice, State: string(devices.StateDegraded)}
	switch {
	case link.Late(wait):
		d.Reason = technicianv1.Plain(fmt.Sprintf("%d check-ins wait for the back office, the oldest for %s; it is wiped in %s", wait.CheckIns,
			wait.Oldest.Round(time.Minute), wait.Left.Round(time.Minute)))
		d.Remedy = technicianv1.Plain("see to the network and the back office now, or have staff see these visitors anew")
	case state == link.Ill:
		d.Reason, d.Remedy = technicianv1.Plain("the back office answers with errors"), technicianv1.Plain("look at this station's log and at the back office's")
	case state == link.Full:
		d.Reason = technicianv1.Plain("the back office has no room on its disk, or no more numbers for this station")
		d.Remedy = technicianv1.Plain("look at the back office's log; make room on its disk, or raise stations.numbers_a_day or gigabytes_a_day")
	case state == link.Denied:
		d.Reason, d.Remedy = technicianv1.Plain("the back office does not serve this station"), technicianv1.Plain("look at its list of denied stations, and at whose office the certificate is")
	case ahead.Abs() >= clockAhead:
		d.Reason = technicianv1.Plain(fmt.Sprintf("the station's clock differs from the back office's by %s", ahead.Abs().Round(time.Second)))
		d.Remedy = technicianv1.Plain("see to the time servers: timedatectl")
	default:
		d.State = string(devices.StateOnline)
	}
	return d
}

// withReason adds why the back office cannot be reached, where that is known: such a reason does not pass by itself.
func (s *Station) withReason(office *technicianv1.DeviceStatus) *technicianv1.DeviceStatus {
	by := s.config.Link.CutOffBy()
	switch {
	case by == "":
	case office.Reason == nil:
		office.State = string(devices.StateDegraded)
		office.Reason = technicianv1.Plain("cut off from the back office: " + by)
		office.Remedy = technicianv1.Plain("see to that; docs/operations.md says how, under Certificates")
	default:
		office.Reason = technicianv1.Plain(office.Reason.Text() + "; cut off: " + by)
	}
	return office
}

// place is a slot, whatever its device.
type place interface {
	Kind() devices.Kind
	Health(context.Context) devices.Health
	Info() devices.Info
}
