package kiosk

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // for image.Decode
	_ "image/png"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/flow"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
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

// copyOf is a picture of its own: the station overwrites those that it was given.
func copyOf(m *image.RGBA) *image.RGBA {
	return &image.RGBA{Pix: slices.Clone(m.Pix), Stride: m.Stride, Rect: m.Rect}
}

// checkInCard brings a visitor with a card, both sides of it, to a ticket.
func (b *bed) checkInCard() View {
	return b.checkInCardWith(chipWith("EF.COM", "EF.SOD", "DG1", "DG2"))
}

func (b *bed) checkInCardWith(chip chipAnswer) View {
	b.t.Helper()
	b.begin(flow.StepDocument)
	b.shows(flow.Document, flow.Waiting)
	b.layDown(idCard)
	b.field.answers <- chip
	b.shows(flow.TurnOver, flow.Waiting)
	b.Send(flow.Next{})
	return b.finish()
}

// checkInPassport does so with a passport.
func (b *bed) checkInPassport() View {
	return b.checkInPassportWith(chipWith("EF.COM", "EF.SOD", "DG1", "DG2"))
}

func (b *bed) checkInPassportWith(chip chipAnswer) View {
	b.t.Helper()
	b.begin(flow.StepDocument)
	b.shows(flow.Document, flow.Waiting)
	b.layDown(passport)
	b.field.answers <- chip
	return b.finish()
}

// pages are the pictures of pages that arrived, by name.
func (k kept) pages(t testing.TB) map[string]image.Image {
	t.Helper()
	all := map[string]image.Image{}
	for name, text := range k.files {
		if k.describes(name).GetKind() == stationv1.KindPage {
			picture, _, err := image.Decode(bytes.NewReader(text))
			fatal(t, err)
			all[name] = picture
		}
	}
	return all
}

// describes gives a file of the record.
func (k kept) describes(name string) *stationv1.File {
	for _, f := range k.record.GetFiles() {
		if f.GetName() == name {
			return f
		}
	}
	return nil
}

func TestSixNoisyPagesAtFullSizeAreTakenByTheOffice(t *testing.T) {
	example, err := config.Load("../packaging/station.example.toml")
	fatal(t, err)
	sensor := example.Devices.PageImager.Camera
	for _, size := range []image.Point{{sensor.Width, sensor.Height}, {2100, 1800}} { // more than a file may have; more than a check-in
		page := noise(size.X, size.Y)
		b, office := newBedAtRealOffice(t, func(b *bed, c *Config) {
			b.imager.sees = func() *image.RGBA { return copyOf(page) }
			c.EvidenceDPI = example.Devices.PageImager.KeptDPI
		})
		b.checkInCard()
		kept := b.admitted(office)
		pages := kept.pages(t)
		if len(pages) != 6 || kept.Verdict != verify.Unverified || len(kept.record.GetDocuments()) != 1 {
			t.Fatalf("%v: %d pages arrived, %+v\n%s", size, len(pages), kept.CheckIn, b.log)
		}
		for name := range pages { // so much noise does not fit as it is, and staff are told
			if kept.describes(name).GetMediaType() != "image/jpeg" || !told(kept.record, name, stationv1.DroppedReduced, 0) {
				t.Errorf("%v: %s is %v", size, name, kept.describes(name))
			}
		}
	}
}

// onGlass is the picture of something noisy on empty glass.
func onGlass(glass image.Point, something image.Rectangle) *image.RGBA {
	m := image.NewRGBA(image.Rectangle{Max: glass})
	draw.Draw(m, m.Rect, image.NewUniform(color.RGBA{12, 12, 12, 255}), image.Point{}, draw.Src)
	draw.Draw(m, something, noise(something.Dx(), something.Dy()), image.Point{}, draw.Src)
	return m
}

