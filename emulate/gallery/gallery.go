// Package gallery is the published set of pictures on which readers of the machine-readable zone are measured: pages of
// every format with invented holders, and papers without an MRZ, as [degrade] makes them bad. A picture is found by its
// level and number alone, is drawn when it is asked for, and is the same for everybody.
//
// The set that `make bench` reads has the documents 0 to 999 and the papers 0 to 99 of each level, the one of `make bench-long`
// the documents 0 to 14,999.
package gallery

import (
	"crypto/sha256"
	"fmt"
	"image"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/foyer-station/foyer/emulate/degrade"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/specimen/page"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// Day is the day of the gallery: on it births lie in the past, and centuries are resolved by it.
func Day() time.Time { return time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC) }

// Gallery draws pictures. It may be used from several goroutines.
type Gallery struct {
	press *page.Press
	looks []specimen.Person

	mu        sync.Mutex
	portraits []*image.RGBA // of looks, nil until it is wanted
}

// New makes a gallery. The error is that of the typeface: fonts-ocr-b is not installed.
func New() (*Gallery, error) {
	press, err := page.NewPress(page.OCRB)
	if err != nil {
		return nil, err
	}
	looks := specimen.People(Day())[:4]
	return &Gallery{press: press, looks: looks, portraits: make([]*image.RGBA, len(looks))}, nil
}

// Exhibit is a picture, and what is true of it.
type Exhibit struct {
	degrade.Picture
	Format mrz.Format // empty where there is no MRZ
	Lines  []string   // of the MRZ
}

// Truth is what stands in the zone of document number i of a level.
func Truth(level degrade.Level, i int) (mrz.Format, []string, error) {
	h, lines, err := truth(dice(level, "document", i))
	return h.format, lines, err
}

func truth(random *rand.Rand) (holder, []string, error) {
	h := newHolder(random)
	lines, err := mrz.Compose(h.format, h.Fields)
	if err != nil {
		return h, nil, fmt.Errorf("gallery: document of the format %s: %w", h.format, err)
	}
	return h, lines, nil
}

// Document is picture number i of a level: a document with a zone. The error would be one of the gallery itself: the
// fields that it invents do not fit the format.
func (g *Gallery) Document(level degrade.Level, i int) (Exhibit, error) {
	random := dice(level, "document", i)
	h, lines, err := truth(random)
	if err != nil {
		return Exhibit{}, err
	}
	sheet := g.document(level, h, lines, random)
	return Exhibit{level.Expose(sheet, random.Uint64()), h.format, lines}, nil
}

// Paper is picture number i of a level without an MRZ: every other is a document whose MRZ was left out, the rest are
// papers of the office.
func (g *Gallery) Paper(level degrade.Level, i int) Exhibit {
	random := dice(level, "paper", i)
	if i%2 == 0 {
		sheet := g.document(level, newHolder(random), nil, random)
		sheet.Zone = image.Rectangle{}
		return Exhibit{Picture: level.Expose(sheet, random.Uint64())}
	}
	kinds := page.Papers()
	s := degrade.Sheet{DPI: dpi(level, random)}
	s.Image = g.press.Paperwork(kinds[i/2%len(kinds)], random.Uint64(), verify.Visible, s.DPI)
	return Exhibit{Picture: level.Expose(s, random.Uint64())}
}

// document prints the side with the MRZ, one in six as infrared light shows it.
func (g *Gallery) document(level degrade.Level, h holder, lines []string, random *rand.Rand) degrade.Sheet {
	s := degrade.Sheet{DPI: dpi(level, random), Infrared: random.IntN(6) == 0}
	light := verify.Visible
	if s.Infrared {
		light = verify.Infrared
	}
	s.Image = g.press.Print(page.Document{
		Format: h.format, Lines: lines, Portrait: g.portrait(random.IntN(len(g.looks))), Seed: random.Uint64(),
		Surname: h.Surname, GivenNames: h.GivenNames, Number: h.DocumentNumber, Sex: h.Sex,
		BirthDate: h.BirthDate, BirthPlace: h.birthPlace, Height: 150 + random.IntN(50),
		Issued: h.issued.Format(time.DateOnly), Expiry: h.ExpiryDate,
	}, page.ZoneSide(h.format), light, s.DPI)
	s.Zone = page.Zone(h.format, s.DPI)
	return s
}

// dpi is the resolution that a page is printed at: those of page imagers, for photographs one that is no finer than they
// ever are.
func dpi(level degrade.Level, random *rand.Rand) int {
	if level == degrade.Heavy {
		return 300
	}
	return [...]int{300, 300, 300, 300, 300, 400, 400, 400, 400, 600}[random.IntN(10)]
}

// portrait is one of a few faces, each drawn once: it takes a third of a second.
func (g *Gallery) portrait(i int) *image.RGBA {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.portraits[i] == nil {
		g.portraits[i] = g.looks[i].Look.Portrait()
	}
	return g.portraits[i]
}

// dice are random numbers for one picture.
func dice(level degrade.Level, what string, i int) *rand.Rand {
	var seed [32]byte
	text := fmt.Sprintf("%s %s %d", level, what, i)
	if copy(seed[:], text) < len(text) {
		seed = sha256.Sum256([]byte(text))
	}
	return rand.New(rand.NewChaCha8(seed))
}
