package ocr

import (
	"cmp"
	"math"
	"slices"

	"github.com/foyer-station/foyer/mrz"
)

// Lines of one zone, in capital letters' heights: OCR-B's are 2.4 mm, and a zone's lines lie 6.35 mm apart on passports
// and a little less on some cards (Doc 9303-3, 4.2).
const (
	nearestLine  = 1.2
	farthestLine = 4.5
	mostOfZone   = 4 // lines; the longest zone has three, and one more may be other text
)

// zones puts lines that may form a zone together, in reading order: parallel, of one height, one below the other. The
// best supported zones come first.
func zones(lines []line) [][]line {
	left := slices.Clone(lines)
	var zones [][]line
	for len(left) > 0 {
		zone := []line{left[0]}
		left = left[1:]
		for grown := true; grown && len(zone) < mostOfZone; {
			grown = false
			for i, l := range left {
				if slices.ContainsFunc(zone, func(z line) bool { return neighbours(z, l) }) {
					zone = append(zone, l)
					left = slices.Delete(left, i, i+1)
					grown = true
					break
				}
			}
		}
		agree(zone)
		down := zone[0].along.down()
		slices.SortFunc(zone, func(a, b line) int { return cmp.Compare(a.middle.dot(down), b.middle.dot(down)) })
		zones = append(zones, zone)
	}
	zones = slices.DeleteFunc(zones, short)
	slices.SortStableFunc(zones, func(a, b []line) int { return cmp.Compare(support(b), support(a)) })
	return zones
}

// short tells that lines are too short for a zone, also where a half of it is hidden: of every format one line has 30
// characters or more.
func short(zone []line) bool {
	const shortestZone = 12 // capital letters' heights
	return !slices.ContainsFunc(zone, func(l line) bool { return 2*l.half >= shortestZone*l.tall(0) })
}

// candidates are the lines that may make a zone up, the likeliest first: those that are about as long, all of them,
// upside down, and longer than they were found.
func candidates(zone []line) [][]line {
	even := aligned(zone)
	all := [][]line{even}
	if len(even) < len(zone) {
		all = append(all, zone)
	}
	if !upright(even) {
		all = append(all, turned(even))
	}
	if by := missing(even); by > 0 {
		all = append(all, stretched(even, by))
	}
	return all
}

// missing is how much of its lines may be hidden, by glare or in a shadow, in capital letters' heights: what they lack to
// the longest that as many lines can be.
func missing(zone []line) float64 {
	columns := 0
	for _, f := range mrz.Formats() {
		if lengths := f.Lengths(); len(lengths) == len(zone) {
			columns = max(columns, slices.Max(lengths))
		}
	}
	return float64(columns)*ocrbPitch - (zone[0].to-zone[0].from)*zone[0].half/zone[0].tall(0)
}

// stretched gives lines that begin earlier and end later, by so many capital letters' heights.
func stretched(zone []line, by float64) []line {
	longer := slices.Clone(zone)
	for i, l := range longer {
		longer[i].from -= by * l.tall(0) / l.half
		longer[i].to += by * l.tall(0) / l.half
	}
	return longer
}

// aligned gives the lines of a zone that are about as long as the longest, all with the ends that the outermost have: the
// lines of a zone begin and end together, but glare, or a run of fillers, may hide an end of one.
func aligned(zone []line) []line {
	const aboutAsLong = 0.6
	longest := slices.MaxFunc(zone, func(a, b line) int { return cmp.Compare(a.half, b.half) })
	var kept []line
	from, to := math.Inf(1), math.Inf(-1)
	for _, l := range zone {
		if l.half < aboutAsLong*longest.half {
			continue
		}
		kept = append(kept, l)
		from = min(from, l.at(-1, 0).minus(longest.middle).dot(longest.along))
		to = max(to, l.at(1, 0).minus(longest.middle).dot(longest.along))
	}
	for i, l := range kept {
		middle := l.middle.minus(longest.middle).dot(longest.along)
		kept[i].from, kept[i].to = (from-middle)/l.half, (to-middle)/l.half
	}
	return kept
}

// agree turns the lines of a zone so that all read the way that most of what was found says.
func agree(zone []line) {
	vote := 0.0
	for _, l := range zone {
		vote += math.Copysign(l.vote, l.along.dot(zone[0].along))
	}
	way := zone[0].along.times(math.Copysign(1, vote))
	for i, l := range zone {
		if l.along.dot(way) < 0 {
			zone[i] = l.turned()
		}
	}
}

// upright tells that the locator leaves no doubt about the sense in which lines read.
func upright(zone []line) bool {
	const noDoubt = 0.8
	vote := 0.0
	for _, l := range zone {
		vote += l.vote
	}
	return vote > noDoubt*support(zone)
}

// neighbours tells whether two lines may follow each other in a zone.
func neighbours(a, b line) bool {
	if math.Abs(a.along.dot(b.along)) < math.Cos(math.Pi/18) || ratio(a.tall(0), b.tall(0)) > 1.6 {
		return false
	}
	from := b.middle.minus(a.middle)
	tall := (a.tall(0) + b.tall(0)) / 2
	apart := math.Abs(from.dot(a.along.down())) / tall
	beside := math.Abs(from.dot(a.along))
	return apart > nearestLine && apart < farthestLine && beside < max(a.half, b.half)
}

func support(zone []line) float64 {
	sum := 0.0
	for _, l := range zone {
		sum += l.support
	}
	return sum
}

// turned gives the lines as they are where the picture is upside down.
func turned(zone []line) []line {
	var out []line
	for _, l := range slices.Backward(zone) {
		out = append(out, l.turned())
	}
	return out
}