// TestADocumentIsKeptWithoutLoss has the largest documents that there are, as noisy as can be, on the glass of the example
// configuration: the data page of a passport and both sides of a card (ICAO Doc 9303-4, 9303-5), at 400 dpi.
func TestADocumentIsKeptWithoutLoss(t *testing.T) {
	for name, c := range map[string]struct {
		lies    image.Rectangle
		pages   int
		checkIn func(*bed) View
	}{
		"passport": {image.Rect(300, 200, 300+1969, 200+1386), 3, (*bed).checkInPassport},
		"card":     {image.Rect(300, 200, 300+1349, 200+851), 6, (*bed).checkInCard},
	} {
		taken := onGlass(image.Pt(3840, 2160), c.lies)
		b, office := newBedAtRealOffice(t, func(b *bed, _ *Config) {
			b.imager.sees = func() *image.RGBA { return copyOf(taken) }
		})
		c.checkIn(b)
		kept := b.admitted(office)
		pages := kept.pages(t)
		if len(pages) != c.pages || len(kept.record.GetDropped()) > 0 {
			t.Fatalf("%s: %d pages, losses %v\n%s", name, len(pages), kept.record.GetDropped(), b.log)
		}
		rim := c.lies.Inset(-47) // 3 mm
		for page, picture := range pages {
			f := kept.describes(page)
			if picture.Bounds().Size() != rim.Size() || f.GetMediaType() != "image/png" || f.GetDpi() != 400 {
				t.Fatalf("%s: %s has %v of %v, %v", name, page, picture.Bounds(), rim.Size(), f)
			}
			for _, at := range []image.Point{{0, 0}, {47, 47}, rim.Size().Div(2), rim.Size().Sub(image.Pt(48, 48))} {
				if r, g, bl, _ := picture.At(at.X, at.Y).RGBA(); taken.RGBAAt(at.X+rim.Min.X, at.Y+rim.Min.Y) != (color.RGBA{uint8(r), uint8(g), uint8(bl), 255}) {
					t.Errorf("%s: %s differs at %v", name, page, at)
				}
			}
		}
	}
}

func TestAPageIsKeptNoFinerThanIsAskedFor(t *testing.T) {
	b, office := newBedAtRealOffice(t, func(b *bed, c *Config) {
		b.imager.sees = func() *image.RGBA { return noise(800, 600) } // at 400 dpi
		c.EvidenceDPI = 200
	})
	b.checkInPassport()
	kept := b.admitted(office)
	for name, picture := range kept.pages(t) {
		if picture.Bounds().Size() != image.Pt(400, 300) || kept.describes(name).GetDpi() != 200 || len(kept.record.GetDropped()) > 0 {
			t.Errorf("%s has %v, %v", name, picture.Bounds(), kept.describes(name))
		}
	}
}

// TestAChipThatHoldsTooMuchLosesWhatProvesLeast has files as no chip in the field: as many and as large as anyone can ask for.
func TestAChipThatHoldsTooMuchLosesWhatProvesLeast(t *testing.T) {
	b, office := newBedAtRealOffice(t, nil)
	files := map[string][]byte{"EF.SOD": make([]byte, 3<<20), "DG1": make([]byte, 3<<20), "DG13": make([]byte, 4<<20), "DG2": make([]byte, 5<<20)}
	for i := range 900 { // more than staff would read the names of
		files[fmt.Sprint("EF.", i)] = []byte{1}
	}
	b.begin(flow.StepDocument)
	b.shows(flow.Document, flow.Waiting)
	b.layDown(passport)
	b.field.answers <- chipAnswer{files: files}
	b.finish()
	kept := b.admitted(office)
	if kept.files["document-1-chip-EF.SOD"] == nil || kept.files["document-1-chip-DG1"] == nil || kept.files["document-1-chip-DG2"] == nil || len(kept.pages(t)) != 3 {
		t.Errorf("what proves most is missing among %d files\n%s", len(kept.files), b.log)
	}
	if len(kept.record.GetDropped()) > stationv1.MaxDropped || !slices.ContainsFunc(kept.record.GetDropped(), func(d *stationv1.Dropped) bool {
		return d.GetName() == "files" && d.GetCount() > 40
	}) {
		t.Errorf("staff are told %v", kept.record.GetDropped())
	}
}

