package page

import (
	"image"

	"github.com/foyer-station/foyer/verify"
)

const (
	// somethingThere is the part of a row or a column that must be brighter than empty glass: dust covers less, and a document
	// more even where it is dark.
	somethingThere = 0.02
	// areaMargin is how much of the glass around a document stays, in millimetres.
	areaMargin = 3
)

// Area is where on the glass something lies, by pictures of one side in any lights: what shows in one of them is in it, with
// 3 mm around. It is the whole of the pictures where that cannot be told, and empty where there are none. It is for keeping
// less of empty glass, and no check goes by it.
func Area(pages []verify.Page) image.Rectangle {
	var seen, whole image.Rectangle
	for i, p := range pages {
		if usable(p) != nil || i > 0 && p.Image.Rect != whole {
			return largest(pages)
		}
		whole = p.Image.Rect
		area := lit(p.Image)
		if area.Empty() { // nothing shines in this light
			continue
		}
		seen = seen.Union(area.Inset(-millimetres(areaMargin, p.DPI)))
	}
	if seen = seen.Intersect(whole); seen.Empty() {
		return whole
	}
	return seen
}

// largest holds every picture.
func largest(pages []verify.Page) (all image.Rectangle) {
	for _, p := range pages {
		if p.Image != nil {
			all = all.Union(p.Image.Rect)
		}
	}
	return all
}

// lit is the rectangle outside of which rows and columns are as dark as empty glass.
func lit(picture *image.RGBA) image.Rectangle {
	w, h := picture.Rect.Dx(), picture.Rect.Dy()
	rows, columns := make([]int, h), make([]int, w)
	for y := range h {
		row := picture.Pix[y*picture.Stride : y*picture.Stride+4*w]
		for x := range w {
			if max(row[4*x], row[4*x+1], row[4*x+2]) >= documentGrey {
				rows[y]++
				columns[x]++
			}
		}
	}
	top, bottom := extent(rows, max(1, int(somethingThere*float64(w))))
	left, right := extent(columns, max(1, int(somethingThere*float64(h))))
	return image.Rect(left, top, right, bottom)
}
