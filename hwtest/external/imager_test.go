package external_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/foyer-station/foyer/devices"
	driver "github.com/foyer-station/foyer/devices/camera"
	"github.com/foyer-station/foyer/devices/imager"
	"github.com/foyer-station/foyer/emulate/camera"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/chart"
	"github.com/foyer-station/foyer/hwtest/chart/charttest"
	"github.com/foyer-station/foyer/hwtest/external"
)

// glassDPI is the resolution of the emulated glass.
const glassDPI = 200

func glassShot() charttest.Shot {
	return charttest.Shot{Size: image.Pt(984, 692), DPI: glassDPI, Blur: 0.3, Turned: 0.4}
}

// glass is a page imager: what lies on it, and how it is configured.
type glass struct {
	*camera.Glass
	folder string
	dpi    int
	lamps  map[devices.Light]string
}

// newGlass has a chart lie on it, as a shot shows it, faint under ultraviolet.
func newGlass(t *testing.T, shot charttest.Shot) glass {
	t.Helper()
	g := glass{folder: t.TempDir(), dpi: glassDPI, lamps: camera.Lamps()}
	leds, err := camera.NewLEDs(g.folder)
	if err != nil {
		t.Fatal(err)
	}
	if g.Glass, err = camera.NewGlass(leds, shot.Size, 25); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	g.show(t, shot.Take(chart.ForGlass()))
	return g
}

func (g glass) show(t *testing.T, m *image.Gray) {
	t.Helper()
	faint := image.NewGray(m.Rect)
	for i, v := range m.Pix {
		faint.Pix[i] = v / 4
	}
	if err := g.Lay(camera.Side{devices.LightVisible: m, devices.LightInfrared: m, devices.LightUltraviolet: faint}); err != nil {
		t.Fatal(err)
	}
}

func (g glass) open(ctx context.Context) (devices.PageImager, error) {
	eye, err := driver.Open(ctx, driver.Config{Backend: driver.GStreamer, Source: g.Pipeline(), ByLamps: true})
	if err != nil {
		return nil, err
	}
	return imager.New(ctx, eye, imager.NewLEDs(g.folder, g.lamps), imager.Config{DPI: g.dpi})
}

func (g glass) test(t *testing.T) hwtest.Report {
	t.Helper()
	return run(t, external.PageImager(g.open))
}

func (g glass) wantDark(t *testing.T) {
	t.Helper()
	for _, name := range camera.Lamps() {
		if text, err := os.ReadFile(filepath.Join(g.folder, name, "brightness")); err == nil && string(text) != "0\n" {
			t.Errorf("%s burns at %q", name, text)
		}
	}
}

func TestASoundPageImagerPassesEveryCheckAndLeavesItsLampsDark(t *testing.T) {
	g := newGlass(t, glassShot())
	r := g.test(t)
	wantAll(t, r, nil)
	g.wantDark(t)
	if c := find(t, r, "resolution"); c.Measure.Value < 199 || c.Measure.Value > 201 {
		t.Errorf("%+v", c.Measure)
	}
	if c := find(t, r, "lamp_ultraviolet"); c.Measure.Value < 50 || c.Measure.Value > 70 || len(c.Facts) != 4 {
		t.Errorf("%+v %v", c.Measure, c.Facts)
	}
	c := find(t, r, "sharpness")
	if len(c.Pictures) != 1 {
		t.Fatalf("%d pictures", len(c.Pictures))
	}
	crop, err := png.Decode(bytes.NewReader(c.Pictures[0].PNG))
	if err != nil || crop.Bounds().Dx() < 100 || crop.Bounds().Dx() > 300 {
		t.Errorf("the picture is %v, %v", crop, err)
	}
}

