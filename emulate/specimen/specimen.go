// Package specimen makes the people of Utopia (UTO), the specimen state of ICAO Doc 9303: their passports and cards as
// pictures in three lights, what stands in the chips, who signed it, the person before the camera, and forgeries of all
// that. Tests, the demonstration and the benchmarks live on it; each specimen says what an examination must come to.
//
// Everything follows from a seed and a day, so nothing rots and nothing differs between two runs. Pictures are drawn when
// they are asked for. The typeface of the MRZ, OCR-B, is read from Debian's package fonts-ocr-b.
package specimen

import (
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/emulate/specimen/face"
	"github.com/foyer-station/foyer/emulate/specimen/lds"
	"github.com/foyer-station/foyer/emulate/specimen/page"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// DPI is the resolution of page pictures in dots per inch.
const DPI = 300

// Maker makes specimens. It may be used from several goroutines.
type Maker struct {
	seed        uint64
	day         time.Time
	press       *page.Press
	known, next *lds.Issuer // next is the CSCA that no trust store holds yet
	crl         []byte

	mu        sync.Mutex
	portraits map[face.Look]*image.RGBA // drawn so far: each takes a third of a second
}

// NewMaker makes a maker for a day: documents are valid or expired as seen from it. The error is that of the typeface:
// fonts-ocr-b is not installed.
func NewMaker(seed uint64, day time.Time) (*Maker, error) {
	press, err := page.NewPress(page.OCRB)
	if err != nil {
		return nil, err
	}
	day = midnight(day)
	known, err := lds.NewIssuer(seed, "CSCA Utopia Specimen", day)
	if err != nil {
		return nil, err
	}
	next, err := lds.NewIssuer(seed+1, "CSCA Utopia Specimen Next Generation", day)
	if err != nil {
		return nil, err
	}
	m := &Maker{seed: seed, day: day, press: press, known: known, next: next, portraits: map[face.Look]*image.RGBA{}}
	m.crl, err = known.CRL(day, issueDays(day)...)
	return m, err
}

// issueDays are those of everybody's document.
func issueDays(day time.Time) (days []time.Time) {
	for _, p := range People(day) {
		days = append(days, p.Issued)
	}
	return days
}

// People are the people of Utopia on the maker's day.
func (m *Maker) People() []Person { return People(m.day) }

// CSCA is the certificate, DER, that a trust store must hold for the verdicts to come out as wanted. It is the same for
// all specimens.
func (m *Maker) CSCA() []byte { return m.known.CSCA() }

// CRL is the revocation list, DER, of the CSCA and the maker's day, that a trust store must hold for RevokedSigner.
func (m *Maker) CRL() []byte { return m.crl }

// Specimen is one document, laid before a station by the person whom it belongs to.
type Specimen struct {
	Person  Person
	Variant Variant
	MRZ     []string // as printed
	// Chip is what an attempt to read the chip must end in: ChipRead, ChipAbsent or ChipDead.
	Chip verify.ChipOutcome
	// Files are the chip's files by name, "EF.SOD", "DG1" and so on, but for EF.CardAccess and EF.ATR/INFO, which the chip
	// makes itself; none unless Chip is ChipRead.
	Files map[string][]byte
	// ChipOptions are how the chip is opened and proves itself; see [Specimen.NewChip].
	ChipOptions chip.Options
	CSCA        []byte // as Maker.CSCA
	Want        Want

	day      time.Time
	press    *page.Press
	document page.Document
	portrait *image.RGBA
}

// Make makes a person's document, in a variant, with a chip that has quirks: its own, or its issuer's.
func (m *Maker) Make(p Person, v Variant, quirks ...chip.Quirk) (*Specimen, error) {
	p = m.holder(p, v)
	s := &Specimen{
		Person: p, Variant: v, Chip: verify.ChipRead, CSCA: m.CSCA(), Want: p.security.want(v), day: m.day, press: m.press,
	}
	lines, err := p.zone()
	if err != nil {
		return nil, fmt.Errorf("specimen %s: %w", p.ID, err)
	}
	s.portrait = m.portrait(p.Look)
	shown := s.portrait
	if v == Forged || v == PhotoSwap || v == WrongHash || v == ForgedSignature {
		shown = m.portrait(m.impostor(p).Look)
	}
	if err := s.print(v, lines, shown); err != nil {
		return nil, fmt.Errorf("specimen %s: %w", p.ID, err)
	}
	switch v {
	case NoChip:
		s.Chip = verify.ChipAbsent
		return s, nil
	case DeadChip:
		s.Chip = verify.ChipDead
		return s, nil
	}
	if err := m.personalise(s, lines, shown, quirks); err != nil {
		return nil, fmt.Errorf("specimen %s: %w", p.ID, err)
	}
	return s, nil
}

// portrait is a portrait that nobody changes.
func (m *Maker) portrait(l face.Look) *image.RGBA {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.portraits[l] == nil {
		m.portraits[l] = l.Portrait()
	}
	return m.portraits[l]
}

// holder is the person with the document that the variant is about.
func (m *Maker) holder(p Person, v Variant) Person {
	switch v {
	case Card:
		p.Format = mrz.TD1
	case Expired:
		p.Expiry = m.day.AddDate(0, -6, 0)
		p.Issued = p.Expiry.AddDate(-10, 0, 1)
	}
	return p
}

// impostor is whose face a forger uses: somebody else, of the same sex where there is one.
func (m *Maker) impostor(p Person) Person {
	people := m.People()
	var other Person
	for _, q := range people {
		if q.ID != p.ID && (other.ID == "" || q.Sex == p.Sex && other.Sex != p.Sex) {
			other = q
		}
	}
	return other
}

// zone is the machine-readable zone as it stands in the chip, and on an honest page.
func (p Person) zone() ([]string, error) {
	code := "P"
	if p.Format == mrz.TD1 {
		code = "ID"
	}
	return mrz.Compose(p.Format, mrz.Fields{
		DocumentCode: code, IssuingState: "UTO", Nationality: "UTO",
		Surname: p.zoneSurname, GivenNames: p.zoneGivenNames, Sex: p.Sex,
		DocumentNumber: p.DocumentNumber, BirthDate: p.BirthDate, ExpiryDate: p.Expiry.Format(time.DateOnly),
	})
}

// print settles what stands on the page.
func (s *Specimen) print(v Variant, lines []string, portrait *image.RGBA) error {
	shown := s.Person
	switch v {
	case Forged, AlteredMRZ:
		shown.Surname, shown.zoneSurname = "Marchetti", "MARCHETTI"
		altered, err := shown.zone()
		if err != nil {
			return err
		}
		lines = altered
	case WrongDigit:
		lines = wrongDigit(lines)
	}
	s.MRZ = lines
	s.document = page.Document{
		Format: shown.Format, Lines: lines, Portrait: portrait, Seed: shown.Look.Seed,
		Surname: shown.Surname, GivenNames: shown.GivenNames, Number: shown.DocumentNumber, Sex: shown.Sex,
		BirthDate: shown.BirthDate, BirthPlace: shown.BirthPlace, Height: shown.Height,
		Issued: shown.Issued.Format(time.DateOnly), Expiry: shown.Expiry.Format(time.DateOnly),
		CAN: shown.security.can, NoChip: v == NoChip, BrightPaper: v == BrightPaper, DyeInk: v == WrongInk,
	}
	return nil
}

// wrongDigit changes the composite check digit, which no key of the chip rests on: the last of the second line in TD3
// and in TD1.
func wrongDigit(lines []string) []string {
	out := append([]string(nil), lines...)
	last := len(out[1]) - 1
	out[1] = out[1][:last] + string('0'+(out[1][last]-'0'+5)%10)
	return out
}
