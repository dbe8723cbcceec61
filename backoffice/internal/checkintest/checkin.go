// Package checkintest makes check-ins as stations send them, and a back office to send them to, for tests.
package checkintest

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"time"

	"github.com/google/uuid"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// CheckIn is a confirmed check-in before it is sealed.
type CheckIn struct {
	ID          string
	ConfirmedAt time.Time
	Service     string
	Language    string
	Record      *stationv1.CheckInRecord // nil when the visitor gave no data
	Contents    map[string][]byte        // by the names in Record.Files
}

// Staff is a visitor who asked for a member of staff and gave no data.
func Staff(at time.Time) *CheckIn {
	return &CheckIn{ID: newID(), ConfirmedAt: at, Language: "ar"}
}

// Genuine is a visitor with a passport in which nothing is wrong, for a residence permit.
func Genuine(at time.Time) *CheckIn {
	c := visitor(at)
	c.Record.Persons = append(c.Record.Persons, anna())
	c.Record.Documents = append(c.Record.Documents, passport(1, "L898902C3", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F3204159ZE184226B<<<<<14"))
	c.addPages(1, verify.Front)
	c.addPerson(1)
	c.addChip(1)
	return c
}

// TwoDocuments is a visitor with a passport and a residence card.
func TwoDocuments(at time.Time) *CheckIn {
	c := Genuine(at)
	c.Record.Documents = append(c.Record.Documents, card(1, "RP1234567", "IRUTORP12345670<<<<<<<<<<<<<<<", "7408122F2704159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"))
	c.addPages(2, verify.Front)
	c.addPages(2, verify.Back)
	c.addChip(2)
	return c
}

// Family is a mother with a passport and a residence card, and her son with a passport.
func Family(at time.Time) *CheckIn {
	c := TwoDocuments(at)
	c.Record.Persons = append(c.Record.Persons, &stationv1.Person{
		Surname: "Eriksson", GivenNames: "Lars", BirthDate: "2017-02-03", Nationality: "UTO", Sex: "M",
	})
	c.Record.Documents = append(c.Record.Documents, passport(2, "L555500D1", "P<UTOERIKSSON<<LARS<<<<<<<<<<<<<<<<<<<<<<<<<", "L555500D15UTO1702038M2804159<<<<<<<<<<<<<<06"))
	c.addPages(3, verify.Front)
	c.addPerson(2)
	c.addChip(3)
	return c
}

func visitor(at time.Time) *CheckIn {
	return &CheckIn{ID: newID(), ConfirmedAt: at, Service: "residence-permit", Language: "uk", Contents: map[string][]byte{},
		Record: &stationv1.CheckInRecord{Contract: stationv1.Contract}}
}

func anna() *stationv1.Person {
	return &stationv1.Person{Surname: "Eriksson", GivenNames: "Anna Maria", BirthDate: "1974-08-12", Nationality: "UTO", Sex: "F"}
}

func passport(person int32, number string, mrz ...string) *stationv1.Document {
	return &stationv1.Document{
		DocumentCode: "P", IssuingState: "UTO", DocumentNumber: number, ExpiryDate: "2032-04-15", Mrz: mrz, Person: person, Chip: "read",
		Verdict: string(verify.Genuine), Validity: string(verify.Valid), Checks: checks(),
	}
}

func card(person int32, number string, mrz ...string) *stationv1.Document {
	d := passport(person, number, mrz...)
	d.DocumentCode, d.ExpiryDate = "IR", "2027-04-15"
	return d
}

func (c *CheckIn) addPages(document int, side verify.Side) {
	for i, light := range []verify.Light{verify.Visible, verify.Infrared, verify.Ultraviolet} {
		c.Add(Page(document, side, light), picture(color.RGBA{uint8(90 * i), 160, 200 - uint8(20*side.Number()*document), 255}))
	}
}

func (c *CheckIn) addPerson(person int) {
	c.Add(Portrait(person), photograph(color.RGBA{200, 170, 140 + uint8(10*person), 255}))
	c.Add(Signature(person), picture(color.RGBA{255, 255, 254 + uint8(person), 255}))
	c.Add(Strokes(person), fmt.Appendf(nil, `{"samples":[%d]}`, person))
}

func (c *CheckIn) addChip(document int) {
	c.Add(ChipPortrait(document, "image/jpeg"), photograph(color.RGBA{190, 165, 140 + uint8(10*document), 255}))
	for _, name := range []string{"EF.COM", "EF.SOD", "DG1", "DG2"} {
		c.Add(ChipFile(document, name), fmt.Appendf(nil, "bytes of %s of document %d", name, document))
	}
}

// Doubtful is a visitor whose page and chip say different things.
func Doubtful(at time.Time) *CheckIn {
	c := Genuine(at)
	c.Service, c.Language = "collect-card", "en"
	d := c.Record.Documents[0]
	d.Verdict, d.Validity, d.ExpiryDate = string(verify.Doubtful), string(verify.Expired), "2026-01-31"
	for _, check := range d.Checks {
		switch check.Id {
		case "cross.dg1_mrz":
			check.Result, check.Reason = string(verify.Failed), "the printed MRZ and DG1 differ in the document number"
		case "optical.uv.dullness":
			check.Result, check.Reason = string(verify.Failed), "the page glows under ultraviolet: 0.61, allowed is at most 0.35"
		case "mrz.expiry":
			check.Result, check.Reason = string(verify.Failed), "the document expired 30 days ago"
		case "cross.portrait_dg2":
			check.Result, check.Reason = string(verify.Undetermined), "the pictures agree too little to say yes and too much to say no"
		}
	}
	return c
}

// Appointment is a visitor who only checks in.
func Appointment(at time.Time) *CheckIn {
	return &CheckIn{ID: newID(), ConfirmedAt: at, Service: "appointment", Language: "de", Record: &stationv1.CheckInRecord{Contract: stationv1.Contract}}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func checks() []*stationv1.Check {
	check := func(id string, category verify.Category, level verify.Level, reason string, evidence ...string) *stationv1.Check {
		return &stationv1.Check{
			Id: id, Category: string(category), Result: string(verify.Passed), Level: string(level), Reason: reason, Evidence: evidence,
		}
	}
	return []*stationv1.Check{
		check("mrz.check_digits", verify.CategoryMRZ, verify.Mandatory, "all 5 check digits agree", "page-1-infrared"),
		check("chip.access", verify.CategoryChip, verify.Mandatory, "BAC with the key made from the printed MRZ"),
		check("chip.pa.signature", verify.CategoryChip, verify.Mandatory, "ECDSA with SHA-256", "EF.SOD"),
		check("chip.pa.chain", verify.CategoryChip, verify.Mandatory, "issued by the CSCA of UTO in the trust store", "EF.SOD"),
		check("chip.pa.hashes", verify.CategoryChip, verify.Mandatory, "2 of 2 files have the hash that EF.SOD states", "DG1", "DG2"),
		check("chip.com_sod", verify.CategoryChip, verify.Evaluatory, "both list DG1 and DG2", "EF.COM", "EF.SOD"),
		check("cross.dg1_mrz", verify.CategoryCross, verify.Mandatory, "the printed MRZ and DG1 say the same", "DG1", "page-1-infrared"),
		check("cross.dg1_dsc_country", verify.CategoryCross, verify.Mandatory, "both are UTO", "DG1"),
		check("optical.ir.b900", verify.CategoryOptical, verify.Optional, "print contrast signal 0.83, wanted is at least 0.60", "page-1-infrared"),
		check("optical.uv.dullness", verify.CategoryOptical, verify.Optional, "mean brightness 0.12, allowed is at most 0.35", "page-1-ultraviolet"),
		check("cross.portrait_dg2", verify.CategoryCross, verify.Optional, "the printed portrait is the picture in DG2", "page-1-visible", "DG2"),
		check("person.face_found", verify.CategoryPerson, verify.Evaluatory, "one face", "portrait"),
		check("mrz.expiry", verify.CategoryMRZ, verify.Evaluatory, ""),
	}
}

func picture(c color.RGBA) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, gradient(c)); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

func photograph(c color.RGBA) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, gradient(c), nil); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

func gradient(c color.RGBA) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, 125, 88))
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			m.SetRGBA(x, y, color.RGBA{c.R, c.G - uint8(y/2), c.B - uint8(x/2), 255})
		}
	}
	return m
}
