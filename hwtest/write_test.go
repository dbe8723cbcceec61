package hwtest_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// asked is what a running station that says this of one device is reported as, in text and to Prometheus.
func asked(t *testing.T, d *technicianv1.DeviceStatus) (r hwtest.Report, text, metrics string) {
	t.Helper()
	r, err := hwtest.FromStation(t.Context(), station{devices: []*technicianv1.DeviceStatus{d}}, time.Now)
	var first, second bytes.Buffer
	if err := errors.Join(err, r.WriteText(&first, english(t)), r.WritePrometheus(&second)); err != nil {
		t.Fatal(err)
	}
	return r, first.String(), second.String()
}

func TestEveryFormatAndTheExitStatusAgreeOnWhoWantsSomebody(t *testing.T) {
	for _, c := range []struct {
		state          devices.State
		reason, remedy string
		mark           string
	}{
		{devices.StateOnline, "", "", "+"},
		{devices.StateBusy, "", "", "+"},
		{devices.StateBusy, "printing", "", "+"},
		{devices.StateBusy, "device in use", "stop the other program", "x"},
		{devices.StateDegraded, "paper low", "have a new roll ready", "!"},
		{devices.StateDegraded, "", "", "!"},
		{devices.StateUserError, "out of paper", "put in a new roll", "x"},
		{devices.StateHWError, "", "", "x"},
		{devices.StateNoDevice, "", "", "x"},
		{"asleep", "", "", "x"},
	} {
		well := c.mark == "+"
		r, text, metrics := asked(t, &technicianv1.DeviceStatus{Kind: "ticket_printer", State: string(c.state), Reason: technicianv1.Plain(c.reason), Remedy: technicianv1.Plain(c.remedy)})
		value := map[bool]string{true: "1", false: "0"}[well]
		if r.Healthy() != well || strings.Contains(text, "all 1 devices are well") != well || !strings.Contains(text, "  "+c.mark+" ticket_printer ") ||
			!strings.Contains(metrics, `foyer_device_well{device="ticket_printer",state="`+string(c.state)+`"} `+value+"\n") {
			t.Errorf("%s, %q, %q: healthy %v\n%s\n%s", c.state, c.reason, c.remedy, r.Healthy(), text, metrics)
		}
	}
}

func TestWhatADeviceSaysOfItselfIsNoLineOfTheReport(t *testing.T) {
	const evil = "no\x1b[2J\u202e\nall 1 devices are well\n"
	_, text, _ := asked(t, &technicianv1.DeviceStatus{Kind: "camera", State: "hw_error", Reason: technicianv1.Plain(evil + strings.Repeat("x", 1<<20)), Remedy: technicianv1.Plain(evil),
		Model: evil, Path: evil})
	if strings.ContainsAny(text, "\x1b\u202e") || strings.Contains(text, "\nall 1 devices") || len(text) > 4000 {
		t.Errorf("%d bytes:\n%q", len(text), text[:min(len(text), 1000)])
	}
	if !strings.Contains(text, "no?[2J?; all 1 devices are well") {
		t.Errorf("nothing is left of it:\n%q", text[:min(len(text), 1000)])
	}
	_, _, metrics := asked(t, &technicianv1.DeviceStatus{Kind: "a\"\\b\nc\x1b", State: "on"})
	if want := `foyer_device_well{device="a\"\\b\nc` + "\x1b" + `",state="on"} 0` + "\n"; !strings.Contains(metrics, want) {
		t.Errorf("%q is missing in\n%s", want, metrics)
	}
}

func TestPrometheusIsToldHowManyDaysACertificateLasts(t *testing.T) {
	_, _, metrics := asked(t, &technicianv1.DeviceStatus{Kind: "certificate_station", State: "online", Expires: time.Now().Add(50 * time.Hour).Unix()})
	if want := `foyer_certificate_days_left{certificate="station"} 2` + "\n"; !strings.Contains(metrics, want) {
		t.Errorf("%q is missing in\n%s", want, metrics)
	}
}

func TestTheManualNamesTheMetricsThatThereAreAndNoOthers(t *testing.T) {
	_, _, metrics := asked(t, &technicianv1.DeviceStatus{Kind: "camera", State: "online"})
	manual, err := os.ReadFile(filepath.Join("..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(manual), "\nA station's metrics")
	section, _, _ = strings.Cut(section, "\n## ")
	name := regexp.MustCompile(`foyer_[a-z_]+`)
	all := func(text string) []string {
		return slices.Compact(slices.Sorted(slices.Values(name.FindAllString(text, -1))))
	}
	if there, named := all(metrics), all(section); len(there) == 0 || !slices.Equal(there, named) {
		t.Errorf("there are %v\nthe manual names %v", there, named)
	}
}
