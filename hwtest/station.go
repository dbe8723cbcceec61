package hwtest

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/foyer-station/foyer/devices"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// FromStation asks a running kiosk, which holds the devices itself and watches them all the time.
func FromStation(ctx context.Context, client technicianv1.TechnicianServiceClient, now func() time.Time) (Report, error) {
	r := Report{At: now(), Level: "internal", Source: "station"}
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
		r.add(d, took)
	}
	if !told && !r.Station.InService {
		r.Add(KioskIll("out of service: "+r.Station.String(), "look at the station's log, and whether the back office answers"))
	}
	return r, nil
}

// KioskIll is a kiosk that does not serve visitors.
func KioskIll(reason, remedy string) *technicianv1.DeviceStatus {
	return &technicianv1.DeviceStatus{Kind: string(KindKiosk), State: string(devices.StateHWError), Reason: technicianv1.Plain(reason), Remedy: technicianv1.Plain(remedy)}
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
func (r *Report) Add(found ...*technicianv1.DeviceStatus) {
	for _, d := range found {
		r.add(d, 0)
	}
}

func (r *Report) add(d *technicianv1.DeviceStatus, took float64) {
	checks := fromStatus(d, took)
	if d.GetExpires() != 0 {
		end := time.Unix(d.GetExpires(), 0).UTC()
		days := int(math.Floor(end.Sub(r.At).Hours() / 24))
		for i := range checks {
			checks[i].Expires, checks[i].DaysLeft = &end, &days
		}
	}
	r.Checks = append(r.Checks, checks...)
}

func fromStatus(d *technicianv1.DeviceStatus, took float64) []Check {
	kind := devices.Kind(d.GetKind())
	health := devices.Health{State: devices.State(d.GetState()), Reason: messageOf(d.GetReason()), Remedy: messageOf(d.GetRemedy())}
	present := Check{ID: string(kind) + ".present", Device: kind, Result: Passed, State: devices.StateOnline, Millis: took}
	present.identify(devices.Info{Model: d.GetModel(), Serial: d.GetSerial(), Firmware: d.GetFirmware(), Path: d.GetPath()})
	state := Check{ID: string(kind) + ".state", Device: kind, Millis: took}
	if health.State == devices.StateNoDevice {
		present.Result, present.State, present.Reason, present.Remedy = Failed, health.State, health.Reason, health.Remedy
		state.Result, state.State, state.Reason = NotPerformed, health.State, devices.Say(saysUnopened)
		return []Check{present, state}
	}
	state.judge(health)
	return []Check{present, state}
}
