package decode

import "math"

// weights are how much more (or less) probable each symbol is at one place than any other would be there; their mean over
// the symbols is 1, and so is the unknown's weight.
type weights [Symbols + 1]float64

// A place is one character's place in a line: the probability of each symbol there, and the mean frame at which it begins.
type place struct {
	p     [Symbols]float64
	frame float64
}

// norm makes the probabilities sum to 1 and gives what they summed to.
func (p *place) norm() float64 { return scale(p.p[:]) }

// A cell holds the probability of all paths that have entered a given number of characters: those that stand in a blank
// behind the last one, and those that stand in it, by the symbols that the frame shows; sum is over these.
type cell struct {
	blank, sum float64
	char       []float64
}

// A row holds the cells from..from+len(cells)-1 behind one frame; the others are hopeless.
type row struct {
	from  int
	cells []cell
}

var noCell cell

func (r *row) at(n int) *cell {
	if n < r.from || n >= r.from+len(r.cells) {
		return &noCell
	}
	return &r.cells[n-r.from]
}

// A trellis is the room for forward-backward passes; it is used again for each of them.
//
// The pass is that of connectionist temporal classification (Graves et al. 2006), but over all texts of exactly n
// characters at once instead of over one text: a state is the number of characters entered so far and the symbol that is
// being written, or the blank behind it. The blanks before the first character and behind the last are the margins, where
// other characters may stand at a cost.
type trellis struct {
	frames []frame
	want   []weights
	rows   []row // behind each frame, and before the first
	scales []float64
	cells  []cell
	chars  []float64
}

// read gives the logarithm of the probability that the frames show len(want) characters, each weighted by its place, and
// what stands at each place. With all weights 1 it is the probability of the length alone, because the recogniser's own
// probabilities of all texts of any length sum to 1.
func (t *trellis) read(frames []frame, want []weights) scan {
	t.frames, t.want = frames, want
	log := t.forward()
	if log < hopelessFit*float64(len(want)) {
		return noScan
	}
	return scan{log, t.backward()}
}

// stay is the probability of a frame without a new character after n of them.
func (t *trellis) stay(f, n int) float64 {
	p := t.frames[f].blank
	if n == 0 || n == len(t.want) {
		p += (1 - p) * junk
	}
	return p
}

// forward fills the rows, each scaled to a sum of 1.
func (t *trellis) forward() float64 {
	t.rows, t.scales, t.cells, t.chars = t.rows[:0], t.scales[:0], t.cells[:0], t.chars[:0]
	t.rows = append(t.rows, t.row(0, 1, 0))
	t.rows[0].cells[0].blank = 1
	var log float64
	for f := range t.frames {
		next, total := t.step(f)
		if total == 0 {
			return math.Inf(-1)
		}
		next.scale(1 / total)
		next.trim()
		t.rows, t.scales = append(t.rows, next), append(t.scales, total)
		log += math.Log(total)
	}
	last := t.rows[len(t.rows)-1].at(len(t.want))
	return log + math.Log(last.blank+last.sum)
}

// row takes room for n cells of so many symbols, all 0.
func (t *trellis) row(from, n, symbols int) row {
	cells := take(&t.cells, n)
	chars := take(&t.chars, n*symbols)
	for i := range cells {
		cells[i] = cell{char: chars[i*symbols : (i+1)*symbols]}
	}
	return row{from, cells}
}

// take cuts n zero values off the room that is left in a store, or off a new one.
func take[T any](store *[]T, n int) []T {
	used := len(*store)
	if cap(*store)-used < n {
		*store, used = make([]T, 0, max(2*cap(*store), n, 4096)), 0
	}
	*store = (*store)[:used+n]
	out := (*store)[used : used+n : used+n]
	clear(out)
	return out
}

// step gives the row behind a frame, and its sum.
func (t *trellis) step(f int) (next row, total float64) {
	before, frame := &t.rows[f], &t.frames[f]
	to := min(before.from+len(before.cells), len(t.want))
	next = t.row(before.from, to-before.from+1, len(frame.shown))
	for i := range next.cells {
		n := before.from + i
		c, stood := &next.cells[i], before.at(n)
		c.blank = (stood.blank + stood.sum) * t.stay(f, n)
		if n > 0 {
			c.enter(before.at(n-1), stood, &t.want[n-1], frame)
		}
		total += c.blank + c.sum
	}
	return next, total
}

// enter adds the paths that begin a character behind those in from, and those that go on writing theirs. The same symbol
// twice needs a blank between.
func (c *cell) enter(from, stood *cell, want *weights, frame *frame) {
	all := from.blank + from.sum
	for i, s := range frame.shown {
		going, same := 0.0, 0.0
		if s.before >= 0 {
			going, same = stood.get(s.before), from.get(s.before)
		}
		c.char[i] = (going + max(0, all-same)*want[s.symbol]) * s.p
		c.sum += c.char[i]
	}
}

// get is 0 in cells that there are not.
func (c *cell) get(i int) float64 {
	if i >= len(c.char) {
		return 0
	}
	return c.char[i]
}

func (r *row) scale(by float64) {
	for i := range r.cells {
		r.cells[i].scale(by)
	}
}

func (c *cell) scale(by float64) {
	c.blank *= by
	c.sum *= by
	for i := range c.char {
		c.char[i] *= by
	}
}

// trim drops the cells at both ends that are hopeless.
func (r *row) trim() {
	dead := func(c *cell) bool { return c.blank+c.sum < hopeless }
	for len(r.cells) > 1 && dead(&r.cells[0]) {
		r.cells = r.cells[1:]
		r.from++
	}
	for len(r.cells) > 1 && dead(&r.cells[len(r.cells)-1]) {
		r.cells = r.cells[:len(r.cells)-1]
	}
}
