package decode

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/foyer-station/foyer/mrz"
)

// A decoder searches the lines of one page.
type decoder struct {
	day     time.Time
	lines   [][]frame
	seen    []int // characters of each line's likeliest path, of any length
	trellis trellis
	plain   map[shape]scan
	weighed map[formatLine]scan
}

// A shape is a line of the page as one of so many characters.
type shape struct{ line, length int }

// A formatLine is a line of the page as a line of a format.
type formatLine struct {
	line   int
	format mrz.Format
	row    int
}

// A scan is what a line shows: the logarithm of its probability, and its characters.
type scan struct {
	log    float64
	places []place
}

// A section is lines of the page that may be a zone of a format.
type section struct {
	format mrz.Format
	first  int
	fit    float64
}

func newDecoder(lines []Line, day time.Time) *decoder {
	d := &decoder{day: day, plain: map[shape]scan{}, weighed: map[formatLine]scan{}}
	for _, l := range lines {
		var frames []frame
		if len(l.LogProb) <= MaxFrames {
			frames = soften(l)
		}
		d.lines = append(d.lines, frames)
		d.seen = append(d.seen, characters(frames))
	}
	return d
}

// sections are the lines of the page that have the lengths of a format's, as the picture alone says.
func (d *decoder) sections() []section {
	var out []section
	for _, format := range mrz.Formats() {
		lengths := format.Lengths()
		for first := 0; first+len(lengths) <= len(d.lines); first++ {
			if fit := d.fit(first, lengths); fit >= minFit {
				out = append(out, section{format, first, fit})
			}
		}
	}
	return out
}

// fit is the mean logarithm, a character, of the probability that lines have these lengths.
func (d *decoder) fit(first int, lengths []int) float64 {
	log, all := 0.0, 0
	for i, n := range lengths {
		if seen := d.seen[first+i]; seen < n-mostMissed || seen > n+mostJunk {
			return math.Inf(-1)
		}
		log += d.scan(first+i, n).log
		all += n
	}
	return log / float64(all)
}

// scan reads a line as n characters, whatever they are.
func (d *decoder) scan(line, n int) scan {
	key := shape{line, n}
	if _, ok := d.plain[key]; !ok {
		flat := make([]weights, n)
		for i := range flat {
			flat[i] = weigh(Alphabet)
		}
		log, places := d.trellis.read(d.lines[line], flat)
		d.plain[key] = scan{log, places}
	}
	return d.plain[key]
}

// weigh reads a line as one of a format.
func (d *decoder) scanAs(line int, format mrz.Format, row int) scan {
	key := formatLine{line, format, row}
	if _, ok := d.weighed[key]; !ok {
		log, places := d.trellis.read(d.lines[line], plain(format, row))
		d.weighed[key] = scan{log, places}
	}
	return d.weighed[key]
}

// A candidate is a zone that the lines may be.
type candidate struct {
	section
	hypothesis
	evidence float64   // the logarithm of the odds against arbitrary characters
	most     float64   // what evidence can be at most once check digits and rules are weighed
	zone     [][]place // what stands at each place
	text     [][]byte  // the likeliest
}

// candidates are the zones that sections may be, the likeliest first.
func (d *decoder) candidates(sections []section) []candidate {
	var drafts, out []candidate
	for _, s := range sections {
		for _, h := range hypotheses(s.format) {
			if c, ok := d.draft(s, h); ok {
				drafts = append(drafts, c)
			}
		}
	}
	slices.SortStableFunc(drafts, func(a, b candidate) int { return cmp.Compare(b.most, a.most) })
	best := minEvidence
	for _, c := range drafts {
		if c.most < best-indifferent {
			break
		}
		if d.solve(&c); c.evidence >= minEvidence {
			out = append(out, c)
			best = max(best, c.evidence)
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.evidence, a.evidence) })
	return out
}

// draft weighs one zone by its characters alone. ok is false when it cannot be.
func (d *decoder) draft(s section, h hypothesis) (c candidate, ok bool) {
	c = candidate{section: s, hypothesis: h, evidence: math.Log(h.prior)}
	for row := range s.format.Lengths() {
		scan := d.scanAs(s.first+row, s.format, row)
		if scan.places == nil {
			return c, false
		}
		c.evidence += scan.log
		c.zone = append(c.zone, slices.Clone(scan.places))
	}
	for _, change := range h.changed {
		c.evidence += change.apply(&c.zone[change.at.Line][change.at.Column], s.format)
	}
	c.most = c.evidence + float64(len(h.digits))*math.Log(10)
	for _, r := range rules(s.format, d.day) {
		c.most += math.Log(r.most)
	}
	return c, true
}

// solve weighs the names, the rules and the check digits of a draft, too.
func (d *decoder) solve(c *candidate) {
	for _, r := range c.format.Ranges("names") {
		c.evidence += weighName(c.zone[r.Line][r.From : r.From+r.Length])
	}
	sums := newSums(c.digits)
	log, text, posterior := solve(units(c.zone, rules(c.format, d.day), sums), sums, c.zone)
	c.evidence += log
	c.text, c.zone = text, posterior
}

// apply weighs a place by what the hypothesis allows there instead of the format's plain form.
func (c change) apply(at *place, format mrz.Format) float64 {
	before, now := weigh(format.Allowed(c.at.Line, c.at.Column)), weigh(c.allowed)
	for k := range at.p {
		at.p[k] *= now[k] / before[k]
	}
	return math.Log(at.norm())
}
