// Package ocr reads the machine-readable zone (ICAO Doc 9303 parts 3 to 7, and the national shapes of package mrz) from a
// picture of a page: a scan or a photograph, in visible or infrared light, turned any way, not cropped.
//
// The contract. A [Reading] is what stands on the document, not what should: a check digit that is wrong there stays wrong,
// and where a character was taken otherwise than it looks, a correction says so. Only a reading that is Sure may be used
// unseen; a page without a zone, or one that cannot be read, has none and a reason. A picture's size is bounded, and so is
// the time: some hundred milliseconds where there is nothing to find.
//
// The way: one small network finds lines of zones, their direction and height; they are cut out and straightened; another
// network sees the characters; package decode weighs what formats and check digits say of them. The networks are
// trained by the programs in the folder train.
package ocr

import (
	"context"
	_ "embed" // the weights
	"errors"
	"image"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

//go:embed weights/page.onnx
var pageWeights []byte

//go:embed weights/line.onnx
var lineWeights []byte

// A Reader reads zones from pictures. Its methods may be called from several goroutines, and wait for each other.
type Reader struct {
	mu         sync.Mutex
	page, line network
}

// New opens a reader. It must be closed, and not used after that.
func New() (*Reader, error) {
	page, err := openNetwork(pageWeights)
	if err != nil {
		return nil, err
	}
	line, err := openNetwork(lineWeights)
	if err != nil {
		return nil, errors.Join(err, page.close())
	}
	return &Reader{page: page, line: line}, nil
}

// Close frees the networks.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.page.close(), r.line.close())
}

// sides are the lengths of a picture's longer side at which lines are looked for, in pixels, one after the other until
// the zone is read for sure. The first sees the characters of a page that fills the picture; the others those of a page
// in a corner of it.
var sides = [...]int{640, 1280, 2560}

// mostEnlarged bounds enlarging: characters of which the picture has too few pixels do not become readable by it.
const mostEnlarged = 4

// enough is the length that a picture's longer side is scaled to, from which on a zone that can be read at all is seen: a
// larger scale finds none either, and costs four times as much.
func enough(longer int) int { return int(math.Ceil(float64(longer) * seenLetters / legibleLetters)) }

// nextSide is the scale to look at after another; ok is false where that would be in vain. Where there is nothing to read better,
// it is the one that shows all that can be read.
func nextSide(looked, longer int, nothing bool) (side int, ok bool) {
	const otherwise, larger = 1.25, 1.5 // times as large: to see what was missed, to read what was seen
	last := sides[len(sides)-1]
	if nothing {
		return min(max(enough(longer), int(otherwise*float64(looked))), last), looked < min(enough(longer), last)
	}
	i := slices.IndexFunc(sides[:], func(side int) bool { return float64(side) >= larger*float64(looked) })
	return sides[max(0, i)], i >= 0 && sides[i] <= mostEnlarged*longer
}

// Read looks for one machine-readable zone. The day resolves two-digit years. A picture without a zone that can be read
// is a Reading with Found false and a reason. The error is scan.ErrSize, the context's, or one of OpenCV.
func (r *Reader) Read(ctx context.Context, picture image.Image, day time.Time) (Reading, error) {
	readings, err := r.search(ctx, picture, day, false)
	if err != nil {
		return Reading{}, err
	}
	return readings[0], nil
}

// ReadAll looks for the zones of all documents in a picture that lie apart from each other, the surest first, and tells of those
// that are cut off, hidden or unclear, too. There is at least one Reading, as Read gives it where there is no zone; the errors
// are those of Read.
func (r *Reader) ReadAll(ctx context.Context, picture image.Image, day time.Time) ([]Reading, error) {
	return r.search(ctx, picture, day, true)
}

