package text_test

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"testing"
	"time"

	"github.com/foyer-station/foyer/ui/text"
)

func TestSheet(t *testing.T) {
	ts, err := text.NewTypesetter()
	if err != nil {
		t.Fatal(err)
	}
	sheet := image.NewRGBA(image.Rect(0, 0, 900, 900))
	draw.Draw(sheet, sheet.Bounds(), image.White, image.Point{}, draw.Src)
	y := 10
	for _, c := range []struct {
		l   string
		rtl bool
		s   string
	}{
		{"ar", true, "مرحبًا بكم في مكتب الهجرة. من فضلك ضع جواز سفرك على القارئ."},
		{"ar", true, "رقم التذكرة A-127، الطابق 3، الساعة 14:30 (غرفة B12)."},
		{"ar", true, "A-127 هو رقمك."},
		{"ar", true, "Ausländerbehörde Utopia"},
		{"ar", true, "L898902C3"},
		{"ar", true, "1974-08-12"},
		{"ar", true, "12.08.1974"},
		{"uk", false, "Покладіть паспорт на зчитувач. Ґанок, їжак, єдність, об’єкт"},
		{"de", false, "Herr محمد علي, Zimmer B12 (14:30)"},
		{"de", false, "العربية"},
		{"de", false, "Start · Почати · ابدأ · Start"},
	} {
		t0 := time.Now()
		l := ts.Layout(c.s, text.Style{Size: 40, Language: c.l, RightToLeft: c.rtl, Color: color.Black, MaxLines: 2}, 860)
		t1 := time.Now()
		ts.Draw(l, sheet, image.Pt(20, y), 1)
		t.Log(c.l, l.Width(), l.Height(), t1.Sub(t0), time.Since(t1))
		y += int(l.Height()) + 10
	}
	o, _ := os.Create("/tmp/bidi.png")
	png.Encode(o, sheet)
	o.Close()
}
