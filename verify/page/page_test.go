package page_test

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/page"
	"github.com/foyer-station/foyer/verify/portrait"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
	"gocv.io/x/gocv"
)

var day = time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)

func examiner(t testing.TB) *page.Examiner {
	t.Helper()
	f, err := portrait.NewFinder(portrait.DefaultCascades)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return page.New(f, page.DefaultThresholds())
}

// all makes the three checks.
func all(ctx context.Context, e *page.Examiner, ev verify.Evidence) []verify.Check {
	return append(e.ExaminePages(ctx, ev), e.ComparePortraits(ctx, ev)...)
}

// examine gives the checks by id, having looked that each of the three is there, complete, and once.
func examine(t *testing.T, e *page.Examiner, ev verify.Evidence) map[string]verify.Check {
	t.Helper()
	by := map[string]verify.Check{}
	for _, c := range all(t.Context(), e, ev) {
		if len(c.Reasons) == 0 || c.Category == "" || c.Result == verify.Passed && (c.Margin == nil || *c.Margin < 0 || len(c.Evidence) == 0) {
			t.Errorf("incomplete check %+v", c)
		}
		by[c.ID] = c
	}
	if want := []string{"cross.portrait_dg2", "optical.ir.b900", "optical.uv.dullness"}; !slices.Equal(slices.Sorted(maps.Keys(by)), want) {
		t.Errorf("checks are %v", by)
	}
	return by
}

// infrared is optical.ir.b900 alone.
func infrared(t *testing.T, ev verify.Evidence) verify.Check {
	t.Helper()
	return page.New(nil, page.DefaultThresholds()).ExaminePages(t.Context(), ev)[0]
}

func results(checks map[string]verify.Check) [3]verify.Result {
	return [3]verify.Result{checks["optical.ir.b900"].Result, checks["optical.uv.dullness"].Result, checks["cross.portrait_dg2"].Result}
}

// utopia is one maker for all tests: it keeps what it has drawn.
var utopia = sync.OnceValues(func() (*specimen.Maker, error) { return specimen.NewMaker(1, day) })

