package portrait

import (
	"errors"
	"fmt"
	"image"
	"image/draw"

	"github.com/foyer-station/foyer/verify"
	"gocv.io/x/gocv"
)

// Where a face stands in a portrait, so that head height (0.6 to 0.9 of the picture), eye line (0.3 to 0.5) and centre
// (0.45 to 0.55) all lie well inside what BSI TR-03121-3 volume 6 allows.
const (
	// pictureHeights is how many times the height of a found face the portrait is high: from crown to chin a head
	// measures about 1.45 faces, which is then 0.74 of the picture.
	pictureHeights = 1.95
	// eyeLine is where the eyes stand, as a part of the portrait's height from the top.
	eyeLine = 0.44
	// eyesInBox is where the eyes stand in a found face, for one whose eyes were not found.
	eyesInBox = 0.38
)

// ErrFraming says that the portrait would reach beyond the frame: the visitor stands too close or too far aside. Nothing is
// padded and nothing enlarged (TR-03121-3 volume 6).
var ErrFraming = errors.New("face too close to the edge of the picture")

// Crop cuts a 3:4 portrait out of the frame in which the face was found, in the frame's own resolution. The error is
// [ErrFraming].
func (f Face) Crop(frame *image.RGBA) (*image.RGBA, error) {
	cut := f.portrait()
	if !cut.In(frame.Rect) {
		return nil, fmt.Errorf("crop portrait: %w", ErrFraming)
	}
	out := image.NewRGBA(image.Rect(0, 0, cut.Dx(), cut.Dy()))
	draw.Draw(out, out.Rect, frame, cut.Min, draw.Src)
	return out, nil
}

// portrait is the 3:4 rectangle that belongs to a face.
func (f Face) portrait() image.Rectangle {
	units := int(float64(f.Box.Dy())*pictureHeights/4 + 0.5)
	w, h := 3*units, 4*units
	eyes := image.Pt(centre(f.Box).X, f.Box.Min.Y+int(float64(f.Box.Dy())*eyesInBox))
	if len(f.Eyes) == 2 {
		eyes = f.Eyes[0].Add(f.Eyes[1]).Div(2)
	}
	corner := image.Pt(eyes.X-w/2, eyes.Y-int(float64(h)*eyeLine))
	return image.Rectangle{Min: corner, Max: corner.Add(image.Pt(w, h))}
}

// Sharpness measures how sharp a face is, to choose the best of several frames of one person: the variance of the
// Laplacian over the face, relative to the variance of the face itself, so that light does not count. It has no
// unit and no threshold; only frames of one camera compare. A face with no variance at all has sharpness 0. The
// error is [ErrPicture].
func Sharpness(frame *image.RGBA, face Face) (float64, error) {
	grey, err := greyMat(frame)
	if err != nil {
		return 0, err
	}
	defer grey.Close()
	box := face.Box.Intersect(frame.Rect)
	if box.Empty() {
		return 0, fmt.Errorf("%w: no face in it", ErrPicture)
	}
	region := grey.Region(box)
	defer region.Close()
	edges := gocv.NewMat()
	defer edges.Close()
	gocv.Laplacian(region, &edges, gocv.MatTypeCV32F, 3, 1, 0, gocv.BorderDefault)
	contrast := variance(region)
	if contrast == 0 {
		return 0, nil
	}
	return variance(edges) / contrast, nil
}

func variance(m gocv.Mat) float64 {
	mean, deviation := gocv.NewMat(), gocv.NewMat()
	defer mean.Close()
	defer deviation.Close()
	gocv.MeanStdDev(m, &mean, &deviation)
	d := deviation.GetDoubleAt(0, 0)
	return d * d
}

// Why the check of the face ends as it does.
const (
	codeNoFace verify.Code = "person.no_face"
	codeFaces  verify.Code = "person.faces" // count
)

// FaceFound is the check person.face_found: exactly one face in the picture taken at the station, which is named
// in the evidence.
func FaceFound(faces []Face, picture string) verify.Check {
	c := verify.Check{ID: "person.face_found", Category: verify.CategoryPerson, Result: verify.Failed, Evidence: []string{picture}}
	switch len(faces) {
	case 0:
		c.Reasons = []verify.Reason{verify.Because(codeNoFace)}
	case 1:
		c.Result, c.Area = verify.Passed, &faces[0].Box
	default:
		c.Reasons = []verify.Reason{verify.Because(codeFaces).WithNumber("count", len(faces))}
	}
	return c
}
