package specimen

import (
	"fmt"
	"strings"

	"github.com/foyer-station/foyer/emulate/specimen/face"
	"github.com/foyer-station/foyer/emulate/specimen/lds"
)

// details are what a person's chip tells beside the MRZ and the portrait.
type details struct {
	// surname and givenNames are in the person's own letters; those on the page where they are empty.
	surname, givenNames string
	otherNames          []string
	address, telephone  string
	profession, title   string
	custody             string
	endorsements        string
	notify              []lds.PersonToNotify // their days are filled in
	signs               bool                 // the signature is in the chip too
}

// What the chips of three people of Utopia tell: one whose name is in Latin letters and spelled as the tables of Doc 9303-3 have it,
// one in Arabic ones, whom his State spells as it likes, and one in Cyrillic ones. The others tell what most chips do.
var (
	tellsLindqvist = details{address: "Harbour Road 12, Amaurot", profession: "Marine biologist", title: "Dr."}
	tellsBenali    = details{
		surname: "بن علي", givenNames: "سمير يوسف", otherNames: []string{"أبو طارق"},
		address: "شارع الميناء 7, أماوروت", telephone: "+99 1 555 0182", profession: "مهندس",
		notify: []lds.PersonToNotify{
			{Surname: "Benali", GivenNames: "Leila", Telephone: "+99 1 555 0183", Address: "Harbour Road 7, Amaurot"},
		},
		signs: true,
	}
	tellsKovalenko = details{
		surname: "Коваленко", givenNames: "Оксана Марија", otherNames: []string{"Шевић, Оксана Марија", "Kovalenko-Šević, Oksana"},
		address: "Улица Тихих Вода 31, стан 4, Абракса", telephone: "+99 3 555 0146", profession: "Преводилац", title: "Магистар",
		custody: "Коваленко, Данило Петар", endorsements: "Holder is accompanied by one child",
		notify: []lds.PersonToNotify{
			{Surname: "Коваленко", GivenNames: "Петар", Telephone: "+99 3 555 0147", Address: "Улица Тихих Вода 31, Абракса"},
			{Surname: "Šević", GivenNames: "Marija", Telephone: "+99 3 555 0111", Address: "Still Waters Street 2, Abraxa"},
		},
		signs: true,
	}
)

// personalDetails are the person's DG11.
func (p Person) personalDetails() lds.PersonalDetails {
	d := lds.PersonalDetails{
		Surname: p.Surname, GivenNames: p.GivenNames, BirthDate: p.BirthDate, PlaceOfBirth: p.BirthPlace,
		PersonalNumber: fmt.Sprintf("%s-%05d", strings.ReplaceAll(p.BirthDate, "-", ""), p.Look.Seed),
		OtherNames:     p.tells.otherNames, Address: p.tells.address, Telephone: p.tells.telephone,
		Profession: p.tells.profession, Title: p.tells.title, Custody: p.tells.custody,
	}
	if p.tells.surname != "" {
		d.Surname, d.GivenNames = p.tells.surname, p.tells.givenNames
	}
	return d
}

// detailGroups are DG11 and DG12, and DG7 and DG16 where the person's chip has them.
func (s *Specimen) detailGroups() (map[int][]byte, error) {
	p := s.Person
	groups := map[int][]byte{
		11: lds.DG11(p.personalDetails()),
		12: lds.DG12(lds.DocumentDetails{Authority: authority, Issued: p.Issued, Endorsements: p.tells.endorsements}),
	}
	if p.tells.signs {
		picture, err := face.JPEG(s.press.Signature(s.document))
		if err != nil {
			return nil, err
		}
		groups[7] = lds.DG7(picture)
	}
	if len(p.tells.notify) > 0 {
		var notify []lds.PersonToNotify
		for _, n := range p.tells.notify {
			n.Recorded = p.Issued
			notify = append(notify, n)
		}
		groups[16] = lds.DG16(notify...)
	}
	return groups, nil
}
