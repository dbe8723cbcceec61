package decode

// backward walks from the last frame to the first, with the probability of the rest of the line from each state, and
// gathers where and as which symbol each character is entered.
func (t *trellis) backward() []place {
	places := make([]place, len(t.want))
	after, before := t.rest(len(t.frames)), row{}
	for i := range after.cells {
		if after.from+i == len(t.want) {
			after.cells[i].finish()
		}
	}
	last := t.rows[len(t.frames)].at(len(t.want))
	whole := last.blank + last.sum
	for f := len(t.frames) - 1; f >= 0; f-- {
		before = t.rest(f)
		for i := range before.cells {
			n := before.from + i
			c, next := &before.cells[i], after.at(n)
			c.linger(next, t.stay(f, n), &t.frames[f])
			if n < len(t.want) {
				t.leave(f, n, c, after.at(n+1), whole, &places[n])
			}
			c.scale(1 / t.scales[f+1])
		}
		after = before
	}
	for i := range places {
		places[i].frame /= places[i].norm() // rounding may have spoilt the sum a little
	}
	return places
}

// rest takes room for the probabilities of what follows row f.
func (t *trellis) rest(f int) row {
	r := t.row(t.rows[f].from, len(t.rows[f].cells))
	clear(r.cells)
	return r
}

// finish marks a state in which the line may end.
func (c *cell) finish() {
	c.blank = 1
	for k := range c.char {
		c.char[k] = 1
	}
}

// linger adds the paths that go on without a new character.
func (c *cell) linger(next *cell, stay float64, e *emission) {
	c.blank = stay * next.blank
	for k := range c.char {
		c.char[k] = e[k+1]*next.char[k] + c.blank
	}
}

// leave adds the paths that enter character n at frame f, and notes them at its place; whole is the probability of all.
func (t *trellis) leave(f, n int, c, next *cell, whole float64, at *place) {
	from, e, want := t.rows[f].at(n), &t.frames[f], &t.want[n]
	all, norm := from.blank+from.sum, 1/(t.scales[f+1]*whole)
	var entering [Symbols]float64
	var sum, noted float64
	for k := range entering {
		g := want[k] * e[k+1] * next.char[k]
		entering[k] = g
		sum += g
		p := max(0, all-from.char[k]) * g * norm
		at.p[k] += p
		noted += p
	}
	at.frame += noted * float64(f)
	c.blank += sum
	for k := range c.char {
		c.char[k] += max(0, sum-entering[k])
	}
}
