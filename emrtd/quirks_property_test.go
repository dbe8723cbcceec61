package emrtd_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
)

// someFaults go wrong at some of the first eighty commands.
func someFaults(t *rapid.T) map[int]chip.Fault {
	fault := rapid.Custom(func(t *rapid.T) chip.Fault {
		status := rapid.SampledFrom([]uint16{0x6282, 0x6700, 0x6982, 0x6988, 0x6A82, 0x6B00, 0x6C04, 0x6CFF, 0x6110, 0x9000})
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 0:
			return chip.Tear()
		case 1:
			return chip.Corrupt(rapid.IntRange(-20, 20).Draw(t, "index"))
		case 2:
			return chip.Truncate(rapid.IntRange(0, 300).Draw(t, "size"))
		case 3:
			return chip.Status(status.Draw(t, "status"))
		case 4:
			return chip.StatusBehindData(status.Draw(t, "status"))
		case 5:
			return chip.Twice()
		}
		return chip.Replay(rapid.IntRange(1, 9).Draw(t, "back"))
	})
	return rapid.MapOfN(rapid.IntRange(1, 80), fault, 0, 3).Draw(t, "faults")
}

// anyChip is a passport with some quirks, opened in some way, and at times failing.
func anyChip(t *rapid.T, keys ...chip.ChipAuthenticationKey) chip.Options {
	o := chip.Options{
		ShortOnly:   rapid.Bool().Draw(t, "short only"),
		MaxResponse: rapid.SampledFrom([]int{0, 256, 300, 1000, 4000}).Draw(t, "MaxResponse"),
		Quirks:      rapid.SliceOfNDistinct(rapid.SampledFrom(chip.Quirks()), 0, 4, rapid.ID).Draw(t, "quirks"),
		Faults:      someFaults(t),
		Pause:       time.Microsecond,
		Random:      rand.NewChaCha8([32]byte{rapid.Byte().Draw(t, "random")}),
		NoSetKAT:    rapid.Bool().Draw(t, "no MSE:Set KAT"),
	}
	if rapid.Bool().Draw(t, "PACE") {
		info := chip.PACEInfo{
			Mapping:    rapid.SampledFrom(mappings).Draw(t, "mapping"),
			Cipher:     rapid.SampledFrom([]chip.Cipher{chip.AES128, chip.AES256}).Draw(t, "cipher"),
			Parameters: 12,
		}
		o.PACE, o.PACEOnly = []chip.PACEInfo{info}, rapid.Bool().Draw(t, "PACE only")
	}
	o.ChipAuthentication = keys
	return o
}

// Whatever a chip does, a reading ends; and what it gives without an error is what the chip has. A copy, which has keys of
// its own, proves none of the original's.
func TestNoChipOfAnyKindMakesAReadingEndlessOrWrong(t *testing.T) {
	keys := []chip.ChipAuthenticationKey{chipKey(t, 12, 12, chip.AES128), chipKey(t, 1, 12, chip.TripleDES)}
	others := []chip.ChipAuthenticationKey{chipKey(t, 12, 12, chip.AES128), chipKey(t, 1, 12, chip.TripleDES)}
	infos, public := dg14(t, keys...), publicKey(t, keys[0])
	whole := 0
	rapid.Check(t, func(t *rapid.T) {
		files := chipWith(map[int][]byte{
			2: portrait(rapid.IntRange(100, 4000).Draw(t, "portrait")), 3: {0x63, 1, 'f'}, 14: infos,
		})
		held, copied := keys, rapid.Bool().Draw(t, "copied")
		if copied {
			held = others
		}
		card, err := chip.New(files, chip.AccessKey(printedKey), anyChip(t, held...))
		if err != nil {
			t.Fatal(err)
		}
		reading, err := emrtd.Read(context.Background(), inField{card}, printedKey, emrtd.Options{
			MaxResponse: rapid.SampledFrom([]int{0, 258, 1000}).Draw(t, "reader's MaxResponse"),
		})
		if reading.Commands > 400 {
			t.Fatalf("%d commands for 5 kB", reading.Commands)
		}
		if lacks := missing(reading, files); err == nil && len(lacks) > 0 {
			t.Fatalf("read without error and without %v", lacks)
		}
		for name, content := range reading.Files {
			if want, known := files[name]; known && !slices.Equal(content, want) {
				t.Fatalf("%s is not what the chip has", name)
			}
		}
		if proof := reading.ChipAuthentication; copied && proof != nil && proof.Err == nil {
			t.Fatal("a copy is proved by chip authentication")
		}
		if copied && reading.Mapping != nil && reading.Mapping.Verify(public) == nil {
			t.Fatal("a copy is proved by chip authentication mapping")
		}
		if err == nil {
			whole++
		}
	})
	if whole == 0 {
		t.Error("no chip was read whole")
	}
}

// Quirks that hide nothing hide nothing together either.
func TestQuirksTogetherAreSurvived(t *testing.T) {
	key := chipKey(t, 12, 12, chip.AES128)
	infos := dg14(t, key)
	rapid.Check(t, func(t *rapid.T) {
		o := anyChip(t, key)
		o.Faults = nil
		o.Quirks = slices.DeleteFunc(o.Quirks, func(q chip.Quirk) bool {
			return slices.Contains([]chip.Quirk{chip.CardAccess6986, chip.CardAccess6A82, chip.ClosedApplication,
				chip.ExtendedTears, chip.NoMasterFile}, q)
		})
		files := chipWith(map[int][]byte{2: portrait(rapid.IntRange(100, 4000).Draw(t, "portrait")), 14: infos})
		for name, content := range map[string]string{"EF.SOD": "\x77\x03sod", "EF.CardSecurity": "\x30\x03cms"} {
			files[name] = []byte(content) // real files are longer than their header can be
		}
		card, err := chip.New(files, chip.AccessKey(printedKey), o)
		if err != nil {
			t.Fatal(err)
		}
		reading, err := emrtd.Read(context.Background(), inField{card}, printedKey, emrtd.Options{})
		if lacks := missing(reading, files); err != nil || len(lacks) > 0 {
			t.Fatalf("%v: %d commands, without %v: %v", o.Quirks, reading.Commands, lacks, err)
		}
	})
}
