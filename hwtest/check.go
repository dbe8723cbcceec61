// Package hwtest tells a technician which device is ill and what to do about it.
//
// Levels are UnifiedPOS's: internal touches nothing that moves, lights or prints, and may run at any time outside a
// check-in; external has devices act (package external), and interactive asks a person to act on them (package interactive). Each
// check has a stable id, "signature_pad.present", so that a history can be kept by it.
//
// A [Subject] is what is tested under one name: [Device] makes one of a driver, [Computer] some of the station's computer, [Office] one
// of the way to the back office, [Kiosk] one of a running kiosk, which answers for the devices that it holds. [Run] tests all of them
// side by side. A [Report] is written as text, JSON, TAP, JUnit's XML and Prometheus' text; every sentence in it is a
// devices.Message, which package hwtest/wording has words for.
package hwtest

import (
	"math"
	"slices"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// Level is how far a test goes (UnifiedPOS, CheckHealth).
type Level string

// The levels. Each includes that a device is there and says how it is.
const (
	Internal    Level = "internal"    // touches nothing that moves, lights or prints
	External    Level = "external"    // devices light, show and print, and nobody needs to be there
	Interactive Level = "interactive" // a person is asked to do something with each device
)

// Result is how a check ended, in the words used all over Foyer.
type Result string

// The results of a check.
const (
	Passed       Result = "passed"
	Failed       Result = "failed"
	Undetermined Result = "undetermined"  // done, and it could not be told
	Aborted      Result = "aborted"       // begun, and it did not end
	NotPerformed Result = "not_performed" // the reason says why
	NotSupported Result = "not_supported" // there is no such thing here
)

// What stands in a report beside devices.
const (
	KindKiosk       devices.Kind = "kiosk"       // whether it serves visitors
	KindBackOffice  devices.Kind = "back_office" // whether it answers, and how far it is
	KindTrustStore  devices.Kind = "trust_store"
	KindOutbox      devices.Kind = "outbox" // confirmed check-ins that the back office does not have yet
	KindDisk        devices.Kind = "disk"
	KindMemory      devices.Kind = "memory"
	KindClock       devices.Kind = "clock"
	KindTemperature devices.Kind = "temperature"
	KindRestart     devices.Kind = "restart"  // why the kiosk was started last
	KindSoftware    devices.Kind = "software" // kernel and packages
	KindSound       devices.Kind = "sound"    // loudspeaker and microphone, at the levels beyond the internal one
)

// Check is one question about a device, or about something else of the station that may want a technician.
type Check struct {
	ID       string        `json:"id"` // KIND.NAME: "camera.present", "disk.free"
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

	Measure    *Measure `json:"measure,omitempty"`
	Facts      []Fact   `json:"facts,omitempty"`      // what an engineer wants to know
	Last       *Last    `json:"last,omitempty"`       // of a device that cannot be asked what it is
	Configured *Setting `json:"configured,omitempty"` // where the station's configuration says that a device is
	Config     []string `json:"config,omitempty"`     // lines of station.toml that would use what was found
	Curve      *Curve   `json:"curve,omitempty"`      // what was measured step by step

	// Pictures are evidence, for reports that can show some. None has anything of a person in it.
	Pictures []Picture `json:"-"`

	// Reason, what there is to say besides, and Remedy are worded when the report is written.
	Reason devices.Message   `json:"-"`
	Also   []devices.Message `json:"-"`
	Remedy devices.Message   `json:"-"`
}

// Measure is what was measured, with the limits that it is held to; a limit that there is not is nil.
type Measure struct {
	Value float64  `json:"value"`
	Unit  Unit     `json:"unit"`
	Min   *float64 `json:"min,omitempty"`
	Max   *float64 `json:"max,omitempty"`
}

// Unit is what a value is counted in.
type Unit string

// The units of measures.
const (
	Bytes        Unit = "bytes"
	Seconds      Unit = "seconds"
	Milliseconds Unit = "milliseconds"
	Celsius      Unit = "celsius"
	Days         Unit = "days"
	Count        Unit = "count"
	DotsPerInch  Unit = "dots_per_inch"
	Millimetres  Unit = "millimetres"
	Percent      Unit = "percent"
	GreyLevels   Unit = "grey_levels" // 0 black to 255 white
	PerSecond    Unit = "per_second"
	CyclesPixel  Unit = "cycles_per_pixel"
)

// Curve is a measurement in steps: Y at each X.
type Curve struct {
	X     []float64 `json:"x"`
	Y     []float64 `json:"y"`
	XUnit Unit      `json:"x_unit"`
	YUnit Unit      `json:"y_unit"`
}

// Picture is a piece of evidence that can be looked at.
type Picture struct {
	Name string // [a-z_]+, for a file of its own
	PNG  []byte
}

// within tells whether a value keeps to its limits.
func (m Measure) within() bool {
	return (m.Min == nil || m.Value >= *m.Min) && (m.Max == nil || m.Value <= *m.Max)
}

// Fact is something that is neither good nor bad: a version.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Last is what was known of a device before it went.
type Last struct {
	Model string    `json:"model,omitempty"`
	Path  string    `json:"path,omitempty"`
	Until time.Time `json:"until"`
}

// Setting is a line of the station's configuration.
type Setting struct {
	Key   string `json:"key"` // "devices.printer.path"
	Value string `json:"value"`
}

// passed begins a check that is well unless something else is said of it.
func passed(kind devices.Kind, name string) Check {
	return Check{ID: string(kind) + "." + name, Device: kind, Result: Passed, State: devices.StateOnline}
}

// because is the check with another result, why, and what to do.
func (c Check) because(result Result, reason, remedy devices.Message) Check {
	c.Result, c.Reason, c.Remedy = result, reason, remedy
	if !c.skipped() {
		c.State = devices.StateHWError
	}
	return c
}

// Skipped is a check that was not made, and why.
func Skipped(kind devices.Kind, name string, reason devices.Message) Check {
	return passed(kind, name).because(NotPerformed, reason, devices.Message{})
}

// Faulty is a check that failed.
func Faulty(kind devices.Kind, name string, reason, remedy devices.Message) Check {
	return passed(kind, name).because(Failed, reason, remedy)
}

// soon is the check of what works, and wants somebody before long.
func (c Check) soon(reason, remedy devices.Message) Check {
	c.State, c.Reason, c.Remedy = devices.StateDegraded, reason, remedy
	return c
}

// measured is the check with what was measured. What is no number was not measured: JSON and a history have none for it.
func (c Check) measured(m Measure) Check {
	if m.isNumber() {
		c.Measure = &m
	}
	return c
}

func (m Measure) isNumber() bool {
	for _, v := range []*float64{&m.Value, m.Min, m.Max} {
		if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
			return false
		}
	}
	return true
}