// TestWhateverAStationTakesIsTakenByTheOffice draws sensors, what lies on the glass, chips and resolutions.
func TestWhateverAStationTakesIsTakenByTheOffice(t *testing.T) {
	b, office := newBedAtRealOffice(t, nil)
	visitors := 0
	rapid.Check(t, func(t *rapid.T) {
		if visitors++; visitors > 16 { // a check-in takes some tenths of a second
			return
		}
		glass := image.Pt(rapid.IntRange(1, 2600).Draw(t, "width"), rapid.IntRange(1, 1500).Draw(t, "height"))
		lies := image.Rect(0, 0, rapid.IntRange(0, glass.X).Draw(t, "right"), rapid.IntRange(0, glass.Y).Draw(t, "bottom"))
		b.imager.show(func() *image.RGBA { return onGlass(glass, lies) })
		files := map[string][]byte{}
		for i := range rapid.IntRange(0, 40).Draw(t, "files") {
			files[fmt.Sprint("DG", i)] = make([]byte, rapid.IntRange(0, 512<<10).Draw(t, "size"))
		}
		checkIn := b.checkInCardWith
		if rapid.Bool().Draw(t, "passport") {
			checkIn = b.checkInPassportWith
		}
		if v := checkIn(chipAnswer{files: files}); v.State.Number == "" {
			t.Fatalf("%+v", v.State)
		}
		b.gone()
		if kept := b.admitted(office); kept.record == nil || kept.Verdict != verify.Unverified {
			t.Fatalf("kept as %+v\n%s", kept.CheckIn, office.log)
		}
	})
}

func TestADocumentWhoseBytesAreNoTextIsConfirmed(t *testing.T) {
	b, office := newBedAtRealOffice(t, func(_ *bed, c *Config) { c.Inspection.Timings.Page = 100 * time.Millisecond }) // nothing lies on its glass
	lines := []string{"P<UTOERIKSSON<<\xff\x00\u202eA<MARIA" + strings.Repeat("<", 17), passport[1]}
	b.begin(flow.StepDocument)
	b.shows(flow.Document, flow.Waiting)
	for range 2 { // read twice alike, an MRZ with faults is taken
		b.layDown(lines)
	}
	b.field.answers <- chipWith("DG1")
	if v := b.finish(); v.State.Problem == flow.NotSaved {
		t.Fatalf("the visitor sees %+v\n%s", v.State, b.log)
	}
	if kept := b.admitted(office); len(kept.record.GetDocuments()) != 1 {
		t.Errorf("kept as %+v", kept.CheckIn)
	}
}

func TestAPortraitAndASignatureAlwaysFit(t *testing.T) {
	face, err := fitPicture(noise(2880, 3840), portraitShare, false) // of a sensor of 8K
	if err != nil || stationv1.SealedSize(int64(len(face.text))) > portraitShare {
		t.Errorf("a portrait of %d bytes, %v", len(face.text), err)
	}
	b := newBed(t, nil)
	c := &checkIn{id: uuid.Must(uuid.NewV7()).String(), recipient: b.office.Recipient(), contract: firstContract}
	scribble := image.NewGray(image.Rect(0, 0, 2048, maxPadPixels/2048))
	rand.NewChaCha8([32]byte{2}).Read(scribble.Pix)
	samples := make([]devices.Sample, maxSamples)
	for i := range samples {
		samples[i] = devices.Sample{X: math.MaxInt32 - i, Y: math.MaxInt32, Pressure: math.MaxInt32, At: math.MaxInt32 * time.Millisecond}
	}
	files, err := c.keepSignature(t.Context(), b.journal, named{}, scribble, &writing{samples: samples}, devices.PadSize{})
	fatal(t, err)
	sum := int64(0)
	for _, f := range files {
		sum += stationv1.SealedSize(f.GetSize())
	}
	if sum > signatureShare {
		t.Errorf("a signature of %d bytes", sum)
	}
}
