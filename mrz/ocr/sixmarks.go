package ocr

import (
	"fmt"
	"image"
	"math"
	"slices"
)

// What six digits look like, lengths in millimetres or in their height.
const (
	lowestDigit, highestDigit = 2.0, 4.2 // millimetres
	nearestDigit              = 0.55     // heights, from middle to middle
	farthestDigit             = 1.7
	mostDigitLike             = 1500 // pieces of ink; more are no print, but a pattern
	unevenPitch               = 0.22 // of the pitch
	unevenHeight              = 0.14 // of the height
	aloneBy                   = 0.7  // pitches without other ink, from the digits' places on
	strayInk                  = 0.01 // of the digits' ink, that may be there all the same
)

// A mark is a piece of ink of about the size of a digit.
type mark struct {
	piece  int32
	middle vector
	size   float64 // the longer side of its box
}

// sixMarks finds lines of exactly six marks of one height, evenly spaced and alone, in a picture of which the resolution is
// known. Ink is darker than around by so many grey levels. Each is a line in the picture; the sense in which it is read is open.
func sixMarks(picture *image.Gray, dpi float64, darker int) ([]line, error) {
	scale := min(1, inkDPI/dpi)
	small, err := shrunk(picture, max(1, int(float64(picture.Rect.Dx())*scale)), max(1, int(float64(picture.Rect.Dy())*scale)))
	if err != nil {
		return nil, err
	}
	mm := dpi * scale / 25.4
	found, err := inkOf(small, int(aroundInk*mm), darker)
	if err != nil {
		return nil, err
	}
	marks := found.marks(mm)
	if len(marks) > mostDigitLike {
		return nil, nil
	}
	var lines []line
	seen := map[string]bool{}
	for _, row := range rows(marks) {
		key := fmt.Sprint(row)
		if seen[key] {
			continue
		}
		seen[key] = true
		if l, ok := found.six(row, mm); ok {
			lines = append(lines, l.times(1/scale))
		}
	}
	return lines, nil
}

// marks are the pieces of ink that may be digits, with so many pixels to the millimetre.
func (i *ink) marks(mm float64) []mark {
	var marks []mark
	for number, box := range i.boxes {
		size := float64(max(box.Dx(), box.Dy()))
		if size < 0.8*lowestDigit*mm || size > 1.4*highestDigit*mm {
			continue
		}
		middle := vector{float64(box.Min.X+box.Max.X) / 2, float64(box.Min.Y+box.Max.Y) / 2}
		marks = append(marks, mark{int32(number), middle, size})
	}
	return marks
}

// rows finds six marks, each as far from the one before, that no seventh goes on.
func rows(marks []mark) [][]mark {
	var found [][]mark
	for i, a := range marks {
		for j, b := range marks {
			away := b.middle.minus(a.middle).length()
			tall := max(a.size, b.size)
			if i == j || away < nearestDigit*tall*0.8 || away > farthestDigit*tall || ratio(a.size, b.size) > 1.4 {
				continue
			}
			if row := grown(marks, a, b); len(row) == canDigits && follows(marks, row, -1) < 0 {
				if row[0].piece > row[canDigits-1].piece { // it is found from both ends
					slices.Reverse(row)
				}
				found = append(found, row)
			}
		}
	}
	return found
}

// grown goes on from two marks until there is none, or one too many.
func grown(marks []mark, a, b mark) []mark {
	row := []mark{a, b}
	for len(row) <= canDigits {
		next := follows(marks, row, 1)
		if next < 0 {
			break
		}
		row = append(row, marks[next])
	}
	return row
}

// follows finds the mark that goes on a row, or, with -1, that goes before it; -1 is none.
func follows(marks []mark, row []mark, way float64) int {
	first, last := row[0].middle, row[len(row)-1].middle
	step := last.minus(first).times(1 / float64(len(row)-1))
	want := last.plus(step)
	if way < 0 {
		want = first.minus(step)
	}
	best, least := -1, 0.33*step.length()
	for i, m := range marks {
		if away := m.middle.minus(want).length(); away < least && ratio(m.size, row[0].size) < 1.5 {
			best, least = i, away
		}
	}
	return best
}

// six measures a row: the line that it is, if it is as even as digits are and alone.
func (i *ink) six(row []mark, mm float64) (line, bool) {
	first, last := row[0].middle, row[len(row)-1].middle
	along := last.minus(first).unit()
	var lengths, heights []extent
	pixels := 0
	for _, m := range row {
		length, height, n := i.extents(m.piece, along)
		lengths, heights, pixels = append(lengths, length), append(heights, height), pixels+n
	}
	tall, ok := even(heights)
	pitch, spaced := regular(lengths, tall.length())
	if !ok || !spaced || tall.length() < lowestDigit*mm || tall.length() > highestDigit*mm {
		return line{}, false
	}
	from, to := lengths[0].middle()-pitch/2, lengths[canDigits-1].middle()+pitch/2
	around := extent{tall.from - 0.1*tall.length(), tall.to + 0.1*tall.length()}
	all := i.within(along, extent{from - aloneBy*pitch, to + aloneBy*pitch}, around)
	if float64(all-pixels) > strayInk*float64(pixels) {
		return line{}, false
	}
	middle := along.times((from + to) / 2).plus(along.down().times(tall.middle()))
	return line{
		middle: middle, along: along, half: (to - from) / 2, from: -1, to: 1,
		bend: polynomial{0}, height: polynomial{tall.length()},
	}, true
}

// even gives the mean height of digits, which begin and end together.
func even(heights []extent) (extent, bool) {
	var mean extent
	for _, h := range heights {
		mean.from += h.from / float64(len(heights))
		mean.to += h.to / float64(len(heights))
	}
	for _, h := range heights {
		if max(math.Abs(h.from-mean.from), math.Abs(h.to-mean.to)) > unevenHeight*mean.length()+1 {
			return mean, false
		}
	}
	return mean, true
}

// regular gives the pitch of digits, each of which stands near its place.
func regular(lengths []extent, tall float64) (float64, bool) {
	var places []sample
	for k, l := range lengths {
		places = append(places, sample{float64(k), l.middle(), 1})
	}
	p := fit(places, 1)
	if len(p) < 2 || p[1] < nearestDigit*tall || p[1] > farthestDigit*tall {
		return 0, false
	}
	for k, l := range lengths {
		if math.Abs(l.middle()-p.at(float64(k))) > unevenPitch*p[1] || l.length() > 1.02*tall {
			return 0, false
		}
	}
	return p[1], true
}

// times gives a straight line of one height as it is in a picture so many times as large.
func (l line) times(f float64) line {
	l.middle, l.half = l.middle.times(f), l.half*f
	l.height = polynomial{l.height[0] * f}
	return l
}
