package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/pcsc"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/hwtest/wording"
	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/verify"
)

type chipRead struct {
	Reader string        `help:"A part of the reader's name; the first reader when not given." placeholder:"NAME"`
	MRZ    string        `name:"mrz" xor:"key" help:"The printed lines, separated by spaces or line ends, also as another program or keyboard passed them on; - reads them from standard input." placeholder:"TEXT"`
	Doc    string        `xor:"key" and:"fields" help:"The document number, as printed." placeholder:"N"`
	Birth  string        `and:"fields" help:"Date of birth." placeholder:"YYMMDD"`
	Expiry string        `and:"fields" help:"Date of expiry." placeholder:"YYMMDD"`
	Can    string        `xor:"key" help:"The card access number: six digits on the front of a card." placeholder:"N"`
	Save   string        `type:"path" help:"Write the files to this folder." placeholder:"DIR"`
	Trace  string        `help:"Write a line for each command, without data, to this file; - is standard output." placeholder:"FILE"`
	Trust  string        `type:"existingdir" help:"The folder of the trust store; without it no signer is known." placeholder:"STORE"`
	Wait   time.Duration `default:"10s" help:"How long to wait for a chip."`
}

// chipAnswer is the JSON of chip read.
type chipAnswer struct {
	Access string `json:"access"` // empty when the chip did not open
	verdictAnswer
	taken
	Files         map[string]int     `json:"files"` // sizes in bytes
	Commands      int                `json:"commands"`
	BytesSent     int                `json:"bytes_sent"`
	BytesReceived int                `json:"bytes_received"`
	Stages        map[string]float64 `json:"stages"` // milliseconds
	Millis        float64            `json:"ms"`
}

// Run implements kong's command.
func (r chipRead) Run(c *call) error {
	key, given, err := r.key(c)
	if err != nil {
		return err
	}
	if err := r.mayBeSaved(); err != nil {
		return err
	}
	start := time.Now()
	reading, outcome, err := r.traced(c, key)
	if err != nil {
		return err
	}
	took := time.Since(start)
	if r.Save != "" {
		if err := save(r.Save, reading.Files); err != nil {
			return command.CannotRun(fmt.Errorf("save the files: %w", err), "name a folder on a disk with room, where you may write")
		}
	}
	lines := given.printed()
	ev := verify.Evidence{
		MRZ: lines, Chip: outcome, Files: reading.Files, Proofs: reading.Proofs, ChipNotes: reading.Notes, Day: c.day,
	}
	answerable := []string{"chip.", "cross.dg1_dsc_"}
	if lines != nil {
		answerable = []string{"mrz.", "chip.", "cross.dg1_"}
	}
	verdict, err := judgeChip(c, r.Trust, ev, answerable...)
	if err != nil {
		return err
	}
	a := answerOf(reading, verdict, took)
	a.taken = given.taken
	return c.answer(a, a.Verdict == verify.Genuine, a.text)
}

func answerOf(reading *emrtd.Reading, verdict verdictAnswer, took time.Duration) chipAnswer {
	a := chipAnswer{
		Access: reading.Access, verdictAnswer: verdict, Files: map[string]int{}, Stages: map[string]float64{},
		Commands: reading.Commands, BytesSent: reading.BytesSent, BytesReceived: reading.BytesReceived, Millis: millis(took),
	}
	for name, file := range reading.Files {
		a.Files[name] = len(file)
	}
	for stage, d := range reading.Stages {
		a.Stages[stage] = millis(d)
	}
	return a
}

func (a chipAnswer) text(w io.Writer) {
	a.verdictAnswer.text(w)
	fmt.Fprintln(w)
	a.taken.text(w)
	fmt.Fprintf(w, "  %d files by %s: %d commands, %d bytes, %.0f ms\n",
		len(a.Files), cmp.Or(a.Access, "no access"), a.Commands, a.BytesReceived, a.Millis)
}

// key makes the chip's key from what was given, and gives the printed MRZ where that was it.
func (r chipRead) key(c *call) (key emrtd.Key, given givenZone, err error) {
	var lines []string
	switch r.MRZ {
	case "":
		if r.Can != "" {
			return key, given, nil
		}
		if r.Doc == "" {
			return key, given, command.WrongCall(errors.New("the chip opens with the printed data only"), "give --mrz, --can, or --doc with --birth and --expiry")
		}
		return emrtd.Key{DocumentNumber: strings.ToUpper(r.Doc), BirthDate: r.Birth, ExpiryDate: r.Expiry}, given, nil
	case "-":
		if lines, err = readLines(c.stdin, "-"); err != nil {
			return key, given, err
		}
	default:
		lines = textLines(r.MRZ)
	}
	const otherwise = "or give --doc with --birth and --expiry"
	given, err = takeZone(lines, c.day)
	switch {
	case err != nil:
		return key, given, command.WrongCall(err, "give two lines of 44 characters (TD3) or 36 (TD2), or three of 30 (TD1), "+otherwise)
	case given.looksLike != "": // the chip would be asked by a key that nobody has printed
		return key, given, command.WrongCall(errors.New("it looks like "+given.looksLike), "set the reader and the computer to the same keyboard, with Caps Lock off, "+otherwise)
	}
	return inspection.Key(given.zone), given, nil
}

