package hwtest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/holder"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

const (
	saysOutOfService devices.Key = "kiosk.out_of_service" // from an older kiosk, which does not say why

	// SeeLog is to look at the log of the kiosk.
	SeeLog devices.Key = "remedy.see_log"
)

// FromStation asks a running kiosk, which holds the devices itself and watches them all the time.
func FromStation(ctx context.Context, client technicianv1.TechnicianServiceClient, now func() time.Time) (Report, error) {
	r := Report{At: now(), Level: Internal, Source: FromKiosk}
	start := now()
	status, err := client.GetStatus(ctx, &technicianv1.GetStatusRequest{})
	if err != nil {
		return r, fmt.Errorf("ask the running kiosk: %w", err)
	}
	took := millis(now().Sub(start))
	r.Station = &Station{
		InService:   status.GetInService(),
		Linked:      status.GetLinked(),
		Outbox:      int(status.GetOutbox()),
		NumbersLeft: int(status.GetNumbersLeft()),
		Link:        status.GetLink(),
		OutboxAge:   int(status.GetOutboxAge()),
		OutboxLeft:  int(status.GetOutboxLeft()),
	}
	told := false
	for _, d := range status.GetDevices() {
		told = told || d.GetKind() == string(KindKiosk)
		r.add(ctx, d, took)
	}
	if !told && !r.Station.InService {
		r.Checks = append(r.Checks, KioskIll(devices.Say(saysOutOfService), devices.Say(SeeLog))...)
	}
	for _, kind := range []devices.Kind{KindKiosk, "journal", "picture_decoder", KindBackOffice} { // told of when they are ill alone
		if !slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Device == kind }) {
			r.Checks = append(r.Checks, passed(kind, "state"))
		}
	}
	r.Checks = append(r.Checks, Outbox(time.Duration(r.Station.OutboxAge)*time.Second, r.Station.Outbox))
	if status.GetClockKnown() {
		ahead := time.Duration(status.GetClockAhead()) * time.Millisecond
		r.Checks = append(r.Checks, ClockOffset(ahead, 0))
	}
	return r, nil
}

// KioskIll is a kiosk that does not serve visitors.
func KioskIll(reason, remedy devices.Message) []Check {
	return []Check{passed(KindKiosk, "present"), passed(KindKiosk, "state").because(Failed, reason, remedy)}
}

// messageOf takes a message off the wire.
func messageOf(m *technicianv1.Message) devices.Message {
	said := devices.Say(devices.Key(m.GetKey()))
	for _, p := range m.GetParams() {
		said = said.With(p.GetName(), p.GetValue())
	}
	return said
}

// Add adds what somebody else has found out.
func (r *Report) Add(ctx context.Context, found ...*technicianv1.DeviceStatus) {
	for _, d := range found {
		r.add(ctx, d, 0)
	}
}

func (r *Report) add(ctx context.Context, d *technicianv1.DeviceStatus, took float64) {
	checks := fromStatus(ctx, d, took)
	for i := range checks {
		if d.GetExpires() != 0 {
			end := time.Unix(d.GetExpires(), 0).UTC()
			days := int(math.Floor(end.Sub(r.At).Hours() / 24))
			checks[i].Expires, checks[i].DaysLeft = &end, &days
		}
	}
	if m, state := d.GetMeasure(), &checks[1]; m != nil && state.Result != NotPerformed {
		*state = state.measured(Measure{Value: m.GetValue(), Unit: Unit(m.GetUnit()), Min: m.Min, Max: m.Max})
	}
	r.Checks = append(r.Checks, checks...)
}

func fromStatus(ctx context.Context, d *technicianv1.DeviceStatus, took float64) []Check {
	kind := devices.Kind(d.GetKind())
	health := devices.Health{State: devices.State(d.GetState()), Reason: messageOf(d.GetReason()), Remedy: messageOf(d.GetRemedy())}
	for _, m := range d.GetAlso() {
		health.Also = append(health.Also, messageOf(m))
	}
	health = holder.NamedOrHow(ctx, health)
	present := passed(kind, "present")
	present.Millis = took
	present.identify(devices.Info{Model: d.GetModel(), Serial: d.GetSerial(), Firmware: d.GetFirmware(), Path: d.GetPath()})
	if health.State == devices.StateNoDevice {
		present = present.missing(health)
		present.Last = lastOf(d)
		return []Check{present, unasked(kind, health.State)}
	}
	state := passed(kind, "state")
	state.Millis = took
	state.judge(health)
	state.Last = lastOf(d)
	return append([]Check{present, state}, ofParts(state)...)
}

// lastOf takes off the wire what was known of a device that cannot be asked; nil where nothing was.
func lastOf(d *technicianv1.DeviceStatus) *Last {
	last := d.GetLast()
	if last == nil {
		return nil
	}
	return &Last{Model: last.GetModel(), Path: last.GetPath(), Until: time.Unix(last.GetUntil(), 0).UTC()}
}

// Only leaves the checks that are asked for by kind or by id; all of them without a name.
func (r *Report) Only(names ...string) {
	r.Checks = slices.DeleteFunc(r.Checks, func(c Check) bool {
		kind, _, _ := strings.Cut(string(c.Device), ".") // the second of a kind is "camera.2"
		return len(names) > 0 && !slices.Contains(names, kind) && !slices.Contains(names, c.ID)
	})
}
