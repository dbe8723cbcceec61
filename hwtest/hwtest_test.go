package hwtest_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/wording"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
	"google.golang.org/grpc"
)

func TestAWellDevicePassesBothChecks(t *testing.T) {
	r := run(t, probe(devices.KindSignaturePad, devices.Health{State: devices.StateOnline}))
	if !r.Healthy() || len(r.Checks) != 2 || r.Checks[0].Model != "Model X" {
		t.Errorf("%+v", r)
	}
}

func TestAMissingDeviceFailsAndSaysWhatToDo(t *testing.T) {
	r := run(t, failing(devices.KindCamera, devices.ErrNoDevice))
	if r.Healthy() || r.Checks[0].Result != hwtest.Failed || r.Checks[0].Remedy.IsZero() || r.Checks[1].Result != hwtest.NotPerformed {
		t.Errorf("%+v", r.Checks)
	}
}

func TestADegradedDevicePassesAndTheReportIsNotHealthy(t *testing.T) {
	r := run(t, probe(devices.KindTicketPrinter, devices.Health{State: devices.StateDegraded, Reason: devices.Say("printer.paper_low"), Remedy: devices.Say("remedy.have_roll")}))
	if r.Healthy() || r.Checks[1].Result != hwtest.Passed {
		t.Errorf("%+v", r.Checks)
	}
}

