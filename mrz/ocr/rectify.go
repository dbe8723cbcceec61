package ocr

import (
	"math"
	"slices"
)

// A hand-held camera sees a page askew: characters stand the closer together the further away they are, lean to a side, and are
// narrower or wider than their height says. The recogniser was trained on lines of one pitch, upright and of OCR-B's width, so
// what its first answer and the strips show of these three is undone, and the lines are read again.

// ocrbPitch is that of OCR-B's characters, in capital letters' heights (Doc 9303-3, 4.4: 2.54 and 2.4 mm).
const ocrbPitch = 2.54 / 2.4

// How far from the usual a line is cut anew, and how far it can be.
const (
	littlePace, mostPace   = 0.04, 1.5
	littleLean, mostLean   = 0.06, 0.9
	littleWidth, mostWidth = 0.07, 2.0
)

// rectified gives the lines of a zone as they are cut where perspective is undone. ok is false where there is next to none.
func (t transcript) rectified(zone []line) (out []line, ok bool) {
	pace, pitch := t.pace()
	lean := t.lean()
	if lean = max(-mostLean, min(mostLean, lean)); math.Abs(lean) < littleLean {
		lean = 0
	}
	wider := 1.0
	if pitch > 0 {
		wider = max(1/mostWidth, min(mostWidth, ocrbPitch*stripTall/pitch))
	}
	if lean == 0 && math.Abs(pace) < littlePace && math.Abs(math.Log(wider)) < littleWidth {
		return nil, false
	}
	out = slices.Clone(zone)
	for i := range out {
		before := out[i].pace
		out[i].pace = (1+before)*(1+pace) - 1
		out[i].lean += lean / out[i].width()
		out[i].wider = out[i].width() * wider
	}
	return out, true
}

// width is how many times as wide as they are the line's characters are made.
func (l line) width() float64 {
	if l.wider == 0 {
		return 1
	}
	return l.wider
}

// covered is how much of its length from a line's beginning lies before a part of its text, both from 0 to 1, where the pitch
// grows from the beginning to the end to (1+pace)² times itself, as it does in a plane seen askew.
func (l line) covered(part float64) float64 { return part / (1 + l.pace*(1-part)) }

// pace tells how the pitch changes along the strips, as in a line's pace, and its mean in pixels of a strip. In a plane seen
// askew the root of the pitch grows evenly. Both are 0 where too few characters were seen.
func (t transcript) pace() (pace, pitch float64) {
	const fewest = 12
	var gaps []sample
	for i, l := range t.mean() {
		from := -1.0 // where the character before begins
		for frame := range l.Path() {
			to := float64(frame)
			if from >= 0 {
				at := (from + to) / 2 * stripStep / float64(t.strips[i].width)
				gaps = append(gaps, sample{at, math.Sqrt((to - from) * stripStep), 1})
			}
			from = to
		}
	}
	if len(gaps) < fewest {
		return 0, 0
	}
	root := polynomial{median(gaps), 0}
	for range 4 { // those between which a character was missed, or seen twice, are left out
		var near []sample
		for _, g := range gaps {
			if usual := root.at(g.at); g.value > 0.8*usual && g.value < 1.22*usual {
				near = append(near, g)
			}
		}
		if len(near) < fewest {
			return 0, 0
		}
		root = fit(near, 1)
	}
	first, last := root.at(0), root.at(1)
	if len(root) < 2 || first <= 0 || ratio(first, last) > 1+mostPace {
		return 0, 0
	}
	// The pitch in even text: so many pixels as the strip has, by so many characters as fit.
	return last/first - 1, first * last
}

func median(samples []sample) float64 {
	var values []float64
	for _, s := range samples {
		values = append(values, s.value)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// lean tells how far to the right, in heights, the strips' characters lean to their feet: the one by which the columns differ
// the most from each other when it is undone, as upright strokes stand in few columns.
func (t transcript) lean() float64 {
	const step = 0.05
	best, most := 0.0, -1.0
	for lean := -mostLean; lean <= mostLean; lean += step {
		contrast := 0.0
		for _, s := range t.strips {
			contrast += s.contrast(lean)
		}
		if contrast > most {
			best, most = lean, contrast
		}
	}
	return best
}

// contrast sums up how much the columns of a strip differ from the next ones, where its rows are moved to undo a lean.
func (s strip) contrast(lean float64) float64 {
	const top, bottom = 7, 26 // the rows of capital letters
	columns := make([]float64, s.width)
	for y := top; y < bottom; y++ {
		row := s.values[y*s.width:][:s.width]
		shift := lean * (float64(y) + 0.5 - stripHeight/2)
		whole := math.Floor(shift)
		part := shift - whole
		for x := range columns {
			from := max(0, min(s.width-2, x+int(whole)))
			columns[x] += float64(row[from])*(1-part) + float64(row[from+1])*part
		}
	}
	sum := 0.0
	for x := 1; x < len(columns); x++ {
		sum += (columns[x] - columns[x-1]) * (columns[x] - columns[x-1])
	}
	return sum
}
