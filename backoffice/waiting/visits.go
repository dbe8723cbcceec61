package waiting

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// visits are the durations of visits for one service: first some as the office file has them, then those that were measured.
type visits struct {
	expected []time.Duration
	measured []time.Duration
	next     int // in measured, once it is full
}

// expected are twenty visits around a usual duration, spread as a logarithmic normal distribution: few take twice as long, none takes
// no time. How far they really spread is learnt from what is measured.
func expected(usual time.Duration) *visits {
	const n, spread = 20, 0.5
	v := &visits{}
	for i := range n {
		z := math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/n-1)
		v.expected = append(v.expected, time.Duration(float64(usual)*math.Exp(spread*z-spread*spread/2)))
	}
	return v
}

func (v *visits) add(d time.Duration) {
	if len(v.measured) < kept {
		v.measured = append(v.measured, d)
		return
	}
	v.measured[v.next] = d
	v.next = (v.next + 1) % kept
}

// draw is how long a visit takes.
func (v *visits) draw(chance *rand.Rand) time.Duration {
	i := chance.IntN(len(v.expected) + len(v.measured))
	if i < len(v.expected) {
		return v.expected[i]
	}
	return v.measured[i-len(v.expected)]
}

// left is how much longer a visit takes that has taken so long: as those that took longer, and where none did half as long again
// at most.
func (v *visits) left(chance *rand.Rand, so time.Duration) time.Duration {
	const tries = 16
	for range tries {
		if d := v.draw(chance); d > so {
			return d - so
		}
	}
	if longest := max(slices.Max(v.expected), slices.Max(append(v.measured, 0))); longest > so {
		return longest - so
	}
	return time.Duration(chance.Float64() * float64(so) / 2)
}
