package kiosk

import (
	"context"
	"errors"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/verify"
)

// emulatedChip is an emulated ePassport in the fake reader's field.
type emulatedChip struct{ *chip.Chip }

func (c emulatedChip) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer := c.Chip.Transmit(ctx, command)
	switch {
	case answer != nil:
		return answer, nil
	case ctx.Err() != nil:
		return nil, devices.ErrTimeout
	}
	return nil, devices.ErrChipGone
}

func (c emulatedChip) MaxResponse() int { return 0 }

func (c emulatedChip) Close() error {
	c.Reset()
	return nil
}

const rightCAN = "938147"

// newCard is a card that opens by PACE alone, by rightCAN or by the key of an MRZ that is not the one printed on it.
func newCard(t *testing.T, tries int) emulatedChip {
	t.Helper()
	return newCardWith(t, chip.Options{CANTries: tries})
}

// newCardWith is such a card with options of its own.
func newCardWith(t *testing.T, o chip.Options) emulatedChip {
	t.Helper()
	other := chip.AccessKey{DocumentNumber: "D23145890", BirthDate: "340712", ExpiryDate: "950712"}
	o.PACE = []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 13}}
	o.PACEOnly, o.CAN = true, rightCAN
	card, err := chip.New(openedWith(passport).files, other, o)
	if err != nil {
		t.Fatal(err)
	}
	return emulatedChip{card}
}

func newCardBed(t *testing.T, card emulatedChip) *bed {
	return newBed(t, func(b *bed, c *Config) { b.field.chip, c.Inspection.ReadChip = card, emrtd.Read })
}

func TestACardOpensByItsNumberAfterAWrongOne(t *testing.T) {
	b := newCardBed(t, newCard(t, 3))
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.typesCAN("111111")
	b.showsThat("a second try", func(s flow.State) bool { return s.Attempt == 2 && s.Problem == flow.WrongNumber })
	b.typesCAN(rightCAN)
	b.finish()
	if ev := b.seen[0]; ev.Chip != verify.ChipRead || ev.Files[emrtd.FileDG1] == nil {
		t.Errorf("judged by a chip that was %s and %d files", ev.Chip, len(ev.Files))
	}
}

func TestACardWithoutAReadableZoneIsKnownByItsNumber(t *testing.T) {
	b := newCardBed(t, newCard(t, 3))
	b.begin(flow.StepDocument)
	b.layDown([]string{"???"})
	b.showsThat("a second try", func(s flow.State) bool { return s.Screen == flow.Document && s.Attempt == 2 })
	b.layDown([]string{"???"})
	b.typesCAN(rightCAN)
	if v := b.shows(flow.Review, flow.Waiting); v.Review.Persons[0].Surname != "ERIKSSON" {
		t.Errorf("the review shows %+v", v.Review)
	}
}

func TestTheLastTryOfACardIsNeverUsed(t *testing.T) {
	for _, tries := range []int{2, 3} {
		card := newCard(t, tries)
		b := newCardBed(t, card)
		b.begin(flow.StepDocument)
		b.layDown(passport)
		for try := range tries - 1 {
			b.showsThat("the question", func(s flow.State) bool { return s.Screen == flow.AccessNumber && s.Attempt == try+1 })
			b.typesCAN("111111")
		}
		if v := b.finish(); !v.State.StaffWillHelp {
			t.Errorf("%d tries: the ticket shows %+v", tries, v.State)
		}
		_, err := emrtd.Read(t.Context(), card, emrtd.Key{}, emrtd.Options{CAN: rightCAN})
		var refusal *emrtd.StatusError
		if !errors.As(err, &refusal) {
			t.Fatalf("%d tries: the card answers %v", tries, err)
		}
		if left, counted := refusal.TriesLeft(); !counted || left != 1 {
			t.Errorf("%d tries: %d are left, want 1", tries, left)
		}
	}
}

func TestACardThatBreaksOnExtendedLengthIsReadByItsNumberTypedOnce(t *testing.T) {
	b := newCardBed(t, newCardWith(t, chip.Options{CANTries: 3, Quirks: []chip.Quirk{chip.ExtendedTears}}))
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.typesCAN(rightCAN)
	if v := b.finish(); v.State.Document().Redone {
		t.Error("the document was asked for again")
	}
	if ev := b.seen[0]; ev.Chip != verify.ChipRead || ev.Files[emrtd.FileDG1] == nil {
		t.Errorf("judged by a chip that was %s and %d files", ev.Chip, len(ev.Files))
	}
}
