package emrtd_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/foyer-station/foyer/emrtd"
)

// loyaltyCard is a chip that is no passport's.
type loyaltyCard struct{}

func (loyaltyCard) Transmit(context.Context, []byte) ([]byte, error) { return []byte{0x6A, 0x82}, nil }

func ExampleRead() {
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
