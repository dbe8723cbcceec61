package kiosk

import (
	"image"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/verify"
)

// noise is a picture that nothing makes smaller.
func noise(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	random := rand.NewChaCha8([32]byte{1})
	random.Read(m.Pix)
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 0xff
	}
	return m
}

// checkInCard brings a visitor with a card, both sides of it, to a ticket.
func (b *bed) checkInCard() View {
	b.t.Helper()
	b.begin(flow.StepDocument)
	b.shows(flow.Document, flow.Waiting)
	b.layDown(idCard)
	b.field.answers <- chipWith("EF.COM", "EF.SOD", "DG1", "DG2")
	b.shows(flow.TurnOver, flow.Waiting)
	b.Send(flow.Next{})
	return b.finish()
}

func TestSixNoisyPagesAtFullSizeAreTakenByTheOffice(t *testing.T) {
	for _, size := range []image.Point{{3840, 2160}, {2600, 1900}} { // more than a file may have; more than a check-in
		b, office := newBedAtRealOffice(t, func(b *bed, _ *Config) {
			b.imager.sees = func() *image.RGBA { return noise(size.X, size.Y) }
		})
		b.checkInCard()
		kept := b.taken(office)
		pages := 0
		for name := range kept.files {
			if strings.HasPrefix(name, "page-") {
				pages++
			}
		}
		if pages != 6 || kept.Verdict != verify.Unverified || len(kept.record.GetDocuments()) != 1 {
			t.Errorf("%v: %d pages arrived, %+v\n%s", size, pages, kept.CheckIn, b.log)
		}
	}
}

func TestADocumentWhoseBytesAreNoTextIsConfirmed(t *testing.T) {
	b, office := newBedAtRealOffice(t, nil)
	lines := []string{"P<UTOERIKSSON<<\xff\x00\u202eA<MARIA" + strings.Repeat("<", 17), passport[1]}
	b.begin(flow.StepDocument)
	b.shows(flow.Document, flow.Waiting)
	for range 2 { // read twice alike, a zone with faults is taken
		b.layDown(lines)
	}
	b.field.answers <- chipWith("DG1")
	if v := b.finish(); v.State.Problem == flow.NotSaved {
		t.Fatalf("the visitor sees %+v\n%s", v.State, b.log)
	}
	if kept := b.taken(office); len(kept.record.GetDocuments()) != 1 {
		t.Errorf("kept as %+v", kept.CheckIn)
	}
}
