// Package checkintest makes check-ins as stations send them, and a back office to send them to, for tests.
package checkintest

import (
	"bytes"
	"crypto/sha256"
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
	c := &CheckIn{ID: newID(), ConfirmedAt: at, Service: "residence-permit", Language: "uk", Contents: map[string][]byte{}}
	c.Record = &stationv1.CheckInRecord{
		Persons: []*stationv1.Person{{
			Surname: "Eriksson", GivenNames: "Anna Maria", BirthDate: "1974-08-12", Nationality: "UTO", Sex: "F",
		}},
		Documents: []*stationv1.Document{{
			DocumentCode: "P", IssuingState: "UTO", DocumentNumber: "L898902C3", ExpiryDate: "2032-04-15",
			Mrz:     []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F3204159ZE184226B<<<<<14"},
			Verdict: string(verify.Genuine), Validity: string(verify.Valid), Checks: checks(),
		}},
	}
	for i, light := range []verify.Light{verify.Visible, verify.Infrared, verify.Ultraviolet} {
		c.Add(fmt.Sprintf("page-1-%s", light), "image/png", picture(color.RGBA{uint8(90 * i), 160, 200, 255}))
		f := c.Record.Files[len(c.Record.Files)-1]
		f.Page, f.Light, f.Side = 1, string(light), string(verify.Front)
	}
	c.Add("portrait", "image/jpeg", photograph(color.RGBA{200, 170, 140, 255}))
	c.Add("signature", "image/png", picture(color.RGBA{255, 255, 255, 255}))
	c.Add("signature-samples", "application/json", []byte(`{"samples":[]}`))
	c.Add("chip-portrait", "image/jpeg", photograph(color.RGBA{190, 165, 140, 255}))
	for _, name := range []string{"EF.COM", "EF.SOD", "DG1", "DG2"} {
		c.Add("chip-"+name, "application/octet-stream", []byte("bytes of "+name))
	}
	return c
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
			check.Result, check.Reason = string(verify.Failed), "the printed zone and DG1 differ in the document number"
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
	return &CheckIn{ID: newID(), ConfirmedAt: at, Service: "appointment", Language: "de", Record: &stationv1.CheckInRecord{}}
}

// Add adds a file, or replaces the one of this name.
func (c *CheckIn) Add(name, mediaType string, content []byte) {
	sum := sha256.Sum256(content)
	c.Contents[name] = content
	for _, f := range c.Record.Files {
		if f.Name == name {
			f.MediaType, f.Sha256, f.Size = mediaType, sum[:], int64(len(content))
			return
		}
	}
	c.Record.Files = append(c.Record.Files, &stationv1.File{
		Name: name, MediaType: mediaType, Sha256: sum[:], Size: int64(len(content)),
	})
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
		check("chip.access", verify.CategoryChip, verify.Mandatory, "BAC with the key made from the printed zone"),
		check("chip.pa.signature", verify.CategoryChip, verify.Mandatory, "ECDSA with SHA-256", "chip-EF.SOD"),
		check("chip.pa.chain", verify.CategoryChip, verify.Mandatory, "issued by the CSCA of UTO in the trust store", "chip-EF.SOD"),
		check("chip.pa.hashes", verify.CategoryChip, verify.Mandatory, "2 of 2 files have the hash that EF.SOD states", "chip-DG1", "chip-DG2"),
		check("chip.com_sod", verify.CategoryChip, verify.Evaluatory, "both list DG1 and DG2", "chip-EF.COM", "chip-EF.SOD"),
		check("cross.dg1_mrz", verify.CategoryCross, verify.Mandatory, "the printed zone and DG1 say the same", "chip-DG1", "page-1-infrared"),
		check("cross.dg1_dsc_country", verify.CategoryCross, verify.Mandatory, "both are UTO", "chip-DG1"),
		check("optical.ir.b900", verify.CategoryOptical, verify.Optional, "print contrast signal 0.83, wanted is at least 0.60", "page-1-infrared"),
		check("optical.uv.dullness", verify.CategoryOptical, verify.Optional, "mean brightness 0.12, allowed is at most 0.35", "page-1-ultraviolet"),
		check("cross.portrait_dg2", verify.CategoryCross, verify.Optional, "the printed portrait is the picture in DG2", "page-1-visible", "chip-DG2"),
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
