package inspection

import (
	"context"
	"image"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/verify"
)

// drawer draws the chip's portrait as a grey square, and says when it is ready to.
type drawer struct{ ready chan struct{} }

func (drawer) PrintedPortrait(front verify.Page) verify.Portrait {
	return verify.Portrait{Image: front.Image, Face: image.Rect(1, 1, 9, 9)}
}

func (d drawer) StoredPortrait(_ context.Context, dg2 <-chan []byte) verify.Portrait {
	close(d.ready)
	if _, there := <-dg2; !there {
		return verify.Portrait{}
	}
	square := image.NewRGBA(image.Rect(0, 0, 8, 8))
	for i := range square.Pix {
		square.Pix[i] = 0x80
	}
	return verify.Portrait{Image: square, Face: square.Rect}
}

// withDG2 is a chip that has a portrait.
func withDG2(lines []string) chipAnswer {
	a := openedWith(lines)
	a.files[emrtd.FileDG2] = []byte{0x75, 0}
	return a
}

// in waits for what must come.
func in(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(time.Minute):
		t.Errorf("waited in vain for %s", what)
	}
}

// TestThePortraitsAreComparedWhileTheRestIsStillPictured, and the decoder is ready before the chip is read: neither waits in turn.
func TestThePortraitsAreComparedWhileTheRestIsStillPictured(t *testing.T) {
	compared, ready := make(chan struct{}), make(chan struct{})
	b := &scripted{}
	p := table{
		lines: passport, chip: &field{answers: []chipAnswer{withDG2(passport)}, chip: paperChip{}}, glass: &glass{},
		portraits: drawer{ready},
		likeness: func(ev verify.Evidence) {
			if len(ev.Pages) != 1 || ev.Pages[0].Light != verify.Visible || len(ev.Files) != 1 || ev.Portraits.Printed.Image != ev.Pages[0].Image {
				t.Errorf("compared by %d pages, %d files", len(ev.Pages), len(ev.Files))
			}
			close(compared)
		},
	}
	p.chip.before = func() { in(t, "the decoder", ready) }
	p.glass.before = func(light devices.Light) {
		if light == devices.LightInfrared {
			in(t, "the comparison", compared)
		}
	}
	document, err := p.inspector(t).Open().Try(t.Context(), b, false)
	if err != nil || b.portrait == nil || document.Evidence.Portraits.Stored != b.portrait {
		t.Fatalf("%v; the visitor is given the portrait %v", err, b.portrait)
	}
	drawn := b.portrait.Image.Pix
	document.Wipe()
	if drawn[0] != 0 {
		t.Error("the chip's portrait is left after the document was wiped")
	}
}

// TestACardsPortraitsAreComparedOnceItsFrontIsSeen, which comes second.
func TestACardsPortraitsAreComparedOnceItsFrontIsSeen(t *testing.T) {
	var seen verify.Portraits
	p := table{
		lines: card, chip: &field{answers: []chipAnswer{withDG2(card)}, chip: paperChip{}}, glass: &glass{},
		portraits: drawer{make(chan struct{})}, likeness: func(ev verify.Evidence) { seen = ev.Portraits },
	}
	document, err := p.inspector(t).Open().Try(t.Context(), &scripted{turns: []bool{true}}, false)
	if err != nil || seen.Printed == nil || seen.Stored == nil || seen.Printed.Image != document.Evidence.Pages[3].Image {
		t.Errorf("%v; compared %+v", err, seen)
	}
}

// TestWithoutAPortraitNobodyWaitsForOne: the examiner says so itself.
func TestWithoutAPortraitNobodyWaitsForOne(t *testing.T) {
	for name, chip := range map[string]*field{
		"no DG2":  {answers: []chipAnswer{openedWith(passport)}, chip: paperChip{}},
		"no chip": {},
	} {
		t.Run(name, func(t *testing.T) {
			b, asked := &scripted{}, 0
			p := table{
				lines: passport, chip: chip, glass: &glass{faulty: []int{0}}, portraits: drawer{make(chan struct{})},
				timings: Timings{Chip: time.Millisecond},
				likeness: func(ev verify.Evidence) {
					if asked++; ev.Portraits != (verify.Portraits{}) || len(ev.Pages)+len(ev.Files) > 0 {
						t.Errorf("compared %+v", ev.Portraits)
					}
				},
			}
			if _, err := p.inspector(t).Open().Try(t.Context(), b, false); err != nil || b.portrait != nil || asked != 1 {
				t.Errorf("%v, portrait %v, asked %d times", err, b.portrait, asked)
			}
		})
	}
}
