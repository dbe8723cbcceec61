package ocr

import (
	"cmp"
	"math"
	"slices"
)

// What the locator works with. The network was trained on capital letters of 5 to 28 pixels.
const (
	cellSize     = 4   // pixels of the scaled picture to one place of the answer
	sideMultiple = 32  // of the sides that the network takes
	unitHeight   = 8   // pixels: its heights are octaves above this
	certain      = 0.5 // a place belongs to a line from here
	shortestLine = 5   // capital letters' heights; the shortest line of any format has nine characters
	mostPieces   = 60  // of lines, the best supported: a picture full of stripes must not take all day
)

// locate finds the lines of machine-readable zones in a picture, looked at with its longer side scaled to that many
// pixels. Places are those of the picture.
func (r *Reader) locate(p pyramid, side int) ([]line, error) {
	w, h := p[0].Rect.Dx(), p[0].Rect.Dy()
	scale := float64(side) / float64(max(w, h))
	sw, sh := max(1, int(math.Round(float64(w)*scale))), max(1, int(math.Round(float64(h)*scale)))
	small, err := shrunk(p.atLeast(sw, sh), sw, sh)
	if err != nil {
		return nil, err
	}
	input, err := newTensor(1, 1, roundUp(sh, sideMultiple), roundUp(sw, sideMultiple))
	if err != nil {
		return nil, err
	}
	defer input.close()
	level := make([]float32, len(small.Pix))
	normalise(level, small.Pix)
	for y := range sh {
		copy(input.values[y*roundUp(sw, sideMultiple):], level[y*sw:(y+1)*sw])
	}
	answer, err := r.page.forward(input)
	if err != nil {
		return nil, err
	}
	defer answer.close()
	m := newHeatMap(answer.values, roundUp(sw, sideMultiple)/cellSize, roundUp(sh, sideMultiple)/cellSize, 1/scale)
	return joined(m.blots()), nil
}

func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }

// A heatMap is the locator's answer: planes of certainty, direction and height.
type heatMap struct {
	width, height int
	core          []float32 // logits
	cos, sin      []float32
	octaves       []float32
	scale         float64 // pixels of the picture to one of the scaled one
}

func newHeatMap(values []float32, width, height int, scale float64) heatMap {
	n := width * height
	return heatMap{width, height, values[:n], values[n : 2*n], values[2*n : 3*n], values[3*n : 4*n], scale}
}

func (m heatMap) cell(i int) cell {
	direction := vector{float64(m.cos[i]), float64(m.sin[i])}
	return cell{
		place:   vector{float64(i%m.width) + 0.5, float64(i/m.width) + 0.5}.times(cellSize * m.scale),
		along:   direction.unit(),
		height:  unitHeight * math.Exp2(max(-2, min(4, float64(m.octaves[i])))) * m.scale,
		certain: 1 / (1 + math.Exp(-float64(m.core[i]))),
	}
}

// blots are the connected places of certainty.
func (m heatMap) blots() [][]cell {
	threshold := float32(math.Log(certain / (1 - certain)))
	seen := make([]bool, len(m.core))
	var blots [][]cell
	for i, v := range m.core {
		if v > threshold && !seen[i] {
			blots = append(blots, m.flood(i, threshold, seen))
		}
	}
	return blots
}

// flood gathers what is connected with the place, corners included.
func (m heatMap) flood(start int, threshold float32, seen []bool) []cell {
	var blot []cell
	queue := []int{start}
	seen[start] = true
	for len(queue) > 0 {
		i := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		blot = append(blot, m.cell(i))
		x, y := i%m.width, i/m.width
		for ny := max(0, y-1); ny <= min(m.height-1, y+1); ny++ {
			for nx := max(0, x-1); nx <= min(m.width-1, x+1); nx++ {
				if j := ny*m.width + nx; !seen[j] && m.core[j] > threshold {
					seen[j] = true
					queue = append(queue, j)
				}
			}
		}
	}
	return blot
}

// A found line is the cells and the line through them.
type found struct {
	cells []cell
	line  line
}

// joined turns blots into lines, puts the pieces of one line together, and leaves out what is too short. The best
// supported come first.
func joined(blots [][]cell) []line {
	var pieces []found
	for _, b := range blots {
		if len(b) > 1 {
			pieces = append(pieces, found{b, lineThrough(b)})
		}
	}
	slices.SortStableFunc(pieces, func(a, b found) int { return cmp.Compare(b.line.support, a.line.support) })
	pieces = pieces[:min(len(pieces), mostPieces)]
	for i := 0; i < len(pieces); i++ {
		for j := i + 1; j < len(pieces); {
			if !pieces[i].line.continues(pieces[j].line) {
				j++
				continue
			}
			cells := slices.Concat(pieces[i].cells, pieces[j].cells)
			pieces[i] = found{cells, lineThrough(cells)}
			pieces = slices.Delete(pieces, j, j+1)
			j = i + 1 // the longer line may reach pieces that were passed over
		}
	}
	var lines []line
	for _, p := range pieces {
		if p.line.half*2 >= shortestLine*p.line.tall(0) {
			lines = append(lines, p.line)
		}
	}
	return lines
}
