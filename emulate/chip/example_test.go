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
