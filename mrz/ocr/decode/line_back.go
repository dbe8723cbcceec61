package decode

// backward walks from the last frame to the first, with the probability of the rest of the line from each state, and
// gathers where and as which symbol each character is entered.
func (t *trellis) backward() []place {
	places := make([]place, len(t.want))
	doubted := make([]float64, len(t.want)) // what the unknown has of each place
	last := t.rows[len(t.frames)].at(len(t.want))
	whole := last.blank + last.sum
	after := t.end()
	for f := len(t.frames) - 1; f >= 0; f-- {
		before := t.rest(f)
		for i := range before.cells {
			n := before.from + i
			c := &before.cells[i]
			c.linger(after.at(n), t.stay(f, n), &t.frames[f])
			if n < len(t.want) {
				doubted[n] += t.leave(f, n, c, after.at(n+1), whole, &places[n])
			}
			c.scale(1 / t.scales[f])
		}
		after = before
	}
	for n := range places {
		for k := range Symbols {
			places[n].p[k] += doubted[n] * t.want[n][k] / float64(Symbols)
		}
		places[n].frame /= places[n].norm() // rounding may have spoilt the sum a little
	}
	return places
}

// end is the row of what follows the last frame: nothing, and only a whole line may end there.
func (t *trellis) end() row {
	r := t.rest(len(t.frames))
	for i := range r.cells {
		if c := &r.cells[i]; r.from+i == len(t.want) {
			c.blank = 1
			for k := range c.char {
				c.char[k] = 1
			}
		}
	}
	return r
}

// rest takes room for the probabilities of what follows row f.
func (t *trellis) rest(f int) row {
	r := &t.rows[f]
	return t.row(r.from, len(r.cells), len(r.cells[0].char))
}

// linger adds the paths that go on without a new character.
func (c *cell) linger(next *cell, stay float64, frame *frame) {
	c.blank = stay * next.blank
	for i := range c.char {
		c.char[i] = c.blank
	}
	for i, s := range frame.shown {
		if s.before >= 0 && s.before < len(c.char) {
			c.char[s.before] += s.p * next.get(i)
		}
	}
}

// leave adds the paths that enter character n at frame f, and notes them at its place; it gives the probability that the
// unknown enters. whole is the probability of all paths.
func (t *trellis) leave(f, n int, c, next *cell, whole float64, at *place) (doubted float64) {
	from, frame, want := t.rows[f].at(n), &t.frames[f], &t.want[n]
	all, norm := from.blank+from.sum, 1/(t.scales[f]*whole)
	var sum float64
	for i, s := range frame.shown {
		entering, same := want[s.symbol]*s.p*next.get(i), 0.0
		sum += entering
		if s.before >= 0 && s.before < len(c.char) {
			same = from.char[s.before]
			c.char[s.before] -= entering
		}
		p := max(0, all-same) * entering * norm
		at.frame += p * float64(f)
		if s.symbol == unknown {
			doubted = p
		} else {
			at.p[s.symbol] += p
		}
	}
	c.blank += sum
	for i := range c.char {
		c.char[i] = max(0, c.char[i]+sum)
	}
	return doubted
}
