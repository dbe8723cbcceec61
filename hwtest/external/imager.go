package external

import (
	"context"
	"errors"
	"image"
	"strconv"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/chart"
)

const (
	saysNoLampOf     devices.Key = "imager.no_such_lamp" // the configuration names none
	saysLampDark     devices.Key = "imager.lamp_dark"    // value, min
	saysAllDark      devices.Key = "imager.all_dark"     // nothing lies on the glass, or no lamp burns
	saysBlurredPage  devices.Key = "imager.blurred"      // value, min
	saysWrongDPI     devices.Key = "imager.wrong_dpi"    // value, configured
	layChart         devices.Key = "remedy.lay_chart"    // on the glass
	checkLampOrChart devices.Key = "remedy.check_lamp"   // lay the chart on the glass; then the lamp
	setDPI           devices.Key = "remedy.set_dpi"      // value
)

// Limits of page imagers.
const (
	// leastDPI is how sharp a page has to be: package mrz/ocr reads pages down to 150 dpi (emulate/degrade).
	leastDPI = 150
	// dpiOff is how far the configured resolution may be wrong: a picture is scaled by it, and 3 % of an OCR-B letter are 0.08 mm.
	dpiOff = 0.03
	// leastEven is how dark the darkest place may be, in percent of the lightest.
	leastEven = 60
	// mostSkew is how far the picture may be from the page's shape, in percent of its diagonal: half a letter's pitch on a passport's page.
	mostSkew = 0.8
)

// lamp is a light with the difference between lit and dark that white paper has at least, in grey levels. Paper gives light back under
// ultraviolet only for its brighteners, if it has any.
type lamp struct {
	light devices.Light
	check string
	least float64
}

func lamps() []lamp {
	return []lamp{
		{devices.LightVisible, "lamp_visible", 60}, {devices.LightInfrared, "lamp_infrared", 60}, {devices.LightUltraviolet, "lamp_ultraviolet", 10},
	}
}

// Darkness is a page imager that can take a picture with its lamps dark.
type Darkness interface {
	Dark(ctx context.Context) (*image.RGBA, error)
}

// imagerTime is how long a page imager may take for everything.
const imagerTime = time.Minute

// PageImager takes a picture in each light, and measures the chart that lies on the glass.
func PageImager(open func(context.Context) (devices.PageImager, error)) hwtest.Subject {
	var names []string
	for _, l := range lamps() {
		names = append(names, l.check)
	}
	return hwtest.Act[devices.PageImager]{
		Kind: devices.KindPageImager, Open: open, Checks: append(names, glassChecks()...), Limit: imagerTime, Do: lookAtGlass,
	}.Subject()
}

// glassChecks are those of the chart on the glass.
func glassChecks() []string {
	return []string{"resolution", "sharpness", "evenness", "distortion", "dead_pixels"}
}

func lookAtGlass(ctx context.Context, m devices.PageImager, tell func(hwtest.Check)) {
	var dark float64
	if d, can := m.(Darkness); can {
		if picture, err := d.Dark(ctx); err == nil {
			g := grey(picture)
			dark = brightnessOf(g).high
			wipe(g)
		}
	}
	var visible *image.Gray
	defer func() { wipe(visible) }()
	dpi := 0
	lit := false
	var unlit []hwtest.Check
	for _, l := range lamps() {
		began := time.Now()
		picture, at, err := m.Page(ctx, l.light)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			unlit = append(unlit, l.unlit(err).Took(time.Since(began)))
			continue
		}
		lit = true
		g := grey(picture)
		tell(l.lit(brightnessOf(g), dark).Took(time.Since(began)))
		if l.light == devices.LightVisible {
			visible, dpi = g, at
			continue
		}
		wipe(g)
	}
	for _, c := range unlit {
		tell(unlitAmong(c, lit))
	}
	if visible == nil {
		wanting(devices.KindPageImager, glassChecks(), layChart, tell)
		return
	}
	measureGlass(ctx, m, visible, dpi, tell)
}

