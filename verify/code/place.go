package code

import (
	"cmp"
	"image"
	"slices"
)

// Codes are dense: everywhere in one there is black beside white. Print has white between its lines.
const (
	// leastContrast is how far the darkest and the brightest pixel of a block of a code are apart, of 255.
	leastContrast = 70
	// blockMM10 is the side of a block in tenths of a millimetre: more than a module, less than the quiet zone of most codes.
	blockMM10 = 12
	// A place of fewer blocks in one direction is too thin for a bar code, and with fewer in all too small for a matrix.
	thinnest, smallest = 3, 20
	// leastFull is how many blocks of a hundred of its rectangle are dense, at 45 degrees.
	leastFull = 30
)

// placesOf gives the places where a code may be, the largest first.
func placesOf(page *image.Gray, dpi int) []image.Rectangle {
	side := max(4, dpi*blockMM10/254)
	w, h := (page.Rect.Dx()+side-1)/side, (page.Rect.Dy()+side-1)/side
	dense := make([]bool, w*h)
	for y := range h {
		for x := range w {
			dense[y*w+x] = isDense(page, image.Rect(x*side, y*side, (x+1)*side, (y+1)*side).Intersect(page.Rect))
		}
	}
	var places []image.Rectangle
	for i := range dense {
		if !dense[i] {
			continue
		}
		blocks, n := spread(dense, w, i)
		if min(blocks.Dx(), blocks.Dy()) >= thinnest && n >= smallest && 100*n >= leastFull*blocks.Dx()*blocks.Dy() {
			places = append(places, image.Rect(blocks.Min.X*side, blocks.Min.Y*side, blocks.Max.X*side, blocks.Max.Y*side).Intersect(page.Rect))
		}
	}
	slices.SortStableFunc(places, func(a, b image.Rectangle) int { return cmp.Compare(b.Dx()*b.Dy(), a.Dx()*a.Dy()) })
	return places[:min(len(places), maxPlaces)]
}

func isDense(page *image.Gray, block image.Rectangle) bool {
	darkest, brightest := byte(255), byte(0)
	for y := block.Min.Y; y < block.Max.Y; y++ {
		for _, v := range page.Pix[y*page.Stride+block.Min.X : y*page.Stride+block.Max.X] {
			darkest, brightest = min(darkest, v), max(brightest, v)
		}
	}
	return int(brightest)-int(darkest) >= leastContrast
}

// spread gives the rectangle of all dense blocks that hang together with one, and their number, and takes them out.
func spread(dense []bool, w, first int) (all image.Rectangle, n int) {
	open := []int{first}
	dense[first] = false
	for len(open) > 0 {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		x, y := at%w, at/w
		all = all.Union(image.Rect(x, y, x+1, y+1))
		n++
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				next := at + dy*w + dx
				if x+dx >= 0 && x+dx < w && next >= 0 && next < len(dense) && dense[next] {
					dense[next] = false
					open = append(open, next)
				}
			}
		}
	}
	return all, n
}
