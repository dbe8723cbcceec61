package kiosk

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/verify"
)

// newField is a field with a chip that comes to these answers, under a reader that carries so many bytes.
func newField(carried int, answers ...chipAnswer) *field {
	f := &field{fake: newFake(devices.KindChipReader), answers: make(chan chipAnswer, len(answers)), chip: paperChip{carried: carried}}
	for _, a := range answers {
		f.answers <- a
	}
	return f
}

func TestAChipIsReadAnewByShortLengthWhereItsLinkBreaks(t *testing.T) {
	const can = "123456"
	answered := &devices.Error{Kind: devices.KindChipReader, Op: "transmit", Err: devices.ErrProtocol}
	unplugged := &devices.Error{Kind: devices.KindChipReader, Op: "transmit", Err: devices.ErrUnplugged}
	for name, test := range map[string]struct {
		can     string
		answers []chipAnswer
		want    verify.ChipOutcome
		limits  []int // of the readings
	}{
		"it does not break":                    {"", []chipAnswer{wholeChip}, verify.ChipRead, []int{4098}},
		"it breaks":                            {"", []chipAnswer{torn, wholeChip}, verify.ChipRead, []int{4098, 258}},
		"it answers what is none":              {"", []chipAnswer{{err: answered}, wholeChip}, verify.ChipRead, []int{4098, 258}},
		"it breaks before it opens":            {"", []chipAnswer{{err: torn.err, closed: true}, wholeChip}, verify.ChipRead, []int{4098, 258}},
		"it breaks twice":                      {"", []chipAnswer{torn, torn, wholeChip}, verify.ChipTorn, []int{4098, 258}},
		"the document is taken away":           {"", []chipAnswer{{err: torn.err, leaves: true}, wholeChip}, verify.ChipTorn, []int{4098}},
		"the reader is unplugged":              {"", []chipAnswer{{err: unplugged}, wholeChip}, verify.ChipUnavailable, []int{4098}},
		"the chip refuses the key":             {"", []chipAnswer{denied(0x6300, nil), wholeChip}, verify.ChipAccess, []int{4098}},
		"it breaks behind its number":          {can, []chipAnswer{torn, wholeChip}, verify.ChipRead, []int{4098, 258}},
		"its number may be the one that broke": {can, []chipAnswer{{err: torn.err, closed: true}, wholeChip}, verify.ChipTorn, []int{4098}},
	} {
		f := newField(4098, test.answers...)
		_, outcome := ReadChip(t.Context(), f, f.read, emrtd.Key{}, time.Second, emrtd.Options{CAN: test.can})
		if limits := f.limits(); outcome != test.want || !slices.Equal(limits, test.limits) {
			t.Errorf("%s: %s after readings with %d bytes, want %s with %d", name, outcome, limits, test.want, test.limits)
		}
	}
}

func TestNothingIsLeftOfAReadingThatIsMadeAnew(t *testing.T) {
	first := openedWith(passport)
	first.err = torn.err
	f := newField(0, first, openedWith(passport))
	read, _ := ReadChip(t.Context(), f, f.read, emrtd.Key{}, time.Second, emrtd.Options{})
	if dg1 := first.files[emrtd.FileDG1]; !bytes.Equal(dg1, make([]byte, len(dg1))) {
		t.Error("the zone of the first reading is still in memory")
	}
	if !bytes.Equal(read.Files[emrtd.FileDG1], openedWith(passport).files[emrtd.FileDG1]) {
		t.Error("the second reading has another zone")
	}
}

func TestADocumentThatBreaksOnExtendedLengthIsReadAtTheFirstTry(t *testing.T) {
	key := chip.AccessKey{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
	card, err := chip.New(openedWith(passport).files, key, chip.Options{Quirks: []chip.Quirk{chip.ExtendedTears}})
	if err != nil {
		t.Fatal(err)
	}
	b := newCardBed(t, emulatedChip{card})
	b.begin(flow.StepDocument)
	b.layDown(passport)
	if v := b.finish(); v.State.Redone {
		t.Error("the document was asked for again")
	}
	if ev := b.seen[0]; ev.Chip != verify.ChipRead || ev.Files[emrtd.FileDG1] == nil {
		t.Errorf("judged by a chip that was %s and %d files", ev.Chip, len(ev.Files))
	}
	if notes := b.seen[0].ChipNotes; len(notes) != 1 || !strings.Contains(notes[0], "its link broke") {
		t.Errorf("notes %q", notes)
	}
}

func TestASlowChipIsGivenItsTimeAndASilentOneNoMore(t *testing.T) {
	for name, test := range map[string]struct {
		fault chip.Fault
		want  verify.ChipOutcome
	}{
		"a minute for one answer": {chip.Delay(time.Minute), verify.ChipRead},
		"no answer":               {chip.Hang(), verify.ChipDead},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				card := newCardWith(t, chip.Options{Faults: map[int]chip.Fault{6: test.fault}})
				f := newField(0)
				f.chip = card
				s := New(Config{})
				begin := time.Now()
				_, outcome, err := s.openChip(&job{ctx: t.Context()}, f, emrtd.Key{}, rightCAN)
				longest := DefaultTimings().Chip + DefaultTimings().ChipReading
				if took := time.Since(begin); outcome != test.want || took < time.Minute || took > longest {
					t.Errorf("%s after %v: %v", outcome, took, err)
				}
			})
		})
	}
}
