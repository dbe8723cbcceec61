package ticket_test

import (
	"bytes"
	"flag"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-station/foyer/kiosk"
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
		got := drawn(t, d)
		path := filepath.Join("testdata", name+".png")
		if *update {
			write(t, path, got)
			continue
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatalf("%v (write it with -update)", err)
		}
		want, err := png.Decode(file)
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		if want.Bounds() != got.Bounds() || !bytes.Equal(gray(want).Pix, got.Pix) {
			failed := filepath.Join(t.ArtifactDir(), name+".png")
			write(t, failed, got)
			t.Errorf("%s looks different: see %s, and run with -update if it is meant", name, failed)
		}
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

func gray(picture image.Image) *image.Gray {
	g := image.NewGray(picture.Bounds())
	draw.Draw(g, g.Rect, picture, picture.Bounds().Min, draw.Src)
	return g
}

func write(t *testing.T, path string, picture image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
