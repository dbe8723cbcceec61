package console

import (
	"slices"
	"strings"

	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/transliterate"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// fact is something that a chip tells beside the MRZ.
type fact struct {
	Key    string   // of the text that says what it is, behind "detail."
	Values []string // at least one
}

// facts are those of pairs of a key and what stands there, without what is empty.
func facts(all ...fact) (there []fact) {
	for _, f := range all {
		f.Values = slices.DeleteFunc(f.Values, func(value string) bool { return value == "" })
		if len(f.Values) > 0 {
			there = append(there, f)
		}
	}
	return there
}

// PersonFacts are what a chip tells of a person beside the name; none where it tells nothing. A date of birth that the MRZ has already
// is not repeated.
func (f frame) PersonFacts(p *stationv1.Person) []fact {
	d := p.GetDetails()
	born := d.GetBirthDate()
	if born == p.GetBirthDate() {
		born = ""
	}
	return facts(
		fact{"other_names", slices.Clone(d.GetOtherNames())},
		fact{"title", []string{d.GetTitle()}},
		fact{"birth", []string{f.Date(born)}},
		fact{"place_of_birth", []string{d.GetPlaceOfBirth()}},
		fact{"personal_number", []string{d.GetPersonalNumber()}},
		fact{"address", []string{d.GetAddress()}},
		fact{"telephone", []string{d.GetTelephone()}},
		fact{"profession", []string{d.GetProfession()}},
		fact{"custody", []string{d.GetCustody()}},
		fact{"other_documents", []string{d.GetOtherDocuments()}},
		fact{"summary", []string{d.GetSummary()}},
	)
}

// DocumentFacts are what a chip tells of its document.
func (f frame) DocumentFacts(d *stationv1.Document) []fact {
	details := d.GetDetails()
	day, clock, _ := strings.Cut(details.GetPersonalized(), " ")
	return facts(
		fact{"authority", []string{details.GetAuthority()}},
		fact{"issue_date", []string{f.Date(details.GetIssueDate())}},
		fact{"endorsements", []string{details.GetEndorsements()}},
		fact{"other_persons", slices.Clone(details.GetOtherPersons())},
		fact{"tax_or_exit", []string{details.GetTaxOrExit()}},
		fact{"personalized", []string{strings.TrimSpace(f.Date(day) + " " + clock)}},
		fact{"personalized_by", []string{details.GetPersonalizedBy()}},
	)
}

// national is a name in national letters, beside the MRZ's.
type national struct {
	Name   string
	Agrees bool   // the MRZ has one of its spellings by Doc 9303-3
	Latin  string // its spelling by Doc 9303-3 where the MRZ has another; empty where the tables there lack one of its letters
}

// National is a person's name in national letters; nil where the chip tells none, or the one that the MRZ has, letter by letter.
// Whether it agrees with the MRZ is shown and is no check: many States do not spell names by the tables of Doc 9303-3.
func (frame) National(p *stationv1.Person) *national {
	name := p.GetDetails().GetFullName()
	inMRZ := p.GetSurname() + " " + p.GetGivenNames()
	if name == "" || slices.Equal(words(name), words(inMRZ)) {
		return nil
	}
	own := transliterate.LanguageOf(p.GetNationality())
	for _, l := range append(transliterate.Languages(), own) {
		if transliterate.Matches(inMRZ, name, l) {
			return &national{Name: name, Agrees: true}
		}
	}
	latin := transliterate.Zone(name, own)
	if strings.ContainsFunc(latin, func(r rune) bool { return r > 0x7F }) {
		latin = ""
	}
	return &national{Name: name, Latin: latin}
}

// words are those of a name, without the commas between its components.
func words(name string) []string { return strings.Fields(strings.ReplaceAll(name, ",", " ")) }

// State is the name of the State, organization or status of a code in the MRZ; the code itself where it is none.
func (f frame) State(code string) string {
	if name, ok := mrz.StateName(code); ok {
		return f.in(name)
	}
	return code
}

// Title says what a document is, and whose: "Passport, Utopia"; the codes themselves where they mean nothing.
func (f frame) Title(d *stationv1.Document) string {
	kind, state := f.kind(d), f.State(d.GetIssuingState())
	if kind == "" || state == "" {
		return kind + state
	}
	return kind + ", " + state
}

// kind is what a document is. Which format its MRZ has follows from the code, and from the number of lines.
func (f frame) kind(d *stationv1.Document) string {
	for _, format := range []mrz.Format{mrz.TD3, mrz.TD1, mrz.MRVA, mrz.CHDL, mrz.IDL} {
		if format == mrz.TD1 && len(d.GetMrz()) == 2 {
			format = mrz.TD2
		}
		if name, ok := mrz.DocumentName(format, d.GetDocumentCode()); ok {
			return f.in(name)
		}
	}
	return d.GetDocumentCode()
}

// in is a name in the viewer's language.
func (f frame) in(name mrz.Name) string {
	if f.Viewer.Language == "de" {
		return name.German
	}
	return name.English
}
