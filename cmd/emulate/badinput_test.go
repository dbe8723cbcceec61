package main

import (
	"context"
	"testing"

	"github.com/foyer-station/foyer/emulate/printer"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/world"
)

// What goes wrong at the whole house, and that the visitor still leaves with a ticket.

func (b *built) unreadable(t *testing.T) {
	b.comes(t, 0, specimen.Genuine)
	smudged := func(ctx context.Context) error {
		if err := b.World.Reader.Ready(ctx); err != nil {
			return err
		}
		b.World.Reader.Swipe("P<UTO???<<??", "L89?")
		return nil
	}
	b.visit(t, plan{hands: clumsy{b.World, smudged}, want: usual, problem: "unreadable"})
	b.ticket(t)
	b.anyoneReceives(t)
}

// asked: at the portrait the visitor wants a person instead. What was finished goes along, and the desk is rung.
func (b *built) asked(t *testing.T) {
	s := b.comes(t, 0, specimen.Genuine)
	seen := b.visit(t, plan{asks: "portrait", want: []string{"document", "portrait", "help", "ticket", "cleared"}})
	b.ticket(t)
	for _, s := range seen {
		if s.GetScreen() == "signature" || s.GetScreen() == "review" {
			t.Errorf("the visitor was asked for more: %s", s.GetScreen())
		}
	}
	text := b.received(t, "reception")
	mustSay(t, text, "Bittet um Hilfe", s.Person.DocumentNumber)
}

func (b *built) noPassport(t *testing.T) {
	b.comes(t, 0, specimen.Genuine)
	nothing := func(context.Context) error { return nil }
	b.visit(t, plan{hands: clumsy{b.World, nothing}, want: usual, problem: "no_document"})
	b.ticket(t)
	b.anyoneReceives(t)
}

// torn: the document is lifted once while the chip is read; laid down again, it is read to the end.
func (b *built) torn(t *testing.T) {
	s := b.comes(t, 0, specimen.Genuine)
	b.World.Tear(9)
	b.visit(t, plan{want: usual, problem: "document_moved"})
	b.ticket(t)
	text := b.received(t, "brandt")
	mustSay(t, text, "Echt", s.Person.DocumentNumber)
}

func (b *built) cameraUnplugged(t *testing.T) {
	b.comes(t, 0, specimen.Genuine)
	if err := b.World.StepAside(); err != nil { // no face yet
		t.Fatal(err)
	}
	b.visit(t, plan{
		when: map[string]func(){"portrait": b.World.Hall.Unplug},
		want: usual, problem: "device_missing",
	})
	b.ticket(t)
	if err := b.World.Hall.Plug(); err != nil {
		t.Fatal(err)
	}
	b.wait(t, "the camera is back", online("camera"))
	b.anyoneReceives(t)
}

func (b *built) padUnplugged(t *testing.T) {
	b.comes(t, 0, specimen.Genuine)
	b.visit(t, plan{
		hands: unsigned{b.World},
		when:  map[string]func(){"signature": func() { b.World.Bus.Unplug(world.PadPort) }},
		want:  usual, problem: "device_missing",
	})
	b.ticket(t)
	if err := b.World.Bus.Plug(world.PadPort, b.World.Pad.Device); err != nil {
		t.Fatal(err)
	}
	b.wait(t, "the pad is back", online("signature_pad"))
	b.anyoneReceives(t)
}

// unsigned are hands that do not sign.
type unsigned struct{ *world.World }

func (unsigned) Sign(context.Context) error { return nil }

func (b *built) outOfPaper(t *testing.T) {
	b.comes(t, 0, specimen.Genuine)
	b.World.Printer.Set(printer.Condition{PaperOut: true})
	b.visit(t, plan{service: "appointment", want: []string{"review", "ticket", "cleared"}, problem: "not_printed"})
	b.World.Printer.Set(printer.Condition{})
	b.wait(t, "the printer is well", online("ticket_printer"))
	text := b.received(t, "reception")
	mustSay(t, text, "Ich habe einen Termin")
}
