package hwtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/wording"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// asked is what a running station that says this of one device is reported as, in text and to Prometheus.
func asked(t *testing.T, d *technicianv1.DeviceStatus) (r hwtest.Report, text, metrics string) {
	t.Helper()
	r, err := hwtest.FromStation(t.Context(), station{devices: []*technicianv1.DeviceStatus{d}}, time.Now)
	var b bytes.Buffer
	if err := errors.Join(err, r.WritePrometheus(&b)); err != nil {
		t.Fatal(err)
	}
	return r, textOf(t, r), b.String()
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
		if r.Healthy() != well || strings.Contains(text, "All is well.") != well || !strings.Contains(text, "\n"+c.mark+" ticket printer") ||
			!strings.Contains(metrics, `foyer_device_well{device="ticket_printer",state="`+string(c.state)+`"} `+value+"\n") {
			t.Errorf("%s, %q, %q: healthy %v\n%s\n%s", c.state, c.reason, c.remedy, r.Healthy(), text, metrics)
		}
		var tap, junit bytes.Buffer
		if err := errors.Join(r.WriteTAP(&tap, english(t)), r.WriteJUnit(&junit, english(t))); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(tap.String(), "\nnot ok ") == well || strings.Contains(junit.String(), "<failure ") == well {
			t.Errorf("%s, %q, %q:\n%s\n%s", c.state, c.reason, c.remedy, tap.String(), junit.String())
		}
	}
}

// sixDevices are a station's, of which some are ill.
func sixDevices(ill map[devices.Kind]error) (all []hwtest.Subject) {
	for _, kind := range []devices.Kind{
		devices.KindMRZReader, devices.KindChipReader, devices.KindPageImager, devices.KindCamera, devices.KindSignaturePad, devices.KindTicketPrinter,
	} {
		subject := probe(kind, devices.Health{State: devices.StateOnline})
		if err := ill[kind]; err != nil {
			subject = failing(kind, err)
		}
		all = append(all, subject)
	}
	return append(all, aside(hwtest.Outbox(0, 0)), aside(hwtest.ClockOffset(time.Second, 0)))
}

// aside is something of the station beside its devices.
func aside(c hwtest.Check) hwtest.Subject {
	return hwtest.Subject{Kind: c.Device, Test: func(_ context.Context, tell func(hwtest.Check)) { tell(c) }}
}

func TestTheIllOneOfSixIsFoundOnTheFirstScreenInEachLanguage(t *testing.T) {
	illOf := map[devices.Kind]error{devices.KindSignaturePad: devices.ErrBusy}
	everything := map[devices.Kind]error{}
	for i, kind := range []devices.Kind{
		devices.KindMRZReader, devices.KindChipReader, devices.KindPageImager, devices.KindCamera, devices.KindSignaturePad, devices.KindTicketPrinter,
	} {
		everything[kind] = []error{devices.ErrNoDevice, devices.ErrStopped, devices.ErrTimeout, devices.ErrNotConfigured, os.ErrPermission, devices.ErrBusy}[i]
	}
	for language, want := range map[string][2]string{
		"en": {"x signature pad (signature_pad): in use\n    another program is using the device\n    -> stop the other program that uses it\n", "+ camera"},
		"de": {"x Unterschriftenpad (signature_pad): belegt\n    ein anderes Programm benutzt das Gerät\n    -> das andere Programm beenden, das es benutzt\n", "+ Kamera"},
	} {
		words, err := wording.Load(language)
		if err != nil {
			t.Fatal(err)
		}
		for name, ill := range map[string]map[devices.Kind]error{"one": illOf, "all": everything} {
			var b bytes.Buffer
			if err := run(t, sixDevices(ill)...).WriteText(&b, words, nil); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			if len(lines) > 24 || slices.ContainsFunc(lines, func(l string) bool { return utf8.RuneCountInString(l) > 80 }) {
				t.Errorf("%s, %s: more than 80 columns or 24 lines, %d:\n%s", language, name, len(lines), text)
			}
			if name == "one" && (!strings.Contains(text, want[0]) || strings.Index(text, want[1]) < strings.Index(text, want[0])) {
				t.Errorf("%s: want it ill, with reason and remedy, above the others:\n%s", language, text)
			}
		}
	}
}

