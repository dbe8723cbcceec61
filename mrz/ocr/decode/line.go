package decode

import "math"

// An emission is what the recogniser says of one frame: the probability of the blank (0) and of each symbol (1 to 37).
type emission [Classes]float64

// soften turns the recogniser's scores into probabilities that admit more doubt than the network does. They are nil when
// a score is no number.
func soften(line Line) []emission {
	out := make([]emission, len(line.LogProb))
	for t := range line.LogProb {
		scores := &line.LogProb[t]
		top := float64(scores[0])
		for _, s := range scores {
			top = max(top, float64(s))
		}
		var sum float64
		for k, s := range scores {
			out[t][k] = math.Exp((float64(s) - top) / temperature)
			sum += out[t][k]
		}
		if math.IsNaN(sum) || math.IsInf(top, 0) {
			return nil
		}
		for k := range out[t] {
			out[t][k] = (1-doubt)*out[t][k]/sum + doubt/float64(Classes)
		}
	}
	return out
}

// characters counts those of the most probable path, of any length.
func characters(frames []emission) int {
	n, last := 0, 0
	for t := range frames {
		best := 0
		for k, p := range frames[t] {
			if p > frames[t][best] {
				best = k
			}
		}
		if best != 0 && best != last {
			n++
		}
		last = best
	}
	return n
}

// weights are how much more (or less) probable each symbol is at one place than any other would be there.
type weights [Symbols]float64

// A place is one character's place in a line: the probability of each symbol there, and the mean frame at which it begins.
type place struct {
	p     [Symbols]float64
	frame float64
}

// A cell holds the probability of all paths that have entered a given number of characters: those that stand in a blank
// behind the last one, and those that stand in it, by its symbol; sum is over char.
type cell struct {
	blank, sum float64
	char       [Symbols]float64
}

// A row holds the cells from..from+len(cells)-1 of one frame; the others are hopeless.
type row struct {
	from  int
	cells []cell
}

var none cell

func (r *row) at(n int) *cell {
	if n < r.from || n >= r.from+len(r.cells) {
		return &none
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
	frames []emission
	want   []weights
	rows   []row
	store  []cell
	scales []float64
}

// read gives the logarithm of the probability that the frames show len(want) characters, each weighted by its place, and
// what stands at each place. With all weights 1 it is the probability of the length alone, because the recogniser's own
// probabilities of all texts of any length sum to 1. The logarithm is -Inf when there is no way at all.
func (t *trellis) read(frames []emission, want []weights) (float64, []place) {
	t.frames, t.want = frames, want
	log := t.forward()
	if math.IsInf(log, -1) {
		return log, nil
	}
	return log, t.backward()
}

// stay is the probability of a frame without a new character after n of them.
func (t *trellis) stay(frame, n int) float64 {
	p := t.frames[frame][0]
	if n == 0 || n == len(t.want) {
		p += (1 - p) * junk
	}
	return p
}

// forward fills the rows: row f holds the probabilities after the first f frames, scaled to a sum of 1.
func (t *trellis) forward() float64 {
	t.rows, t.store, t.scales = t.rows[:0], t.store[:0], append(t.scales[:0], 1)
	first := t.row(0, 1)
	first.cells[0] = cell{blank: 1}
	t.rows = append(t.rows, first)
	var log float64
	for f := range t.frames {
		next := t.step(f)
		total := next.total()
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

// row takes room for cells from..from+n-1 out of the store.
func (t *trellis) row(from, n int) row {
	if cap(t.store)-len(t.store) < n {
		t.store = make([]cell, 0, max(2*cap(t.store), 4096))
	}
	k := len(t.store)
	t.store = t.store[:k+n]
	return row{from, t.store[k : k+n : k+n]}
}

func (t *trellis) step(frame int) row {
	before := &t.rows[frame]
	to := min(before.from+len(before.cells), len(t.want))
	next := t.row(before.from, to-before.from+1)
	e := &t.frames[frame]
	for i := range next.cells {
		n := before.from + i
		c, stood := &next.cells[i], before.at(n)
		*c = cell{blank: (stood.blank + stood.sum) * t.stay(frame, n)}
		if n > 0 {
			c.enter(before.at(n-1), stood, &t.want[n-1], e)
		}
	}
	return next
}

// enter adds the paths that begin a character after those in from, and those that go on writing theirs. The same symbol
// twice needs a blank between.
func (c *cell) enter(from, stood *cell, want *weights, e *emission) {
	all := from.blank + from.sum
	var sum float64
	for k := range c.char {
		v := (stood.char[k] + max(0, all-from.char[k])*want[k]) * e[k+1]
		c.char[k] = v
		sum += v
	}
	c.sum = sum
}

func (r *row) total() float64 {
	var sum float64
	for i := range r.cells {
		sum += r.cells[i].blank + r.cells[i].sum
	}
	return sum
}

func (r *row) scale(by float64) {
	for i := range r.cells {
		r.cells[i].scale(by)
	}
}

func (c *cell) scale(by float64) {
	c.blank *= by
	c.sum *= by
	for k := range c.char {
		c.char[k] *= by
	}
}

// trim drops the cells at both ends that are hopeless.
func (r *row) trim() {
	for len(r.cells) > 1 && r.cells[0].blank+r.cells[0].sum < hopeless {
		r.cells = r.cells[1:]
		r.from++
	}
	for len(r.cells) > 1 {
		if c := &r.cells[len(r.cells)-1]; c.blank+c.sum >= hopeless {
			break
		}
		r.cells = r.cells[:len(r.cells)-1]
	}
}
