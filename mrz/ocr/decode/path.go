package decode

import (
	"iter"
	"slices"
)

// Path gives the frames in which the characters of the likeliest path begin, and their classes: the likeliest of each frame, but
// for blanks and for what goes on from the frame before (best path decoding, Graves et al. 2006). Nothing of what is known of
// zones is in them. A frame of which a score is no number begins none.
func (l Line) Path() iter.Seq2[int, int] {
	return func(yield func(frame, class int) bool) {
		last := 0
		for frame := range l.LogProb {
			scores := l.LogProb[frame][:]
			class := slices.Index(scores, slices.Max(scores))
			if class > 0 && class != last && !yield(frame, class) {
				return
			}
			last = class
		}
	}
}