func TestColoursAreTheMarksAlone(t *testing.T) {
	r := run(t, sixDevices(map[devices.Kind]error{devices.KindCamera: devices.ErrNoDevice})...)
	var plain, coloured bytes.Buffer
	if err := errors.Join(r.WriteText(&plain, english(t), nil), r.WriteText(&coloured, english(t), hwtest.Colours())); err != nil {
		t.Fatal(err)
	}
	bare := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(coloured.String(), "")
	if strings.Contains(plain.String(), "\x1b") || bare != plain.String() || !strings.Contains(coloured.String(), "\x1b[31;1mx\x1b[0m") {
		t.Errorf("%q", coloured.String())
	}
}

func TestTheJSONIsOneObjectWithStableNames(t *testing.T) {
	r := run(t, probe(devices.KindCamera, devices.Health{State: devices.StateOnline}), failing(devices.KindChipReader, devices.ErrStopped))
	var out bytes.Buffer
	if err := r.WriteJSON(&out, english(t)); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Level  string
		Checks []map[string]any
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	well, ill := got.Checks[0], got.Checks[2]
	if got.Level != "internal" || well["id"] != "camera.present" || got.Checks[1]["id"] != "camera.state" || got.Checks[1]["state"] != "online" || well["reason"] != nil {
		t.Errorf("%s", out.String())
	}
	if ill["reason_key"] != "device.service_down" || ill["remedy_key"] != "remedy.start_service" || ill["detail"] != "chip_reader: open: device service not running" {
		t.Errorf("%v", ill)
	}
}

