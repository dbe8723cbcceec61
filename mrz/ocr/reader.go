package ocr

import (
	"context"
	_ "embed" // the weights
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/foyer-station/foyer/mrz/ocr/decode"
)

// Bounds of a picture.
const (
	// MaxPixels of a picture: an A4 page at 600 dpi has 35 million.
	MaxPixels = 64 << 20
	// MinSide of a picture in pixels: two lines of the smallest characters that can be read.
	MinSide = 24
)

// ErrSize says that a picture is too small or too large.
var ErrSize = errors.New("mrz/ocr: picture size")

//go:embed weights/page.onnx
var pageWeights []byte

//go:embed weights/line.onnx
var lineWeights []byte

// A Reader reads zones from pictures. Its methods may be called from several goroutines, and wait for each other.
type Reader struct {
	mu         sync.Mutex
	page, line network
}

// New opens a reader. It must be closed.
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

// Read looks for one machine-readable zone. The day resolves two-digit years. A picture without a zone that can be read
// is a Reading with Found false and a reason. The error is ErrSize, the context's, or one of OpenCV.
func (r *Reader) Read(ctx context.Context, picture image.Image, day time.Time) (Reading, error) {
	b := picture.Bounds()
	if min(b.Dx(), b.Dy()) < MinSide || b.Dx() > MaxPixels/b.Dy() {
		return Reading{}, fmt.Errorf("%w: %d x %d", ErrSize, b.Dx(), b.Dy())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := newPyramid(grey(picture))
	if err != nil {
		return Reading{}, err
	}
	best := Reading{Reason: ReasonNothingFound}
	for i, side := range sides {
		if i > 0 && max(b.Dx(), b.Dy()) < sides[i-1] {
			break
		}
		if err := ctx.Err(); err != nil {
			return Reading{}, err
		}
		reading, err := r.readAt(ctx, p, side, day)
		if err != nil {
			return Reading{}, err
		}
		if best = better(best, reading); best.Sure {
			break
		}
	}
	return best, nil
}
