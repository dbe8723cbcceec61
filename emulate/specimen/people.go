package specimen

import (
	"image/color"
	"time"

	"github.com/foyer-station/foyer/emulate/specimen/face"
	"github.com/foyer-station/foyer/emulate/specimen/lds"
	"github.com/foyer-station/foyer/mrz"
)

// Person is somebody who does not exist, with a document.
type Person struct {
	ID string // short, stable, for file names and flags: "lindqvist"
	// Surname and GivenNames as printed on the page, with their diacritics; the MRZ has its own spelling.
	Surname, GivenNames string
	Sex                 string // "F", "M", or "" for unspecified
	BirthDate           string // YYYY-MM-DD
	BirthPlace          string
	Height              int // cm
	Format              mrz.Format
	DocumentNumber      string
	Issued, Expiry      time.Time
	Look                face.Look

	zoneSurname, zoneGivenNames string
	signature                   lds.Algorithm
	security                    security
	tells                       details
}

// ages of the people and where their documents come from; dates follow from the day that the specimens are made for.
type birth struct {
	years, month, day int
	place             string
}

// People are the people of Utopia as they are on a day: the ages, the documents' numbers and how long the documents
// still run do not depend on it. The first five carry passports (TD3), the others cards (TD1).
func People(day time.Time) []Person {
	people := []Person{
		{ID: "lindqvist", Surname: "Okoro-Lindqvist", GivenNames: "Amara Elin", Sex: "F", Height: 171, Format: mrz.TD3,
			DocumentNumber: "U7K4P29X1", zoneSurname: "OKORO-LINDQVIST", zoneGivenNames: "AMARA ELIN",
			Look: lookLindqvist, security: chipLindqvist, tells: tellsLindqvist},
		{ID: "moravec", Surname: "Moravec", GivenNames: "Tomáš Jiří", Sex: "M", Height: 183, Format: mrz.TD3,
			signature: lds.RSA, DocumentNumber: "U2M8R51Q6", zoneSurname: "MORAVEC", zoneGivenNames: "TOMAS JIRI",
			Look: lookMoravec, security: chipMoravec},
		{ID: "benali", Surname: "Benali", GivenNames: "Samir Youssef", Sex: "M", Height: 176, Format: mrz.TD3,
			DocumentNumber: "U9C3T74W8", zoneSurname: "BENALI", zoneGivenNames: "SAMIR YOUSSEF",
			Look: lookBenali, security: chipBenali, tells: tellsBenali},
		{ID: "szeles", Surname: "Széles-Nagy", GivenNames: "Ilona", Sex: "F", Height: 162, Format: mrz.TD3,
			DocumentNumber: "U5H1L38V3", zoneSurname: "SZELES-NAGY", zoneGivenNames: "ILONA",
			Look: lookSzeles, security: chipSzeles},
		{ID: "delacruz", Surname: "De la Cruz Ibarra", GivenNames: "Mateo Andrés", Sex: "M", Height: 179, Format: mrz.TD3,
			DocumentNumber: "U4D6N92Z7", zoneSurname: "DE LA CRUZ IBARRA", zoneGivenNames: "MATEO ANDRES",
			Look: lookDelacruz, security: chipDelacruz},
		{ID: "yildirim", Surname: "Yıldırım", GivenNames: "Aylin", Sex: "F", Height: 168, Format: mrz.TD1,
			DocumentNumber: "C81F5J27K", zoneSurname: "YILDIRIM", zoneGivenNames: "AYLIN",
			Look: lookYildirim, security: chipYildirim},
		{ID: "tanaka", Surname: "Tanaka", GivenNames: "Ren", Height: 174, Format: mrz.TD1,
			signature: lds.RSA, DocumentNumber: "C36G9B40T", zoneSurname: "TANAKA", zoneGivenNames: "REN",
			Look: lookTanaka, security: chipTanaka},
		{ID: "kovalenko", Surname: "Kovalenko", GivenNames: "Oksana Marija", Sex: "F", Height: 166, Format: mrz.TD1,
			DocumentNumber: "C52Y7E13A", zoneSurname: "KOVALENKO", zoneGivenNames: "OKSANA MARIJA",
			Look: lookKovalenko, security: chipKovalenko, tells: tellsKovalenko},
	}
	births := []birth{
		{34, 2, 17, "Amaurot"}, {61, 9, 3, "Anyder"}, {45, 11, 28, "Amaurot"}, {72, 4, 9, "Abraxa"},
		{23, 7, 21, "Port Hythloday"}, {38, 5, 30, "Amaurot"}, {19, 12, 6, "Anyder"}, {41, 8, 14, "Abraxa"},
	}
	for i := range people {
		people[i].complete(births[i], day)
	}
	return people
}