// printed are the lines to be compared with the chip's; nil where that is not known. Which keyboard typed an MRZ is guessed by
// its check digits, and no name has one: the guess may open the chip, and accuses nobody. A character that no MRZ has is unread.
func (z givenZone) printed() (lines []string) {
	if z.Keyboard != "" {
		return nil
	}
	for _, line := range z.zone.Lines() {
		printed := []byte(line)
		for i, c := range printed {
			if c > unicode.MaxASCII {
				printed[i] = '?'
			}
		}
		lines = append(lines, string(printed))
	}
	return lines
}

// traced is read, with the trace written where one was asked for.
func (r chipRead) traced(c *call, key emrtd.Key) (*emrtd.Reading, verify.ChipOutcome, error) {
	if r.Trace == "" {
		return r.read(c, key, func(card emrtd.Card) emrtd.Card { return card })
	}
	out, done, err := c.openTrace(r.Trace)
	if err != nil {
		return nil, "", err
	}
	trace := &tracing{out: out, now: time.Now}
	reading, outcome, err := r.read(c, key, func(card emrtd.Card) emrtd.Card {
		trace.card = card
		return trace
	})
	if broken := errors.Join(trace.err, done()); err == nil && broken != nil {
		err = command.CannotRun(fmt.Errorf("write the trace: %w", broken), "name a file on a disk with room")
	}
	return reading, outcome, err
}

// read opens the reader, waits for a chip and reads it, as on sees it. What the chip refuses is an outcome, not an error.
func (r chipRead) read(c *call, key emrtd.Key, on func(emrtd.Card) emrtd.Card) (*emrtd.Reading, verify.ChipOutcome, error) {
	reader, err := pcsc.Open(c.ctx, r.Reader)
	if err != nil {
		words, broken := wording.Load("en")
		if broken != nil {
			return nil, "", errors.Join(err, broken)
		}
		return nil, "", command.CannotRun(err, words.Say(devices.HealthOf(err).Remedy))
	}
	defer reader.Close()
	var refused error
	open := func(ctx context.Context, card emrtd.Card, key emrtd.Key, o emrtd.Options) (reading *emrtd.Reading, err error) {
		reading, err = emrtd.Read(ctx, on(card), key, o)
		refused = err
		return reading, err
	}
	ctx, cancel := context.WithTimeout(c.ctx, r.Wait+inspection.DefaultTimings().ChipReading)
	defer cancel()
	reading, outcome := inspection.ReadChip(ctx, reader, open, key, r.Wait, emrtd.Options{CAN: r.Can, Now: time.Now})
	switch {
	case c.ctx.Err() != nil:
		return nil, "", c.ctx.Err()
	case outcome == verify.ChipUnavailable:
		return nil, "", command.CannotRun(errors.New("the chip reader stopped working"), "hwtest --device chip_reader")
	case outcome == verify.ChipSeveral:
		return nil, "", command.CannotRun(devices.ErrTwoDocuments, "lay down one document only, and lay it down anew")
	case outcome == verify.ChipWithoutKey:
		return nil, "", command.WrongCall(refused, r.nextKey())
	}
	return reading, outcome, nil
}

// nextKey is what to do about a key that this chip cannot be opened with.
func (r chipRead) nextKey() string {
	if r.Can != "" {
		return "give the six digits on the card's front, or open it by --mrz"
	}
	return "give the number as printed, A-Z and 0-9, and the dates as YYMMDD"
}

// mayBeSaved refuses a folder with another chip's files: together they would look like a forgery.
func (r chipRead) mayBeSaved() error {
	entries, err := os.ReadDir(r.Save)
	if r.Save == "" || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return command.WrongCall(err, "name a folder for --save")
	}
	for _, e := range entries {
		if _, known := chipFileName(e.Name()); known {
			return command.WrongCall(errors.New(r.Save+": a chip's files stand there already"), "name another folder for --save")
		}
	}
	return nil
}

// save writes files as EF_SOD.bin, EF_ATR_INFO.bin, DG1.bin, readable by their owner alone.
func save(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var errs []error
	spelling := strings.NewReplacer(".", "_", "/", "_")
	for name, data := range files {
		errs = append(errs, os.WriteFile(filepath.Join(dir, spelling.Replace(name)+".bin"), data, 0o600))
	}
	return errors.Join(errs...)
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
