package inspection_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/mrz"
)

// What doccheck does with a chip: the printed MRZ gives the key, and how the reading ended is an outcome, never an error.
func ExampleReadChip() {
	zone, err := mrz.Parse([]string{
		"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
		"L898902C36UTO7408122F1204159ZE184226B<<<<<10",
	}, time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		log.Fatal(err)
	}
	reader, err := newReader(zone)
	if err != nil {
		log.Fatal(err)
	}
	read, outcome := inspection.ReadChip(context.Background(), reader, emrtd.Read, inspection.Key(zone), time.Second, emrtd.Options{})
	lines, err := emrtd.ParseDG1(read.Files[emrtd.FileDG1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(outcome, "by", read.Access)
	fmt.Println(lines[0])
	// Output:
	// read by BAC
	// P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
}

// reader is a chip reader with an emulated ePassport in its field.
type reader struct{ chip *chip.Chip }

// newReader lays an ePassport down that opens by the MRZ and has it in DG1.
func newReader(zone mrz.Zone) (reader, error) {
	text := strings.Join(zone.Lines(), "")
	dg1 := append([]byte{0x61, byte(len(text) + 3), 0x5F, 0x1F, byte(len(text))}, text...)
	key := inspection.Key(zone)
	card, err := chip.New(map[string][]byte{emrtd.FileDG1: dg1},
		chip.AccessKey{DocumentNumber: key.DocumentNumber, BirthDate: key.BirthDate, ExpiryDate: key.ExpiryDate}, chip.Options{})
	return reader{card}, err
}

func (reader) Info() devices.Info { return devices.Info{Kind: devices.KindChipReader} }
func (reader) Health(context.Context) devices.Health {
	return devices.Health{State: devices.StateOnline}
}
func (reader) Close() error                                    { return nil }
func (r reader) Connect(context.Context) (devices.Chip, error) { return r, nil }
func (r reader) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	return r.chip.Transmit(ctx, command), nil
}
func (reader) MaxResponse() int { return 0 }
