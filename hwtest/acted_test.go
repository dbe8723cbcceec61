package hwtest_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
)

// actor is a page imager of which these checks are told.
func actor(checks ...hwtest.Check) hwtest.Subject {
	var names []string
	for _, c := range checks {
		_, name, _ := strings.Cut(c.ID, ".")
		names = append(names, name)
	}
	return hwtest.Act[devices.Device]{
		Kind: devices.KindPageImager, Checks: names,
		Open: func(context.Context) (devices.Device, error) {
			return device{kind: devices.KindPageImager, health: devices.Health{State: devices.StateOnline}}, nil
		},
		Do: func(_ context.Context, _ devices.Device, tell func(hwtest.Check)) {
			for _, c := range checks {
				tell(c)
			}
		},
	}.Subject()
}

func acted(t *testing.T, s hwtest.Subject) hwtest.Report {
	t.Helper()
	return hwtest.Report{At: time.Now(), Level: hwtest.External, Source: hwtest.FromDevices, Checks: hwtest.Run(t.Context(), []hwtest.Subject{s}, time.Minute, nil)}
}

func TestATextTellsWhatADeviceDidBesideIt(t *testing.T) {
	kind := devices.KindPageImager
	missing, bring := devices.Say("chart.not_seen"), devices.Say("remedy.lay_chart")
	r := acted(t, actor(
		hwtest.Judged(kind, "lamp_visible", hwtest.AtLeast(200, hwtest.GreyLevels, 60), "imager.lamp_dark", "remedy.check_lamp"),
		hwtest.Judged(kind, "lamp_infrared", hwtest.AtLeast(3, hwtest.GreyLevels, 60), "imager.lamp_dark", "remedy.check_lamp"),
		hwtest.Judged(kind, "resolution", hwtest.Between(240.4, hwtest.DotsPerInch, 291, 309), "imager.wrong_dpi", "remedy.set_dpi"),
		hwtest.Wanting(kind, "sharpness", missing, bring), hwtest.Wanting(kind, "evenness", missing, bring),
		hwtest.Unsupported(kind, "lamp_ultraviolet", devices.Say("imager.no_such_lamp")),
	))
	if r.Healthy() {
		t.Error("it is healthy")
	}
	text := strings.Join(strings.Fields(textOf(t, r)), " ")
	for _, want := range []string{
		"x page imager: infrared lamp: out of order", "white is 3 grey levels lighter than in the dark, and at least 60 are needed -> lay the glass chart or white paper",
		"x page imager: resolution: out of order", "set devices.page_imager.dpi = 240", "white lamp 200",
		"- not tested: sharpness, even light: no chart is in the picture -> lay the glass chart", "- not tested: UV lamp: this reader has no such lamp",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing of %q in:\n%s", want, textOf(t, r))
		}
	}
}

func TestChecksThatEndAlikeAreToldOfOnce(t *testing.T) {
	kind := devices.KindPageImager
	dark := func(name string) hwtest.Check {
		return hwtest.Faulty(kind, name, devices.Say("imager.all_dark"), devices.Say("remedy.check_lamp"))
	}
	blurred := hwtest.Judged(kind, "sharpness", hwtest.AtLeast(90, hwtest.DotsPerInch, 150), "imager.blurred", "remedy.clean_lens")
	text := textOf(t, acted(t, actor(dark("lamp_visible"), dark("lamp_infrared"), blurred, dark("lamp_ultraviolet"))))
	if n := strings.Count(text, "nothing lies on the glass"); n != 1 {
		t.Errorf("it is told %d times", n)
	}
	for _, want := range []string{"x page imager: white lamp, infrared lamp, UV lamp: out of order", "x page imager: sharpness: out of order"} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing of %q in:\n%s", want, text)
		}
	}
}

func TestWhatAPersonCanBringMakesNothingIll(t *testing.T) {
	kind := devices.KindPageImager
	r := acted(t, actor(hwtest.Wanting(kind, "sharpness", devices.Say("chart.not_seen"), devices.Say("remedy.lay_chart"))))
	if !r.Healthy() {
		t.Errorf("%+v", r.Checks)
	}
}

func TestACurveStandsInTheJSONAndPicturesDoNot(t *testing.T) {
	c := hwtest.Done(devices.KindPageImager, "exposure")
	c.Curve = &hwtest.Curve{X: []float64{1, 2}, Y: []float64{10, 20}, XUnit: hwtest.Milliseconds, YUnit: hwtest.GreyLevels}
	c.Pictures = []hwtest.Picture{{Name: "glass", PNG: []byte("PNG")}}
	text, err := json.Marshal(c)
	if err != nil || !strings.Contains(string(text), `"curve":{"x":[1,2],"y":[10,20],"x_unit":"milliseconds","y_unit":"grey_levels"}`) ||
		strings.Contains(string(text), "glass") {
		t.Errorf("%s, %v", text, err)
	}
}

func TestAnActThatEndsEarlyIsToldOfAsAborted(t *testing.T) {
	s := hwtest.Act[devices.Device]{
		Kind: devices.KindPageImager, Checks: []string{"sharpness"}, Limit: 20 * time.Millisecond,
		Open: func(context.Context) (devices.Device, error) {
			return device{kind: devices.KindPageImager, health: devices.Health{State: devices.StateOnline}}, nil
		},
		Do: func(ctx context.Context, _ devices.Device, _ func(hwtest.Check)) { <-ctx.Done() },
	}.Subject()
	if c := acted(t, s).Checks[3]; c.Result != hwtest.Aborted || c.ID != "page_imager.sharpness" {
		t.Errorf("%+v", c)
	}
}
