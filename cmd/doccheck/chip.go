package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/pcsc"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

type chipRead struct {
	Reader string        `help:"A part of the reader's name; the first reader when not given." placeholder:"NAME"`
	MRZ    string        `name:"mrz" xor:"key" help:"The printed lines, parted by spaces or line ends; - reads them from standard input." placeholder:"TEXT"`
	Doc    string        `xor:"key" help:"The document number; with --birth and --expiry." placeholder:"N"`
	Birth  string        `help:"Date of birth." placeholder:"YYMMDD"`
	Expiry string        `help:"Date of expiry." placeholder:"YYMMDD"`
	Can    string        `xor:"key" help:"Card access number (not yet)." placeholder:"N"`
	Save   string        `type:"path" help:"Write the files to this folder." placeholder:"DIR"`
	Trust  string        `type:"path" help:"The folder of the trust store." placeholder:"STORE"`
	Wait   time.Duration `default:"10s" help:"How long to wait for a chip."`
}

// chipAnswer is the JSON of chip read.
type chipAnswer struct {
	Access string `json:"access"`
	verdictAnswer
	Files         map[string]int     `json:"files"` // sizes in bytes
	Commands      int                `json:"commands"`
	BytesSent     int                `json:"bytes_sent"`
	BytesReceived int                `json:"bytes_received"`
	Stages        map[string]float64 `json:"stages"` // milliseconds
	Millis        float64            `json:"ms"`
}

// Run implements kong's command.
func (r chipRead) Run(c *call) error {
	if r.Can != "" {
		return errNotYet
	}
	key, lines, err := r.key(c)
	if err != nil {
		return err
	}
	start := time.Now()
	reading, outcome, err := r.read(c, key)
	if err != nil {
		return err
	}
	took := time.Since(start)
	if r.Save != "" {
		if err := save(r.Save, reading.Files); err != nil {
			return err
		}
	}
	ev := verify.Evidence{MRZ: lines, Chip: outcome, Files: reading.Files, Day: c.day}
	answerable := []string{"chip.", "cross.dg1_dsc_country"}
	if lines != nil {
		answerable = []string{"mrz.", "chip.", "cross.dg1_"}
	}
	verdict, err := judgeChip(c, r.Trust, ev, answerable...)
	if err != nil {
		return err
	}
	return answerOf(reading, verdict, took).finish(c)
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

func (a chipAnswer) finish(c *call) error {
	err := c.answer(a, func(w io.Writer) {
		fmt.Fprintf(w, "%d files by %s, %d commands, %d bytes, %.0f ms\n", len(a.Files), a.Access, a.Commands, a.BytesReceived, a.Millis)
		a.text(w)
	})
	if err == nil && a.Verdict != verify.Genuine {
		err = errNotGood
	}
	return err
}

// key makes the chip's key from what was given; lines are the printed zone, where that was it.
func (r chipRead) key(c *call) (key emrtd.Key, lines []string, err error) {
	switch {
	case r.Doc != "" && r.Birth != "" && r.Expiry != "":
		return emrtd.Key{DocumentNumber: r.Doc, BirthDate: r.Birth, ExpiryDate: r.Expiry}, nil, nil
	case r.MRZ == "-":
		if lines, err = readLines(c.stdin, "-"); err != nil {
			return key, nil, err
		}
	default:
		lines = strings.Fields(r.MRZ)
	}
	if len(lines) == 0 {
		return key, nil, usageError("the chip opens with the printed data only: give --mrz, or --doc with --birth and --expiry")
	}
	zone, err := mrz.Parse(lines, c.day)
	if err != nil {
		return key, nil, usageError(err.Error())
	}
	return kiosk.ChipKey(zone), lines, nil
}

// read opens the reader, waits for a chip and reads it. What the chip refuses is an outcome, not an error.
func (r chipRead) read(c *call, key emrtd.Key) (*emrtd.Reading, verify.ChipOutcome, error) {
	reader, err := pcsc.Open(c.ctx, r.Reader)
	if err != nil {
		h := devices.HealthOf(err)
		return nil, "", fmt.Errorf("%w: %s", err, h.Remedy)
	}
	defer reader.Close()
	reading, outcome := kiosk.ReadChip(c.ctx, reader, emrtd.Read, key, r.Wait)
	return reading, outcome, c.ctx.Err()
}

// save writes files as EF_SOD.bin, DG1.bin, readable by their owner alone.
func save(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var errs []error
	for name, data := range files {
		errs = append(errs, os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, ".", "_")+".bin"), data, 0o600))
	}
	return errors.Join(errs...)
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
