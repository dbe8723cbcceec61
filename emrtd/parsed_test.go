package emrtd_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
)

// TestWhatTheReadingTookApartIsHandedOn to whoever judges it, for the very bytes alone: what is changed behind the reading is parsed
// as it then stands.
func TestWhatTheReadingTookApartIsHandedOn(t *testing.T) {
	key, signer := chipKey(t, 1, 12, chip.AES128), signingKeys(t)[0].key
	files := chipWith(map[int][]byte{14: dg14(t, key), 15: signer.DG15()})
	card := passport(t, files, chip.Options{
		ChipAuthentication: []chip.ChipAuthenticationKey{key}, ActiveAuthentication: signer,
		PACE: []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 13}},
	})
	reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, parse := range map[string]func(p *emrtd.Proofs, file []byte) (any, error){
		emrtd.FileCOM:        func(p *emrtd.Proofs, file []byte) (any, error) { return p.COM(file) },
		emrtd.FileCardAccess: func(p *emrtd.Proofs, file []byte) (any, error) { return p.CardAccess(file) },
		emrtd.FileDG14:       func(p *emrtd.Proofs, file []byte) (any, error) { return p.DG14(file) },
		emrtd.FileDG15:       func(p *emrtd.Proofs, file []byte) (any, error) { return p.DG15(file) },
	} {
		file := bytes.Clone(reading.Files[name])
		first, err := parse(&reading.Proofs, file)
		if err != nil {
			t.Fatal(name, err)
		}
		if second, _ := parse(&reading.Proofs, file); second != first {
			t.Errorf("%s is taken apart again", name)
		}
		if fresh, err := parse(new(emrtd.Proofs), file); err != nil || fresh == first {
			t.Errorf("%s: without a reading there is nothing to hand on: %v", name, err)
		}
		for i := range file {
			file[i] ^= 1
			if changed, _ := parse(&reading.Proofs, file); changed == first {
				t.Fatalf("%s, changed at %d, is what was read", name, i)
			}
			file[i] ^= 1
		}
	}
}
