package protocol

import (
	"bytes"
	"image"
)

const (
	cell = 16 // pixels: the grid on which changes are looked for
	// areaCost is what an area costs beside its pixels, counted in pixels: four requests.
	areaCost = 350
	// maxAreas is the most that changes are told apart into; more are one.
	maxAreas = 48
)

// Changes gives the areas in which two flat pictures of the same size differ, few and small enough that to send them costs little.
// The areas may overlap.
func Changes(from, to *image.RGBA) []image.Rectangle {
	var all []image.Rectangle
	for top := to.Rect.Min.Y; top < to.Rect.Max.Y; top += cell {
		all = append(all, rowChanges(from, to, top)...)
		if len(all) > maxAreas {
			all = joined(all)
		}
		if len(all) > maxAreas {
			all = []image.Rectangle{boundsOf(all)}
		}
	}
	return joined(all)
}

// rowChanges gives runs of changed cells in a row of cells.
func rowChanges(from, to *image.RGBA, top int) []image.Rectangle {
	var runs []image.Rectangle
	for left := to.Rect.Min.X; left < to.Rect.Max.X; left += cell {
		here := changed(from, to, image.Rect(left, top, left+cell, top+cell).Intersect(to.Rect))
		switch last := len(runs) - 1; {
		case here.Empty():
		case last >= 0 && here.Min.X-runs[last].Max.X < cell:
			runs[last] = runs[last].Union(here)
		default:
			runs = append(runs, here)
		}
	}
	return runs
}

// changed is the smallest rectangle with all that differs in an area.
func changed(from, to *image.RGBA, area image.Rectangle) image.Rectangle {
	var found image.Rectangle
	for y := area.Min.Y; y < area.Max.Y; y++ {
		begin, end := to.PixOffset(area.Min.X, y), to.PixOffset(area.Max.X, y)
		a, b := from.Pix[begin:end], to.Pix[begin:end]
		if bytes.Equal(a, b) {
			continue
		}
		first, last := 0, len(a)-1
		for a[first] == b[first] {
			first++
		}
		for a[last] == b[last] {
			last--
		}
		found = found.Union(image.Rect(area.Min.X+first/4, y, area.Min.X+last/4+1, y+1))
	}
	return found
}

// joined joins areas that together cost no more than each by itself.
func joined(all []image.Rectangle) []image.Rectangle {
	for again := true; again; {
		again = false
		for i := 0; i < len(all); i++ {
			for j := len(all) - 1; j > i; j-- {
				if both := all[i].Union(all[j]); pixels(both) <= pixels(all[i])+pixels(all[j])+areaCost {
					all[i] = both
					all = append(all[:j], all[j+1:]...)
					again = true
				}
			}
		}
	}
	return all
}

func pixels(r image.Rectangle) int { return r.Dx() * r.Dy() }

func boundsOf(all []image.Rectangle) image.Rectangle {
	var whole image.Rectangle
	for _, r := range all {
		whole = whole.Union(r)
	}
	return whole
}
