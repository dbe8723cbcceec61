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
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/emulate/pcsc"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/picture"
)

func TestMain(m *testing.M) {
	picture.ServeIfChild()
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
	policy, err := filepath.Abs(filepath.Join("..", "..", "verify", "policy.toml"))
	if err != nil {
		t.Fatal(err)
	}
	b := bench{maker}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Values[stand{}] = &stand{}
			e.Setenv("LISTS", lists)
			e.Setenv("POLICY", policy)
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
	back   chan *pcsc.Inserted // a card that came back by itself
}

// A bench makes what is laid down.
type bench struct{ maker *specimen.Maker }

// make makes the document that args name: a variant, and a person's id where it is not the first one's.
func (b bench) make(ts *testscript.TestScript, args ...string) *specimen.Specimen {
	v, err := specimen.ParseVariant(args[0])
	ts.Check(err)
	people := b.maker.People()
	i := 0
	if len(args) > 1 {
		if i = slices.IndexFunc(people, func(p specimen.Person) bool { return p.ID == args[1] }); i < 0 {
			ts.Fatalf("nobody in Utopia is called %q", args[1])
		}
	}
	s, err := b.maker.Make(people[i], v)
	ts.Check(err)
	return s
}

// specimen VARIANT [PERSON] writes mrz.txt, typed.txt, which is the same as typed on a German keyboard, csca.der, utopia.crl and the chip's files in chip/.
func (b bench) specimen(ts *testscript.TestScript, _ bool, args []string) {
	s := b.make(ts, args...)
	text := strings.Join(s.MRZ, "\n") + "\n"
	typed := strings.NewReplacer("<", ";", "Y", "Z", "Z", "Y").Replace(text)
	ts.Check(os.WriteFile(ts.MkAbs("mrz.txt"), []byte(text), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("typed.txt"), []byte(typed), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("csca.der"), s.CSCA, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("utopia.crl"), b.maker.CRL(), 0o600))
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

// lay CARD lays a card on the reader, and takes off the one before: VARIANT [PERSON] of a specimen, "dead", "foreign",
// "torn", which is genuine and leaves the field in the middle of DG2, or "weak", which is genuine, leaves the field at a
// command of extended length, and is back once. "lay beside" adds another card, for good.
func (b bench) lay(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s := ts.Value(stand{}).(*stand)
	if args[0] == "beside" {
		_, err := s.daemon.InsertAt(ctx, 1, chip.Foreign())
		ts.Check(err)
		return
	}
	if s.back != nil {
		s.card, s.back = <-s.back, nil
	}
	if s.card != nil {
		s.card.Remove()
	}
	var err error
	card := b.card(ts, args)
	s.card, err = s.daemon.Insert(ctx, card)
	ts.Check(err)
	if args[0] == "weak" {
		s.comeBack(card)
	}
}

// comeBack lays the card that lies on the reader back on it once it has gone; back gets nil where it cannot.
func (s *stand) comeBack(card pcsc.Card) {
	gone := s.card.Gone()
	s.back = make(chan *pcsc.Inserted, 1)
	go func() { // the next lay waits for it
		defer close(s.back)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		select {
		case <-gone:
		case <-ctx.Done():
			return
		}
		if inserted, err := s.daemon.Insert(ctx, card); err == nil {
			s.back <- inserted
		}
	}()
}

func (b bench) card(ts *testscript.TestScript, args []string) pcsc.Card {
	switch args[0] {
	case "dead":
		return chip.Dead()
	case "foreign":
		return chip.Foreign()
	case "weak":
		s := b.make(ts, "genuine")
		s.ChipOptions.Quirks = []chip.Quirk{chip.ExtendedTears}
		return cardOf(ts, s)
	case "torn":
		s := b.make(ts, "genuine")
		s.ChipOptions.ShortOnly, s.ChipOptions.Faults = true, map[int]chip.Fault{30: chip.Tear()}
		return cardOf(ts, s)
	}
	return cardOf(ts, b.make(ts, args...))
}

func cardOf(ts *testscript.TestScript, s *specimen.Specimen) pcsc.Card {
	card, err := s.NewChip()
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
