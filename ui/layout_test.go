package ui

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/theme"
)

// eachScreen lays out every sample in every language.
func eachScreen(t *testing.T, check func(t *testing.T, s *station, sample sample)) {
	t.Helper()
	s := newStation(t, 0.5)
	for _, sample := range samples {
		for _, language := range languages {
			t.Run(sample.name+"/"+language, func(t *testing.T) {
				s.show(sample, language)
				check(t, s, sample)
			})
		}
	}
}

// box is an object's place in the window, in units.
type box struct{ left, top, right, bottom float32 }

func boxOf(o fyne.CanvasObject, at fyne.Position) box {
	return box{at.X, at.Y, at.X + o.Size().Width, at.Y + o.Size().Height}
}

func (b box) in(outer box) bool {
	const rounding = 0.5
	return b.left >= outer.left-rounding && b.top >= outer.top-rounding &&
		b.right <= outer.right+rounding && b.bottom <= outer.bottom+rounding
}

// apart is the distance between two boxes; negative where they overlap.
func (b box) apart(other box) float32 {
	return max(other.left-b.right, b.left-other.right, other.top-b.bottom, b.top-other.bottom)
}

var window = box{0, 0, theme.Width, theme.Height}

func TestNothingIsCutOffOrLiesOverSomethingElse(t *testing.T) {
	eachScreen(t, func(t *testing.T, s *station, _ sample) {
		var texts []box
		var said []string
		for _, layer := range s.root.Objects {
			texts, said = texts[:0], said[:0]
			walk(layer, fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
				place := boxOf(o, at)
				contains(t, o, at)
				switch o := o.(type) {
				case *paragraph:
					fits(t, o, place, window)
					texts, said = append(texts, place), append(said, o.content)
				case *button:
					if !place.in(window) {
						t.Errorf("control %s at %v leaves the window", o.id, place)
					}
					for _, p := range o.paragraphs() {
						fits(t, p, boxOf(p, at.Add(p.Position())), place)
					}
					texts, said = append(texts, place), append(said, "control "+o.id)
				}
			})
			for i := range texts {
				for j := range i {
					if texts[i].apart(texts[j]) < -0.5 {
						t.Errorf("%q lies over %q", said[i], said[j])
					}
				}
			}
		}
	})
}

// contains tells of what leaves the container that it was put into.
func contains(t *testing.T, o fyne.CanvasObject, at fyne.Position) {
	t.Helper()
	c, ok := o.(*fyne.Container)
	if !ok {
		return
	}
	for _, child := range c.Objects {
		if place := boxOf(child, at.Add(child.Position())); !place.in(boxOf(c, at)) {
			t.Errorf("%T at %v leaves its container at %v", child, place, boxOf(c, at))
		}
	}
}

// fits tells of a paragraph that is higher or wider than its place, or whose place leaves the box around it.
func fits(t *testing.T, p *paragraph, place, around box) {
	t.Helper()
	if p.content == "" {
		return
	}
	if !place.in(around) {
		t.Errorf("%q at %v leaves %v", p.content, place, around)
	}
	width := place.right - place.left
	if needed := p.heightFor(width); needed > place.bottom-place.top+0.5 {
		t.Errorf("%q needs %.0f of height and has %.0f", p.content, needed, place.bottom-place.top)
	}
	if p.style.MaxLines > 0 { // names from outside may be cut or broken
		return
	}
	for _, word := range strings.Fields(p.content) {
		if wide := p.typesetter.Layout(word, p.style, math.MaxInt16).Width(); wide > width {
			t.Errorf("%q: %q is %.0f wide and has %.0f", p.content, word, wide, width)
		}
	}
}

// EN 301 549, 5.1.4 and 8.3, and the reach of somebody in a wheelchair.
func TestEverythingCanBeReadAndReached(t *testing.T) {
	eachScreen(t, func(t *testing.T, s *station, shown sample) {
		var controls []box
		top := s.root.Objects[len(s.root.Objects)-1]
		walk(top, fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
			if p, ok := o.(*paragraph); ok && p.style.Size < theme.Small {
				t.Errorf("%q is written in %.0f units", p.content, p.style.Size)
			}
			b, ok := o.(*button)
			if !ok {
				return
			}
			place := boxOf(b, at)
			if place.bottom-place.top < theme.MinTarget || place.right-place.left < theme.MinTarget {
				t.Errorf("%s is too small: %v", b.id, place)
			}
			if place.top < theme.Height/2-1 && shown.state.Screen != flow.Technician { // whose list of devices has the whole screen
				t.Errorf("%s is in the upper half: %v", b.id, place)
			}
			for _, other := range controls {
				if place.apart(other) < 10 { // 3 mm
					t.Errorf("%s is too close to another control", b.id)
				}
			}
			controls = append(controls, place)
		})
	})
}

func TestEveryScreenOffersHelpAndAWayOn(t *testing.T) {
	eachScreen(t, func(t *testing.T, s *station, sample sample) {
		ids := map[string]bool{}
		for _, f := range s.screen.Focus {
			if ids[f.ID] {
				t.Errorf("two controls are called %s", f.ID)
			}
			ids[f.ID] = true
		}
		switch {
		case sample.state.Screen == flow.OutOfService, sample.state.Screen == flow.Tested, sample.state.Screen == flow.Cleared:
			return // nobody can do anything here
		case sample.state.Countdown:
			if !ids["more_time"] || !ids["leave"] || len(ids) != 2 {
				t.Errorf("under a countdown there are %v", s.screen.Focus)
			}
			return
		case sample.state.Screen == flow.TakeDocument:
			if !ids["staff"] || len(ids) != 1 {
				t.Errorf("beside calling a person there is %v", s.screen.Focus)
			}
			return
		case sample.state.Screen == flow.Help:
			if !ids["help.continue"] {
				t.Error("help cannot be closed")
			}
			return
		}
		if technicians(sample.state.Screen) {
			if !ids["back"] && !ids["leave"] {
				t.Error("a technician cannot leave")
			}
			return
		}
		if !ids["help"] {
			t.Error("there is no help")
		}
		if back := sample.state.Screen != flow.Greeting && sample.state.Screen != flow.Ticket; ids["back"] != back {
			t.Errorf("back: %v", ids["back"])
		}
	})
}

var messageID = regexp.MustCompile(`^[a-z_]+(\.[a-z_]+)+$`)

func TestNoTextIsMissing(t *testing.T) {
	eachScreen(t, func(t *testing.T, s *station, _ sample) {
		for _, layer := range s.root.Objects {
			walk(layer, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
				var texts []*paragraph
				switch o := o.(type) {
				case *paragraph:
					texts = []*paragraph{o}
				case *button:
					texts = o.paragraphs()
				}
				for _, p := range texts {
					if messageID.MatchString(p.content) {
						t.Errorf("%s is said by its id", p.content)
					}
				}
			})
		}
	})
}