func TestEachFaultOfAPageImagerIsNamedByItsOwnCheck(t *testing.T) {
	for name, c := range map[string]struct {
		shot func(*charttest.Shot)
		set  func(*testing.T, *glass)
		want map[string]hwtest.Result
	}{
		"blurred":                {shot: func(s *charttest.Shot) { s.Blur = 1.5 }, want: map[string]hwtest.Result{"sharpness": hwtest.Failed}},
		"configured wrongly":     {set: func(_ *testing.T, g *glass) { g.dpi = 240 }, want: map[string]hwtest.Result{"resolution": hwtest.Failed}},
		"dark in the corners":    {shot: func(s *charttest.Shot) { s.Vignette = 0.9 }, want: map[string]hwtest.Result{"evenness": hwtest.Failed}},
		"bent":                   {shot: func(s *charttest.Shot) { s.Barrel = 0.13 }, want: map[string]hwtest.Result{"distortion": hwtest.Failed, "resolution": hwtest.Failed}},
		"dead pixels":            {set: paintDead, want: map[string]hwtest.Result{"dead_pixels": hwtest.Failed}},
		"no ultraviolet":         {set: noUltraviolet, want: map[string]hwtest.Result{"lamp_ultraviolet": hwtest.Failed}},
		"a lamp is missing":      {set: lampGone, want: map[string]hwtest.Result{"state": hwtest.Failed, "lamps": hwtest.Failed, "lamp_infrared": hwtest.Failed}},
		"without an ultraviolet": {set: func(_ *testing.T, g *glass) { g.lamps = twoLamps() }, want: map[string]hwtest.Result{"lamp_ultraviolet": hwtest.NotSupported}},
	} {
		t.Run(name, func(t *testing.T) {
			shot := glassShot()
			if c.shot != nil {
				c.shot(&shot)
			}
			g := newGlass(t, shot)
			if c.set != nil {
				c.set(t, &g)
			}
			wantAll(t, g.test(t), c.want)
			g.wantDark(t)
		})
	}
}

func paintDead(t *testing.T, g *glass) {
	m := glassShot().Take(chart.ForGlass())
	for i := range 8 { // on paper, between the marks
		m.SetGray(330+20*i, 600, color.Gray{Y: 20})
	}
	g.show(t, m)
}

func noUltraviolet(t *testing.T, g *glass) {
	m := glassShot().Take(chart.ForGlass())
	if err := g.Lay(camera.Side{devices.LightVisible: m, devices.LightInfrared: m}); err != nil {
		t.Fatal(err)
	}
}

func lampGone(t *testing.T, g *glass) {
	if err := os.RemoveAll(filepath.Join(g.folder, camera.Lamps()[devices.LightInfrared])); err != nil {
		t.Fatal(err)
	}
}

func twoLamps() map[devices.Light]string {
	lamps := camera.Lamps()
	delete(lamps, devices.LightUltraviolet)
	return lamps
}

func TestWithoutAChartTheLampsAreTestedAndWhatToBringIsSaid(t *testing.T) {
	g := newGlass(t, glassShot())
	white := image.NewGray(image.Rectangle{Max: glassShot().Size})
	for i := range white.Pix {
		white.Pix[i] = 240
	}
	g.show(t, white)
	r := g.test(t)
	wantAll(t, r, map[string]hwtest.Result{
		"resolution": hwtest.NotPerformed, "sharpness": hwtest.NotPerformed, "evenness": hwtest.NotPerformed,
		"distortion": hwtest.NotPerformed, "dead_pixels": hwtest.NotPerformed,
	})
	if c := find(t, r, "sharpness"); !c.Remedy.Is("remedy.lay_chart") || len(c.Pictures) > 0 {
		t.Errorf("%+v", c)
	}
}

func TestAnEmptyGlassIsNotBlamedOnTheLamps(t *testing.T) {
	g := newGlass(t, glassShot())
	if err := g.Lay(camera.Side{}); err != nil {
		t.Fatal(err)
	}
	r := g.test(t)
	want := map[string]hwtest.Result{"lamp_visible": hwtest.Undetermined, "lamp_infrared": hwtest.Undetermined, "lamp_ultraviolet": hwtest.Undetermined}
	for _, name := range []string{"resolution", "sharpness", "evenness", "distortion", "dead_pixels"} {
		want[name] = hwtest.NotPerformed
	}
	wantAll(t, r, want)
	for name, remedy := range map[string]devices.Key{"lamp_visible": "remedy.check_lamp", "lamp_ultraviolet": "remedy.check_lamp", "sharpness": "remedy.lay_chart"} {
		if c := find(t, r, name); !c.Remedy.Is(remedy) {
			t.Errorf("%s: %v, to do %v", name, c.Reason, c.Remedy)
		}
	}
	if r.Healthy() {
		t.Error("a page imager of which no lamp was seen to burn is well")
	}
}

func TestAnInterruptedTestLeavesTheLampsDarkAndSaysSo(t *testing.T) {
	g := newGlass(t, glassShot())
	lit := make(chan struct{})
	checks := interrupted(t, external.PageImager(func(ctx context.Context) (devices.PageImager, error) {
		m, err := g.open(ctx)
		close(lit)
		return m, err
	}), lit)
	g.wantDark(t)
	aborted := 0
	for _, c := range checks {
		if c.Result == hwtest.Aborted {
			aborted++
		}
	}
	if aborted < 5 {
		t.Errorf("%d checks are told as aborted", aborted)
	}
}
