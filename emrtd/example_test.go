package emrtd_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
)

// A passport whose chip refuses PACE at first, as some do: it is asked again, and what was unusual stands in the notes.
func ExampleRead() {
	card, err := emulated(chip.Options{
		PACE:     []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 13}},
		PACEOnly: true,
		Quirks:   []chip.Quirk{chip.PACERefusedOnce(0x6982)},
	})
	if err != nil {
		panic(err)
	}
	key := emrtd.Key{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
	reading, err := emrtd.Read(context.Background(), card, key, emrtd.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("opened by %s, DG1 has %d bytes\n", reading.Access, len(reading.Files[emrtd.FileDG1]))
	fmt.Println(reading.Notes[0])
	// Output:
	// opened by PACE-ECDH-GM, DG1 has 3 bytes
	// PACE-ECDH-GM (cipher 2, parameters 13) was refused at first, and taken when it was asked for again: select PACE: 6982 security status not satisfied
}

// loyaltyCard is a chip that is no passport's.
type loyaltyCard struct{}

func (loyaltyCard) Transmit(context.Context, []byte) ([]byte, error) { return []byte{0x6A, 0x82}, nil }

func ExampleRead_loyaltyCard() {
	key := emrtd.Key{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
	reading, err := emrtd.Read(context.Background(), loyaltyCard{}, key, emrtd.Options{})
	if errors.Is(err, emrtd.ErrNotEPassport) {
		fmt.Println("lay down a passport, please")
	}
	fmt.Println(len(reading.Files), "files in", reading.Commands, "commands")
	// Output:
	// lay down a passport, please
	// 0 files in 10 commands
}
