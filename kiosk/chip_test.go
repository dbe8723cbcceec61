package kiosk

import (
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/verify"
)

func TestADocumentThatBreaksOnExtendedLengthIsReadAtTheFirstTry(t *testing.T) {
	key := chip.AccessKey{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
	card, err := chip.New(openedWith(passport).files, key, chip.Options{Quirks: []chip.Quirk{chip.ExtendedTears}})
	if err != nil {
		t.Fatal(err)
	}
	b := newCardBed(t, emulatedChip{card})
	b.begin(flow.StepDocument)
	b.layDown(passport)
	if v := b.finish(); v.State.Document().Redone {
		t.Error("the document was asked for again")
	}
	if ev := b.seen[0]; ev.Chip != verify.ChipRead || ev.Files[emrtd.FileDG1] == nil {
		t.Errorf("judged by a chip that was %s and %d files", ev.Chip, len(ev.Files))
	}
	if notes := b.seen[0].ChipNotes; len(notes) != 1 || notes[0].Code != emrtd.NoteLinkBroke {
		t.Errorf("notes %q", notes)
	}
}
