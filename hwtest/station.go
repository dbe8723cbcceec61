package hwtest

import (
	"context"
	"fmt"
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
	for _, d := range status.GetDevices() {
		r.Checks = append(r.Checks, fromStatus(d, took)...)
	}
	return r, nil
}

func fromStatus(d *technicianv1.DeviceStatus, took float64) []Check {
	kind := devices.Kind(d.GetKind())
	health := devices.Health{State: devices.State(d.GetState()), Reason: d.GetReason(), Remedy: d.GetRemedy()}
	present := Check{ID: string(kind) + ".present", Device: kind, Result: Passed, State: devices.StateOnline, Millis: took}
	present.identify(devices.Info{Model: d.GetModel(), Serial: d.GetSerial(), Firmware: d.GetFirmware(), Path: d.GetPath()})
	state := Check{ID: string(kind) + ".state", Device: kind, Millis: took}
	if health.State == devices.StateNoDevice {
		present.Result, present.State, present.Reason, present.Remedy = Failed, health.State, health.Reason, health.Remedy
		state.Result, state.State, state.Reason = NotPerformed, health.State, "the device could not be opened"
		return []Check{present, state}
	}
	state.judge(health)
	return []Check{present, state}
}
