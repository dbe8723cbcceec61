package decode

import (
	"math"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/mrz"
)

// A scanner reads lines of a page as lines of zones, each way once.
type scanner struct {
	lines   []strip
	weights map[string]*weights // of what a place allows
	allowed map[mrz.Format][][]string
	plains  map[length]scan
	formats map[formatLine]scan
}

// A scan is what a line shows: the logarithm of its probability, and its characters.
type scan struct {
	log    float64
	places []place
}

// begins tells whether a text is what the first places show.
func (s scan) begins(text string) bool {
	for i := range text {
		if p := s.places[i].p[:]; Alphabet[slices.Index(p, slices.Max(p))] != text[i] {
			return false
		}
	}
	return true
}

// mayBegin tells whether the first places may show a text.
func (s scan) mayBegin(text string) bool {
	for i := range text {
		if s.places[i].p[strings.IndexByte(Alphabet, text[i])] < leastAlternative {
			return false
		}
	}
	return true
}

// length is a line of the page as one of so many characters.
type length struct{ line, characters int }

// A formatLine is a line of the page as a line of a format.
type formatLine struct {
	line   int
	format mrz.Format
	row    int
}

var noScan = scan{log: math.Inf(-1)}

func newScanner(lines []Line) *scanner {
	s := &scanner{weights: map[string]*weights{}, allowed: map[mrz.Format][][]string{}, plains: map[length]scan{}, formats: map[formatLine]scan{}}
	for _, l := range lines {
		if len(l.LogProb) > MaxFrames {
			l = Line{}
		}
		s.lines = append(s.lines, cut(l))
	}
	return s
}

// anything is the weights of a place of which nothing is known.
var anything = func() (w weights) {
	for k := range w {
		w[k] = 1
	}
	return w
}()

// plain reads a line as n characters, whatever they are.
func (s *scanner) plain(line, n int) scan {
	if seen := s.lines[line].seen; seen < n-mostMissed || seen > n+mostJunk {
		return noScan
	}
	key := length{line, n}
	if _, ok := s.plains[key]; !ok {
		want := make([]*weights, n)
		for i := range want {
			want[i] = &anything
		}
		s.plains[key] = s.lines[line].read(want)
	}
	return s.plains[key]
}

// as reads a line as one of a format.
func (s *scanner) as(line int, format mrz.Format, row int) scan {
	key := formatLine{line, format, row}
	if _, ok := s.formats[key]; !ok {
		var want []*weights
		for _, allowed := range s.allows(format)[row] {
			want = append(want, s.weigh(allowed))
		}
		s.formats[key] = s.lines[line].read(want)
	}
	return s.formats[key]
}

// weigh gives the weights of a place that allows some characters.
func (s *scanner) weigh(allowed string) *weights {
	if s.weights[allowed] == nil {
		w := weigh(allowed)
		s.weights[allowed] = &w
	}
	return s.weights[allowed]
}

// allows are the characters that a format allows, by line and column.
func (s *scanner) allows(format mrz.Format) [][]string {
	if s.allowed[format] == nil {
		for line, n := range format.Lengths() {
			places := make([]string, n)
			for column := range places {
				places[column] = format.Allowed(line, column)
			}
			s.allowed[format] = append(s.allowed[format], places)
		}
	}
	return s.allowed[format]
}