// search looks at one scale after the other, until one zone, or all that are seen, are read for sure.
func (r *Reader) search(ctx context.Context, picture image.Image, day time.Time, all bool) ([]Reading, error) {
	b := picture.Bounds()
	if err := scan.CheckSize(b.Dx(), b.Dy()); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := newPyramid(scan.Grey(picture))
	if err != nil {
		return nil, err
	}
	readings, longer := []Reading{{Reason: NothingFound}}, max(b.Dx(), b.Dy())
	for side, ok := sides[0], true; ok; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		more, err := r.readAt(ctx, p, side, day, all)
		if err != nil {
			return nil, err
		}
		if readings = gathered(readings, more); readings[0].Sure && !all {
			break
		}
		// Of all that are wanted a card beside a passport may show at the next scale only.
		side, ok = nextSide(side, longer, readings[0].none() || sure(readings))
	}
	return readings, nil
}

// mostZones bounds how many places of a picture are read at one scale, the best supported first.
const mostZones = 4

// readAt reads what is found at one scale: all, or until a zone is sure.
func (r *Reader) readAt(ctx context.Context, p pyramid, side int, day time.Time, all bool) ([]Reading, error) {
	lines, err := r.locate(p, side)
	if err != nil {
		return nil, err
	}
	var readings []Reading
	found := zones(lines)
	for _, zone := range found[:min(len(found), mostZones)] {
		reading, err := r.readAny(ctx, p, candidates(zone), day)
		if err != nil {
			return nil, err
		}
		readings = append(readings, reading)
		if reading.Sure && !all {
			break
		}
	}
	return readings, nil
}

// readAny gives the best reading of lines that may make up one zone in several ways.
func (r *Reader) readAny(ctx context.Context, p pyramid, candidates [][]line, day time.Time) (Reading, error) {
	best := Reading{Reason: NothingFound}
	for _, candidate := range candidates {
		if err := ctx.Err(); err != nil {
			return Reading{}, err
		}
		reading, err := r.readZone(p, candidate, day)
		if err != nil {
			return Reading{}, err
		}
		best = better(best, reading)
		if reading.Found || reading.Reason == OtherText && upright(candidate) {
			break
		}
	}
	return best, nil
}

// views are how a zone's lines are cut: as they were found, and, where that is nearly a sure reading, a little higher, lower,
// larger and smaller as well. What the recogniser says of all is averaged, so that no lucky cut decides.
var views = [...]view{{0, 1}, {-0.1, 1}, {0.1, 1}, {0, 0.87}, {0, 1.15}}

// mostRectified is how often the lines of a zone are cut anew by what the last reading shows.
const mostRectified = 2

// readZone reads lines that may form a zone, as they were found, then with what perspective did to them undone.
func (r *Reader) readZone(p pyramid, zone []line, day time.Time) (Reading, error) {
	best, seen, err := r.readOnce(p, zone, day)
	for range mostRectified {
		if err != nil || best.Sure || best.none() {
			return best, err
		}
		straight, ok := seen.rectified(zone)
		if !ok {
			break
		}
		var reading Reading
		if reading, seen, err = r.readOnce(p, straight, day); err != nil {
			return best, err
		}
		if !reading.beats(best) {
			break
		}
		best, zone = reading, straight
	}
	if best.Found || best.Reason == Unclear {
		return r.readViews(p, zone, day)
	}
	return best, nil
}

func (r *Reader) readOnce(p pyramid, zone []line, day time.Time) (Reading, transcript, error) {
	seen, err := r.recognise(p, zone, views[0])
	if err != nil {
		return Reading{}, seen, err
	}
	return seen.decode(day, p[0].Rect), seen, nil
}

// readViews reads lines by all views together.
func (r *Reader) readViews(p pyramid, zone []line, day time.Time) (Reading, error) {
	all, err := r.recognise(p, zone, views[0])
	for _, v := range views[1:] {
		if err != nil {
			return Reading{}, err
		}
		var next transcript
		next, err = r.recognise(p, zone, v)
		if err == nil {
			all.add(next)
		}
	}
	if err != nil {
		return Reading{}, err
	}
	return all.decode(day, p[0].Rect), nil
}