func made(t testing.TB, person int, v specimen.Variant) *specimen.Specimen {
	t.Helper()
	m, err := utopia()
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.Make(m.People()[person], v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Drawing is slow, so of the variants that look alike on the page only one is drawn, and not for everyone. Person 5 carries a card.
func TestThePagesOfUtopiaAreToldApart(t *testing.T) {
	const p, f, n = verify.Passed, verify.Failed, verify.NotPerformed
	e := examiner(t)
	for _, c := range []struct {
		person  int
		variant specimen.Variant
		want    [3]verify.Result // infrared, ultraviolet, portrait
	}{
		{0, specimen.Genuine, [3]verify.Result{p, p, p}},
		{0, specimen.NoChip, [3]verify.Result{p, p, n}},
		{0, specimen.PhotoSwap, [3]verify.Result{p, p, f}},
		{0, specimen.BrightPaper, [3]verify.Result{p, f, p}},
		{0, specimen.WrongInk, [3]verify.Result{f, p, p}},
		{0, specimen.WrongHash, [3]verify.Result{p, p, p}}, // the forger changed both portraits: the hash tells, not the page
		{1, specimen.Forged, [3]verify.Result{p, p, f}},
		{5, specimen.Genuine, [3]verify.Result{p, p, p}},
		{5, specimen.Forged, [3]verify.Result{p, p, f}},
	} {
		s := made(t, c.person, c.variant)
		checks := examine(t, e, s.Evidence())
		if got := results(checks); got != c.want {
			t.Errorf("%s, %s: %v, want %v: %+v", s.Person.ID, c.variant, got, c.want, checks)
		}
	}
}

func TestEvidenceIsSpoiltInEveryWayAndNothingPassesForIt(t *testing.T) {
	e, genuine := examiner(t), made(t, 0, specimen.Genuine).Evidence()
	const p, u, n = verify.Passed, verify.Undetermined, verify.NotPerformed
	alike := func(r verify.Result) [3]verify.Result { return [3]verify.Result{r, r, r} }
	for name, c := range map[string]struct {
		spoil func(*verify.Evidence)
		want  [3]verify.Result
	}{
		"nothing at all":      {func(ev *verify.Evidence) { *ev = verify.Evidence{} }, alike(n)},
		"no infrared":         {drop(verify.Infrared), [3]verify.Result{n, p, p}},
		"no ultraviolet":      {drop(verify.Ultraviolet), [3]verify.Result{p, n, p}},
		"no visible":          {drop(verify.Visible), alike(n)},
		"no chip":             {func(ev *verify.Evidence) { ev.Files = nil }, [3]verify.Result{p, p, n}},
		"garbage in DG2":      {func(ev *verify.Evidence) { ev.Files = map[string][]byte{"DG2": []byte("not a face")} }, [3]verify.Result{p, p, u}},
		"infrared lamp dead":  {repaint(verify.Infrared, black), [3]verify.Result{u, p, p}},
		"infrared all white":  {repaint(verify.Infrared, white), [3]verify.Result{u, p, p}},
		"infrared noise":      {repaint(verify.Infrared, noise), [3]verify.Result{u, p, p}},
		"ultraviolet dead":    {repaint(verify.Ultraviolet, black), [3]verify.Result{p, u, p}},
		"ultraviolet white":   {repaint(verify.Ultraviolet, white), [3]verify.Result{p, u, p}},
		"ultraviolet noise":   {repaint(verify.Ultraviolet, noise), [3]verify.Result{p, u, p}},
		"empty glass":         {repaint(verify.Visible, black), alike(u)},
		"visible noise":       {repaint(verify.Visible, noise), [3]verify.Result{u, p, u}},
		"tiny pictures":       {resize(image.Rect(0, 0, 40, 30)), alike(u)},
		"pictures that lie":   {func(ev *verify.Evidence) { each(ev, func(p *verify.Page) { p.Image.Pix = p.Image.Pix[:16] }) }, alike(u)},
		"absurd resolution":   {func(ev *verify.Evidence) { each(ev, func(p *verify.Page) { p.DPI = 1 << 30 }) }, alike(u)},
		"pictures missing":    {func(ev *verify.Evidence) { each(ev, func(p *verify.Page) { p.Image = nil }) }, alike(u)},
		"one of another size": {func(ev *verify.Evidence) { ev.Pages[1].Image = image.NewRGBA(image.Rect(0, 0, 400, 400)) }, [3]verify.Result{u, p, p}},
	} {
		ev := genuine
		ev.Pages = slices.Clone(genuine.Pages)
		for i, p := range ev.Pages {
			copied := *p.Image
			ev.Pages[i].Image = &copied
		}
		c.spoil(&ev)
		if checks := examine(t, e, ev); results(checks) != c.want {
			t.Errorf("%s: %v, want %v: %+v", name, results(checks), c.want, checks)
		}
	}
}

func each(ev *verify.Evidence, change func(*verify.Page)) {
	for i := range ev.Pages {
		change(&ev.Pages[i])
	}
}

func drop(light verify.Light) func(*verify.Evidence) {
	return func(ev *verify.Evidence) {
		ev.Pages = slices.DeleteFunc(ev.Pages, func(p verify.Page) bool { return p.Light == light })
	}
}

func repaint(light verify.Light, paint func(*image.RGBA)) func(*verify.Evidence) {
	return func(ev *verify.Evidence) {
		each(ev, func(p *verify.Page) {
			if p.Light == light {
				p.Image = image.NewRGBA(p.Image.Rect)
				paint(p.Image)
			}
		})
	}
}

func resize(r image.Rectangle) func(*verify.Evidence) {
	return func(ev *verify.Evidence) { each(ev, func(p *verify.Page) { p.Image = image.NewRGBA(r) }) }
}

func black(m *image.RGBA) { draw.Draw(m, m.Rect, image.Black, image.Point{}, draw.Src) }
func white(m *image.RGBA) { draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src) }

func noise(m *image.RGBA) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = uint8(random.Uint32())
	}
}

