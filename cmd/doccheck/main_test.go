package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/emulate/pcsc"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"doccheck": main})
}

// patience bounds what the emulated world may take.
const patience = 20 * time.Second

// TestTheManual runs testdata: what people call, and what they get.
func TestTheManual(t *testing.T) {
	day := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	maker, err := specimen.NewMaker(1, day)
	if err != nil {
		t.Fatal(err)
	}
	lists, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "trust"))
	if err != nil {
		t.Fatal(err)
	}
	b := bench{maker, day}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Values[stand{}] = &stand{}
			e.Setenv("LISTS", lists)
			e.Setenv("PCSCLITE_CSOCK_NAME", filepath.Join(e.WorkDir, "no-pcscd"))
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "lists" {
				return false, fmt.Errorf("unknown condition %s", name)
			}
			_, err := os.Stat(lists)
			return err == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "specimen": b.specimen, "pages": b.pages, "pcscd": pcscd, "lay": b.lay, "grow": grow,
		},
	})
}

// exits STATUS COMMAND... runs a command that must end with that status.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	status := 0
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		status = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if want := args[0]; strconv.Itoa(status) != want {
		ts.Fatalf("exit status %d, want %s", status, want)
	}
}

// stand is a script's chip reader.
type stand struct {
	daemon *pcsc.Daemon
	card   *pcsc.Inserted
}

// A bench makes what is laid down.
type bench struct {
	maker *specimen.Maker
	day   time.Time
}

func (b bench) make(ts *testscript.TestScript, variant string) *specimen.Specimen {
	v, err := specimen.ParseVariant(variant)
	ts.Check(err)
	s, err := b.maker.Make(b.maker.People()[0], v)
	ts.Check(err)
	return s
}

// specimen VARIANT writes mrz.txt, csca.der and the chip's files in chip/.
func (b bench) specimen(ts *testscript.TestScript, _ bool, args []string) {
	s := b.make(ts, args[0])
	ts.Check(os.WriteFile(ts.MkAbs("mrz.txt"), []byte(strings.Join(s.MRZ, "\n")+"\n"), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("csca.der"), s.CSCA, 0o600))
	ts.Check(save(ts.MkAbs("chip"), s.Files))
}

// pages VARIANT SIDE LIGHT... writes the side's pictures: visible.png, infrared.png, ultraviolet.png.
func (b bench) pages(ts *testscript.TestScript, _ bool, args []string) {
	s := b.make(ts, args[0])
	for _, light := range args[2:] {
		f, err := os.Create(ts.MkAbs(light + ".png"))
		ts.Check(err)
		fast := png.Encoder{CompressionLevel: png.BestSpeed}
		ts.Check(errors.Join(fast.Encode(f, s.Page(verify.Side(args[1]), verify.Light(light)).Image), f.Close()))
	}
}

// pcscd starts a private PC/SC service with a reader; "pcscd unplug" takes the reader away.
func pcscd(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s := ts.Value(stand{}).(*stand)
	if len(args) > 0 {
		ts.Check(s.daemon.Unplug(ctx))
		return
	}
	var err error
	s.daemon, err = pcsc.Start(ctx, pcsc.Options{})
	ts.Check(err)
	ts.Defer(func() { ts.Check(s.daemon.Close()) })
	for _, variable := range s.daemon.Env() {
		name, value, _ := strings.Cut(variable, "=")
		ts.Setenv(name, value)
	}
}

// lay CARD lays a card on the reader, and takes off the one before: a specimen's variant, "dead", "foreign", "torn", which is
// genuine and leaves the field in the middle of DG2, or "pace", which is genuine and opens by PACE alone, with the card access
// number 314159 too.
func (b bench) lay(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s := ts.Value(stand{}).(*stand)
	if s.card != nil {
		s.card.Remove()
	}
	var err error
	s.card, err = s.daemon.Insert(ctx, b.card(ts, args[0]))
	ts.Check(err)
}

func (b bench) card(ts *testscript.TestScript, name string) pcsc.Card {
	var options chip.Options
	switch name {
	case "dead":
		return chip.Dead()
	case "foreign":
		return chip.Foreign()
	case "torn":
		name, options = "genuine", chip.Options{ShortOnly: true, Faults: map[int]chip.Fault{30: chip.Tear()}}
	case "pace":
		brainpoolP256r1 := 13 // ICAO Doc 9303-11, 9.5.1
		name, options = "genuine", chip.Options{
			PACE:     []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: brainpoolP256r1}},
			PACEOnly: true, CAN: "314159", CANTries: 3,
		}
	}
	s := b.make(ts, name)
	zone, err := mrz.Parse(s.MRZ, b.day)
	ts.Check(err)
	card, err := chip.New(s.Files, chip.AccessKey(kiosk.ChipKey(zone)), options)
	ts.Check(err)
	return card
}

// grow FILE WIDTH HEIGHT writes a PNG of a few bytes that claims a size.
func grow(ts *testscript.TestScript, _ bool, args []string) {
	header := []byte{'I', 'H', 'D', 'R'}
	for _, side := range args[1:] {
		n, err := strconv.ParseUint(side, 10, 32)
		ts.Check(err)
		header = binary.BigEndian.AppendUint32(header, uint32(n))
	}
	header = append(header, 8, 2, 0, 0, 0) // 8 bits, RGB
	file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	file = binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(header))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), file, 0o600))
}
