package page

import (
	"image"
	"slices"

	"gocv.io/x/gocv"

	"github.com/foyer-station/foyer/verify"
)

const (
	// faceWidth is the width in pixels to which both faces are brought: less than in any portrait in use.
	faceWidth = 128
	// compared and searched say how much around the face is compared, and how much is searched for it, in faces.
	compared = 1.5
	searched = 2.1
	// patch is the side in pixels of the parts in which detail is compared, and play how far each may lie from where the whole
	// was found: print and scan distort by a little.
	patch = 24
	play  = 2
	// leastPatches is how many parts must hold any detail.
	leastPatches = 12
	// weakestPatches is which part of them may differ: glare, a stamp, a line of the background print.
	weakestPatches = 0.1
)

// band is the size of what counts in a comparison, as two Gaussian widths in pixels: what is finer and what is coarser is
// taken out, the latter with light, contrast and the tint of the paper.
type band struct{ fine, coarse float64 }

// features places a face; skin and hair tell it from others.
func features() band { return band{faceWidth / 80.0, faceWidth / 12.0} }

// details tell one picture from another of much the same face.
func details() band { return band{1.2, 4} }

// resemblance is how alike two portraits are, each as a normalised correlation from -1 to 1.
type resemblance struct {
	whole  float64 // of the faces and what is around them, where they fit best
	detail float64 // of the tenth of their parts that agrees least
}

// compare looks for the stored face at the printed one, over the places and sizes by which a face finder may err.
func compare(page *image.RGBA, printed image.Rectangle, stored *image.RGBA, face image.Rectangle) (resemblance, error) {
	field, err := surroundings(page, printed, searched, 1, features())
	if err != nil {
		return resemblance{}, err
	}
	defer field.Close()
	found := resemblance{whole: -1}
	var at image.Point
	var size float64
	for scale := 0.85; scale < 1.16; scale += 0.02 { // a step moves the template's edge by less than play
		value, place, err := fit(field, stored, face, scale)
		if err != nil {
			return resemblance{}, err
		}
		if value > found.whole {
			found.whole, at, size = value, place, scale
		}
	}
	if found.whole <= 0 {
		return found, nil // nothing was found whose detail could be compared
	}
	found.detail, err = compareDetail(page, printed, stored, face, at, size)
	return found, err
}

// fit finds where the stored face, at one size, fits best into the field.
func fit(field gocv.Mat, stored *image.RGBA, face image.Rectangle, scale float64) (float64, image.Point, error) {
	template, err := surroundings(stored, face, compared, scale, features())
	if err != nil {
		return 0, image.Point{}, err
	}
	defer template.Close()
	value, at := locate(field, template)
	return value, at, nil
}

// locate gives the best normalised correlation of a template and its place; -1 when it is larger than the field.
func locate(field, template gocv.Mat) (float64, image.Point) {
	if template.Rows() > field.Rows() || template.Cols() > field.Cols() {
		return -1, image.Point{}
	}
	result, mask := gocv.NewMat(), gocv.NewMat()
	defer result.Close()
	defer mask.Close()
	gocv.MatchTemplate(field, template, &result, gocv.TmCcoeffNormed, mask)
	_, value, _, at := gocv.MinMaxLoc(result)
	return float64(value), at
}

func compareDetail(page *image.RGBA, printed image.Rectangle, stored *image.RGBA, face image.Rectangle, at image.Point, scale float64) (float64, error) {
	field, err := surroundings(page, printed, searched, 1, details())
	if err != nil {
		return 0, err
	}
	defer field.Close()
	template, err := surroundings(stored, face, compared, scale, details())
	if err != nil {
		return 0, err
	}
	defer template.Close()
	overall := deviation(template)
	var values []float64
	for y := 2 * play; y+patch <= template.Rows()-2*play; y += patch {
		for x := 2 * play; x+patch <= template.Cols()-2*play; x += patch {
			part := template.Region(image.Rect(x, y, x+patch, y+patch))
			if deviation(part) > overall/3 { // plain skin and wall agree with anything
				values = append(values, locateNear(field, part, image.Pt(x, y).Add(at)))
			}
			part.Close()
		}
	}
	if len(values) < leastPatches {
		return 0, unusable{verify.Because(codeLittle)}
	}
	slices.Sort(values)
	return values[int(weakestPatches*float64(len(values)))], nil
}

// locateNear is the correlation of a part where it is expected, give or take play.
func locateNear(field, part gocv.Mat, at image.Point) float64 {
	area := image.Rectangle{Min: at, Max: at.Add(image.Pt(patch, patch))}.Inset(-play)
	near := field.Region(area.Intersect(image.Rect(0, 0, field.Cols(), field.Rows())))
	defer near.Close()
	value, _ := locate(near, part)
	return value
}

func deviation(m gocv.Mat) float64 {
	mean, deviation := gocv.NewMat(), gocv.NewMat()
	defer mean.Close()
	defer deviation.Close()
	gocv.MeanStdDev(m, &mean, &deviation)
	return deviation.GetDoubleAt(0, 0)
}

// surroundings is what lies around a face, brought to faceWidth times scale and filtered. The caller closes it.
func surroundings(picture *image.RGBA, box image.Rectangle, around, scale float64, keep band) (gocv.Mat, error) {
	area := box.Inset(-int(float64(box.Dx()) * (around - 1) / 2)).Intersect(picture.Rect)
	view, err := gocv.NewMatFromBytes(picture.Rect.Dy(), picture.Rect.Dx(), gocv.MatTypeCV8UC4, picture.Pix)
	if err != nil {
		return gocv.Mat{}, unusable{verify.Because(codeNoCompare)}
	}
	defer view.Close()
	region := view.Region(area)
	defer region.Close()
	out, coarse := gocv.NewMat(), gocv.NewMat()
	defer coarse.Close()
	by := faceWidth * scale / float64(box.Dx())
	gocv.CvtColor(region, &out, gocv.ColorRGBAToGray)
	gocv.Resize(out, &out, image.Point{}, by, by, gocv.InterpolationArea)
	out.ConvertTo(&out, gocv.MatTypeCV32F)
	gocv.GaussianBlur(out, &coarse, image.Point{}, keep.coarse, 0, gocv.BorderReflect101)
	gocv.GaussianBlur(out, &out, image.Point{}, keep.fine, 0, gocv.BorderReflect101)
	gocv.Subtract(out, coarse, &out)
	return out, nil
}
