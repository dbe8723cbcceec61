package main

import (
	"slices"
	"strings"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/visitor"
	"github.com/foyer-station/foyer/emulate/world"
)

// The names of --visitor under which more comes than one person with one document.
const (
	family       = "family"        // two persons, of whom the first has a passport and a card, the second a passport
	twoDocuments = "two-documents" // one person with a passport and a card
	forgetful    = "forgetful"     // one person who leaves the passport lying until the station asks to take it
)

// piece is one document of those who come at once, and by which control of the review it is added.
type piece struct {
	*specimen.Specimen
	control string // empty for the first
}

// visitors are the names of --visitor.
func visitors() []string {
	var names []string
	for _, v := range specimen.Variants() {
		names = append(names, string(v))
	}
	return append(names, family, twoDocuments, forgetful)
}

// party makes what comes under a name of --visitor, with a person first.
func party(maker *specimen.Maker, name string, first int) ([]piece, error) {
	people := maker.People()
	one, other := people[first], people[(first+1)%len(people)]
	var all []piece
	bring := func(p specimen.Person, v specimen.Variant, control string) error {
		s, err := maker.Make(p, v)
		all = append(all, piece{s, control})
		return err
	}
	switch name {
	case family:
		if err := bring(one, specimen.Genuine, ""); err != nil {
			return nil, err
		}
		if err := bring(permitOf(one), specimen.Card, "another-document"); err != nil {
			return nil, err
		}
		return all, bring(other, specimen.Genuine, "another-person")
	case twoDocuments:
		if err := bring(one, specimen.Genuine, ""); err != nil {
			return nil, err
		}
		return all, bring(permitOf(one), specimen.Card, "another-document")
	case forgetful:
		return all, bring(one, specimen.Genuine, "")
	}
	variant, err := specimen.ParseVariant(name)
	if err != nil {
		return nil, err
	}
	return all, bring(one, variant, "")
}

// permitOf is the same person with the number of a card of theirs.
func permitOf(p specimen.Person) specimen.Person {
	p.DocumentNumber = "P" + p.DocumentNumber[1:]
	return p
}

// additions are what a visitor adds to the first piece, with the world that shows it.
func additions(w *world.World, pieces []piece) (all []visitor.Addition) {
	for _, p := range pieces[1:] {
		all = append(all, visitor.Addition{
			Control: p.control, CAN: p.ChipOptions.CAN, Bring: func() error { return w.Enter(p.Specimen) },
		})
	}
	return all
}

// told says in a line who comes with what.
func told(pieces []piece) string {
	var documents []string
	for _, p := range pieces {
		documents = append(documents, p.Person.ID+" with a document that is "+string(p.Variant))
	}
	return strings.Join(documents, ", ")
}

// indexOf is a person's place among the people; the first one's where nobody has the id.
func indexOf(people []specimen.Person, id string) int {
	return max(0, slices.IndexFunc(people, func(p specimen.Person) bool { return p.ID == id }))
}
