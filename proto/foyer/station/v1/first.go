package stationv1

import (
	"regexp"
	"strconv"
	"strings"
)

// Upgrade brings a record of contract 1 into the form of contract 2, in place; another it leaves as it is. Files get their fields and
// the names of today, evidence is called as it is today, and a document is its person's. Reasons stay the sentences that they were.
// A file whose name contract 1 does not have gets no kind.
func Upgrade(r *CheckInRecord) {
	const second = 2
	if r == nil || r.GetContract() >= second {
		return
	}
	r.Contract = second
	names := map[string]string{}
	for _, f := range r.GetFiles() {
		before := f.GetName()
		describe(f, before, len(r.GetPersons()), len(r.GetDocuments()))
		if f.GetKind() != "" {
			f.Name = f.ProperName()
		}
		names[before] = f.GetName()
	}
	for _, loss := range r.GetDropped() {
		missing := &File{}
		describe(missing, loss.GetName(), len(r.GetPersons()), len(r.GetDocuments()))
		switch kept := names[loss.GetName()]; {
		case kept != "":
			loss.Name = kept
		case missing.GetKind() != "":
			loss.Name = missing.ProperName()
		}
	}
	for i, d := range r.GetDocuments() {
		if d.Person = 0; i < len(r.GetPersons()) {
			d.Person = int32(i + 1)
		}
		for _, c := range d.GetChecks() {
			for n, name := range c.GetEvidence() {
				evidence := &File{}
				if describe(evidence, name, 0, 0); evidence.GetKind() != "" {
					c.Evidence[n] = evidence.EvidenceName()
				}
			}
		}
	}
}

// firstPage is a page's picture in contract 1.
var firstPage = regexp.MustCompile(`^page-([12])-(visible|infrared|ultraviolet)$`)

// describe gives a file of contract 1, in which there was one person and one document at most, the fields that its name stood for.
func describe(f *File, name string, persons, documents int) {
	f.Kind, f.Person, f.Document, f.ChipFile, f.Page, f.Light, f.Side = "", 0, 0, "", 0, "", ""
	chip, isChip := strings.CutPrefix(name, "chip-")
	switch page := firstPage.FindStringSubmatch(name); {
	case page != nil:
		number, _ := strconv.Atoi(page[1]) // one digit
		f.Kind, f.Page, f.Side, f.Light = KindPage, int32(number), sides[number-1], page[2]
	case name == "portrait":
		f.Kind = KindPortrait
	case name == "signature":
		f.Kind = KindSignature
	case name == "signature-samples":
		f.Kind = KindStrokes
	case name == "chip-portrait":
		f.Kind = KindChipPortrait
	case name == "chip-signature": // of a station that speaks today's contract, to an office of which it does not know that yet
		f.Kind = KindChipSignature
	case isChip && chipFile.MatchString(chip):
		f.Kind, f.ChipFile = KindChip, chip
	}
	switch {
	case f.GetKind() == "":
	case f.isOfDocument():
		f.Document = int32(min(documents, 1))
	default:
		f.Person = int32(min(persons, 1))
	}
	if f.GetKind() != KindPage {
		f.Dpi = 0
	}
}