func (c *Check) identify(i devices.Info) {
	c.Model, c.Serial, c.Firmware, c.Path = i.Model, i.Serial, i.Firmware, i.Path
}

// judge takes over what a device says of itself. A degraded device passes: it works. One that is busy with something that
// somebody has to end does not.
func (c *Check) judge(h devices.Health) {
	c.State, c.Reason, c.Remedy, c.Also = h.State, h.Reason, h.Remedy, h.Also
	c.Result = Failed
	if h.State == devices.StateOnline || h.State == devices.StateDegraded || h.State == devices.StateBusy && h.Remedy.IsZero() {
		c.Result = Passed
	}
}

// wantsSomebody tells whether a technician has to see to it. A device that is at work wants nobody; nor does what was not looked at,
// of which nothing is known: the reason stands beside it.
func (c Check) wantsSomebody() bool {
	switch {
	case c.skipped():
		return false
	case c.Result == Passed:
		return c.State == devices.StateDegraded
	}
	return true
}

// Lasting is how the check ended but for whether somebody uses the device just now: a visitor who comes or goes is no change.
func (c Check) Lasting() (Result, devices.State, devices.Key) {
	if c.State == devices.StateBusy && c.Result == Passed {
		return Passed, devices.StateOnline, ""
	}
	return c.Result, c.State, c.Reason.Key
}

// Report is one run over everything that was asked for.
type Report struct {
	At     time.Time `json:"at"`
	Level  Level     `json:"level"`
	Source Source    `json:"source"`
	Checks []Check   `json:"checks"`
	// Station is how the running kiosk itself is; nil when its devices were opened instead. What of it does not pass by itself
	// stands among the checks; being cut off for a while is nothing that a station cannot bear.
	Station *Station `json:"station,omitempty"`
}

// Source is who was asked.
type Source string

// The sources of reports.
const (
	FromDevices   Source = "devices"   // they were opened
	FromKiosk     Source = "station"   // the running kiosk, which holds them
	FromLoan      Source = "loan"      // they were opened; the running kiosk lent them
	FromDiscovery Source = "discovery" // nothing is configured: whatever was found was opened
)

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

// Healthy reports whether nothing wants somebody, and something was looked at.
func (r Report) Healthy() bool {
	return !slices.ContainsFunc(r.Checks, Check.wantsSomebody) &&
		slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Result == Passed })
}

// Configured notes beside each device that wants somebody where the station's configuration says that it is.
func (r *Report) Configured(settings map[devices.Kind]Setting) {
	for i, c := range r.Checks {
		if setting, is := settings[c.Device]; is && c.wantsSomebody() {
			r.Checks[i].Configured = &setting
		}
	}
}

// Remembered notes beside each device that is not there, or cannot be opened to be asked, what it was and where.
func (r *Report) Remembered(last map[devices.Kind]Last) {
	for i, c := range r.Checks {
		if l, known := last[c.Device]; known && c.Result == Failed && c.name() == "present" && c.Model == "" && c.Last == nil {
			r.Checks[i].Last = &l
		}
	}
}

// entry is what a report says of one device, or of something else: its checks in their order.
type entry []Check

// entries are the checks by what they are of, in the order in which that first occurs.
func (r Report) entries() (all []entry) {
	at := map[devices.Kind]int{}
	for _, c := range r.Checks {
		i, known := at[c.Device]
		if !known {
			i = len(all)
			at[c.Device], all = i, append(all, nil)
		}
		all[i] = append(all[i], c)
	}
	return all
}

// worst is the check that tells how it is: the first that failed, or else that wants somebody soon, or else that says how a device is.
func (e entry) worst() Check {
	for _, ill := range []func(Check) bool{
		func(c Check) bool { return c.wantsSomebody() && c.Result != Passed },
		Check.wantsSomebody,
		func(c Check) bool { return c.Result == Passed && c.ID == string(c.Device)+".state" },
		func(c Check) bool { return c.Result == Passed },
	} {
		if i := slices.IndexFunc(e, ill); i >= 0 {
			return e[i]
		}
	}
	return e[0]
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
