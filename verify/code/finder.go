package code

import "image"

const (
	// finderRow is the distance of the rows that are looked through for finder patterns.
	finderRow = 4
	// mostFinders is how often the pattern may be met in them. A code whose finders are a third of its side has 200 at most. Of
	// all that it meets gozxing chooses three by comparing each three of them: its time grows with the third power of their number,
	// which is how a hostile page would keep it busy.
	mostFinders = 600
)

// fewFinders tells whether a place has no more of what looks like a QR code's finder pattern (dark and bright by 1:1:3:1:1, ISO/IEC
// 18004, 6.3.3) than a code has.
func fewFinders(g *image.Gray) bool {
	darkest, brightest := byte(255), byte(0)
	for _, v := range g.Pix {
		darkest, brightest = min(darkest, v), max(brightest, v)
	}
	middle := byte((int(darkest) + int(brightest)) / 2)
	met := 0
	for y := 0; y < g.Rect.Dy(); y += finderRow {
		met += findersIn(g.Pix[y*g.Stride:y*g.Stride+g.Rect.Dx()], middle)
	}
	return met <= mostFinders
}

// findersIn counts the pattern in a row.
func findersIn(row []byte, middle byte) (met int) {
	var runs [5]int
	dark := false
	length := 0
	for i := 0; i <= len(row); i++ {
		if i < len(row) && (row[i] < middle) == dark {
			length++
			continue
		}
		copy(runs[:], runs[1:])
		runs[4] = length
		if dark && isFinder(runs) {
			met++
		}
		dark, length = !dark, 1
	}
	return met
}

// isFinder compares runs with the pattern, each to half a module.
func isFinder(runs [5]int) bool {
	whole := 0
	for _, r := range runs {
		if r == 0 {
			return false
		}
		whole += r
	}
	for i, r := range runs {
		modules := 1
		if i == 2 {
			modules = 3
		}
		if away := 14*r - 2*modules*whole; max(away, -away) > whole*modules {
			return false
		}
	}
	return true
}
