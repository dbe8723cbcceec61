package ticket_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/foyer-station/foyer/devices/escpos"
	"github.com/foyer-station/foyer/emulate/printer"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/goldentest"
	"github.com/foyer-station/foyer/ui/ticket"
)

var update = flag.Bool("update", false, "write the golden pictures instead of comparing with them")

// Widths in dots: of rolls of 80 and of 58 mm.
const (
	usual  = 576
	narrow = 384
)

func data(language string) kiosk.TicketData {
	return kiosk.TicketData{
		Number: "A-127", Room: "B12", Lobby: "Lobby 2", Ahead: 3, Language: language, StaffWillHelp: true,
		Office: "Ausländerbehörde Utopia", Time: time.Date(2026, 3, 2, 9, 41, 0, 0, time.UTC),
	}
}

func TestTicketsLookAsTheyDid(t *testing.T) {
	lobby := data("uk")
	lobby.Room, lobby.Ahead, lobby.StaffWillHelp = "", -1, false
	wait := func(language string) kiosk.TicketData {
		d := data(language)
		d.Wait = flow.Wait{From: 10, Until: 25}
		return d
	}
	for name, d := range map[string]kiosk.TicketData{
		"wait.de": wait("de"), "wait.en": wait("en"), "wait.ar": wait("ar"), "wait.uk": wait("uk"),
		"de": data("de"), "en": data("en"), "ar": data("ar"), "uk": data("uk"), "lobby.uk": lobby,
	} {
		goldentest.Compare(t, *update, filepath.Join("testdata", name+".png"), drawn(t, d, usual))
	}
	for name, d := range map[string]kiosk.TicketData{"narrow.de": data("de"), "narrow.ar": data("ar"), "narrow.lobby.uk": lobby} {
		goldentest.Compare(t, *update, filepath.Join("testdata", name+".png"), drawn(t, d, narrow))
	}
}

// wait is an address as long as most, longest one as long as any (stationv1.MaxTicketURL).
const wait = "https://wait.example.org/AAAAAAAAAAAAAAAAAAAAAAAAAA"

var longest = "https://" + strings.Repeat("x", 213-8)

func TestATicketShowsTheWayToTheVisitorsOwnView(t *testing.T) {
	for _, c := range []struct {
		language, url string
		width         int
	}{{"de", wait, usual}, {"ar", wait, usual}, {"uk", wait, narrow}, {"en", longest, usual}, {"en", longest, narrow}} {
		d := data(c.language)
		d.URL = c.url
		picture := drawn(t, d, c.width)
		bits, err := gozxing.NewBinaryBitmapFromImage(picture)
		if err != nil {
			t.Fatal(err)
		}
		read, err := qrcode.NewQRCodeReader().Decode(bits, nil)
		if err != nil || read.GetText() != c.url {
			t.Errorf("%s on %d dots: read %v, %v", c.language, c.width, read, err)
		}
		if c.url == wait {
			goldentest.Compare(t, *update, filepath.Join("testdata", fmt.Sprintf("code.%d.%s.png", c.width, c.language)), picture)
		}
	}
}

// On paper too narrow for a code that a phone can read there is none, rather than one that leads nowhere.
func TestAPaperThatIsTooNarrowHasNoCode(t *testing.T) {
	d := data("de")
	without := drawn(t, d, 104)
	d.URL = wait
	if with := drawn(t, d, 104); with.Rect != without.Rect {
		t.Errorf("it is %v, and without an address %v", with.Rect, without.Rect)
	}
}

func TestATicketIsAsWideAsThePaper(t *testing.T) {
	for _, width := range []int{104, narrow, usual, 832} {
		for _, language := range []string{"", "de", "en", "ar", "uk"} {
			got := drawn(t, data(language), width)
			if got.Bounds().Dx() != width || got.Stride != width || !got.Rect.Min.Eq(image.Point{}) {
				t.Errorf("%q on %d dots: %v, stride %d", language, width, got.Bounds(), got.Stride)
			}
			for y := range got.Bounds().Dy() {
				if got.GrayAt(0, y).Y != 255 || got.GrayAt(width-1, y).Y != 255 {
					t.Fatalf("%q on %d dots: ink at the edge of row %d", language, width, y)
				}
			}
		}
	}
}

// The real driver, on a printer of 58 mm rolls: it refuses whatever is wider.
func TestANarrowPrinterPrintsItsTicket(t *testing.T) {
	device, err := printer.New(narrow)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { device.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	driver, err := escpos.Open(ctx, escpos.Config{Path: device.Path(), Width: narrow})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { driver.Close() })
	if err := driver.Print(ctx, drawn(t, data("ar"), driver.Width())); err != nil {
		t.Fatal(err)
	}
	paper, err := device.WaitTicket(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(paper.Pix, []byte{0}) || paper.Rect.Dx() != narrow {
		t.Errorf("on paper are %v", paper.Rect)
	}
	if err := driver.Print(ctx, drawn(t, data("ar"), usual)); err == nil {
		t.Error("a wider ticket is printed too: then this shows nothing")
	}
}

func TestStaffReadsGermanBelowAnotherLanguage(t *testing.T) {
	german, arabic := drawn(t, data("de"), usual), drawn(t, data("ar"), usual)
	if arabic.Bounds().Dy() <= german.Bounds().Dy() {
		t.Error("an Arabic ticket is no longer than a German one")
	}
}

// A number that is broken would be two.
func TestANumberStandsOnOneLine(t *testing.T) {
	for _, width := range []int{narrow, usual} {
		short, long := data("de"), data("de")
		short.Number, long.Number = "A-1", "B-A-12705"
		if one, other := drawn(t, short, width), drawn(t, long, width); other.Rect.Dy() > one.Rect.Dy() {
			t.Errorf("on %d dots a ticket with a long number has %d rows, with a short one %d", width, other.Rect.Dy(), one.Rect.Dy())
		}
	}
}

func TestALongNameDoesNotStopThePrinter(t *testing.T) {
	d := data("de")
	d.Office = string(bytes.Repeat([]byte("Behörde"), 200))
	d.Lobby, d.Room = d.Office, ""
	for _, width := range []int{narrow, usual} {
		if got := drawn(t, d, width); got.Bounds().Dy() > 2000 {
			t.Errorf("on %d dots the ticket is %d dots long", width, got.Bounds().Dy())
		}
	}
}

func drawn(t *testing.T, d kiosk.TicketData, width int) *image.Gray {
	t.Helper()
	tickets, err := ticket.NewPrinter()
	if err != nil {
		t.Fatal(err)
	}
	picture, err := tickets.Draw(d, width)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}
