package padsheet_test

import (
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu/protocol"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/goldentest"
	"github.com/foyer-station/foyer/ui/padsheet"
)

var update = flag.Bool("update", false, "write the golden pictures instead of comparing with them")

// The screens of pads: STU-300, 430, 500, and 520A, 530, 540.
var screens = map[string]devices.PadSize{
	"300": {Width: 396, Height: 100}, "430": {Width: 320, Height: 200}, "500": {Width: 640, Height: 480}, "530": {Width: 800, Height: 480},
}

func drawer(t *testing.T, file string) *padsheet.Drawer {
	t.Helper()
	d, err := padsheet.New(file)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSheetsLookAsTheyDid(t *testing.T) {
	d := drawer(t, "")
	for name, c := range map[string]struct{ screen, language string }{
		"530.en": {"530", "en"}, "530.ar": {"530", "ar"}, "430.de": {"430", "de"}, "300.uk": {"300", "uk"}, "300.ar": {"300", "ar"},
	} {
		sheet, err := d.Sheet(c.language, screens[c.screen])
		if err != nil {
			t.Fatal(err)
		}
		goldentest.Compare(t, *update, filepath.Join("testdata", name+".png"), sheet.Picture)
	}
	idle, err := d.Idle(screens["430"])
	if err != nil {
		t.Fatal(err)
	}
	goldentest.Compare(t, *update, filepath.Join("testdata", "idle.png"), idle)
}

func TestButtonsStandApartFromThePaperAndDoWhatTheScreensDo(t *testing.T) {
	d := drawer(t, "")
	for name, size := range screens {
		for _, language := range []string{"de", "en", "ar", "uk", ""} {
			sheet, err := d.Sheet(language, size)
			if err != nil {
				t.Fatal(err)
			}
			if len(sheet.Buttons) != 2 || sheet.Buttons[0].Event != (flow.Retry{}) || sheet.Buttons[1].Event != (flow.Next{}) {
				t.Fatalf("%s, %q: buttons %+v", name, language, sheet.Buttons)
			}
			again, done := sheet.Buttons[0].Area, sheet.Buttons[1].Area
			if again.Overlaps(done) || again.Overlaps(sheet.Paper) || done.Overlaps(sheet.Paper) ||
				!again.Union(done).Union(sheet.Paper).In(sheet.Picture.Bounds()) {
				t.Errorf("%s, %q: paper %v, buttons %v and %v", name, language, sheet.Paper, again, done)
			}
			if sheet.Paper.Dx()*sheet.Paper.Dy() < size.Width*size.Height/2 {
				t.Errorf("%s: less than half is left to sign on", name)
			}
		}
	}
}

func TestTheOfficesPictureIsShownWholeInTheMiddle(t *testing.T) {
	red := image.NewRGBA(image.Rect(0, 0, 100, 100))
	for i := range red.Pix {
		red.Pix[i] = []byte{0xff, 0, 0, 0xff}[i%4]
	}
	file := filepath.Join(t.TempDir(), "brand.png")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, red); err != nil {
		t.Fatal(err)
	}
	f.Close()
	picture, err := drawer(t, file).Idle(screens["530"])
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[image.Point]color.RGBA{
		{400, 240}: {0xff, 0, 0, 0xff}, {170, 10}: {0xff, 0, 0, 0xff}, {150, 240}: {0xff, 0xff, 0xff, 0xff}, {650, 240}: {0xff, 0xff, 0xff, 0xff},
	} {
		if got := picture.At(at.X, at.Y); got != want {
			t.Errorf("at %v: %v, want %v", at, got, want)
		}
	}
}

func TestAPictureThatIsNoneIsSaidAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "brand.png")
	if err := os.WriteFile(file, []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, file + ".missing"} {
		if _, err := padsheet.New(name); err == nil {
			t.Errorf("New(%s) has no error", name)
		}
	}
}

// A block of a picture takes about a millisecond on the wire (253 bytes in a control transfer at full speed). This is for pads that
// take areas and compression; the others are sent a whole screen, one bit a pixel: 48 kB to an STU-520A.
func TestASheetAndFoyersOwnPictureAreSmallEnoughToComeAtOnce(t *testing.T) {
	const atOnce = 3000
	d := drawer(t, "")
	takes := protocol.TakesZlib | protocol.Takes1Bit | protocol.Takes16Bit | protocol.Takes24Bit
	for name, size := range screens {
		white := protocol.Flatten(image.NewNRGBA(image.Rect(0, 0, size.Width, size.Height)))
		pictures := map[string]image.Image{}
		for _, language := range []string{"de", "en", "ar", "uk"} {
			sheet, err := d.Sheet(language, size)
			if err != nil {
				t.Fatal(err)
			}
			pictures["sheet in "+language] = sheet.Picture
		}
		idle, err := d.Idle(size)
		if err != nil {
			t.Fatal(err)
		}
		pictures["Foyer's own"] = idle
		for what, picture := range pictures {
			flat, sum := protocol.Flatten(picture), 0
			areas := protocol.Changes(white, flat)
			for _, area := range areas {
				_, data := takes.Encode(flat, area)
				sum += len(data)
			}
			t.Logf("%s, %s: %d bytes in %d areas", name, what, sum, len(areas))
			if sum > atOnce {
				t.Errorf("%s, %s: %d bytes", name, what, sum)
			}
		}
	}
}