// unlit is the check of a lamp in whose light there is no picture.
func (l lamp) unlit(err error) hwtest.Check {
	if errors.Is(err, devices.ErrNotConfigured) {
		return hwtest.Unsupported(devices.KindPageImager, l.check, devices.Say(saysNoLampOf))
	}
	c := hwtest.Failing(devices.KindPageImager, l.check, err)
	if errors.Is(err, devices.ErrNoLight) { // lamps want something that gives light back, which may not lie there
		c.Remedy = devices.Say(checkLampOrChart)
	}
	return c
}

// unlitAmong is the check of a lamp in whose light there is no picture. Where no other has one either, the lamps are hardly to blame: most
// likely nothing lies on the glass.
func unlitAmong(c hwtest.Check, otherLit bool) hwtest.Check {
	if otherLit || !c.Remedy.Is(checkLampOrChart) {
		return c
	}
	c.Result, c.Reason = hwtest.Undetermined, devices.Say(saysAllDark)
	return c
}

// lit judges a picture by how much lighter it is than in the dark.
func (l lamp) lit(b brightness, dark float64) hwtest.Check {
	c := hwtest.Judged(devices.KindPageImager, l.check, hwtest.AtLeast(b.high-dark, hwtest.GreyLevels, l.least), saysLampDark, checkLampOrChart)
	for _, f := range []struct {
		name  string
		value float64
	}{{"mean", b.mean}, {"percentile_10", b.low}, {"percentile_90", b.high}, {"dark", dark}} {
		c.Facts = append(c.Facts, hwtest.Fact{Name: f.name, Value: strconv.FormatFloat(f.value, 'f', 0, 64)})
	}
	return c
}

func measureGlass(ctx context.Context, m devices.PageImager, visible *image.Gray, dpi int, tell func(hwtest.Check)) {
	kind := devices.KindPageImager
	began := time.Now()
	r, err := chart.ForGlass().Measure(visible)
	if err != nil {
		wanting(kind, glassChecks(), layChart, tell)
		return
	}
	tell(resolution(r, dpi).Took(time.Since(began)))
	zone := worst(r)
	sharp := hwtest.Judged(kind, "sharpness", hwtest.AtLeast(r.EffectiveDPI(), hwtest.DotsPerInch, leastDPI), saysBlurredPage, cleanLens)
	sharp.Facts = sharpnessOf(r, zone)
	sharp.Pictures = evidence("glass_"+zone.Name, visible, zone.Area)
	tell(sharp)
	tell(hwtest.Judged(kind, "evenness", hwtest.AtLeast(100*r.Evenness, hwtest.Percent, leastEven), saysUneven, cleanLens))
	tell(hwtest.Judged(kind, "distortion", hwtest.AtMost(r.Skew, hwtest.Percent, mostSkew), saysBent, straighten))
	again, _, err := m.Page(ctx, devices.LightVisible)
	if err != nil {
		tell(hwtest.Failing(kind, "dead_pixels", err))
		return
	}
	second := grey(again)
	defer wipe(second)
	tell(odd(kind, visible, second))
}

// resolution holds the configuration to what the chart's size tells.
func resolution(r chart.Reading, dpi int) hwtest.Check {
	d := float64(dpi)
	m := hwtest.Between(r.DPI, hwtest.DotsPerInch, d*(1-dpiOff), d*(1+dpiOff))
	c := hwtest.Judged(devices.KindPageImager, "resolution", m, saysWrongDPI, setDPI)
	if !c.Reason.IsZero() {
		c.Reason = c.Reason.With("configured", strconv.Itoa(dpi))
	}
	if r.Mirrored {
		c.Facts = append(c.Facts, hwtest.Fact{Name: "mirrored", Value: "true"})
	}
	return c
}

// sharpnessOf are the figures behind a sharpness.
func sharpnessOf(r chart.Reading, worst chart.Zone) []hwtest.Fact {
	figure := func(value float64) string { return strconv.FormatFloat(value, 'f', 2, 64) }
	return []hwtest.Fact{
		{Name: "mtf50_cycles_per_pixel", Value: figure(r.MTF50)}, {Name: "edge_pixels", Value: figure(r.EdgeWidth)}, {Name: "zone", Value: worst.Name},
		{Name: "line_pairs_per_mm", Value: figure(r.Finest)}, {Name: "grey_steps", Value: strconv.Itoa(r.Steps)},
	}
}
