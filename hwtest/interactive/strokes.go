package interactive

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/devices"
)

// trail is what a pen wrote on a pad.
type trail struct {
	size    devices.PadSize
	unit    float64 // of the pad, in millimetres
	samples []devices.Sample
}

// unitsPerMillimetre is the resolution of Wacom's STU pads: 2,540 lines an inch.
const unitsPerMillimetre = 100

// down are the samples of a pen that touched.
func (t trail) down() (all []devices.Sample) {
	for _, s := range t.samples {
		if s.Down {
			all = append(all, s)
		}
	}
	return all
}

// offset is how far from a height, a part of the pad's, the pen was on the whole, in millimetres: what a pad is off whose pen does not write
// where it touches. A hand that trembles is off to both sides.
func (t trail) offset(height float64) float64 {
	sum, all := 0.0, t.down()
	for _, s := range all {
		sum += float64(s.Y) - height*float64(t.size.MaxY)
	}
	return math.Abs(sum) / float64(max(1, len(all))) * t.unit
}

// periods are the times between a stroke's samples, in milliseconds.
func (t trail) periods() (all []float64) {
	for i := 1; i < len(t.samples); i++ {
		if last, s := t.samples[i-1], t.samples[i]; last.Down && s.Down {
			all = append(all, float64((s.At-last.At).Microseconds())/1000)
		}
	}
	return all
}

// pace is how regularly samples come: how many a second, the deviation of their distances in milliseconds, and how many distances are so
// long that samples are missing there.
func (t trail) pace() (rate, jitter float64, gaps int) {
	all := t.periods()
	if len(all) == 0 {
		return 0, 0, 0
	}
	sum := 0.0
	for _, p := range all {
		sum += p
	}
	mean := sum / float64(len(all))
	if mean > 0 {
		rate = 1000 / mean
	}
	sorted := slices.Sorted(slices.Values(all))
	usual := sorted[len(sorted)/2]
	regular := 0
	for _, p := range all {
		if p > longGap*max(usual, 1) {
			gaps++
			continue
		}
		jitter += (p - usual) * (p - usual)
		regular++
	}
	return rate, math.Sqrt(jitter / float64(max(1, regular))), gaps
}

// longGap is how many usual distances a distance has in which samples are missing.
const longGap = 3

// pressures is the range of pressure, in percent of what the pad can measure, without the lightest and heaviest twentieth.
func (t trail) pressures() float64 {
	var all []int
	for _, s := range t.down() {
		all = append(all, s.Pressure)
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return 100 * float64(all[len(all)*19/20]-all[len(all)/20]) / float64(t.size.MaxPressure)
}

// reach is how near to each edge the pen was, at the edge where it was farthest away, in millimetres.
func (t trail) reach() float64 {
	all := t.down()
	if len(all) == 0 {
		return float64(max(t.size.MaxX, t.size.MaxY)) * t.unit
	}
	far := 0
	for _, side := range []func(devices.Sample) int{
		func(s devices.Sample) int { return s.X }, func(s devices.Sample) int { return t.size.MaxX - s.X },
		func(s devices.Sample) int { return s.Y }, func(s devices.Sample) int { return t.size.MaxY - s.Y },
	} {
		far = max(far, side(slices.MinFunc(all, func(a, b devices.Sample) int { return cmp.Compare(side(a), side(b)) })))
	}
	return float64(far) * t.unit
}

// Of the edges of a pad.
const (
	edgeParts = 8  // into which each is divided
	edgeWidth = 10 // millimetres that count as its edge
)

// untouched are the parts of the edges where no pen was, in order around the pad: "top 3/8".
func (t trail) untouched() (names []string) {
	touched := map[string]bool{}
	for _, s := range t.down() {
		across, down := part(s.X, t.size.MaxX), part(s.Y, t.size.MaxY)
		for _, edge := range []struct {
			name string
			far  int
			part int
		}{{"top", s.Y, across}, {"right", t.size.MaxX - s.X, down}, {"bottom", t.size.MaxY - s.Y, across}, {"left", s.X, down}} {
			if float64(edge.far)*t.unit <= edgeWidth {
				touched[partName(edge.name, edge.part)] = true
			}
		}
	}
	for _, edge := range []string{"top", "right", "bottom", "left"} {
		for i := range edgeParts {
			if name := partName(edge, i); !touched[name] {
				names = append(names, name)
			}
		}
	}
	return names
}

func part(at, most int) int { return min(edgeParts-1, max(0, at*edgeParts/max(1, most))) }

func partName(edge string, part int) string { return fmt.Sprintf("%s %d/%d", edge, part+1, edgeParts) }

// listed is a list of names that is short enough to be read.
func listed(names []string) string {
	const most = 6
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + ", ..."
}
