// Package hwtest tells a technician which device is ill and what to do about it.
//
// Levels are UnifiedPOS's: internal touches nothing that moves, lights or prints, and may run at any time outside a
// check-in; external and interactive are for later. Each check has a stable id, "signature_pad.present", so that a
// history can be kept by it.
package hwtest

import (
	"context"
	"slices"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// Result is how a check ended, in the words used all over Foyer.
type Result string

// The results of a check.
const (
	Passed       Result = "passed"
	Failed       Result = "failed"
	NotPerformed Result = "not_performed"
)

// KindKiosk is the kind of the kiosk itself: whether it serves visitors.
const KindKiosk devices.Kind = "kiosk"

// Check is one question about a device, or about something else of the station that may want a technician.
type Check struct {
	ID       string        `json:"id"` // KIND.present, KIND.state
	Device   devices.Kind  `json:"device"`
	Result   Result        `json:"result"`
	State    devices.State `json:"state"`
	Model    string        `json:"model,omitempty"`
	Serial   string        `json:"serial,omitempty"`
	Firmware string        `json:"firmware,omitempty"`
	Path     string        `json:"path,omitempty"`
	Millis   float64       `json:"ms"`
	Expires  *time.Time    `json:"expires,omitempty"`   // of a certificate
	DaysLeft *int          `json:"days_left,omitempty"` // of a certificate; negative once it has ended

	// Reason and Remedy are worded when the report is written.
	Reason devices.Message `json:"-"`
	Remedy devices.Message `json:"-"`
}

// Report is one run over all devices.
type Report struct {
	At     time.Time `json:"at"`
	Level  string    `json:"level"`
	Source string    `json:"source"` // "devices", or "station" when a running kiosk was asked
	Checks []Check   `json:"checks"`
	// Station is how the running kiosk itself is; nil when its devices were opened instead. What of it does not pass by itself
	// stands among the checks; being cut off for a while is nothing that a station cannot bear.
	Station *Station `json:"station,omitempty"`
}

// Station is what a running kiosk says of itself.
type Station struct {
	InService   bool `json:"in_service"`   // visitors can check in
	Linked      bool `json:"linked"`       // the back office answered last time
	Outbox      int  `json:"outbox"`       // confirmed check-ins that the back office does not have yet
	NumbersLeft int  `json:"numbers_left"` // of the tickets leased for today
	// Link is "linked", "cut_off", "ill", "full" or "denied"; empty from an older kiosk.
	Link       string `json:"link,omitempty"`
	OutboxAge  int    `json:"outbox_age_s,omitempty"`  // of the oldest check-in to send, in seconds
	OutboxLeft int    `json:"outbox_left_s,omitempty"` // until that one is wiped, in seconds
}

// Healthy reports whether every check passed and no device is degraded.
func (r Report) Healthy() bool {
	return !slices.ContainsFunc(r.Checks, Check.wantsSomebody)
}

// wantsSomebody tells whether a technician has to see to it. A device that is at work wants nobody.
func (c Check) wantsSomebody() bool { return c.Result != Passed || c.State == devices.StateDegraded }

// Probe opens one device for testing.
type Probe struct {
	Kind devices.Kind
	Open func(context.Context) (devices.Device, error)
}

// checksPerDevice is how many checks each device has at the level internal, in a row in the report.
const checksPerDevice = 2

// deviceTime bounds one device's checks, so that a silent one does not hide the others.
const deviceTime = 10 * time.Second

// Internal opens each device, asks its health and closes it again, one after the other: several sit on the same bus.
// now is the clock.
func Internal(ctx context.Context, probes []Probe, now func() time.Time) Report {
	r := Report{At: now(), Level: "internal", Source: "devices"}
	for _, p := range probes {
		r.Checks = append(r.Checks, p.run(ctx, now)...)
	}
	return r
}

// saysUnopened is why a device that could not be opened was not asked how it is.
const saysUnopened devices.Key = "test.unopened"

func (p Probe) run(ctx context.Context, now func() time.Time) []Check {
	ctx, cancel := context.WithTimeout(ctx, deviceTime)
	defer cancel()
	start := now()
	present := Check{ID: string(p.Kind) + ".present", Device: p.Kind, Result: Passed, State: devices.StateOnline}
	state := Check{ID: string(p.Kind) + ".state", Device: p.Kind}
	device, err := p.Open(ctx)
	present.Millis = millis(now().Sub(start))
	if err != nil {
		h := devices.HealthOf(err)
		present.Result, present.State, present.Reason, present.Remedy = Failed, h.State, h.Reason, h.Remedy
		state.Result, state.State, state.Reason = NotPerformed, h.State, devices.Say(saysUnopened)
		return []Check{present, state}
	}
	defer device.Close()
	present.identify(device.Info())
	start = now()
	state.judge(withDocument(ctx, device, device.Health(ctx)))
	state.Millis = millis(now().Sub(start))
	return []Check{present, state}
}

func (c *Check) identify(i devices.Info) {
	c.Model, c.Serial, c.Firmware, c.Path = i.Model, i.Serial, i.Firmware, i.Path
}

// judge takes over what a device says of itself. A degraded device passes: it works. One that is busy with something that
// somebody has to end does not.
func (c *Check) judge(h devices.Health) {
	c.State, c.Reason, c.Remedy = h.State, h.Reason, h.Remedy
	c.Result = Failed
	if h.State == devices.StateOnline || h.State == devices.StateDegraded || h.State == devices.StateBusy && h.Remedy.IsZero() {
		c.Result = Passed
	}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
