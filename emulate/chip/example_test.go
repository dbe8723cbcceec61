package chip_test

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/foyer-station/foyer/emulate/chip"
)

// A passport of today: PACE with the MRZ or the CAN, no Basic Access Control, and a key that proves it genuine.
func Example() {
	private, err := chip.NewPrivateKey(13, rand.Reader)
	if err != nil {
		panic(err)
	}
	key := chip.ChipAuthenticationKey{ID: 1, Parameters: 13, Ciphers: []chip.Cipher{chip.AES128}, Private: private}
	infos, err := key.SecurityInfos()
	if err != nil {
		panic(err)
	}
	card, err := chip.New(map[string][]byte{"DG14": chip.EncodeDG14(infos...)},
		chip.AccessKey{DocumentNumber: "L898902C", BirthDate: "690806", ExpiryDate: "940623"},
		chip.Options{
			PACE:               []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 13}},
			PACEOnly:           true,
			CAN:                "123456",
			ChipAuthentication: []chip.ChipAuthenticationKey{key},
		})
	if err != nil {
		panic(err)
	}
	readCardAccess := []byte{0x00, 0xB0, 0x9C, 0x00, 0x00}
	fmt.Printf("%X\n", card.Transmit(context.Background(), readCardAccess))
	// Output: 31143012060A04007F0007020204020202010202010D9000
}

// A passport that gives EF.CardAccess only once the master file has been selected.
func ExampleQuirk() {
	quirk := chip.CardAccessAfterMF(0x6982)
	card, err := chip.New(nil, chip.AccessKey{DocumentNumber: "L898902C", BirthDate: "690806", ExpiryDate: "940623"}, chip.Options{
		PACE:   []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 13}},
		Quirks: []chip.Quirk{quirk},
	})
	if err != nil {
		panic(err)
	}
	readCardAccess, selectMF := []byte{0x00, 0xB0, 0x9C, 0x00, 0x00}, []byte{0x00, 0xA4, 0x00, 0x0C}
	for _, command := range [][]byte{readCardAccess, selectMF, readCardAccess} {
		fmt.Printf("%X\n", card.Transmit(context.Background(), command))
	}
	fmt.Println("nothing to tell:", quirk.Telling().Silent)
	// Output:
	// 6982
	// 9000
	// 31143012060A04007F0007020204020202010202010D9000
	// nothing to tell: EF.CardAccess lies in the master file, which a reader may have to select first (Doc 9303-10, 3.11)
}
