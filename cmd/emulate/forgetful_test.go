package main

import (
	"testing"

	"github.com/foyer-station/foyer/emulate/specimen"
)

// forgetful: the visitor has a ticket and leaves the passport lying. The station says so instead of greeting, until it is taken.
func (b *built) forgetful(t *testing.T) {
	s := b.comes(t, 1, specimen.Genuine)
	b.visit(t, plan{forgets: true, want: []string{"greeting", "document", "review", "ticket", "take_document", "cleared"}})
	b.ticket(t)
	mustSay(t, b.received(t, "brandt"), s.Person.DocumentNumber)
}
