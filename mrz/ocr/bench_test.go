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
	"sync"
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
//	FOYER_BENCH_AT_ONCE     pictures that are read at once: 1; more for the counts alone, they spoil the times
//
// Drawing the pictures is not measured. For the time on one core run it under taskset.
func BenchmarkDegradedSet(b *testing.B) {
	for range b.N {
		e := newExam(b)
		e.run(setting(b, "FOYER_BENCH_AT_ONCE", 1), plan{
			documents: setting(b, "FOYER_BENCH_PICTURES", 2000) / 2,
			papers:    setting(b, "FOYER_BENCH_PAPERS", 200) / 2,
			peerEvery: setting(b, "FOYER_BENCH_TESSERACT", 10),
		})
		e.print(os.Stdout)
		for _, s := range e.scores {
			if s.reader == foyer && s.pictures > 0 {
				b.ReportMetric(100*float64(s.exact)/float64(s.pictures), strings.ReplaceAll(s.kind, " ", "-")+"-%")
			}
		}
	}
}

// A plan is what is read: so many pictures of each level. Tesseract gets every so-manieth document.
type plan struct{ documents, papers, peerEvery int }

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

const (
	foyer, peer = "foyer", "tesseract"
	noZone      = "no zone"
)

// A score is how one reader did on pictures of one kind.
type score struct {
	reader, kind string
	pictures     int
	exact        int // all lines as they stand on the document; of papers: nothing was found
	near         int // no corner of the quadrilateral is further than a character from the truth
	sure         int
	wrong        int // sure, but not exact
	took         []time.Duration
	page         []time.Duration       // of them, those at about 300 dpi
	formats      map[mrz.Format][2]int // exact, pictures
}

// percentile is in milliseconds; p is 0.5 for the median.
func percentile(took []time.Duration, p float64) float64 {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[int(p*float64(len(took)-1))].Seconds() * 1000
}

// An exam is one run through the set.
type exam struct {
	b         *testing.B
	gallery   *gallery.Gallery
	tesseract *tesseract // nil where it is not installed
	mu        sync.Mutex // of scores
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
	e := &exam{b: b, gallery: g, tesseract: t}
	for _, reader := range []string{foyer, peer} {
		for _, level := range degrade.Levels() {
			e.scores = append(e.scores, newScore(reader, string(level)))
		}
	}
	e.scores = append(e.scores, newScore(foyer, noZone))
	return e
}

func newScore(reader, kind string) *score {
	return &score{reader: reader, kind: kind, formats: map[mrz.Format][2]int{}}
}

func (e *exam) score(reader, kind string) *score {
	return e.scores[slices.IndexFunc(e.scores, func(s *score) bool { return s.reader == reader && s.kind == kind })]
}

// run divides the plan among as many readers as read at once.
func (e *exam) run(atOnce int, p plan) {
	var sitting sync.WaitGroup
	failed := make(chan error, atOnce)
	for first := range atOnce {
		reader := newReader(e.b)
		sitting.Go(func() { failed <- e.sit(reader, p, first, atOnce) })
	}
	sitting.Wait()
	for range atOnce {
		if err := <-failed; err != nil {
			e.b.Fatal(err)
		}
	}
}

// sit reads every so-manieth exhibit of the plan.
func (e *exam) sit(reader *ocr.Reader, p plan, first, every int) error {
	for i := first; i < max(p.documents, p.papers); i += every {
		for _, level := range degrade.Levels() {
			if i < p.documents {
				x, err := e.gallery.Document(level, i)
				if err == nil {
					err = e.read(reader, e.score(foyer, string(level)), x)
				}
				if err == nil && e.tesseract != nil && p.peerEvery > 0 && i%p.peerEvery == 0 {
					err = e.peer(e.score(peer, string(level)), x)
				}
				if err != nil {
					return err
				}
			}
			if i < p.papers {
				if err := e.read(reader, e.score(foyer, noZone), e.gallery.Paper(level, i)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (e *exam) read(reader *ocr.Reader, s *score, x gallery.Exhibit) error {
	start := time.Now()
	reading, err := reader.Read(e.b.Context(), x.Image, gallery.Day())
	took := time.Since(start)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s.timed(x, took)
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
	return nil
}

func (s *score) timed(x gallery.Exhibit, took time.Duration) {
	s.took = append(s.took, took)
	if math.Abs(x.Recipe.DPI-300) < 30 {
		s.page = append(s.page, took)
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

func (e *exam) peer(s *score, x gallery.Exhibit) error {
	lines, took, err := e.tesseract.read(e.b.Context(), x.Image, x.Recipe.DPI)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s.timed(x, took)
	s.count(x, contains(lines, x.Lines))
	return nil
}

func (e *exam) print(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\nreader\tpictures\t\texact\t%\tquad\tsure\twrong and sure\tmedian ms\t95 % ms\tmedian at 300 dpi\t")
	for _, s := range e.scores {
		if s.pictures == 0 {
			continue
		}
		fmt.Fprintf(t, "%s\t%d\t%s\t%d\t%.2f\t", s.reader, s.pictures, s.kind, s.exact, 100*float64(s.exact)/float64(s.pictures))
		if s.reader == foyer {
			fmt.Fprintf(t, "%d\t%d\t%d\t", s.near, s.sure, s.wrong)
		} else {
			fmt.Fprint(t, "-\t-\t-\t")
		}
		fmt.Fprintf(t, "%.0f\t%.0f\t%.0f\t\n", percentile(s.took, 0.5), percentile(s.took, 0.95), percentile(s.page, 0.5))
	}
	t.Flush()
	fmt.Fprintln(w, "\nexact of all, by format")
	t = tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, s := range e.scores {
		if s.kind == noZone || s.pictures == 0 {
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
