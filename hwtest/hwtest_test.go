package hwtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
	missing := hwtest.Probe{Kind: devices.KindCamera, Open: func(context.Context) (devices.Device, error) {
		return nil, &devices.Error{Kind: devices.KindCamera, Op: "open", Err: devices.ErrNoDevice}
	}}
	r := run(t, missing)
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

func TestASilentDeviceDoesNotHideTheOthers(t *testing.T) {
	silent := hwtest.Probe{Kind: devices.KindChipReader, Open: func(ctx context.Context) (devices.Device, error) {
		if _, bounded := ctx.Deadline(); !bounded {
			t.Error("a device must have a deadline")
		}
		return nil, &devices.Error{Kind: devices.KindChipReader, Op: "open", Err: devices.ErrTimeout}
	}}
	r := run(t, silent, probe(devices.KindCamera, devices.Health{State: devices.StateOnline}))
	if len(r.Checks) != 4 || r.Checks[2].Result != hwtest.Passed {
		t.Errorf("%+v", r.Checks)
	}
}

func TestTheTextNamesTheIllDeviceItsReasonAndTheRemedy(t *testing.T) {
	r := run(t, probe(devices.KindCamera, devices.Health{State: devices.StateOnline}),
		probe(devices.KindTicketPrinter, devices.Health{State: devices.StateUserError, Reason: devices.ReasonOf(devices.ErrPaperOut), Remedy: devices.Say("remedy.new_roll")}))
	var out bytes.Buffer
	if err := r.WriteText(&out, english(t)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"+ camera", "x ticket_printer", "the printer is out of paper", "-> put in a new roll", "1 of 2 devices want attention"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, out.String())
		}
	}
}

func TestTheJSONIsOneObjectWithStableNames(t *testing.T) {
	r := run(t, probe(devices.KindCamera, devices.Health{State: devices.StateOnline}))
	var out bytes.Buffer
	if err := r.WriteJSON(&out, english(t)); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Level  string
		Checks []struct{ ID, Result, State string }
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Level != "internal" || got.Checks[0].ID != "camera.present" || got.Checks[1].ID != "camera.state" || got.Checks[1].State != "online" {
		t.Errorf("%s", out.String())
	}
}

func TestARunningStationIsAskedInsteadOfItsDevices(t *testing.T) {
	client := station{devices: []*technicianv1.DeviceStatus{
		{Kind: "camera", State: "online", Model: "Model X"},
		{Kind: "signature_pad", State: "no_device", Reason: technicianv1.Plain("device not found"), Remedy: technicianv1.Plain("plug it in")},
	}}
	r, err := hwtest.FromStation(t.Context(), client, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if r.Source != "station" || len(r.Checks) != 4 || r.Checks[1].Result != hwtest.Passed || r.Checks[2].Result != hwtest.Failed || r.Healthy() {
		t.Errorf("%+v", r)
	}
}

func TestARunningStationTellsOfItsLinkOutboxAndNumbers(t *testing.T) {
	r, err := hwtest.FromStation(t.Context(), station{}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var text, object bytes.Buffer
	if err := errors.Join(r.WriteText(&text, english(t)), r.WriteJSON(&object, english(t))); err != nil {
		t.Fatal(err)
	}
	if want := "\nin service, cut off from the back office, 3 check-ins to send, 42 numbers left\n"; !strings.Contains(text.String(), want) {
		t.Errorf("%q is missing in:\n%s", want, text.String())
	}
	if want := `"station":{"in_service":true,"linked":false,"outbox":3,"numbers_left":42}`; !strings.Contains(object.String(), want) {
		t.Errorf("%s is missing in %s", want, object.String())
	}
	if opened := run(t); opened.Station != nil {
		t.Errorf("without a kiosk: %+v", opened.Station)
	}
}

func TestARunningStationTellsHowLongItsCheckInsHaveWaited(t *testing.T) {
	for want, s := range map[string]hwtest.Station{
		"in service, the back office is ill, 2 check-ins to send (the oldest waits for 6h05m and is wiped in 17h55m), 9 numbers left": {
			InService: true, Link: "ill", Outbox: 2, OutboxAge: 6*3600 + 300, OutboxLeft: 17*3600 + 3300, NumbersLeft: 9},
		"out of service, the back office is full, 0 check-ins to send, 0 numbers left":   {Link: "full"},
		"out of service, denied by the back office, 0 check-ins to send, 0 numbers left": {Link: "denied"},
	} {
		if got := s.String(); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}

func run(t *testing.T, probes ...hwtest.Probe) hwtest.Report {
	t.Helper()
	return hwtest.Internal(t.Context(), probes, time.Now)
}

func english(t *testing.T) *wording.Catalogue {
	t.Helper()
	words, err := wording.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	return words
}

func probe(kind devices.Kind, h devices.Health) hwtest.Probe {
	return hwtest.Probe{Kind: kind, Open: func(context.Context) (devices.Device, error) { return device{kind, h}, nil }}
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
}

func (s station) GetStatus(context.Context, *technicianv1.GetStatusRequest, ...grpc.CallOption) (*technicianv1.GetStatusResponse, error) {
	return &technicianv1.GetStatusResponse{Devices: s.devices, InService: true, Outbox: 3, NumbersLeft: 42}, nil
}