func TestACardWhoseBackWasNotSeenIsNotHeldAgainstIt(t *testing.T) {
	ev := made(t, 5, specimen.Genuine).Evidence()
	ev.Pages = slices.DeleteFunc(ev.Pages, func(p verify.Page) bool { return p.Side == verify.Back })
	if got := infrared(t, ev); got.Result != verify.NotPerformed {
		t.Errorf("%+v", got)
	}
}

// On a glass made for passports a card leaves the rest dark, and the MRZ may have been altered in part only.
func TestACharacterOrTwoInAnotherInkIsFoundOnALargerGlass(t *testing.T) {
	s := made(t, 5, specimen.Genuine)
	ev := s.Evidence()
	each(&ev, func(p *verify.Page) {
		glass := image.NewRGBA(image.Rect(0, 0, 1476, 1039))
		black(glass)
		draw.Draw(glass, p.Image.Rect, p.Image, image.Point{}, draw.Src)
		p.Image = glass
	})
	genuine := infrared(t, ev)
	if genuine.Result != verify.Passed || genuine.Evidence[1] != "page-2-infrared" {
		t.Fatalf("genuine: %+v", genuine)
	}
	each(&ev, func(p *verify.Page) {
		if p.Side == verify.Back && p.Light == verify.Infrared {
			at := image.Rect(genuine.Area.Min.X, genuine.Area.Min.Y, genuine.Area.Min.X+genuine.Area.Dx()/4, genuine.Area.Min.Y+genuine.Area.Dy()/4)
			draw.Draw(p.Image, at, image.NewUniform(color.Gray{222}), image.Point{}, draw.Src)
		}
	})
	if altered := infrared(t, ev); altered.Result != verify.Failed || *altered.Margin >= 0 {
		t.Errorf("altered: %+v", altered)
	}
}

func TestAnExaminationThatIsStoppedSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range all(ctx, examiner(t), verify.Evidence{}) {
		if c.Result != verify.Aborted {
			t.Errorf("%+v", c)
		}
	}
}

func TestWithoutAFinderPortraitsAreNotCompared(t *testing.T) {
	checks := page.New(nil, page.DefaultThresholds()).ComparePortraits(t.Context(), verify.Evidence{})
	if c := checks[0]; c.Result != verify.NotPerformed || wordingtest.English(t, c) != "the face finder is not installed" {
		t.Errorf("%+v", c)
	}
}

func TestNoPictureMemoryIsLeftBehind(t *testing.T) {
	ev := made(t, 0, specimen.Genuine).Evidence()
	e := examiner(t)
	before := gocv.MatProfile.Count()
	for range 2 {
		all(t.Context(), e, ev)
	}
	ev.Files = map[string][]byte{"DG2": ev.Files["DG2"][:len(ev.Files["DG2"])/2]}
	all(t.Context(), e, ev)
	if after := gocv.MatProfile.Count(); after != before {
		t.Errorf("%d Mats before, %d after", before, after)
	}
}

func BenchmarkExamine(b *testing.B) {
	ev := made(b, 0, specimen.Genuine).Evidence()
	e := examiner(b)
	for b.Loop() {
		all(b.Context(), e, ev)
	}
}

// BenchmarkComparePortraits has the start of a decoder in it.
func BenchmarkComparePortraits(b *testing.B) {
	ev := made(b, 0, specimen.Genuine).Evidence()
	e := examiner(b)
	for b.Loop() {
		e.ComparePortraits(b.Context(), ev)
	}
}

func TestAnotherPersonDrawnAlikeDoesNotPass(t *testing.T) {
	const delacruz, tanaka = 4, 6
	for _, pair := range [][2]int{{delacruz, tanaka}, {tanaka, delacruz}} {
		ev := made(t, pair[0], specimen.Genuine).Evidence()
		ev.Files = made(t, pair[1], specimen.Genuine).Files
		check := examiner(t).ComparePortraits(t.Context(), ev)[0]
		if check.Result == verify.Passed || check.Result == verify.NotPerformed {
			t.Errorf("person %d's page with person %d's chip: %+v", pair[0], pair[1], check)
		}
	}
}
