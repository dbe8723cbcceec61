package main

import (
	"bytes"
	"context"
	"image"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emulate/camera"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/hwtest/chart"
	"github.com/foyer-station/foyer/hwtest/chart/charttest"
)

// chartIs sound|blurred|small|no-ultraviolet: it lies on the glass.
func chartIs(ts *testscript.TestScript, _ bool, args []string) {
	s := charttest.Shot{Size: image.Pt(1476, 1039), DPI: specimen.DPI, Blur: 0.4}
	switch args[0] {
	case "blurred":
		s.Blur = 2
	case "small":
		s.DPI *= 0.8
	}
	m := s.Take(chart.ForGlass())
	side := camera.Side{devices.LightVisible: m, devices.LightInfrared: m, devices.LightUltraviolet: m}
	if args[0] == "no-ultraviolet" {
		delete(side, devices.LightUltraviolet)
	}
	ts.Check(sceneOf(ts).world.Glass.Lay(side))
}

// heldUp: the chart for the camera is before it.
func heldUp(ts *testscript.TestScript, _ bool, _ []string) {
	s := charttest.Shot{Size: image.Pt(camera.HallWidth, camera.HallHeight), DPI: 85, Blur: 0.4, Beside: 140}
	ts.Check(sceneOf(ts).world.Hall.Show(s.Take(chart.ForCamera())))
}

// anyCard is a contactless card that knows no application.
type anyCard struct{}

func (anyCard) ATR() []byte                             { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }
func (anyCard) Reset()                                  {}
func (anyCard) Transmit(context.Context, []byte) []byte { return []byte{0x6A, 0x82} }

// card: one lies on the chip reader.
func aCard(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err := sceneOf(ts).world.Chips.Insert(ctx, anyCard{})
	ts.Check(err)
}

// tickets N have come out of the printer, none of them empty.
func tickets(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	all := sceneOf(ts).world.Printer.Tickets()
	if len(all) != want {
		ts.Fatalf("%d tickets, want %d", len(all), want)
	}
	for _, ticket := range all {
		if bytes.IndexByte(ticket.Pix, 0) < 0 {
			ts.Fatalf("a ticket is white")
		}
	}
}

// shortPaper: the roll ends in the middle of the next ticket.
func shortPaper(ts *testscript.TestScript, _ bool, _ []string) {
	sceneOf(ts).world.Printer.PaperLeft(50)
}

// isPDF FILE has two sheets.
func isPDF(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	if !bytes.HasPrefix(text, []byte("%PDF-1.")) || !bytes.Contains(text, []byte("/Count 2")) {
		ts.Fatalf("%s is no PDF of two sheets", args[0])
	}
}

// visitor: somebody stands before the camera.
func aVisitor(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(sceneOf(ts).world.Enter(somebody(ts)))
}

func somebody(ts *testscript.TestScript) *specimen.Specimen {
	maker, err := specimen.NewMaker(1, time.Now())
	ts.Check(err)
	made, err := maker.Make(maker.People()[0], specimen.Variant("genuine"))
	ts.Check(err)
	return made
}

// swipes: the document reader reads a specimen whenever it listens, until the script ends.
func swipes(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, cancel := context.WithCancel(context.Background())
	w := sceneOf(ts).world
	lines := somebody(ts).MRZ
	var swiping sync.WaitGroup
	swiping.Go(func() {
		for w.Reader.Ready(ctx) == nil {
			w.Reader.Swipe(lines...)
		}
	})
	ts.Defer(func() { cancel(); swiping.Wait() })
}
