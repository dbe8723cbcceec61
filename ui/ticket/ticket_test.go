package ticket_test

import (
	"bytes"
	"flag"
	"image"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/ui/goldentest"
	"github.com/foyer-station/foyer/ui/ticket"
)

var update = flag.Bool("update", false, "write the golden pictures instead of comparing with them")

func data(language string) kiosk.TicketData {
	return kiosk.TicketData{
		Number: "A-127", Room: "B12", Lobby: "Lobby 2", Ahead: 3, Language: language, StaffWillHelp: true,
		Office: "Ausländerbehörde Utopia", Time: time.Date(2026, 3, 2, 9, 41, 0, 0, time.UTC),
	}
}

func TestTicketsLookAsTheyDid(t *testing.T) {
	lobby := data("uk")
	lobby.Room, lobby.Ahead, lobby.StaffWillHelp = "", -1, false
	for name, d := range map[string]kiosk.TicketData{
		"de": data("de"), "en": data("en"), "ar": data("ar"), "uk": data("uk"), "lobby.uk": lobby,
	} {
		goldentest.Compare(t, *update, filepath.Join("testdata", name+".png"), drawn(t, d))
	}
}

func TestATicketIsAsWideAsThePaper(t *testing.T) {
	for _, language := range []string{"", "de", "en", "ar", "uk"} {
		got := drawn(t, data(language))
		if got.Bounds().Dx() != ticket.Width || got.Stride != ticket.Width || !got.Rect.Min.Eq(image.Point{}) {
			t.Errorf("%q: %v, stride %d", language, got.Bounds(), got.Stride)
		}
		for y := range got.Bounds().Dy() {
			if got.GrayAt(0, y).Y != 255 || got.GrayAt(ticket.Width-1, y).Y != 255 {
				t.Fatalf("%q: ink at the edge of row %d", language, y)
			}
		}
	}
}

func TestStaffReadsGermanBelowAnotherLanguage(t *testing.T) {
	german, arabic := drawn(t, data("de")), drawn(t, data("ar"))
	if arabic.Bounds().Dy() <= german.Bounds().Dy() {
		t.Error("an Arabic ticket is no longer than a German one")
	}
}

func TestALongNameDoesNotStopThePrinter(t *testing.T) {
	d := data("de")
	d.Office = string(bytes.Repeat([]byte("Behörde"), 200))
	d.Lobby, d.Room = d.Office, ""
	if got := drawn(t, d); got.Bounds().Dy() > 2000 {
		t.Errorf("the ticket is %d dots long", got.Bounds().Dy())
	}
}

func drawn(t *testing.T, d kiosk.TicketData) *image.Gray {
	t.Helper()
	printer, err := ticket.NewPrinter()
	if err != nil {
		t.Fatal(err)
	}
	picture, err := printer.Draw(d)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}
