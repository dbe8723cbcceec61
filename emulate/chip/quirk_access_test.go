package chip_test

import (
	"bytes"
	"testing"

	"github.com/foyer-station/foyer/emulate/chip"
)

const (
	selectMaster     = "00A4000C 02 3F00"
	selectNothing    = "00A4000C"
	selectCardAccess = "00A4020C 02 011C"
	readCardAccess   = "00B09C00 02"
	pickGeneric      = "0022C1A4 0F 800A 04007F00070202040202 830101"
	pickMapped       = "0022C1A4 0F 800A 04007F00070202040602 830101"
	askForNonce      = "10860000 02 7C00 00"
)

// offering is a chip that offers PACE with chip authentication mapping and, behind that, with generic mapping.
func offering(t *testing.T, quirks ...chip.Quirk) *chip.Chip {
	t.Helper()
	return newChip(t, com, chip.Options{Quirks: quirks, PACE: []chip.PACEInfo{
		{Mapping: chip.ChipAuthenticationMapping, Cipher: chip.AES128, Parameters: 12},
		{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 12},
	}})
}

func TestEFCardAccessIsGivenBehindTheMasterFile(t *testing.T) {
	for _, form := range []string{selectMaster, selectNothing} {
		card := offering(t, chip.CardAccessAfterMF(0x6985))
		for range 2 {
			converse(t, card,
				[2]string{readCardAccess, "6985"},
				[2]string{selectCardAccess, "6985"},
				[2]string{form, "9000"},
				[2]string{readCardAccess, "3128 9000"},
				[2]string{selectCardAccess, "9000"})
			card.Reset()
		}
	}
	converse(t, offering(t, chip.ApplicationPreselected),
		[2]string{readCardAccess, "6982"},
		[2]string{selectMaster, "9000"},
		[2]string{readCardAccess, "3128 9000"})
	converse(t, offering(t, chip.NoMasterFile),
		[2]string{selectMaster, "6D00"},
		[2]string{selectNothing, "6D00"},
		[2]string{readCardAccess, "3128 9000"})
}

func TestPACEIsRefusedOnceOrForOneVariant(t *testing.T) {
	card := offering(t, chip.PACERefusedOnce(0x6982), chip.NonceRefusedOnce(0x6300))
	for range 2 {
		converse(t, card,
			[2]string{pickGeneric, "6982"},
			[2]string{pickGeneric, "9000"},
			[2]string{askForNonce, "6300"},
			[2]string{pickGeneric, "9000"},
			[2]string{askForNonce, "*"},
			[2]string{selectMaster, "9000"})
		card.Reset()
	}
	converse(t, offering(t, chip.PACEVariantRefused(0x6A81)),
		[2]string{pickMapped, "6A81"},
		[2]string{pickMapped, "6A81"},
		[2]string{pickGeneric, "9000"})
}

func TestAPACEInfoMayLackItsParameters(t *testing.T) {
	converse(t, offering(t, chip.PACEWithoutParameterID), [2]string{"00B09C00 24",
		"3122 300F060A04007F00070202040202 020102 300F060A04007F00070202040602 020102 9000"})
}

// The read is that of appendix D, of a file that is a byte shorter than there.
func TestASessionIsDroppedByAnyWord(t *testing.T) {
	random := unhex(t, "4608F91988702212 0B4F80323EB3191CB04970CB4052790B")
	for _, status := range []struct {
		sw     uint16
		answer string
	}{{0x6985, "6985"}, {0x6300, "6300"}, {0x6881, "6881"}} {
		card := newChip(t, map[string][]byte{"EF.COM": unhex(t, "60145F0104303130365F36063034303030305C0261")},
			chip.Options{Random: bytes.NewReader(random), Quirks: []chip.Quirk{chip.DropsSessionWith(status.sw)}})
		converse(t, card, appendixD[:5]...)
		converse(t, card, [2]string{appendixD[5][0], status.answer}, [2]string{appendixD[5][0], "6882"})
	}
}

func TestACommandIsRefusedAtWill(t *testing.T) {
	card := newChip(t, com, chip.Options{Refuses: func(n int, header [3]byte) (uint16, bool) {
		return 0x6581, n == 2 || header == [3]byte{0x84, 0, 0}
	}})
	converse(t, card,
		[2]string{selectMaster, "9000"}, [2]string{selectMaster, "6581"}, [2]string{selectApplication, "9000"},
		[2]string{"00840000 08", "6581"}, [2]string{"00840000 00", "6581"})
}
