package ocr_test

import (
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/foyer-station/foyer/emulate/degrade"
	"github.com/foyer-station/foyer/emulate/gallery"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr"
)

// BenchmarkDegradedSet reads the published set of pictures (package emulate/gallery) and prints how it went, beside
// tesseract on some of the same pictures. These environment variables change how much is read:
//
//	FOYER_BENCH_PICTURES    pictures with a zone, half of them light, half heavy: 2000
//	FOYER_BENCH_PAPERS      pictures without one: 200
//	FOYER_BENCH_TESSERACT   tesseract gets every tenth picture: 10; 0 for none
//
// Drawing the pictures is not measured. For the time on one core run it under taskset.
func BenchmarkDegradedSet(b *testing.B) {
	for range b.N {
		e := newExam(b)
		e.documents(setting(b, "FOYER_BENCH_PICTURES", 2000)/2, setting(b, "FOYER_BENCH_TESSERACT", 10))
		e.papers(setting(b, "FOYER_BENCH_PAPERS", 200) / 2)
		e.print(os.Stdout)
		for _, s := range e.scores {
			if s.reader == foyer && s.pictures > 0 {
				b.ReportMetric(100*float64(s.exact)/float64(s.pictures), strings.ReplaceAll(s.kind, " ", "-")+"-%")
			}
		}
	}
}

func setting(b *testing.B, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		b.Fatalf("%s=%q is not a number", name, text)
	}
	return n
}

const foyer, peer = "foyer", "tesseract"

// A score is how one reader did on pictures of one kind.
type score struct {
	reader, kind string
	pictures     int
	exact        int // all lines as they stand on the document; of papers: nothing was found
	near         int // no corner of the quadrilateral is further than a character from the truth
	sure         int
	wrong        int // sure, but not exact
	took         []time.Duration
	formats      map[mrz.Format][2]int // exact, pictures
}

// median is in milliseconds; p is 0.5 for the median itself.
func (s *score) percentile(p float64) float64 {
	if len(s.took) == 0 {
		return 0
	}
	slices.Sort(s.took)
	return s.took[int(p*float64(len(s.took)-1))].Seconds() * 1000
}

// An exam is one run through the set.
type exam struct {
	b         *testing.B
	gallery   *gallery.Gallery
	reader    *ocr.Reader
	tesseract *tesseract // nil where it is not installed
	scores    []*score
}

func newExam(b *testing.B) *exam {
	g, err := gallery.New()
	if err != nil {
		b.Fatal(err)
	}
	t, err := newTesseract(b.TempDir())
	if err != nil {
		fmt.Println("tesseract is left out:", err)
	}
	return &exam{b: b, gallery: g, reader: newReader(b), tesseract: t}
}

func (e *exam) score(reader, kind string) *score {
	for _, s := range e.scores {
		if s.reader == reader && s.kind == kind {
			return s
		}
	}
	s := &score{reader: reader, kind: kind, formats: map[mrz.Format][2]int{}}
	e.scores = append(e.scores, s)
	return s
}

// documents reads so many pictures of each level; tesseract gets every so-manieth.
func (e *exam) documents(each, every int) {
	for i := range each {
		for _, level := range degrade.Levels() {
			x, err := e.gallery.Document(level, i)
			if err != nil {
				e.b.Fatal(err)
			}
			e.read(e.score(foyer, string(level)), x)
			if e.tesseract != nil && every > 0 && i%every == 0 {
				e.peer(e.score(peer, string(level)), x)
			}
		}
	}
}

// papers reads so many pictures of each level in which there is no zone.
func (e *exam) papers(each int) {
	for i := range each {
		for _, level := range degrade.Levels() {
			e.read(e.score(foyer, "no zone"), e.gallery.Paper(level, i))
		}
	}
}

func (e *exam) read(s *score, x gallery.Exhibit) {
	start := time.Now()
	reading, err := e.reader.Read(e.b.Context(), x.Image, gallery.Day())
	s.took = append(s.took, time.Since(start))
	if err != nil {
		e.b.Fatal(err)
	}
	exact := slices.Equal(reading.Lines, x.Lines)
	s.count(x, exact)
	if reading.Found && farthest(reading.Quad, x.Zone) < x.Recipe.DPI/10 {
		s.near++
	}
	if reading.Sure {
		s.sure++
	}
	if reading.Sure && !exact {
		s.wrong++
		e.b.Logf("wrong and sure, %s %q\n got %q", s.kind, x.Lines, reading.Lines)
	}
}

func (s *score) count(x gallery.Exhibit, exact bool) {
	f := s.formats[x.Format]
	s.pictures, f[1] = s.pictures+1, f[1]+1
	if exact {
		s.exact, f[0] = s.exact+1, f[0]+1
	}
	s.formats[x.Format] = f
}

// farthest is the greatest distance between corners, in pixels.
func farthest(a, b [4]image.Point) float64 {
	most := 0.0
	for i := range a {
		most = max(most, math.Hypot(float64(a[i].X-b[i].X), float64(a[i].Y-b[i].Y)))
	}
	return most
}

func (e *exam) peer(s *score, x gallery.Exhibit) {
	lines, took, err := e.tesseract.read(e.b.Context(), x.Image, x.Recipe.DPI)
	if err != nil {
		e.b.Fatal(err)
	}
	s.took = append(s.took, took)
	s.count(x, contains(lines, x.Lines))
}

func (e *exam) print(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\nreader\tpictures\t\texact\t%\tquad\tsure\twrong and sure\tmedian ms\t95 % ms\t")
	for _, s := range e.scores {
		fmt.Fprintf(t, "%s\t%d\t%s\t%d\t%.2f\t", s.reader, s.pictures, s.kind, s.exact, 100*float64(s.exact)/float64(s.pictures))
		if s.reader == foyer {
			fmt.Fprintf(t, "%d\t%d\t%d\t", s.near, s.sure, s.wrong)
		} else {
			fmt.Fprint(t, "-\t-\t-\t")
		}
		fmt.Fprintf(t, "%.0f\t%.0f\t\n", s.percentile(0.5), s.percentile(0.95))
	}
	t.Flush()
	fmt.Fprintln(w, "\nexact of all, by format")
	t = tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, s := range e.scores {
		if s.kind == "no zone" {
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t", s.reader, s.kind)
		for _, format := range mrz.Formats() {
			fmt.Fprintf(t, "%s %d/%d\t", format, s.formats[format][0], s.formats[format][1])
		}
		fmt.Fprintln(t)
	}
	t.Flush()
	if e.tesseract != nil {
		fmt.Fprintln(w, "\n"+e.tesseract.note)
	}
}
