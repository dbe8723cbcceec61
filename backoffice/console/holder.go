package console

import (
	"strings"

	tag "golang.org/x/text/language"

	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/transliterate"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// holder is whom a document was issued to.
type holder struct{ Name, BirthDate string }

// OtherHolder is whom the MRZ of the part's document names, where that is not the person whose it is said to be; nil where it is, or
// where the MRZ does not tell. Checks look at one document by itself, so that a genuine one of somebody else has none that failed.
func (p part) OtherHolder() *holder {
	if p.whose == nil || len(p.Documents) == 0 {
		return nil
	}
	zone, err := mrz.Parse(p.Documents[0].Mrz, p.Row.ConfirmedAt)
	if err != nil || sameHolder(zone.Fields, p.whose) {
		return nil
	}
	return &holder{fullName(zone.Fields.Surname, zone.Fields.GivenNames), zone.Fields.BirthDate}
}

// sameHolder says whether both may have one name and date of birth.
func sameHolder(f mrz.Fields, p *stationv1.Person) bool {
	return alike(f.BirthDate, p.GetBirthDate()) && alike(asInMRZ(f.Surname, f.GivenNames), asInMRZ(p.GetSurname(), p.GetGivenNames()))
}

// asInMRZ writes a name as an MRZ does, with spaces for fillers: hyphens are some, and apostrophes are left out (Doc 9303-3, 4.6).
func asInMRZ(surname, given string) string {
	name := transliterate.Zone(surname+" "+given, tag.Und)
	name = strings.NewReplacer("-", " ", "'", "", "’", "", ",", " ").Replace(strings.ToUpper(name))
	return strings.Join(strings.Fields(name), " ")
}

// alike says whether two texts are one as far as both go, and as far as they were read: MRZs of some formats cut a name off earlier
// than others, and a question mark stands for what is not known.
func alike(a, b string) bool {
	const unknown = '?'
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] && a[i] != unknown && b[i] != unknown {
			return false
		}
	}
	return true
}

// SameAs is the number of the document before the part's that is the same one, laid down a second time; 0 where there is none.
func (p part) SameAs() int {
	if len(p.Documents) == 0 || p.Documents[0].DocumentNumber == "" {
		return 0
	}
	this := p.Documents[0]
	for _, d := range p.visitorPage.Documents[:this.Number-1] {
		if d.DocumentNumber == this.DocumentNumber && d.IssuingState == this.IssuingState && d.DocumentCode == this.DocumentCode {
			return d.Number
		}
	}
	return 0
}

// FromChip is the key of the text above what a chip tells of a document, and of its holder: that it is signed is worth something where
// the document is genuine.
func (p part) FromChip() string {
	if len(p.Documents) > 0 && verify.Verdict(p.Documents[0].Verdict) == verify.Genuine && p.Row.Denied == "" {
		return "detail.chip"
	}
	return "detail.chip.unproved"
}
