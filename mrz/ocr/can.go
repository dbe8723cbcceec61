package ocr

import (
	"context"
	"image"
	"math"
	"slices"

	"github.com/foyer-station/foyer/mrz/ocr/decode"
	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// canDigits is the length of a card access number as cards print it (BSI TR-03110-2, 3.3: decimal digits).
const canDigits = 6

// How a card access number is looked for.
const (
	inkDPI     = 300 // of what ink is looked for in; a finer picture is shrunk
	aroundInk  = 6.0 // millimetres: the square whose mean ink is darker than
	mostGroups = 24  // that are read at one threshold
	lowestDPI  = 100 // below, digits are no longer legible; above the other end a resolution is a mistake
	highestDPI = 2400
)

// darker are the grey levels by which ink is darker than the paper around, tried one after the other: the first leave out
// what is printed in the background, the last see what is worn or ill lit.
var darker = [...]int{60, 35, 18, 8}

// sureDigit is the least probability of each digit of a number that is sure. Of 40 cards in each of ten typefaces, light and
// heavy, no number above it was wrong (BenchmarkCAN); in OCR-B nine of ten are above it.
const sureDigit = 0.98

// canViews are how the digits are cut; what the recogniser says of all is averaged.
var canViews = [...]struct {
	view
	pitch float64 // of the digits in the strip, in pixels
}{
	{view{0, 1}, 19.3}, {view{-0.06, 1}, 19.3}, {view{0.06, 1}, 19.3}, {view{0, 0.9}, 19.3}, {view{0, 1.12}, 19.3},
	{view{0, 1}, 17}, {view{0, 1}, 21},
}

// ReadCAN looks for a card access number (ICAO Doc 9303-11, 4.4) in the picture of a card's side, of which the resolution in
// dots per inch is known: six digits 2 to 4.2 mm high, evenly spaced, in a line of their own, in any direction. It is sure or
// nothing: where a digit is in doubt, or where two such numbers are seen, there is none. The error is scan.ErrSize, the
// context's, or one of OpenCV.
//
// Of any six digits it tells that they are there, not what they mean.
func (r *Reader) ReadCAN(ctx context.Context, picture image.Image, dpi int) (can string, sure bool, err error) {
	b := picture.Bounds()
	if err := scan.CheckSize(b.Dx(), b.Dy()); err != nil {
		return "", false, err
	}
	if dpi < lowestDPI || dpi > highestDPI {
		return "", false, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := newPyramid(scan.Grey(picture))
	if err != nil {
		return "", false, err
	}
	var seen []number
	for _, d := range darker {
		if err := ctx.Err(); err != nil {
			return "", false, err
		}
		groups, err := sixMarks(p[0], float64(dpi), d)
		if err != nil {
			return "", false, err
		}
		for _, g := range groups[:min(len(groups), mostGroups)] {
			n, err := r.readDigits(p, g)
			if err != nil {
				return "", false, err
			}
			seen = n.among(seen)
		}
	}
	if len(seen) != 1 || seen[0].least < sureDigit {
		return "", false, nil
	}
	return seen[0].digits, true, nil
}

// A number is six digits as they were read.
type number struct {
	line   line
	digits string  // empty where there are other characters
	least  float64 // the least of the digits' probabilities
}

// among puts a number to those that were seen before. One that was seen in the same place is the same; the surer reading
// of it counts.
func (n number) among(seen []number) []number {
	if n.digits == "" {
		return seen
	}
	for i, s := range seen {
		if n.line.middle.minus(s.line.middle).length() < s.line.tall(0) {
			if n.least > s.least {
				seen[i] = n
			}
			return seen
		}
	}
	return append(seen, n)
}

// readDigits reads six characters, whose middles are evenly spaced on the line, both ways. Where both ways may be digits, as
// with 689689, neither is sure.
func (r *Reader) readDigits(p pyramid, l line) (number, error) {
	const alsoDigits = 0.3
	ways := [...]line{l, l.turned()}
	var seen [len(ways)]digits
	pitch := 2 * l.half / canDigits / l.tall(0)
	for i, v := range canViews {
		wider := v.pitch / stripTall / pitch
		t, err := r.transcribe([]strip{p.widened(ways[0], v.view, wider), p.widened(ways[1], v.view, wider)})
		if err != nil {
			return number{}, err
		}
		for way := range ways {
			seen[way].add(t.strips[way], t.lines[way])
		}
		if i == 0 && max(seen[0].number().least, seen[1].number().least) < alsoDigits {
			return number{}, nil
		}
	}
	upright, turned := seen[0].number(), seen[1].number()
	if turned.least > upright.least {
		upright, turned = turned, upright
	}
	if upright.line = l; turned.least > alsoDigits {
		upright.least = 0
	}
	return upright, nil
}

// digits are the probabilities of the classes where each of six digits stands, and of characters where none does: sums over
// views.
type digits struct {
	classes [canDigits][decode.Classes]float64 // the blank's are 0
	beside  float64
	views   int
}

// number is what the digits say, without the place.
func (d *digits) number() number {
	views := float64(d.views)
	n := number{least: 1 - d.beside/views}
	for _, classes := range d.classes {
		all, best := 0.0, 0
		for class, p := range classes {
			if all += p; p > classes[best] {
				best = class
			}
		}
		symbol := decode.Alphabet[max(0, best-1)]
		if best == 0 || symbol > '9' || symbol < '0' {
			return number{}
		}
		n.digits += string(symbol)
		n.least = min(n.least, classes[best]/max(views, all))
	}
	return n
}

// add adds a view of the line.
func (d *digits) add(s strip, seen decode.Line) {
	const near = 0.36 // of the pitch
	var most [canDigits][decode.Classes]float64
	beside := 0.0
	for frame := range seen.LogProb {
		p := softmax(&seen.LogProb[frame])
		at := (s.u(float64(frame))+1)/2*canDigits - 0.5 // in digits, 0 the first one's middle
		nearest := max(0, min(canDigits-1, math.Round(at)))
		switch away := math.Abs(at - nearest); {
		case away < near:
			for class := 1; class < decode.Classes; class++ {
				most[int(nearest)][class] = max(most[int(nearest)][class], p[class])
			}
		case away > 1-near:
			beside = max(beside, 1-p[0])
		}
	}
	for i := range most {
		for class, p := range most[i] {
			d.classes[i][class] += p
		}
	}
	d.beside += beside
	d.views++
}

func softmax(scores *[decode.Classes]float32) (p [decode.Classes]float64) {
	top, sum := slices.Max(scores[:]), 0.0
	for class, s := range scores {
		p[class] = math.Exp(float64(s - top))
		sum += p[class]
	}
	for class := range p {
		p[class] /= sum
	}
	return p
}
