package inspection

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/verify"
)

// field is a chip reader's. Its readings come to what was written down.
type field struct {
	answers []chipAnswer
	chip    devices.Chip // nil once it was taken away
	limits  []int        // longest response APDUs of the readings
	before  func()       // nil for nothing to be waited for
}

type chipAnswer struct {
	files  map[string][]byte
	err    error
	closed bool // it did not open
	leaves bool // the field, for good
}

var (
	passport = []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}

	wholeChip = chipAnswer{files: map[string][]byte{}}
	torn      = chipAnswer{err: &devices.Error{Kind: devices.KindChipReader, Op: "transmit", Err: devices.ErrChipGone}}
)

// openedWith is a chip whose DG1 has these lines.
func openedWith(lines []string) chipAnswer {
	text := strings.Join(lines, "")
	dg1 := append([]byte{0x61, byte(len(text) + 3), 0x5F, 0x1F, byte(len(text))}, text...)
	return chipAnswer{files: map[string][]byte{emrtd.FileDG1: dg1}}
}

func (f *field) Info() devices.Info { return devices.Info{Kind: devices.KindChipReader} }
func (f *field) Health(context.Context) devices.Health {
	return devices.Health{State: devices.StateOnline}
}
func (f *field) Close() error { return nil }

func (f *field) Connect(context.Context) (devices.Chip, error) {
	if f.chip == nil {
		return nil, &devices.Error{Kind: devices.KindChipReader, Op: "connect", Err: devices.ErrNoChip}
	}
	return f.chip, nil
}

// read stands in for emrtd.Read.
func (f *field) read(_ context.Context, _ emrtd.Card, _ emrtd.Key, o emrtd.Options) (*emrtd.Reading, error) {
	if f.before != nil {
		f.before()
	}
	f.limits = append(f.limits, o.MaxResponse)
	a := f.answers[0]
	f.answers = f.answers[1:]
	if a.leaves {
		f.chip = nil
	}
	if a.closed {
		return &emrtd.Reading{Files: a.files}, a.err
	}
	return &emrtd.Reading{Access: "BAC", Files: a.files}, a.err
}

// paperChip has no file; its reader carries so many bytes.
type paperChip struct{ carried int }

func (paperChip) Transmit(context.Context, []byte) ([]byte, error) { return []byte{0x6A, 0x82}, nil }
func (c paperChip) MaxResponse() int                               { return c.carried }
func (paperChip) Close() error                                     { return nil }

// emulatedChip is an emulated ePassport in the field.
type emulatedChip struct{ *chip.Chip }

func (c emulatedChip) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if answer := c.Chip.Transmit(ctx, command); answer != nil {
		return answer, nil
	}
	return nil, devices.ErrTimeout
}

func (emulatedChip) MaxResponse() int { return 0 }

func (c emulatedChip) Close() error {
	c.Reset()
	return nil
}

// newField is a field with a chip that comes to these answers, under a reader that carries so many bytes.
func newField(carried int, answers ...chipAnswer) *field {
	return &field{answers: answers, chip: paperChip{carried}}
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
		"the chip refuses the key":             {"", []chipAnswer{{err: &emrtd.StatusError{Op: "open", Status: 0x6300, Err: emrtd.ErrAccessDenied}, closed: true}, wholeChip}, verify.ChipAccessDenied, []int{4098}},
		"it breaks behind its number":          {can, []chipAnswer{torn, wholeChip}, verify.ChipRead, []int{4098, 258}},
		"its number may be the one that broke": {can, []chipAnswer{{err: torn.err, closed: true}, wholeChip}, verify.ChipTorn, []int{4098}},
	} {
		f := newField(4098, test.answers...)
		_, outcome := ReadChip(t.Context(), f, f.read, emrtd.Key{}, time.Second, emrtd.Options{CAN: test.can})
		if outcome != test.want || !slices.Equal(f.limits, test.limits) {
			t.Errorf("%s: %s after readings with %d bytes, want %s with %d", name, outcome, f.limits, test.want, test.limits)
		}
	}
}

func TestNothingIsLeftOfAReadingThatIsMadeAnew(t *testing.T) {
	first := openedWith(passport)
	first.err = torn.err
	f := newField(0, first, openedWith(passport))
	read, _ := ReadChip(t.Context(), f, f.read, emrtd.Key{}, time.Second, emrtd.Options{})
	if dg1 := first.files[emrtd.FileDG1]; !bytes.Equal(dg1, make([]byte, len(dg1))) {
		t.Error("the MRZ of the first reading is still in memory")
	}
	if !bytes.Equal(read.Files[emrtd.FileDG1], openedWith(passport).files[emrtd.FileDG1]) {
		t.Error("the second reading has another MRZ")
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
				f := &field{chip: newCard(t, test.fault)}
				r := &run{Inspection: New(Config{}).Open(), document: &Document{}}
				begin := time.Now()
				_, outcome, err := r.openChip(t.Context(), f, emrtd.Key{}, rightCAN)
				longest := DefaultTimings().Chip + DefaultTimings().ChipReading
				if took := time.Since(begin); outcome != test.want || took < time.Minute || took > longest {
					t.Errorf("%s after %v: %v", outcome, took, err)
				}
			})
		})
	}
}

const rightCAN = "938147"

// newCard is a card that opens by PACE alone, by rightCAN; its sixth answer has a fault.
func newCard(t *testing.T, sixth chip.Fault) emulatedChip {
	t.Helper()
	card, err := chip.New(openedWith(passport).files, chip.AccessKey{DocumentNumber: "D23145890", BirthDate: "340712", ExpiryDate: "950712"}, chip.Options{
		PACE:     []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 13}},
		PACEOnly: true, CAN: rightCAN, Faults: map[int]chip.Fault{6: sixth},
	})
	if err != nil {
		t.Fatal(err)
	}
	return emulatedChip{card}
}
