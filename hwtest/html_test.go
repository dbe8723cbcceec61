package hwtest_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/wording"
)

var update = flag.Bool("update", false, "write the pages of testdata anew")

// aPage is the report of a station of which much is to be said, and what was measured on it for four weeks.
func aPage(t *testing.T) (hwtest.Report, map[string][]hwtest.Point) {
	t.Helper()
	check := func(id string, c hwtest.Check) hwtest.Check {
		kind, _, _ := strings.Cut(id, ".")
		c.ID, c.Device, c.Millis = id, devices.Kind(kind), 12
		if c.Result == "" {
			c.Result, c.State = hwtest.Passed, devices.StateOnline
		}
		return c
	}
	lost := devices.HealthOf(&devices.Error{Kind: devices.KindSignaturePad, Op: "open", Err: devices.ErrNoDevice})
	r := hwtest.Report{
		At: seven, Level: hwtest.External, Source: hwtest.FromDevices,
		Checks: []hwtest.Check{
			check("document_reader.present", hwtest.Check{Model: "Access-IS OCR reader", Firmware: "2.1", Serial: "A-0042", Path: "usb 1-3"}),
			check("signature_pad.present", hwtest.Check{
				Result: hwtest.Failed, State: devices.StateNoDevice, Reason: lost.Reason, Remedy: lost.Remedy,
				Last: &hwtest.Last{Model: "Wacom STU-530", Path: "usb 1-2", Until: seven.Add(-21 * time.Minute)},
			}),
			check("camera.present", hwtest.Check{Model: "OpenCV v4l2", Path: "/dev/v4l/by-id/usb-CAMERA-video-index0"}),
			check("camera.sharpness", hwtest.Check{Measure: new(sharpness()), Pictures: []hwtest.Picture{{Name: "slanted_edge", PNG: edge(t)}}}),
			check("camera.exposure", hwtest.Check{Curve: exposures()}),
			check("temperature.highest", hwtest.Check{Measure: &hwtest.Measure{Value: 48, Unit: hwtest.Celsius, Max: new(85.0)}}),
			check("disk.free", hwtest.Check{Measure: &hwtest.Measure{Value: 38 << 30, Unit: hwtest.Bytes, Min: new(float64(640 << 20))}}),
			check("back_office.reachable", hwtest.Check{Measure: &hwtest.Measure{Value: 3.2, Unit: hwtest.Milliseconds, Max: new(500.0)}}),
			check("page_imager.sharpness", hwtest.Check{Result: hwtest.NotPerformed, Reason: devices.Say("chart.not_seen"), Remedy: devices.Say("remedy.lay_chart")}),
			check("disk.writable", hwtest.Check{Result: hwtest.NotPerformed, Reason: devices.Say(hwtest.OtherUser)}),
		},
	}
	past := map[string][]hwtest.Point{
		"camera.sharpness": measuredDaily(1, wavy(slope(0.4, 0.28), 0.006)...), "temperature.highest": measuredDaily(1, wavy(slope(48, 48), 4)...),
		"disk.free": measuredDaily(1, slope(39<<30, 38<<30)...), "back_office.reachable": measuredDaily(1, wavy(slope(3.1, 3.2), 0.4)...),
	}
	r.Trends(past)
	return r, past
}

func wavy(values []float64, by float64) []float64 {
	for i := range values {
		values[i] += by * math.Sin(2.4*float64(i))
	}
	return values
}

func exposures() *hwtest.Curve {
	c := &hwtest.Curve{XUnit: hwtest.Milliseconds, YUnit: hwtest.GreyLevels}
	for i := range 12 {
		x := 2 * float64(i+1)
		c.X, c.Y = append(c.X, x), append(c.Y, math.Round(240*(1-math.Exp(-x/9))))
	}
	return c
}

// edge is what a camera sees of a slanted edge.
func edge(t *testing.T) []byte {
	picture := image.NewGray(image.Rect(0, 0, 160, 120))
	for y := range 120 {
		for x := range 160 {
			d := float64(x-80) + 0.09*float64(y-60)
			picture.SetGray(x, y, color.Gray{uint8(40 + 170/(1+math.Exp(-d/1.5)))})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pageIn(t *testing.T, language string) string {
	t.Helper()
	r, past := aPage(t)
	return pageOf(t, r, past, language)
}

func pageOf(t *testing.T, r hwtest.Report, past map[string][]hwtest.Point, language string) string {
	t.Helper()
	words, err := wording.Load(language)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.WriteHTML(&b, words, language, past); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheReportAsAPageIsTheOneInTestdata(t *testing.T) {
	for _, language := range wording.Languages() {
		file, got := filepath.Join("testdata", "report."+language+".html"), pageIn(t, language)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || got != string(want) {
			t.Errorf("%s differs (%v); look at it, and if it is right: go test ./hwtest -run AsAPage -update", file, err)
		}
	}
}

func TestThePageNeedsNothingBesidesAndWhatDevicesSayIsNoMarkup(t *testing.T) {
	r, past := aPage(t)
	r.Checks[2].Model = "CAMERA <b>&"
	page := pageOf(t, r, past, "en")
	for _, never := range []string{"<script", "http://", "https://", "<link", "@import", "CAMERA <b>", "ZgotmplZ", "something that this version has no words for"} {
		if strings.Contains(page, never) {
			t.Errorf("it has %s", never)
		}
	}
	for _, want := range []string{
		"CAMERA &lt;b&gt;&amp;", "Wacom STU-530 was at usb 1-2 until 06:39", "60 % of the way to its limit", "data:image/png;base64,", "at least 0.2 cycles per pixel",
		`<th scope="col"`, `role="img"`, "check that it is plugged in", `<p class="do">lay the glass chart on the glass`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("it lacks %s", want)
		}
	}
}
