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
	*scanner
	day time.Time
}

// A section is lines of the page that may be a zone of a format.
type section struct {
	format mrz.Format
	first  int
	plain  float64 // the logarithm of the probability that the lines have the format's lengths
	fit    float64 // the same for a character, on average
}

// sections are the lines of the page that have the lengths of a format's, as the picture alone says.
func (d *decoder) sections() []section {
	var out []section
	for _, format := range mrz.Formats() {
		for first := 0; first+len(format.Lengths()) <= len(d.lines); first++ {
			if s := d.section(format, first); s.fit >= minFit {
				out = append(out, s)
			}
		}
	}
	return out
}

func (d *decoder) section(format mrz.Format, first int) section {
	s, all := section{format: format, first: first}, 0
	for i, n := range format.Lengths() {
		s.plain += d.plain(first+i, n).log
		all += n
	}
	s.fit = s.plain / float64(all)
	return s
}

// A draft is a section with a hypothesis about it.
type draft struct {
	section
	hypothesis
	estimate float64 // about the most that the evidence for it can be
}

// drafts are the hypotheses about sections, the likeliest first; those that fall far behind are left out.
func (d *decoder) drafts(sections []section) []draft {
	var out []draft
	for _, s := range sections {
		most := 0.0
		for _, r := range rules(s.format, d.day) {
			most += math.Log(r.most)
		}
		first := d.scanner.plain(s.first, s.format.Lengths()[0])
		for _, h := range hypotheses(s.format) {
			if first.begins(h.begins) && first.mayBegin(h.may) {
				out = append(out, draft{s, h, d.estimate(s, h) + most + h.most()})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b draft) int { return cmp.Compare(b.estimate, a.estimate) })
	far := slices.IndexFunc(out, func(f draft) bool { return f.estimate < out[0].estimate-farBehind })
	if far < 0 {
		return out
	}
	return out[:far]
}

// estimate weighs what the picture alone says of a section by what may stand there.
func (d *decoder) estimate(s section, h hypothesis) float64 {
	sum := math.Log(h.prior) + s.plain
	for row, line := range d.allows(s.format) {
		scan := d.scanner.plain(s.first+row, len(line))
		for column, allowed := range line {
			w, p := d.weigh(h.allows(mrz.Place{Line: row, Column: column}, allowed)), 0.0
			for k := range Symbols {
				p += w[k] * scan.places[column].p[k]
			}
			sum += math.Log(p)
		}
	}
	return sum
}

// A candidate is a zone that the lines may be.
type candidate struct {
	section
	digits   []mrz.Digit
	evidence float64   // the logarithm of the odds against arbitrary characters
	share    float64   // how probable it is among all candidates, once that is known
	zone     [][]place // what stands at each place
	text     [][]byte  // the likeliest
}

// candidates are the zones that drafts may be, the likeliest first.
func (d *decoder) candidates(drafts []draft) []candidate {
	var out []candidate
	for _, f := range drafts {
		for _, c := range d.solve(f) {
			if c.evidence-c.plain >= minEvidence {
				out = append(out, c)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.evidence, a.evidence) })
	return out
}

// solve reads the lines as those of a draft's zone: place by place, then names, dates, states and check digits.
func (d *decoder) solve(f draft) []candidate {
	evidence := math.Log(f.prior)
	var zone [][]place
	for row := range f.format.Lengths() {
		scan := d.read(f, row)
		if scan.places == nil {
			return nil
		}
		evidence += scan.log
		zone = append(zone, slices.Clone(scan.places))
	}
	for _, change := range f.later() {
		evidence += d.apply(change, &zone[change.at.Line][change.at.Column], f.format)
	}
	for _, r := range f.format.Ranges("names") {
		evidence += weighName(zone[r.Line][r.From : r.From+r.Length])
	}
	units := units(zone, rules(f.format, d.day))
	var out []candidate
	for _, checks := range f.checks {
		log, posterior, text := solve(units, checks, zone)
		out = append(out, candidate{
			section: f.section, digits: checks.digits, evidence: evidence + math.Log(checks.prior) + log, zone: posterior, text: text,
		})
	}
	return out
}

// read reads a line as one of a draft's zone.
func (d *decoder) read(f draft, row int) scan {
	if !f.anew || row > 0 {
		return d.as(f.first+row, f.format, row)
	}
	var want []*weights
	for column, allowed := range d.allows(f.format)[row] {
		want = append(want, d.weigh(f.allows(mrz.Place{Line: row, Column: column}, allowed)))
	}
	return d.lines[f.first+row].read(want)
}

// later are the changes that are left when the lines have been read.
func (h *hypothesis) later() []change {
	if h.anew {
		return nil
	}
	return h.changed
}

// apply weighs a place by what a hypothesis allows there instead of the format's plain form.
func (d *decoder) apply(c change, at *place, format mrz.Format) float64 {
	before, now := d.weigh(d.allows(format)[c.at.Line][c.at.Column]), d.weigh(c.allowed)
	for k := range at.p {
		at.p[k] *= now[k] / before[k]
	}
	return math.Log(at.norm())
}
