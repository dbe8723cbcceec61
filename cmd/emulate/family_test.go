package main

import (
	"testing"

	"github.com/foyer-station/foyer/emulate/house"
)

// family: two persons with three documents, passports and a card, have one ticket and one file at the office.
func (b *built) family(t *testing.T) {
	pieces, err := party(b.maker, family, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.World.Enter(pieces[0].Specimen); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.World.TakeAway)
	b.visit(t, plan{adds: additions(b.World, pieces), want: []string{
		"greeting", "document", "portrait", "signature", "review", "document", "turn_over", "review", "document", "portrait", "signature", "review", "ticket", "cleared",
	}})
	b.ticket(t)
	var text string
	b.receives(t, "brandt", func(staff *house.Staff) (err error) {
		text, err = staff.Text()
		return err
	})
	for _, p := range pieces {
		mustSay(t, text, append(p.MRZ, p.Person.DocumentNumber, "Echt")...)
	}
	b.nobodyWaits(t)
}
