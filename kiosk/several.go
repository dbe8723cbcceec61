package kiosk

import (
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// person is what was captured of one of those who check in at once.
type person struct {
	named // the person's files

	portrait        *image.RGBA
	portraitFile    *stationv1.File
	portraitCheck   verify.Check
	portraitReduced bool // to make it fit
	signature       *image.Gray
	signatureFiles  []*stationv1.File
	signatureMissed int // samples of it that never came from the pad
}

// document is one document, over all tries to read it.
type document struct {
	named // the document's files

	inspection *inspection.Inspection // over all tries; nil before the first
	reading    *reading               // the last try; nil where what it read does not count
	zone       mrz.Zone
}

// named makes the names of the files of one person or document: "document-1-page-1-visible". In the first contract, which has
// one of each, it is "page-1-visible".
type named struct{ prefix string }

func (n named) name(name string) string { return n.prefix + name }

// rename is a document's name for another number.
func (n named) rename(name string, number int) string {
	if n.prefix == "" {
		return name
	}
	return fmt.Sprintf("document-%d-%s", number, strings.TrimPrefix(name, n.prefix))
}

func (c *checkIn) named(what string, number int) named {
	if c.contract == firstContract {
		return named{}
	}
	return named{fmt.Sprintf("%s-%d-", what, number)}
}

// lastPerson is the one whom a state asks for something.
func (c *checkIn) lastPerson(s flow.State) *person {
	for len(c.persons) < len(s.Persons) {
		c.persons = append(c.persons, &person{named: c.named("person", len(c.persons)+1)})
	}
	return c.persons[len(s.Persons)-1]
}

// lastDocument is the one that a state asks for, or reads.
func (c *checkIn) lastDocument(s flow.State) *document {
	for len(c.documents) < len(s.Documents) {
		c.documents = append(c.documents, &document{named: c.named("document", len(c.documents)+1)})
	}
	return c.documents[len(s.Documents)-1]
}

// takeBack forgets whom, and what, a state does not have any more.
func (c *checkIn) takeBack(s flow.State) {
	for ; len(c.documents) > len(s.Documents); c.documents = c.documents[:len(c.documents)-1] {
		c.drop(c.documents[len(c.documents)-1])
	}
	c.persons = c.persons[:min(len(c.persons), len(s.Persons))]
}

// review is what the shown screen needs of what was captured. The pictures are copies, for the display to wipe.
func (c *checkIn) review(s flow.State) ReviewData {
	var r ReviewData
	for i, had := range s.Persons {
		var p ReviewPerson
		last := i == len(s.Persons)-1
		if i < len(c.persons) {
			at := func(step flow.Screen) bool { return s.Screen == flow.Review || s.Screen == step && last }
			p.Portrait, p.Signature = c.persons[i].pictures(had.HavePortrait && at(flow.Portrait), had.HaveSignature && at(flow.Signature))
		}
		r.Persons = append(r.Persons, p)
	}
	if s.Screen != flow.Review {
		return r
	}
	for i, d := range s.Documents {
		if d.Have && i < len(c.documents) {
			r.Persons[d.Person].add(c.documents[i].zone.Fields)
		}
	}
	return r
}

// pictures are copies of those that are wanted, and there.
func (p *person) pictures(wantsPortrait, wantsSignature bool) (portrait, signature image.Image) {
	if wantsPortrait && p.portrait != nil {
		portrait = &image.RGBA{Pix: slices.Clone(p.portrait.Pix), Stride: p.portrait.Stride, Rect: p.portrait.Rect}
	}
	if wantsSignature && p.signature != nil {
		signature = &image.Gray{Pix: slices.Clone(p.signature.Pix), Stride: p.signature.Stride, Rect: p.signature.Rect}
	}
	return portrait, signature
}

// add adds a document, of which the first says who the person is.
func (p *ReviewPerson) add(f mrz.Fields) {
	if len(p.Documents) == 0 {
		p.Surname, p.GivenNames, p.BirthDate, p.Nationality = f.Surname, f.GivenNames, f.BirthDate, f.Nationality
	}
	p.Documents = append(p.Documents, ReviewDocument{Number: f.DocumentNumber, ExpiryDate: f.ExpiryDate})
}