func TestTAPSaysWhatWasExpectedAndSkipsWhatWasNotLookedAt(t *testing.T) {
	r := run(t, aside(hwtest.ClockOffset(time.Hour, 0)), aside(hwtest.Skipped("disk", "writable", devices.Say("plain").With("text", "a # and a \\"))))
	var b bytes.Buffer
	if err := r.WriteTAP(&b, english(t)); err != nil {
		t.Fatal(err)
	}
	const want = `TAP version 14
1..2
not ok 1 - clock.offset
  ---
  result: "passed"
  state: "degraded"
  reason: "the clock differs from the back office's by 1h0m0s"
  remedy: "check the time servers: timedatectl timesync-status"
  value: 3600
  unit: seconds
  min: -120
  max: 120
  duration_ms: 0
  ...
ok 2 - disk.writable # SKIP a \# and a \\
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// jenkins is what the usual schema allows (Jenkins' xUnit plugin, junit-10.xsd): for each element its attributes, the needed ones with a
// star, and its children.
var jenkins = map[string]struct{ attributes, children []string }{
	"testsuites": {[]string{"name", "time", "tests", "failures", "errors"}, []string{"testsuite"}},
	"testsuite": {[]string{"name*", "tests*", "failures*", "errors*", "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		[]string{"testsuite", "properties", "testcase", "system-out", "system-err"}},
	"testcase": {[]string{"name*", "time", "classname", "group"}, []string{"skipped", "error", "failure", "system-out", "system-err"}},
	"skipped":  {[]string{"type", "message"}, nil},
	"error":    {[]string{"type", "message"}, nil},
	"failure":  {[]string{"type", "message"}, nil},
}

func TestJUnitKeepsToTheUsualSchema(t *testing.T) {
	hanging := hwtest.Subject{Kind: "camera", Checks: []string{"present"}, Test: func(context.Context, func(hwtest.Check)) {}}
	r := run(t, append(sixDevices(map[devices.Kind]error{devices.KindCamera: errors.New("no\x1b<&\"")}), hanging,
		aside(hwtest.Skipped("disk", "writable", devices.Say(hwtest.OtherUser))))...)
	var b bytes.Buffer
	if err := r.WriteJUnit(&b, english(t)); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	within := []string{}
	for d := xml.NewDecoder(&b); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			name := e.Name.Local
			seen[name]++
			if parent := len(within) - 1; parent >= 0 && !slices.Contains(jenkins[within[parent]].children, name) {
				t.Errorf("%s stands in %s", name, within[parent])
			}
			holdAttributes(t, e)
			within = append(within, name)
		case xml.EndElement:
			within = within[:len(within)-1]
		}
	}
	if seen["testcase"] != len(r.Checks) || seen["failure"] != 1 || seen["error"] != 1 || seen["skipped"] != 2 {
		t.Errorf("%v", seen)
	}
}

func holdAttributes(t *testing.T, e xml.StartElement) {
	t.Helper()
	var has []string
	for _, a := range e.Attr {
		has = append(has, a.Name.Local)
	}
	for _, a := range jenkins[e.Name.Local].attributes {
		name, needed := strings.CutSuffix(a, "*")
		if needed && !slices.Contains(has, name) {
			t.Errorf("%s lacks %s", e.Name.Local, name)
		}
		has = slices.DeleteFunc(has, func(h string) bool { return h == name })
	}
	if len(has) > 0 {
		t.Errorf("%s has %v", e.Name.Local, has)
	}
}

func TestWhatADeviceSaysOfItselfIsNoLineOfTheReport(t *testing.T) {
	const evil = "no\x1b[2J\u202e\nAll is well.\n"
	_, text, _ := asked(t, &technicianv1.DeviceStatus{Kind: "camera", State: "hw_error", Reason: technicianv1.Plain(evil + strings.Repeat("x", 1<<20)),
		Remedy: technicianv1.Plain(evil), Model: evil, Path: evil})
	if strings.ContainsAny(text, "\x1b\u202e") || strings.Contains(text, "\nAll is well") || len(text) > 4000 {
		t.Errorf("%d bytes:\n%q", len(text), text[:min(len(text), 1000)])
	}
	if !strings.Contains(text, "no?[2J?; All is well.") {
		t.Errorf("nothing is left of it:\n%q", text[:min(len(text), 1000)])
	}
	r, _, _ := asked(t, &technicianv1.DeviceStatus{Kind: "camera", State: "hw_error", Model: evil, Path: evil, Reason: technicianv1.Plain(evil)})
	var page bytes.Buffer
	if err := r.WriteHTML(&page, english(t), "en", nil); err != nil || strings.ContainsAny(page.String(), "\x1b\u202e") || !strings.Contains(page.String(), "no?[2J?") {
		t.Errorf("the page: %v\n%q", err, page.String())
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

func TestWhatIsNoNumberSpoilsNoReport(t *testing.T) {
	for _, no := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for name, m := range map[string]*technicianv1.Measure{"a value": {Value: no, Unit: "days"}, "a limit": {Value: 1, Unit: "days", Max: &no}} {
			r, _, _ := asked(t, &technicianv1.DeviceStatus{Kind: "trust_store", State: "online", Measure: m})
			judged := hwtest.Judged("camera", "sharpness", hwtest.AtLeast(no, hwtest.CyclesPixel, 0.1), "camera.blurred", "remedy.clean_lens")
			if judged.Measure != nil || math.IsNaN(no) && judged.Result == hwtest.Passed {
				t.Errorf("%v is judged %+v", no, judged)
			}
			r.Checks = append(r.Checks, judged)
			var b bytes.Buffer
			if err := r.WriteJSON(&b, english(t)); err != nil {
				t.Errorf("%s of %v: %v", name, no, err)
			}
		}
	}
}

func TestWhatAnErrorRepeatsIsLeftOutOfTheSentence(t *testing.T) {
	kind := devices.KindMRZReader
	refused := fmt.Errorf("%w: request refused", devices.ErrProtocol)
	r := hwtest.Report{At: seven, Level: hwtest.Internal, Checks: []hwtest.Check{
		hwtest.Failing(kind, "state", &devices.Error{Kind: kind, Op: "open", Err: refused}),
	}}
	if text := textOf(t, r); !strings.Contains(strings.Join(strings.Fields(text), " "), "that its protocol does not allow (request refused) ->") {
		t.Error(text)
	}
	if text, err := json.Marshal(r.Checks[0].Reason); err != nil || !strings.Contains(string(text), "document_reader: open: ") {
		t.Errorf("%s, %v", text, err) // an engineer has all of it
	}
}