func TestAPartHasACheckOfItsOwnAndPassesOnlyWhereTheDeviceIsWell(t *testing.T) {
	for name, c := range map[string]struct {
		health devices.Health
		want   [2]hwtest.Result // of paper and cover
	}{
		"well":         {devices.Health{State: devices.StateOnline}, [2]hwtest.Result{hwtest.Passed, hwtest.Passed}},
		"paper low":    {devices.Health{State: devices.StateDegraded, Reason: devices.Say("printer.paper_low")}, [2]hwtest.Result{hwtest.Passed, hwtest.NotPerformed}},
		"out of it":    {devices.Health{State: devices.StateUserError, Reason: devices.ReasonOf(devices.ErrPaperOut)}, [2]hwtest.Result{hwtest.Failed, hwtest.NotPerformed}},
		"cover open":   {devices.Health{State: devices.StateUserError, Reason: devices.ReasonOf(devices.ErrCoverOpen)}, [2]hwtest.Result{hwtest.NotPerformed, hwtest.Failed}},
		"mute":         {devices.HealthOf(devices.ErrTimeout), [2]hwtest.Result{hwtest.NotPerformed, hwtest.NotPerformed}},
		"out of words": {devices.Health{State: devices.StateHWError}, [2]hwtest.Result{hwtest.NotPerformed, hwtest.NotPerformed}},
	} {
		checks := run(t, probe(devices.KindTicketPrinter, c.health)).Checks
		if got := [2]hwtest.Result{checks[2].Result, checks[3].Result}; got != c.want || checks[2].ID != "ticket_printer.paper" || checks[3].ID != "ticket_printer.cover" {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestWhatWasNotLookedAtIsNeitherWellNorIll(t *testing.T) {
	skipped := hwtest.Subject{Kind: "clock", Test: func(_ context.Context, tell func(hwtest.Check)) {
		tell(hwtest.Skipped("clock", "offset", devices.Say(hwtest.OtherUser)))
	}}
	if run(t, skipped).Healthy() {
		t.Error("a report in which nothing was looked at is healthy")
	}
	if !run(t, skipped, probe(devices.KindCamera, devices.Health{State: devices.StateOnline})).Healthy() {
		t.Error("what one may not look at makes a report ill")
	}
}

func TestADeviceThatHangsHidesNoOtherAndIsNamed(t *testing.T) {
	let := make(chan struct{})
	defer close(let)
	hanging := hwtest.Device(devices.KindCamera, func(context.Context) (devices.Device, error) { // what it is told about time, it does not heed
		<-let
		return nil, devices.ErrClosed
	})
	slow := hwtest.Device(devices.KindChipReader, func(ctx context.Context) (devices.Device, error) {
		<-ctx.Done()
		return nil, &devices.Error{Kind: devices.KindChipReader, Op: "open", Err: ctx.Err()}
	})
	unsure := probe(devices.KindSignaturePad, devices.Health{})
	began := time.Now()
	checks := hwtest.Run(t.Context(), []hwtest.Subject{hanging, slow, unsure, probe(devices.KindTicketPrinter, devices.Health{State: devices.StateOnline})}, 50*time.Millisecond, nil)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	want := []struct {
		id     string
		result hwtest.Result
		state  devices.State
	}{
		{"camera.present", hwtest.Aborted, devices.StateHWError}, {"camera.state", hwtest.Aborted, devices.StateHWError},
		{"chip_reader.present", hwtest.Failed, devices.StateHWError}, {"chip_reader.state", hwtest.NotPerformed, devices.StateHWError},
		{"signature_pad.present", hwtest.Passed, devices.StateOnline}, {"signature_pad.state", hwtest.Failed, ""},
		{"ticket_printer.present", hwtest.Passed, devices.StateOnline}, {"ticket_printer.state", hwtest.Passed, devices.StateOnline},
		{"ticket_printer.paper", hwtest.Passed, devices.StateOnline}, {"ticket_printer.cover", hwtest.Passed, devices.StateOnline},
	}
	if len(checks) != len(want) {
		t.Fatalf("%+v", checks)
	}
	for i, w := range want {
		if c := checks[i]; c.ID != w.id || c.Result != w.result || c.State != w.state {
			t.Errorf("%s: %s, %s; want %+v", c.ID, c.Result, c.State, w)
		}
	}
}

func TestADeviceIsNotTakenForWellBecauseTimeRanOut(t *testing.T) {
	d := hwtest.Device(devices.KindCamera, func(context.Context) (devices.Device, error) { return patient{}, nil })
	checks := hwtest.Run(t.Context(), []hwtest.Subject{d}, 20*time.Millisecond, nil)
	if c := checks[1]; c.Result != hwtest.Failed || c.State != devices.StateHWError {
		t.Errorf("%+v", c)
	}
}

// patient is a device that says it is well when nobody waits any more.
type patient struct{ device }

func (patient) Health(ctx context.Context) devices.Health {
	<-ctx.Done()
	return devices.Health{State: devices.StateOnline}
}

func TestWhoInterruptsLeavesEveryDeviceAsItWas(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	closed := false
	d := hwtest.Device(devices.KindCamera, func(context.Context) (devices.Device, error) {
		interrupt()
		return closing{closed: &closed}, nil
	})
	hwtest.Run(ctx, []hwtest.Subject{d}, time.Minute, nil)
	if !closed {
		t.Error("the device is still open")
	}
}

// What is stopped is no device's fault: neither of the one that was at work, nor of those whose turn had not come.
func TestNoDeviceIsIllBecauseSomebodyInterruptsTheTest(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	untouched := true
	var all []hwtest.Check
	for _, open := range []func(context.Context) (devices.Device, error){
		func(ctx context.Context) (devices.Device, error) { return device{}, nil },
		func(ctx context.Context) (devices.Device, error) {
			interrupt()
			<-ctx.Done()
			return nil, ctx.Err()
		},
		func(ctx context.Context) (devices.Device, error) {
			untouched = false
			return nil, ctx.Err()
		},
	} {
		s := hwtest.Act[devices.Device]{Kind: devices.KindCamera, Checks: []string{"face"}, Limit: time.Minute, Open: open, Do: func(context.Context, devices.Device, func(hwtest.Check)) {}}
		all = append(all, hwtest.Run(ctx, []hwtest.Subject{s.Subject()}, time.Minute, nil)...)
	}
	for _, c := range all[3:] {
		if c.Result != hwtest.Aborted || !c.Reason.Is("test.interrupted") || c.Standing() != hwtest.StandsUntested {
			t.Errorf("%s: %s, %s, %v", c.ID, c.Result, c.Standing(), c.Reason)
		}
	}
	if len(all) != 9 || !untouched {
		t.Errorf("%d checks; whoever had no turn is untouched: %v", len(all), untouched)
	}
}

// closing is a device that takes its time to be closed.
type closing struct {
	device
	closed *bool
}

func (c closing) Close() error {
	time.Sleep(300 * time.Millisecond)
	*c.closed = true
	return nil
}

func TestEachIsToldAsItIsDone(t *testing.T) {
	told := map[devices.Kind]int{}
	hwtest.Run(t.Context(), []hwtest.Subject{failing(devices.KindCamera, devices.ErrBusy), probe(devices.KindChipReader, devices.Health{})}, time.Minute,
		func(k devices.Kind) { told[k]++ })
	if told[devices.KindCamera] != 1 || told[devices.KindChipReader] != 1 {
		t.Errorf("%v", told)
	}
}

func TestARunningStationIsAskedInsteadOfItsDevices(t *testing.T) {
	client := station{devices: []*technicianv1.DeviceStatus{
		{Kind: "camera", State: "online", Model: "Model X"},
		{Kind: "signature_pad", State: "no_device", Reason: technicianv1.Plain("device not found"), Remedy: technicianv1.Plain("plug it in"),
			Last: &technicianv1.Last{Model: "Wacom STU-530", Path: "usb 1-2", Until: 1764486000}},
	}}
	r, err := hwtest.FromStation(t.Context(), client, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if r.Source != "station" || r.Checks[1].Result != hwtest.Passed || r.Checks[2].Result != hwtest.Failed || r.Healthy() {
		t.Errorf("%+v", r)
	}
	if text := textOf(t, r); !strings.Contains(text, "Wacom STU-530 was at usb 1-2 until "+time.Unix(1764486000, 0).Format("2006-01-02 15:04")) {
		t.Errorf("where it was last is missing in:\n%s", text)
	}
}

func TestARunningStationTellsOfItsLinkOutboxNumbersAndClock(t *testing.T) {
	r, err := hwtest.FromStation(t.Context(), station{ahead: 3 * time.Minute}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	text := textOf(t, r)
	for _, want := range []string{"\nin service, cut off from the back office; 3 check-ins to send, 42 numbers left\n", "the clock differs from the back office's by 3m0s"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
	var object bytes.Buffer
	if err := r.WriteJSON(&object, english(t)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"station":{"in_service":true,"linked":false,"outbox":3,"numbers_left":42}`,
		`"measure":{"value":180,"unit":"seconds","min":-120,"max":120}`} {
		if !strings.Contains(object.String(), want) {
			t.Errorf("%s is missing in %s", want, object.String())
		}
	}
	if opened := run(t); opened.Station != nil {
		t.Errorf("without a kiosk: %+v", opened.Station)
	}
}

func TestARunningStationTellsHowLongItsCheckInsHaveWaited(t *testing.T) {
	for want, s := range map[string]hwtest.Station{
		"in service, the back office answers with errors; 2 check-ins to send (the oldest has waited for 6h05m and is wiped in 17h55m), 9 numbers left": {
			InService: true, Link: "ill", Outbox: 2, OutboxAge: 6*3600 + 300, OutboxLeft: 17*3600 + 3300, NumbersLeft: 9},
		"out of service, the back office is full; 0 check-ins to send, 0 numbers left":   {Link: "full"},
		"out of service, denied by the back office; 0 check-ins to send, 0 numbers left": {Link: "denied"},
	} {
		text := strings.Join(strings.Fields(textOf(t, hwtest.Report{Station: &s})), " ")
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %q", want, text)
		}
	}
}

func run(t *testing.T, subjects ...hwtest.Subject) hwtest.Report {
	t.Helper()
	return hwtest.Report{At: time.Now(), Level: hwtest.Internal, Source: hwtest.FromDevices, Checks: hwtest.Run(t.Context(), subjects, time.Minute, nil)}
}

// textOf is a report as it is read in English, without colours.
func textOf(t *testing.T, r hwtest.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteText(&b, english(t), nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func english(t *testing.T) *wording.Catalogue {
	t.Helper()
	words, err := wording.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	return words
}

func probe(kind devices.Kind, h devices.Health) hwtest.Subject {
	return hwtest.Device(kind, func(context.Context) (devices.Device, error) { return device{kind, h}, nil })
}

func failing(kind devices.Kind, err error) hwtest.Subject {
	return hwtest.Device(kind, func(context.Context) (devices.Device, error) {
		return nil, &devices.Error{Kind: kind, Op: "open", Err: err}
	})
}

type device struct {
	kind   devices.Kind
	health devices.Health
}

func (d device) Info() devices.Info                    { return devices.Info{Kind: d.kind, Model: "Model X"} }
func (d device) Health(context.Context) devices.Health { return d.health }
func (d device) Close() error                          { return nil }

type station struct {
	technicianv1.TechnicianServiceClient
	devices []*technicianv1.DeviceStatus
	ahead   time.Duration
}

func (s station) GetStatus(context.Context, *technicianv1.GetStatusRequest, ...grpc.CallOption) (*technicianv1.GetStatusResponse, error) {
	return &technicianv1.GetStatusResponse{Devices: s.devices, InService: true, Outbox: 3, NumbersLeft: 42, ClockAhead: s.ahead.Milliseconds(), ClockKnown: true}, nil
}
