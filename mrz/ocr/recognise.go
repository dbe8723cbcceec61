package ocr

import (
	"image"
	"time"

	"github.com/foyer-station/foyer/mrz/ocr/decode"
)

// A transcript is what the recogniser says of the lines of one zone: sums of logits, over as many views.
type transcript struct {
	strips []strip
	lines  []decode.Line
	views  int
}

// recognise cuts the lines of a zone out and reads them.
func (r *Reader) recognise(p pyramid, zone []line, v view) (transcript, error) {
	var strips []strip
	for _, l := range zone {
		strips = append(strips, p.cut(l, v))
	}
	return r.transcribe(strips)
}

// transcribe runs strips through the network, all at once.
func (r *Reader) transcribe(strips []strip) (transcript, error) {
	t := transcript{strips: strips, views: 1}
	widest := 0
	for _, s := range strips {
		widest = max(widest, s.width)
	}
	input, err := newTensor(len(strips), 1, stripHeight, widest)
	if err != nil {
		return t, err
	}
	defer input.close()
	for i, s := range t.strips {
		for y := range stripHeight {
			copy(input.values[(i*stripHeight+y)*widest:], s.values[y*s.width:][:s.width])
		}
	}
	answer, err := r.line.forward(input)
	if err != nil {
		return t, err
	}
	defer answer.close()
	frames := widest / stripStep
	for i, s := range t.strips {
		t.lines = append(t.lines, logits(answer.values[i*decode.Classes*frames:], frames, s.width/stripStep))
	}
	return t, nil
}

// logits turns planes, one to a class, into frames, and leaves out those of the padding.
func logits(planes []float32, stride, frames int) decode.Line {
	l := decode.Line{LogProb: make([][decode.Classes]float32, frames)}
	for class := range decode.Classes {
		for frame := range frames {
			l.LogProb[frame][class] = planes[class*stride+frame]
		}
	}
	return l
}

// add adds another view of the same lines.
func (t *transcript) add(other transcript) {
	for i := range t.lines {
		for frame := range t.lines[i].LogProb {
			for class := range decode.Classes {
				t.lines[i].LogProb[frame][class] += other.lines[i].LogProb[frame][class]
			}
		}
	}
	t.views += other.views
}

// mean gives the lines as one view says them.
func (t transcript) mean() []decode.Line {
	lines := make([]decode.Line, len(t.lines))
	for i, l := range t.lines {
		lines[i].LogProb = make([][decode.Classes]float32, len(l.LogProb))
		for frame := range l.LogProb {
			for class := range decode.Classes {
				lines[i].LogProb[frame][class] = l.LogProb[frame][class] / float32(t.views)
			}
		}
	}
	return lines
}

// leastOfACut is the confidence below which a zone that ends at the edge of a picture is none: a whole line is made up of what
// is left of one.
const leastOfACut = 0.05

// decode gives the zone that the lines say, if they do, in a picture of a size.
func (t transcript) decode(day time.Time, size image.Rectangle) Reading {
	tall := t.strips[0].line.tall(0)
	d, err := decode.Decode(t.mean(), day)
	if err != nil {
		return t.unread(t.reason(err, size))
	}
	good, quad := sound(d.Lines, day), corners(t.strips, d)
	if !good && outside(quad, size, tall) {
		return t.unread(CutOff)
	}
	r := Reading{
		Found: true, Format: d.Format, Lines: d.Lines, Characters: d.Characters, Corrections: d.Corrections,
		Confidence: d.Confidence, Sure: d.Sure && good, Letter: tall, Quad: quad,
	}
	switch {
	case !r.Sure:
		r.Reason = t.unsureBecause(size, good)
	case t.hidden(d):
		r.Sure, r.Reason = false, Hidden
	}
	if r.Reason == CutOff && r.Confidence < leastOfACut {
		return t.unread(CutOff)
	}
	return r
}

// unread tells why lines could not be read, how high their letters are, and where they are if they are those of a zone.
func (t transcript) unread(why Reason) Reading {
	var lines []line
	for _, s := range t.strips {
		lines = append(lines, s.line)
	}
	r := Reading{Reason: why, Letter: lines[0].tall(0)}
	if why.zone() {
		r.Quad = quadOf(lines)
	}
	return r
}