// complete fills in the dates: everybody got their ten-year document two to nine years ago.
func (p *Person) complete(b birth, day time.Time) {
	born := time.Date(day.Year()-b.years, time.Month(b.month), b.day, 0, 0, 0, 0, time.UTC)
	if born.AddDate(b.years, 0, 0).After(day) {
		born = born.AddDate(-1, 0, 0)
	}
	p.BirthDate, p.BirthPlace = born.Format(time.DateOnly), b.place
	p.Issued = midnight(day).AddDate(-2-b.years%7, -b.month, -b.day)
	p.Expiry = p.Issued.AddDate(10, 0, -1)
	if p.signature == "" {
		p.signature = lds.ECDSA
	}
	p.Look.Seed = uint64(b.years*1000 + b.month)
}

func midnight(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
}

func hue(rgb uint32) color.RGBA {
	return color.RGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 255}
}

var (
	lookLindqvist = face.Look{Skin: hue(0xA8765A), Hair: hue(0x2A1C16), Iris: hue(0x4A2E1C), Clothes: hue(0x7A2E3C),
		Style: face.Tied, Age: 0.1, Eyes: 0.5, Brows: -0.2, Lips: 0.8, Nose: 0.3, Width: -0.2}
	lookMoravec = face.Look{Skin: hue(0xE0B49A), Hair: hue(0x8C857C), Iris: hue(0x54707E), Clothes: hue(0x2E3A4C), Shirt: hue(0xE6EAEE),
		Style: face.Receding, Age: 0.65, Jaw: 0.6, Brows: 0.5, Nose: 0.5, Lips: -0.7, Width: 0.4, Jacket: true, Beard: 0.22}
	lookBenali = face.Look{Skin: hue(0xC4906C), Hair: hue(0x1E1713), Iris: hue(0x3A2416), Clothes: hue(0x3C4438), Shirt: hue(0xD8DCDE),
		Style: face.Short, Age: 0.35, Jaw: 0.4, Brows: 0.9, Nose: 0.5, Width: 0.1, Beard: 0.85, Jacket: true}
	lookSzeles = face.Look{Skin: hue(0xE8C0A8), Hair: hue(0xC9C5C0), Iris: hue(0x6A7A5C), Clothes: hue(0x4A5A78),
		Style: face.Bob, Age: 0.9, Eyes: -0.2, Brows: -0.7, Lips: -0.5, Glasses: true}
	lookDelacruz = face.Look{Skin: hue(0xD2A07C), Hair: hue(0x2C1F18), Iris: hue(0x4C3220), Clothes: hue(0x5C6E7C),
		Style: face.Short, Age: 0.05, Jaw: 0.2, Brows: 0.4, Eyes: 0.2, Beard: 0.25}
	lookYildirim = face.Look{Skin: hue(0xE2B494), Hair: hue(0x3E6C74), Iris: hue(0x5C4028), Clothes: hue(0x353B48),
		Style: face.Scarf, Age: 0.2, Eyes: 0.5, Brows: 0.1, Lips: 0.3, Width: -0.1}
	lookTanaka = face.Look{Skin: hue(0xE6BE9C), Hair: hue(0x1A1614), Iris: hue(0x33221A), Clothes: hue(0x6A7468),
		Style: face.Short, Eyes: -0.3, Brows: -0.1, Nose: -0.4, Width: 0.1}
	lookKovalenko = face.Look{Skin: hue(0xEEC8B0), Hair: hue(0x8E6238), Iris: hue(0x5A7C8C), Clothes: hue(0x2F4858),
		Style: face.Long, Age: 0.25, Eyes: 0.3, Brows: -0.2, Lips: 0.2}
)
