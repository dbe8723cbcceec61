// Package portrait finds the visitor's face in a camera frame, cuts a portrait from it, and tells which of several is the
// sharpest.
//
// It knows where a face is, never whose: comparing people needs a model that a site installs and answers for. Faces are
// found with the Haar cascades that Debian packages as opencv-data. The portrait's geometry is BSI TR-03121-3 volume 6's.
package portrait

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"gocv.io/x/gocv"
)

// DefaultCascades is where Debian's opencv-data puts the cascades.
const DefaultCascades = "/usr/share/opencv4/haarcascades"

const (
	faceCascade = "haarcascade_frontalface_alt2.xml"
	eyeCascade  = "haarcascade_eye_tree_eyeglasses.xml"

	// searchHeight is the height in pixels at which faces are looked for: enough for a face of a twelfth of the picture.
	searchHeight = 480
	minFace      = searchHeight / 12
	// pyramid and neighbours are OpenCV's usual step between scales and number of hits that make a face.
	pyramid    = 1.1
	neighbours = 4
	// maxPixels bounds what is looked at.
	maxPixels = 64 << 20
)

// ErrCascades says that the cascades are missing.
var ErrCascades = errors.New("face cascades missing: install the Debian package opencv-data")

// ErrPicture says that a picture cannot be looked at: empty, larger than 64 megapixels, or not tightly packed.
var ErrPicture = errors.New("unusable picture")

// Face is where a face is, in pixels of the picture in which it was found.
type Face struct {
	// Box is a square from the brows to below the mouth, ear to ear.
	Box image.Rectangle
	// Eyes are the centres of the eyes, the left one in the picture first; nil unless both were found. They are looked for in the
	// largest face alone.
	Eyes []image.Point
}

// Finder finds faces. It may be used from several goroutines, which take turns.
type Finder struct {
	mu         sync.Mutex
	face, eyes gocv.CascadeClassifier
	closed     bool
}

// NewFinder loads the cascades from dir, [DefaultCascades] as a rule. The error is [ErrCascades] when they are not there.
// The caller closes the finder.
func NewFinder(dir string) (*Finder, error) {
	f := &Finder{face: gocv.NewCascadeClassifier(), eyes: gocv.NewCascadeClassifier()}
	for name, classifier := range map[string]*gocv.CascadeClassifier{faceCascade: &f.face, eyeCascade: &f.eyes} {
		path := filepath.Join(dir, name)
		// OpenCV would print its own complaint about a missing file.
		if _, err := os.Stat(path); err != nil || !classifier.Load(path) {
			return nil, errors.Join(fmt.Errorf("%w: %s", ErrCascades, path), f.Close())
		}
	}
	return f, nil
}

// Close frees the cascades. It may be called twice.
func (f *Finder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	return errors.Join(f.face.Close(), f.eyes.Close())
}

// Find finds the faces that look into the camera, the largest first; none is no error. A face narrower than a twelfth
// of the picture's height is somebody in the background. The error is [ErrPicture], or that the finder is closed.
func (f *Finder) Find(picture *image.RGBA) ([]Face, error) { return f.find(picture, true) }

// FindWithoutEyes is Find for where faces are alone, which takes less time.
func (f *Finder) FindWithoutEyes(picture *image.RGBA) ([]Face, error) { return f.find(picture, false) }

func (f *Finder) find(picture *image.RGBA, eyes bool) ([]Face, error) {
	grey, err := greyMat(picture)
	if err != nil {
		return nil, err
	}
	defer grey.Close()
	scale := min(1, float64(searchHeight)/float64(grey.Rows()))
	small := gocv.NewMat()
	defer small.Close()
	// The histogram stays as it is: equalised, a dark face before a bright wall is lost (the cascade normalises by itself).
	gocv.Resize(grey, &small, image.Point{}, scale, scale, gocv.InterpolationArea)

	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, errors.New("find faces: finder closed")
	}
	boxes := f.face.DetectMultiScaleWithParams(small, pyramid, neighbours, 0, image.Pt(minFace, minFace), image.Point{})
	faces := make([]Face, len(boxes))
	for i, box := range boxes {
		faces[i].Box = scaled(box, 1/scale).Intersect(picture.Rect)
	}
	slices.SortFunc(faces, func(a, b Face) int { return cmp.Compare(b.Box.Dx(), a.Box.Dx()) })
	if eyes && len(faces) > 0 { // in a page that is full of them it would take seconds
		faces[0].Eyes = f.findEyes(grey, faces[0].Box)
	}
	return faces, nil
}

// findEyes looks for one eye in each half of the upper part of a face, at the picture's full resolution.
func (f *Finder) findEyes(grey gocv.Mat, box image.Rectangle) []image.Point {
	upper := image.Rect(box.Min.X, box.Min.Y+box.Dy()/6, box.Max.X, box.Min.Y+box.Dy()*6/10)
	region := grey.Region(upper)
	defer region.Close()
	// An eye's box is between an eighth and two fifths of the face's.
	found := f.eyes.DetectMultiScaleWithParams(region, pyramid, neighbours, 0,
		image.Pt(box.Dx()/8, box.Dx()/8), image.Pt(box.Dx()*2/5, box.Dx()*2/5))
	var left, right image.Rectangle
	for _, eye := range found {
		side := &left
		if (eye.Min.X+eye.Max.X)/2 > upper.Dx()/2 {
			side = &right
		}
		if eye.Dx() > side.Dx() {
			*side = eye
		}
	}
	if left.Empty() || right.Empty() {
		return nil
	}
	return []image.Point{centre(left.Add(upper.Min)), centre(right.Add(upper.Min))}
}

func centre(r image.Rectangle) image.Point { return r.Min.Add(r.Max).Div(2) }

func scaled(r image.Rectangle, by float64) image.Rectangle {
	f := func(v int) int { return int(float64(v)*by + 0.5) }
	return image.Rect(f(r.Min.X), f(r.Min.Y), f(r.Max.X), f(r.Max.Y))
}

// greyMat gives the picture's luminance in memory of OpenCV's own. The caller closes it.
func greyMat(picture *image.RGBA) (gocv.Mat, error) {
	if picture == nil || picture.Rect.Empty() || picture.Rect.Min != (image.Point{}) {
		return gocv.Mat{}, fmt.Errorf("%w: empty", ErrPicture)
	}
	w, h := picture.Rect.Dx(), picture.Rect.Dy()
	if w*h > maxPixels {
		return gocv.Mat{}, fmt.Errorf("%w: %d x %d pixels", ErrPicture, w, h)
	}
	if picture.Stride != 4*w || len(picture.Pix) != 4*w*h {
		return gocv.Mat{}, fmt.Errorf("%w: not tightly packed", ErrPicture)
	}
	view, err := gocv.NewMatFromBytes(h, w, gocv.MatTypeCV8UC4, picture.Pix)
	if err != nil {
		return gocv.Mat{}, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	defer view.Close()
	grey := gocv.NewMat()
	gocv.CvtColor(view, &grey, gocv.ColorRGBAToGray)
	return grey, nil
}
