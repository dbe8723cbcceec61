package emrtd_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
)

// inField is an emulated chip as a card: written on the other side of the standard, without the reader's code.
type inField struct{ *chip.Chip }

var errGone = errors.New("chip left the field")

func (f inField) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer := f.Chip.Transmit(ctx, command)
	if answer == nil {
		return nil, errors.Join(errGone, ctx.Err())
	}
	return answer, nil
}

const printedCAN = "500540"

var (
	printedKey = emrtd.Key{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
	mappings   = []chip.Mapping{chip.GenericMapping, chip.IntegratedMapping, chip.ChipAuthenticationMapping}
)

// emulated is a passport's chip; an error says that the standard has no such chip.
func emulated(o chip.Options) (inField, error) {
	files := map[string][]byte{
		"EF.COM": {0x60, 1, 1}, "EF.SOD": {0x77, 1, 2}, "DG1": {0x61, 1, 3}, "DG2": {0x75, 1, 4}, "EF.CardSecurity": {0x30, 1, 5},
	}
	c, err := chip.New(files, chip.AccessKey(printedKey), o)
	return inField{c}, err
}

func TestAChipOfTheOtherSideOpensByEveryVariantOfPACE(t *testing.T) {
	opened := 0
	for _, mapping := range mappings {
		for cipher := chip.TripleDES; cipher <= chip.AES256; cipher++ {
			for id := range 19 {
				info := chip.PACEInfo{Mapping: mapping, Cipher: cipher, Parameters: id}
				card, err := emulated(chip.Options{PACE: []chip.PACEInfo{info}, PACEOnly: true, CAN: printedCAN})
				if err != nil {
					continue
				}
				options := emrtd.Options{}
				if opened%2 == 1 {
					options.CAN = printedCAN
				}
				opened++
				if reading, err := emrtd.Read(context.Background(), card, printedKey, options); err != nil {
					t.Errorf("%+v, CAN %q: %q, %v", info, options.CAN, reading.Access, err)
				}
			}
		}
	}
	if want := 4*14 + 4*13 + 3*11; opened != want {
		t.Errorf("%d chips, want %d: all groups, those with a point encoding, curves with AES", opened, want)
	}
}

func TestAChipOfTheOtherSideProvesItsKeyByTheMapping(t *testing.T) {
	for id := 8; id <= 18; id++ {
		private, err := chip.NewPrivateKey(id, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		static := chip.ChipAuthenticationKey{
			ID: id, Parameters: id, Encoding: chip.KeyEncoding(id % 2), Ciphers: []chip.Cipher{chip.AES128}, Private: private,
		}
		info := chip.PACEInfo{Mapping: chip.ChipAuthenticationMapping, Cipher: chip.AES128, Parameters: id}
		card, err := emulated(chip.Options{
			PACE: []chip.PACEInfo{info}, ChipAuthentication: []chip.ChipAuthenticationKey{static},
		})
		if err != nil {
			t.Fatal(err)
		}
		reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{})
		if err != nil || reading.Mapping == nil {
			t.Fatalf("parameters %d: %v", id, err)
		}
		if err := reading.Mapping.Verify(publicKey(t, static)); err != nil {
			t.Errorf("parameters %d: %v", id, err)
		}
		static.Private[len(private)-1] ^= 1
		if err := reading.Mapping.Verify(publicKey(t, static)); !errors.Is(err, emrtd.ErrNotChipsKey) {
			t.Errorf("parameters %d, another key: %v", id, err)
		}
	}
}

// publicKey gives a key as the reader finds it in the chip's files.
func publicKey(t *testing.T, key chip.ChipAuthenticationKey) emrtd.ChipAuthenticationPublicKeyInfo {
	t.Helper()
	entries, err := key.SecurityInfos()
	if err != nil {
		t.Fatal(err)
	}
	var set cryptobyte.Builder
	set.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(slices.Concat(entries...)) })
	infos, err := emrtd.ParseSecurityInfos(set.BytesOrPanic())
	if err != nil || len(infos.ChipAuthenticationKeys) != 1 {
		t.Fatalf("%+v, %v", infos, err)
	}
	return infos.ChipAuthenticationKeys[0]
}

func TestAChipOfTheOtherSideKeepsItsLastTry(t *testing.T) {
	info := chip.PACEInfo{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 12}
	card, err := emulated(chip.Options{PACE: []chip.PACEInfo{info}, CAN: printedCAN, CANTries: 3})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for range 4 {
		card.Reset()
		_, err := emrtd.Read(context.Background(), card, emrtd.Key{}, emrtd.Options{CAN: "500541"})
		var refusal *emrtd.StatusError
		if err == nil || !errors.As(err, &refusal) {
			t.Fatal(err)
		}
		if tested := refusal.Op == "PACE mutual authentication"; errors.Is(err, emrtd.ErrAccessDenied) != tested {
			t.Errorf("a wrong key, and that only if it was tested: %v", err)
		}
		tries, _ := refusal.TriesLeft()
		told = append(told, fmt.Sprintf("%s: %d", refusal.Op, tries))
	}
	want := "[PACE mutual authentication: 2 PACE mutual authentication: 1 select PACE: 1 select PACE: 1]"
	if got := fmt.Sprint(told); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	card.Reset()
	if reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{}); err != nil {
		t.Errorf("with the zone: %q, %v", reading.Access, err)
	}
}
