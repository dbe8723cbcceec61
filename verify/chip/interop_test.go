package chip_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	emulated "github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

var errGone = errors.New("chip left the field")

// inField is an emulated chip as a card: written on the other side of the standard, without the reader's code.
type inField struct {
	chip interface {
		Transmit(ctx context.Context, command []byte) []byte
	}
}

func (f inField) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer := f.chip.Transmit(ctx, command)
	if answer == nil {
		return nil, errors.Join(errGone, ctx.Err())
	}
	return answer, nil
}

// keys are the key of a specimen as the reader and as the chip want it.
func keys(p specimen.Person) (emrtd.Key, emulated.AccessKey) {
	birth, expiry := strings.ReplaceAll(p.BirthDate[2:], "-", ""), p.Expiry.Format("060102")
	return emrtd.Key{DocumentNumber: p.DocumentNumber, BirthDate: birth, ExpiryDate: expiry},
		emulated.AccessKey{DocumentNumber: p.DocumentNumber, BirthDate: birth, ExpiryDate: expiry}
}

func TestEverySpecimenIsReadAndJudgedAsItMustBe(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	maker, err := specimen.NewMaker(1, day)
	if err != nil {
		t.Fatal(err)
	}
	store := utopia(t, maker, day)
	person := maker.People()[0]
	for _, variant := range specimen.Variants() {
		t.Run(string(variant), func(t *testing.T) {
			s, err := maker.Make(person, variant)
			if err != nil {
				t.Fatal(err)
			}
			ev := verify.Evidence{MRZ: s.MRZ, Chip: s.Chip, Day: day}
			if s.Chip == verify.ChipRead {
				ev.Files, ev.Proofs = readSpecimen(t, s)
			}
			for id, check := range examine(store, ev) {
				want, named := s.Want.Checks[id]
				if named && check.Result != want {
					t.Errorf("%s: %s (%s), want %s", id, check.Result, wordingtest.English(t, check), want)
				}
				if !named && s.Chip == verify.ChipRead && check.Result == verify.Failed && !strings.HasSuffix(id, "_mrz") &&
					id != "chip.pa.validity" {
					t.Errorf("%s: %s (%s)", id, check.Result, wordingtest.English(t, check))
				}
			}
		})
	}
}

// readSpecimen reads the specimen's chip. That it keeps back what is signed is for the checks to say.
func readSpecimen(t *testing.T, s *specimen.Specimen) (map[string][]byte, emrtd.Proofs) {
	t.Helper()
	key, _ := keys(s.Person)
	passport, err := s.NewChip()
	if err != nil {
		t.Fatal(err)
	}
	reading, err := emrtd.Read(context.Background(), inField{passport}, key, emrtd.Options{})
	if err != nil && s.Variant != specimen.StrippedClone {
		t.Fatal(err)
	}
	if faces, err := emrtd.ParseDG2(reading.Files[emrtd.FileDG2]); err != nil || len(faces) != 1 {
		t.Errorf("%d faces, %v", len(faces), err)
	}
	return reading.Files, reading.Proofs
}

func TestEmulatedFaultsEndAsTheyShould(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	maker, err := specimen.NewMaker(1, day)
	if err != nil {
		t.Fatal(err)
	}
	s, err := maker.Make(maker.People()[1], specimen.Genuine) // whose chip has no protocols
	if err != nil {
		t.Fatal(err)
	}
	key, access := keys(s.Person)
	const inDG2 = 25
	for name, c := range map[string]struct {
		fault emulated.Fault
		want  error // none where the chip is opened anew and read to its end
	}{
		"torn away":    {emulated.Tear(), errGone},
		"hanging":      {emulated.Hang(), context.DeadlineExceeded},
		"corrupt data": {emulated.Corrupt(5), nil},
		"corrupt sum":  {emulated.Corrupt(-3), nil},
		"truncated":    {emulated.Truncate(40), nil},
	} {
		passport, err := emulated.New(s.Files, access, emulated.Options{
			ShortOnly: true, Faults: map[int]emulated.Fault{inDG2: c.fault}})
		if err != nil {
			t.Fatal(err)
		}
		files, most, wait := 4, 400, time.Minute
		if c.want != nil {
			files, most, wait = 3, inDG2+2, time.Second // two smaller blocks are tried
		}
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		reading, err := emrtd.Read(ctx, inField{passport}, key, emrtd.Options{})
		cancel()
		if !errors.Is(err, c.want) || len(reading.Files) != files || reading.Commands > most {
			t.Errorf("%s: %d files in %d commands, %v", name, len(reading.Files), reading.Commands, err)
		}
	}
}

func TestCardsThatAreNoPassportsAreToldApart(t *testing.T) {
	key := emrtd.Key{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
	for name, c := range map[string]struct {
		card     *emulated.Other
		want     error
		commands int
	}{
		// EF.ATR/INFO, EF.CardAccess before and behind the master file, then the application, twice
		"foreign": {emulated.Foreign(), emrtd.ErrNotEPassport, 10},
		"dead":    {emulated.Dead(), emrtd.ErrNotEPassport, 10},
		"silent":  {emulated.Silent(), context.DeadlineExceeded, 1},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		reading, err := emrtd.Read(ctx, inField{c.card}, key, emrtd.Options{})
		cancel()
		if !errors.Is(err, c.want) || reading.Commands != c.commands {
			t.Errorf("%s: %d commands, %v", name, reading.Commands, err)
		}
	}
}
